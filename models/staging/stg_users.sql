select
    user_id,
    name as user_name,
    region,
    signup_channel,
    created_at as signed_up_at,
    {{ seoul_date('created_at') }} as signed_up_on,
    is_internal
from {{ ref('raw_users') }}
