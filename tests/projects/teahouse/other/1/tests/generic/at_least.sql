{% test at_least(model, column_name, least=0, kind='all') %}
{{ config(error_if='>' ~ least, tags=[kind]) }}
select {{ column_name }} from {{ model }} where {{ column_name }} < {{ cents(least) }}
{% endtest %}
