{% macro test_is_good(model, column_name, least=0) %}
{{ config(tags=['good']) }}
select {{ column_name }} from {{ model }} where {{ column_name }} < {{ least }}
{% endmacro %}
