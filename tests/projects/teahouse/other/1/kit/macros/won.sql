{% macro won(column) -%}
    {{ return(adapter.dispatch('won', macro_namespace='kit')(column)) }}
{%- endmacro %}

{% macro default__won(column) -%}
    {{ config(tags=['of kit']) }} {{ column }} /* {{ var("unit", "?") }} */
{%- endmacro %}

{% macro cents(column) %}0{% endmacro %}
