-- Both trackers in the words of one.
{%- set names = {
    'session': ['session_start', 'Session Started'],
    'search': ['search', 'Product Searched'],
    'view': ['view_item', 'Product Viewed'],
    'like': ['add_to_wishlist', 'Product Liked'],
    'chat': ['chat_open', 'Chat Opened'],
    'purchase': ['purchase', 'Order Completed'],
} %}
{%- set columns = [
    'event_id', 'occurred_at', 'event_name', 'user_id', 'device_id', 'session_number',
    'product_id', 'search_term', 'order_id', 'order_value', 'platform',
] %}

with events as (

    {%- for tracker in ['firebase', 'amplitude'] %}
    select
        '{{ tracker }}' as tracker,
        {{ columns | join(',\n        ') }}
    from {{ ref('stg_' ~ tracker ~ '_events') }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

)

select
    events.event_id,
    events.tracker,
    events.occurred_at,
    {{ seoul_date('events.occurred_at') }} as occurred_on,
    case
        {%- for name, theirs in names.items() %}
        when events.event_name in ('{{ theirs | join("', '") }}') then '{{ name }}'
        {%- endfor %}
    end as event_name,
    coalesce(events.user_id, devices.user_id) as user_id,
    events.device_id,
    events.session_number,
    events.product_id,
    events.search_term,
    events.order_id,
    events.order_value,
    events.platform
from events
left join {{ ref('int_known_devices') }} as devices on devices.device_id = events.device_id
