{#- One part of a text between delimiters, counted from 1, or from the end with -1. -#}
{% macro split_part(string_text, delimiter_text, part_number) -%}
    {{ return(adapter.dispatch('split_part', 'dbt')(string_text, delimiter_text, part_number)) }}
{%- endmacro %}

{% macro default__split_part(string_text, delimiter_text, part_number) -%}
    {%- if part_number is number and part_number < 0 -%}
        {%- set parts -%}
            length({{ string_text }}) - length(replace({{ string_text }}, {{ delimiter_text }}, ''))
        {%- endset -%}
        split_part({{ string_text }}, {{ delimiter_text }}, ({{ parts }}) / length({{ delimiter_text }}) + 1 + 1 + ({{ part_number }}))
    {%- else -%}
        split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
    {%- endif -%}
{%- endmacro %}
