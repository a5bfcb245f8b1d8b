{% test at_least(model, column_name, least=0) %}
{{ config(meta={'of': target.name, 'past': var('past', 0)}) }}
select {{ column_name }} from {{ model }} where {{ column_name }} < {{ least }}
{% endtest %}
