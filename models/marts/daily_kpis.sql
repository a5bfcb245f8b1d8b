with days as (

    select cast(day as date) as day
    from (
        select {{ each_day('min(occurred_on)', 'max(occurred_on)') }} as day
        from {{ ref('user_events') }}
    ) as span

),

active as (

    select distinct events.occurred_on as day, events.user_id
    from {{ ref('user_events') }} as events
    join {{ ref('int_customers') }} as customers on customers.user_id = events.user_id

),

activity as (

    select day, count(*) as daily_active_users
    from active
    group by day

),

signups as (

    select
        customers.signed_up_on as day,
        count(*) as new_users
        {%- for n in [1, 7] %},
        count(day_{{ n }}.user_id) as retained_{{ n }}
        {%- endfor %}
    from {{ ref('int_customers') }} as customers
    {%- for n in [1, 7] %}
    left join active as day_{{ n }}
        on day_{{ n }}.user_id = customers.user_id
        and day_{{ n }}.day = customers.signed_up_on + {{ n }}
    {%- endfor %}
    group by customers.signed_up_on

),

sales as (

    select
        totals.ordered_on as day,
        count(*) as orders,
        count(distinct totals.user_id) as buyers,
        sum(totals.revenue) as revenue
    from {{ ref('int_order_totals') }} as totals
    join {{ ref('int_customers') }} as customers on customers.user_id = totals.user_id
    where totals.is_paid
    group by totals.ordered_on

),

chats as (

    select messages.sent_on as day, count(distinct messages.room_id) as chat_rooms
    from {{ ref('stg_chat_messages') }} as messages
    join {{ ref('int_customers') }} as customers on customers.user_id = messages.user_id
    group by messages.sent_on

)

select
    days.day,
    coalesce(activity.daily_active_users, 0) as daily_active_users,
    coalesce(signups.new_users, 0) as new_users,
    {%- for n in [1, 7] %}
    case
        when days.day + {{ n }} <= (select max(day) from days)
            then cast(cast(signups.retained_{{ n }} as decimal(9, 4)) / signups.new_users as decimal(5, 4))
    end as retention_d{{ n }},
    {%- endfor %}
    coalesce(sales.orders, 0) as orders,
    coalesce(sales.buyers, 0) as buyers,
    cast(coalesce(sales.revenue, 0) as bigint) as revenue,
    coalesce(chats.chat_rooms, 0) as chat_rooms
from days
left join activity on activity.day = days.day
left join signups on signups.day = days.day
left join sales on sales.day = days.day
left join chats on chats.day = days.day
order by days.day
