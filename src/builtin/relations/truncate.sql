{#- Empties a table; `adapter.truncate_relation` calls this. -#}
{% macro truncate_relation(relation) -%}
    {{ return(adapter.dispatch('truncate_relation', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__truncate_relation(relation) -%}
    {%- call statement('truncate_relation', auto_begin=false) -%}
        truncate table {{ relation }}
    {%- endcall -%}
{%- endmacro %}
