select
    order_id,
    user_id,
    status,
    status in ('paid', 'shipped', 'delivered') as is_paid,
    coalesce(discount, 0) as discount,
    ordered_at,
    {{ seoul_date('ordered_at') }} as ordered_on
from {{ ref('raw_orders') }}
