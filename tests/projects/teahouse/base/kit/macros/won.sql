{% macro won(column) -%}
    {{ return(adapter.dispatch('won', 'kit')(column)) }}
{%- endmacro %}

{% macro default__won(column) -%}
    {{ config(tags=[var('unit', '?')]) }}
    cast({{ column }} as bigint) /* {{ var('unit', '?') }} */
{%- endmacro %}
