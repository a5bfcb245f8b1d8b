{% macro 언제() -%}
    date '{{ run_started_at.strftime('%Y-%m-%d') }}'
{%- endmacro %}

{% macro parent_of(name) %}{{ return(ref('stg_orders') if name else none) }}{% endmacro %}
