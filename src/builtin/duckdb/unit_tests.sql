{#- Lists, structs and maps as DuckDB writes them. -#}
{% macro duckdb__unit_test_literal(value, type) -%}
    {%- if value is mapping -%}
        {%- set is_map = ((type or '') | upper).startswith('MAP') -%}
        {%- set entries = [] -%}
        {%- for key, inner in value.items() -%}
            {%- do entries.append(
                string_literal(escape_single_quotes(key | string)) ~ ': ' ~ duckdb__unit_test_literal(inner, none)
            ) -%}
        {%- endfor -%}
        {{ return(('MAP {' if is_map else '{') ~ entries | join(', ') ~ '}') }}
    {%- elif value is sequence and value is not string -%}
        {%- set items = [] -%}
        {%- for inner in value -%}
            {%- do items.append(duckdb__unit_test_literal(inner, none)) -%}
        {%- endfor -%}
        {{ return('[' ~ items | join(', ') ~ ']') }}
    {%- endif -%}
    {{ return(default__unit_test_literal(value, type)) }}
{%- endmacro %}
