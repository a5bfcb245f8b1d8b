{{ config(materialized='table', meta={'owner': '분석팀'}) }}
select user_orders.*, days.n as days
from {{ ref('user_orders') }} as user_orders
cross join {{ ref('kit', 'days') }} as days
where orders > 1
