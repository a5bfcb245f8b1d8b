-- Two ways to the same sum; 1999 is one of us.
with from_orders as (

    select sum(case when items.line = 1 then items.quantity * items.unit_price - coalesce(orders.discount, 0)
                    else items.quantity * items.unit_price end) as revenue
    from {{ ref('raw_orders') }} as orders
    join {{ ref('raw_order_items') }} as items on items.order_id = orders.order_id
    where orders.status not in ('pending', 'cancelled', 'refunded')
      and orders.user_id <> 1999

),

from_kpis as (

    select sum(매출) as revenue
    from {{ ref('일별_지표') }}

)

select from_orders.revenue as from_orders, from_kpis.revenue as from_kpis
from from_orders
cross join from_kpis
where from_orders.revenue is distinct from from_kpis.revenue
   or from_kpis.revenue <> 341200
