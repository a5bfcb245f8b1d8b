{% macro default__test_not_null(model, column_name) %}
{{ config(tags=['of the house']) }}
select * from {{ model }} where {{ column_name }} is null
{% endmacro %}
