-- 1005 signed in after two events on the phone; nobody ever did on `dev-guest`.
select event_id, device_id, user_id
from {{ ref('user_events') }}
where (device_id = 'dev-1005' and user_id is distinct from 1005)
   or (device_id = 'dev-guest' and user_id is not null)
