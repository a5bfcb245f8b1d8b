-- Who a device belongs to, if anyone ever signed in on it.
select
    device_id,
    arg_max(user_id, occurred_at) as user_id
from {{ ref('stg_firebase_events') }}
where user_id is not null
group by device_id
