{% macro cents(column, digits=2) -%}
    {{ column }} / (select max(rate) from {{ ref('days') }})
{%- endmacro %}
