{# Korea has no daylight saving, so no time zone database is needed. #}

{% macro seoul_time(column) -%}
    ({{ column }} + interval '9 hours')
{%- endmacro %}

{% macro seoul_date(column) -%}
    cast({{ seoul_time(column) }} as date)
{%- endmacro %}
