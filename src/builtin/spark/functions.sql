{% macro spark__equals(expr1, expr2) -%}
    ({{ expr1 }} <=> {{ expr2 }})
{%- endmacro %}

{% macro spark__safe_cast(field, type) -%}
    try_cast({{ field }} as {{ type }})
{%- endmacro %}

{% macro spark__concat(fields) -%}
    concat({{ fields | join(', ') }})
{%- endmacro %}

{#- SPLIT_PART counts from the end as well. -#}
{% macro spark__split_part(string_text, delimiter_text, part_number) -%}
    split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
{%- endmacro %}

{#- Collected values have no order. -#}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- if order_by_clause -%}
        {%- do exceptions.warn("`listagg` does not order its values on " ~ adapter.type() ~ ": `" ~ order_by_clause ~ "` is left out") -%}
    {%- endif -%}
    {%- set values = 'collect_list(' ~ measure ~ ')' -%}
    array_join({{ 'slice(' ~ values ~ ', 1, ' ~ limit_num ~ ')' if limit_num else values }}, {{ delimiter_text }})
{%- endmacro %}

{% macro spark__array_append(array, new_element) -%}
    concat({{ array }}, array({{ new_element }}))
{%- endmacro %}

{% macro spark__array_concat(array_1, array_2) -%}
    concat({{ array_1 }}, {{ array_2 }})
{%- endmacro %}

{% macro spark__array_construct(inputs, data_type) -%}
    {%- if inputs -%}
        array({{ inputs | join(', ') }})
    {%- else -%}
        cast(array() as array<{{ data_type }}>)
    {%- endif -%}
{%- endmacro %}

{#- A quote in a text is written with a backslash:
    <https://spark.apache.org/docs/latest/sql-ref-literals.html#string-literal>. -#}
{% macro spark__escape_single_quotes(expression) -%}
    {{ expression | replace("'", "\\'") }}
{%- endmacro %}
