{% macro duckdb__won(column) -%}
    {{ column }}::bigint
{%- endmacro %}
