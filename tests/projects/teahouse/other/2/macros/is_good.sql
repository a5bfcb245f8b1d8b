{% macro test_is_good(model, column_name) %}
select {{ column_name }} from {{ model }} join {{ ref('days') }} using (id)
{% endmacro %}
