select
    orders.order_id,
    orders.user_id,
    orders.is_paid,
    orders.ordered_on,
    sum(items.amount) - orders.discount as revenue
from {{ ref('stg_orders') }} as orders
join {{ ref('stg_order_items') }} as items on items.order_id = orders.order_id
group by orders.order_id, orders.user_id, orders.is_paid, orders.ordered_on, orders.discount
