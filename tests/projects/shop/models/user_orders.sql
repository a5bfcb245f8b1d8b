{{ config(materialized='ephemeral') }}
select user_id, count(*) as orders, sum(amount) as amount
from {{ ref('stg_orders') }}
group by user_id
