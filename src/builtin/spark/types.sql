{#- See <https://spark.apache.org/docs/latest/sql-ref-datatypes.html>. -#}
{% macro spark__type_string() -%}
    string
{%- endmacro %}

{% macro spark__type_numeric() -%}
    decimal(28,6)
{%- endmacro %}

{% macro spark__type_int() -%}
    int
{%- endmacro %}
