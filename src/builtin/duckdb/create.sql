{#- DuckDB replaces a table in one statement, also one that the query reads. A table with a
    contract is made empty and filled then. -#}
{% macro duckdb__create_table_as(temporary, relation, sql) -%}
    {%- set sql_header = config.get('sql_header') -%}
    {%- set enforced = dbt.has_contract() -%}
    {%- if enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
{{ (sql_header ~ '\n') if sql_header else '' -}}
    {%- if enforced and not temporary -%}
create table {{ relation }}
{{ get_table_columns_and_constraints() }}
;
insert into {{ relation }} {{ get_column_names() }}
(
{{ get_select_subquery(sql) }}
);
    {%- else -%}
create or replace {{ 'temporary ' if temporary }}table {{ relation }} as (
{{ get_select_subquery(sql) if enforced else sql }}
);
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__create_view_as(relation, sql) -%}
    {%- set sql_header = config.get('sql_header') -%}
    {%- if dbt.has_contract() -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
{{ (sql_header ~ '\n') if sql_header else '' -}}
create view {{ relation }} as (
{{ sql }}
);
{%- endmacro %}

{#- Temporary tables live in a database of their own, one a connection. -#}
{% macro duckdb__make_temp_relation(base_relation, suffix) -%}
    {{ return(api.Relation.create(
        database='temp',
        schema='main',
        identifier=base_relation.identifier ~ suffix,
        type='table'
    )) }}
{%- endmacro %}
