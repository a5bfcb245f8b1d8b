with events as (

    select
        "$insert_id" as insert_id,
        event_time,
        event_type,
        user_id,
        device_id,
        session_id,
        cast(event_properties as json) as properties,
        platform
    from {{ source('amplitude', 'events_json') }}

    union all

    select
        "$insert_id",
        event_time,
        event_type,
        user_id,
        device_id,
        session_id,
        cast(event_properties as json),
        platform
    from {{ source('amplitude', 'events_parquet') }}

),

numbered as (

    select
        *,
        row_number() over (partition by device_id, insert_id order by event_time) as delivery
    from events

)

select
    {{ event_id(['device_id', 'insert_id']) }} as event_id,
    event_time as occurred_at,
    event_type as event_name,
    cast(user_id as bigint) as user_id,
    device_id,
    cast(floor(session_id / 1000.0) as bigint) as session_number,
    cast(properties ->> 'product_id' as bigint) as product_id,
    properties ->> 'search_term' as search_term,
    cast(properties ->> 'order_id' as bigint) as order_id,
    cast(properties ->> 'value' as bigint) as order_value,
    lower(platform) as platform
from numbered
-- Amplitude delivers at least once.
where delivery = 1
