{#- SQL to stand before the statement that builds this model, in the same text. -#}
{% macro set_sql_header(config) -%}
    {{ config.set('sql_header', caller()) }}
{%- endmacro %}
