{% macro duckdb__equals(expr1, expr2) -%}
    ({{ expr1 }} is not distinct from {{ expr2 }})
{%- endmacro %}

{#- DuckDB's own counts from the end as well. -#}
{% macro duckdb__split_part(string_text, delimiter_text, part_number) -%}
    split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
{%- endmacro %}

{% macro duckdb__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- set order = ' ' ~ order_by_clause if order_by_clause else '' -%}
    {%- if limit_num -%}
        array_to_string(list({{ measure }}{{ order }}) filter ({{ measure }} is not null)[1:{{ limit_num }}], {{ delimiter_text }})
    {%- else -%}
        string_agg({{ measure }}, {{ delimiter_text }}{{ order }})
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__array_append(array, new_element) -%}
    list_append({{ array }}, {{ new_element }})
{%- endmacro %}

{% macro duckdb__array_concat(array_1, array_2) -%}
    list_concat({{ array_1 }}, {{ array_2 }})
{%- endmacro %}

{% macro duckdb__array_construct(inputs, data_type) -%}
    {%- if inputs -%}
        [{{ inputs | join(', ') }}]
    {%- else -%}
        cast([] as {{ data_type }}[])
    {%- endif -%}
{%- endmacro %}
