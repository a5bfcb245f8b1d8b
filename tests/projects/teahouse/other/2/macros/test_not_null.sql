{% test not_null(model, column_name) %}
{{ config(severity='error', limit=3) }}
select {{ column_name }} from {{ model }} where {{ column_name }} is null
{% endtest %}
