{#- The values of a group in one text. `delimiter_text` is an SQL expression, `order_by_clause`
    a whole clause; with `limit_num` only that many values. -#}
{% macro listagg(measure, delimiter_text="','", order_by_clause=none, limit_num=none) -%}
    {{ return(adapter.dispatch('listagg', 'dbt')(measure, delimiter_text, order_by_clause, limit_num)) }}
{%- endmacro %}

{% macro default__listagg(measure, delimiter_text="','", order_by_clause=none, limit_num=none) -%}
    {%- if limit_num -%}
        {%- do exceptions.raise_compiler_error("`listagg` with `limit_num` is not supported on " ~ adapter.type()) -%}
    {%- endif -%}
    listagg({{ measure }}, {{ delimiter_text }})
    {%- if order_by_clause %} within group ({{ order_by_clause }}){% endif -%}
{%- endmacro %}
