{{ config(materialized='view', schema=env_var('TEA_SCHEMA', 'more'), meta={'day': 언제()}) }}
-- depends_on: {{ ref('매출') }}
select * from {{ ref('stg_orders') }} {% for n in range(var('least', 2) | int) %} union all select {{ n }} {% endfor %}
