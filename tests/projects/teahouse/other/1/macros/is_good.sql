{% test is_good(model, column_name, least=0, most=none) %}
{{ config(fail_calc='max(' ~ column_name ~ ')', meta={'vars': var('least', 1)}) }}
select {{ column_name }} from {{ model }} where {{ column_name }} < {{ least }} or {{ column_name }} > {{ most }}
{% endtest %}
