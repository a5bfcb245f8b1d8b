-- These happened on 28 February and 2 March in UTC, after midnight in Seoul.
select 'signed up' as what, user_id as id, signed_up_on as day
from {{ ref('stg_users') }}
where (user_id = 1003 and signed_up_on <> date '2026-03-01')
   or (user_id = 1008 and signed_up_on <> date '2026-03-03')

union all

select 'ordered', order_id, ordered_on
from {{ ref('stg_orders') }}
where order_id = 5002 and ordered_on <> date '2026-03-01'
