{% macro default__won(column) -%}
    {{ config(meta={'currency': var('unit', '?')}) }} {{ column }}::decimal(9, 2)
{%- endmacro %}
