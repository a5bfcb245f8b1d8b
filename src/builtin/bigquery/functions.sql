{% macro bigquery__bool_or(expression) -%}
    logical_or({{ expression }})
{%- endmacro %}

{% macro bigquery__equals(expr1, expr2) -%}
    ({{ expr1 }} is not distinct from {{ expr2 }})
{%- endmacro %}

{% macro bigquery__hash(field) -%}
    to_hex(md5(cast({{ field }} as {{ type_string() }})))
{%- endmacro %}

{% macro bigquery__safe_cast(field, type) -%}
    safe_cast({{ field }} as {{ type }})
{%- endmacro %}

{% macro bigquery__concat(fields) -%}
    concat({{ fields | join(', ') }})
{%- endmacro %}

{% macro bigquery__position(substring_text, string_text) -%}
    strpos({{ string_text }}, {{ substring_text }})
{%- endmacro %}

{#- A list has no end to count from: <https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions#split>. -#}
{% macro bigquery__split_part(string_text, delimiter_text, part_number) -%}
    {%- if part_number is number and part_number < 0 -%}
        split({{ string_text }}, {{ delimiter_text }})[safe_offset(array_length(split({{ string_text }}, {{ delimiter_text }})) - {{ -part_number }})]
    {%- elif part_number is number -%}
        split({{ string_text }}, {{ delimiter_text }})[safe_offset({{ part_number - 1 }})]
    {%- else -%}
        split({{ string_text }}, {{ delimiter_text }})[safe_offset({{ part_number }} - 1)]
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    string_agg({{ measure }}, {{ delimiter_text }}
        {%- if order_by_clause %} {{ order_by_clause }}{% endif %}
        {%- if limit_num %} limit {{ limit_num }}{% endif %})
{%- endmacro %}

{% macro bigquery__array_append(array, new_element) -%}
    array_concat({{ array }}, [{{ new_element }}])
{%- endmacro %}

{% macro bigquery__array_concat(array_1, array_2) -%}
    array_concat({{ array_1 }}, {{ array_2 }})
{%- endmacro %}

{% macro bigquery__array_construct(inputs, data_type) -%}
    {%- if inputs -%}
        [{{ inputs | join(', ') }}]
    {%- else -%}
        array<{{ data_type }}>[]
    {%- endif -%}
{%- endmacro %}

{#- A quote in a text is written with a backslash:
    <https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#string_and_bytes_literals>. -#}
{% macro bigquery__string_literal(value) -%}
    '''{{ value }}'''
{%- endmacro %}

{% macro bigquery__escape_single_quotes(expression) -%}
    {{ expression | replace("'", "\\'") }}
{%- endmacro %}

{% macro bigquery__except() -%}
    except distinct
{%- endmacro %}

{% macro bigquery__intersect() -%}
    intersect distinct
{%- endmacro %}
