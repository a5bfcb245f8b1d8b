{% macro cents(column, digits=2) -%}
    {{ config(meta={'rate': rate()}) }}
    round({{ column }} / {{ rate() }}, {{ digits }})
{%- endmacro %}

{% macro rate() %}{{ return(var('rate', 100)) }}{% endmacro %}
