{% macro won(column) -%}
    cast({{ column }} as bigint)
{%- endmacro %}
