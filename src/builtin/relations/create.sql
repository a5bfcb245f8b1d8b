{#- The statement that makes a relation of a query, a table or a view as its type says. -#}
{% macro get_create_sql(relation, sql) -%}
    {{ return(adapter.dispatch('get_create_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__get_create_sql(relation, sql) -%}
    {%- if relation.is_view -%}
        {{ return(get_create_view_as_sql(relation, sql)) }}
    {%- elif relation.is_table -%}
        {{ return(get_create_table_as_sql(false, relation, sql)) }}
    {%- elif relation.is_materialized_view -%}
        {{ return(get_create_materialized_view_as_sql(relation, sql)) }}
    {%- endif -%}
    {%- do exceptions.raise_compiler_error(
        "cannot create `" ~ relation ~ "`: its type is `" ~ relation.type ~ "`, not table, view or materialized view"
    ) -%}
{%- endmacro %}

{#- The statement that builds it beside, under its intermediate name. -#}
{% macro get_create_intermediate_sql(relation, sql) -%}
    {{ return(adapter.dispatch('get_create_intermediate_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__get_create_intermediate_sql(relation, sql) -%}
    {%- set beside = make_intermediate_relation(relation) -%}
{{ get_drop_sql(beside) }}
{{ get_create_sql(beside, sql) }}
{%- endmacro %}
