{#- See <https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types>. -#}
{% macro bigquery__type_string() -%}
    string
{%- endmacro %}

{% macro bigquery__type_float() -%}
    float64
{%- endmacro %}

{% macro bigquery__type_numeric() -%}
    numeric
{%- endmacro %}

{% macro bigquery__type_bigint() -%}
    int64
{%- endmacro %}

{% macro bigquery__type_int() -%}
    int64
{%- endmacro %}

{% macro bigquery__type_boolean() -%}
    bool
{%- endmacro %}
