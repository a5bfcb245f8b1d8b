{#- The statement that makes a table of a query. -#}
{% macro get_create_table_as_sql(temporary, relation, sql) -%}
    {{ return(adapter.dispatch('get_create_table_as_sql', 'dbt')(temporary, relation, sql)) }}
{%- endmacro %}

{% macro default__get_create_table_as_sql(temporary, relation, sql) -%}
    {{ return(create_table_as(temporary, relation, sql)) }}
{%- endmacro %}

{#- The same under its older name. Where it says `or replace`, the old relation of that
    name is not dropped first. -#}
{% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {{ return(adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code)) }}
{%- endmacro %}

{% macro default__create_table_as(temporary, relation, sql) -%}
    {%- set sql_header = config.get('sql_header') -%}
    {%- set enforced = dbt.has_contract() -%}
    {%- if enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
{{ sql_header if sql_header is not none else '' }}
create {{ 'temporary ' if temporary else '' }}table {{ relation.include(database=not temporary, schema=not temporary) }}
    {%- if enforced and not temporary %}
{{ get_table_columns_and_constraints() }}
    {%- endif %}
as (
{{ get_select_subquery(sql) if enforced else sql }}
);
{%- endmacro %}
