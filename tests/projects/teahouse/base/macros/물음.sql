{% macro 언제() -%}
    {{ config(meta={'언제': env_var('TEA_DAY', '?')}) }}
    date '{{ env_var('TEA_DAY', '2026-01-01') }}'
{%- endmacro %}

{% macro parent_of(name) %}{{ return(ref(name)) }}{% endmacro %}
