{#- A cast to `character varying(5)` cuts what is longer; one to `character` all but a letter. -#}
{% macro postgres__unit_test_type(column) -%}
    {%- if column.dtype in ['character', 'bpchar'] -%}
        {{ return('bpchar') }}
    {%- endif -%}
    {{ return(column.dtype if column.is_string() else column.data_type) }}
{%- endmacro %}

{#- Arrays as the server reads them from text. -#}
{% macro postgres__unit_test_literal(value, type) -%}
    {%- if value is sequence and value is not string and value is not mapping and (type or '').endswith('[]') -%}
        {%- set items = [] -%}
        {%- for inner in value -%}
            {%- do items.append(postgres__unit_test_literal(inner, type[:-2])) -%}
        {%- endfor -%}
        {{ return('array[' ~ items | join(', ') ~ ']') }}
    {%- endif -%}
    {{ return(default__unit_test_literal(value, type)) }}
{%- endmacro %}
