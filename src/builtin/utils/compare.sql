{#- Whether two expressions are the same; nulls are. -#}
{% macro equals(expr1, expr2) -%}
    {{ return(adapter.dispatch('equals', 'dbt')(expr1, expr2)) }}
{%- endmacro %}

{% macro default__equals(expr1, expr2) -%}
    coalesce({{ expr1 }} = {{ expr2 }}, {{ expr1 }} is null and {{ expr2 }} is null)
{%- endmacro %}

{#- The hash of an expression, as text. -#}
{% macro hash(field) -%}
    {{ return(adapter.dispatch('hash', 'dbt')(field)) }}
{%- endmacro %}

{% macro default__hash(field) -%}
    md5(cast({{ field }} as {{ type_string() }}))
{%- endmacro %}
