{% macro 언제() -%}
    {{ config(meta={'asked at': run_started_at | string, 'by': invocation_id, 'args': flags.WHICH}) }} now()
{%- endmacro %}

{% macro parent_of(name) %}
{% if execute %}{{ return(ref('없다')) }}{% endif %}
{{ return(ref(name)) }}
{% endmacro %}
