{% macro cents(column, digits=2) -%}
    round({{ column }} / {{ rate() }}, {{ digits }}) {{ config(tags=['paid']) }}
{%- endmacro %}

{% macro rate() %}{{ return(var('rate', 10) * 2) }}{% endmacro %}
