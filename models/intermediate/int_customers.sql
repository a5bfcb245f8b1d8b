-- The users that figures are about.
select user_id, user_name, signed_up_on
from {{ ref('stg_users') }}
where not is_internal
