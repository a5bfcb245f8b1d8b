{% macro snowflake__type_timestamp() -%}
    timestamp_ntz
{%- endmacro %}

{% macro snowflake__bool_or(expression) -%}
    boolor_agg({{ expression }})
{%- endmacro %}

{% macro snowflake__equals(expr1, expr2) -%}
    ({{ expr1 }} is not distinct from {{ expr2 }})
{%- endmacro %}

{#- TRY_CAST takes texts only, and does not make every type:
    <https://docs.snowflake.com/en/sql-reference/functions/try_cast>. -#}
{% macro snowflake__safe_cast(field, type) -%}
    {%- set kind = type | string | upper -%}
    {%- set text = string_literal(field) if field is number else field -%}
    {%- if kind == 'GEOMETRY' or kind == 'GEOGRAPHY' -%}
        try_to_{{ kind | lower }}({{ text }})
    {%- elif kind == 'VARIANT' -%}
        {{ cast(field, type) }}
    {%- else -%}
        try_cast({{ text }} as {{ type }})
    {%- endif -%}
{%- endmacro %}

{#- SPLIT_PART counts from the end as well. -#}
{% macro snowflake__split_part(string_text, delimiter_text, part_number) -%}
    split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
{%- endmacro %}

{% macro snowflake__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- if limit_num -%}
        array_to_string(
            array_slice(
                array_agg({{ measure }}){% if order_by_clause %} within group ({{ order_by_clause }}){% endif %},
                0,
                {{ limit_num }}
            ),
            {{ delimiter_text }}
        )
    {%- else -%}
        {{ return(default__listagg(measure, delimiter_text, order_by_clause)) }}
    {%- endif -%}
{%- endmacro %}

{% macro snowflake__array_construct(inputs, data_type) -%}
    array_construct({{ inputs | join(', ') }})
{%- endmacro %}
