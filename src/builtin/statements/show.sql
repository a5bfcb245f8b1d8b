{#- What the `show` command sends. -#}
{% macro get_show_sql(compiled_code, sql_header, limit) -%}
    {{ return(adapter.dispatch('get_show_sql', 'dbt')(compiled_code, sql_header, limit)) }}
{%- endmacro %}

{% macro default__get_show_sql(compiled_code, sql_header, limit) -%}
{{ (sql_header ~ '\n') if sql_header else '' -}}
{{ get_limit_sql(compiled_code, limit) }}
{%- endmacro %}
