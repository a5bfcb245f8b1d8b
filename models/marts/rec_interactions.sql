-- What each customer did with each product, from the trackers and the service's own tables:
-- purchases and chats are taken from the latter, which lose nothing.
with interactions as (

    select user_id, product_id, event_name as interaction, occurred_at
    from {{ ref('user_events') }}
    where event_name in ('view', 'like')

    union all

    select messages.user_id, messages.product_id, 'chat', min(messages.sent_at)
    from {{ ref('stg_chat_messages') }} as messages
    where messages.is_from_buyer
    group by messages.room_id, messages.user_id, messages.product_id

    union all

    select orders.user_id, items.product_id, 'purchase', orders.ordered_at
    from {{ ref('stg_orders') }} as orders
    join {{ ref('stg_order_items') }} as items on items.order_id = orders.order_id
    where orders.is_paid

),

weighed as (

    select
        interactions.user_id,
        interactions.product_id,
        interactions.interaction,
        interactions.occurred_at,
        {{ interaction_weight('interactions.interaction') }} as weight,
        {{ seoul_date('interactions.occurred_at') }} as occurred_on
    from interactions
    join {{ ref('int_customers') }} as customers on customers.user_id = interactions.user_id

),

aged as (

    select
        *,
        {{ dbt.datediff('occurred_on', 'max(occurred_on) over ()', 'day') }} as days_ago
    from weighed

)

select
    user_id,
    product_id,
    interaction,
    occurred_at,
    weight,
    days_ago,
    weight * pow(0.5, cast(days_ago as double precision) / {{ var('half_life_days') }}) as score
from aged
