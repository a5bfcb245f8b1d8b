select
    message_id,
    room_id,
    user_id,
    product_id,
    sender = 'buyer' as is_from_buyer,
    body,
    sent_at,
    {{ seoul_date('sent_at') }} as sent_on
from {{ ref('raw_chat_messages') }}
