-- Who a device belongs to, if anyone ever signed in on it: who did last.
select distinct on (device_id)
    device_id,
    user_id
from {{ ref('stg_firebase_events') }}
where user_id is not null
order by device_id, occurred_at desc
