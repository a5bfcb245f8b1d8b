{% macro redshift__any_value(expression) -%}
    {{ return(default__any_value(expression)) }}
{%- endmacro %}

{% macro redshift__equals(expr1, expr2) -%}
    {{ return(default__equals(expr1, expr2)) }}
{%- endmacro %}

{% macro redshift__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {{ return(default__listagg(measure, delimiter_text, order_by_clause, limit_num)) }}
{%- endmacro %}

{#- Lists are of the type SUPER: <https://docs.aws.amazon.com/redshift/latest/dg/Array_Functions.html>. -#}
{% macro redshift__array_append(array, new_element) -%}
    array_concat({{ array }}, array({{ new_element }}))
{%- endmacro %}

{% macro redshift__array_concat(array_1, array_2) -%}
    array_concat({{ array_1 }}, {{ array_2 }})
{%- endmacro %}

{% macro redshift__array_construct(inputs, data_type) -%}
    array({{ inputs | join(', ') }})
{%- endmacro %}
