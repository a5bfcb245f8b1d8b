with events as (

    select
        {{ event_id(['user_pseudo_id', 'event_timestamp', 'event_name', event_param('product_id', 'int')]) }} as event_id,
        {{ from_micros('cast(event_timestamp as bigint)') }} as occurred_at,
        event_name,
        cast(user_id as bigint) as user_id,
        user_pseudo_id as device_id,
        {{ event_param('ga_session_id', 'int') }} as session_number,
        {{ event_param('product_id', 'int') }} as product_id,
        {{ event_param('search_term') }} as search_term,
        cast({{ event_param('transaction_id') }} as bigint) as order_id,
        cast({{ event_param('value', 'double') }} as bigint) as order_value,
        lower(platform) as platform
    from {{ source('firebase', 'events') }}

)

-- A phone without a network sends its events again later.
select distinct * from events
