{#- The statement that makes a view of a query. -#}
{% macro get_create_view_as_sql(relation, sql) -%}
    {{ return(adapter.dispatch('get_create_view_as_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__get_create_view_as_sql(relation, sql) -%}
    {{ return(create_view_as(relation, sql)) }}
{%- endmacro %}

{#- The same under its older name. Where it says `or replace`, the old view is not
    dropped first. -#}
{% macro create_view_as(relation, sql) -%}
    {{ return(adapter.dispatch('create_view_as', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__create_view_as(relation, sql) -%}
    {%- set sql_header = config.get('sql_header') -%}
    {%- if dbt.has_contract() -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
{{ sql_header if sql_header is not none else '' }}
create view {{ relation }} as (
{{ sql }}
);
{%- endmacro %}
