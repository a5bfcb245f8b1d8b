{{ config(materialized='ephemeral') }}
select user_id, count(*) as n, sum({{ cents('amount') }}) as amount
from {{ ref('stg_orders') }}
group by user_id
