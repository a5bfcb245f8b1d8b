{#- DuckDB replaces a table in one statement, also one that the query reads. -#}
{% macro duckdb__create_table_as(temporary, relation, sql) -%}
    {%- set sql_header = config.get('sql_header') -%}
{{ (sql_header ~ '\n') if sql_header else '' -}}
create or replace {{ 'temporary ' if temporary }}table {{ relation }} as (
{{ sql }}
);
{%- endmacro %}

{% macro duckdb__create_view_as(relation, sql) -%}
    {%- set sql_header = config.get('sql_header') -%}
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
