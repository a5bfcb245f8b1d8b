{#- The config `unlogged` makes tables that are written faster, and empty after a crash.
    See <https://docs.getdbt.com/reference/resource-configs/postgres-configs>. A table with a
    contract is made empty and filled then. -#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- do dbt.check_identifier(relation) -%}
    {%- set sql_header = config.get('sql_header') -%}
    {%- set enforced = dbt.has_contract() -%}
    {%- set kind = 'temporary ' if temporary else 'unlogged ' if config.get('unlogged') else '' -%}
    {%- if enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
{{ (sql_header ~ '\n') if sql_header else '' -}}
    {%- if enforced and not temporary -%}
create {{ kind }}table {{ relation }}
{{ get_table_columns_and_constraints() }}
;
insert into {{ relation }} {{ get_column_names() }}
(
{{ get_select_subquery(sql) }}
);
    {%- else -%}
create {{ kind }}table {{ relation.include(database=not temporary, schema=not temporary) }}
as (
{{ get_select_subquery(sql) if enforced else sql }}
);
    {%- endif -%}
{%- endmacro %}

{% macro postgres__create_view_as(relation, sql) -%}
    {%- do dbt.check_identifier(relation) -%}
    {{ return(default__create_view_as(relation, sql)) }}
{%- endmacro %}

{#- A new view has nothing to stand beside: to rename it would be one more statement for each. -#}
{% macro postgres__must_create_view_beside(existing_relation) -%}
    {{ return(existing_relation is not none) }}
{%- endmacro %}

{#- Dropping a table locks it until the transaction ends: what takes its place is built first, so
    that readers wait for no more than the exchange. -#}
{% macro postgres__must_build_beside(existing_relation, target_relation, sql) -%}
    {{ return(existing_relation is not none) }}
{%- endmacro %}

{#- Also compares types: where one is spelt another way, the server says whether it is the same. -#}
{% macro postgres__is_seed_table(relation, columns) -%}
    {%- set there = adapter.get_columns_in_relation(relation) -%}
    {%- if there | map(attribute='name') | map('lower') | list != columns | map(attribute='name') | map('lower') | list -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set types = there | map(attribute='data_type') | list -%}
    {%- if types == columns | map(attribute='type') | list -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set wanted = [] -%}
    {%- for column in columns -%}
        {%- do wanted.append('cast(null as ' ~ column.type ~ ') as ' ~ adapter.quote(column.name)) -%}
    {%- endfor -%}
    {%- set described = get_column_schema_from_query('select ' ~ wanted | join(', ')) -%}
    {{ return(types == described | map(attribute='data_type') | list) }}
{%- endmacro %}
