{{ config(meta={'first': var('first_day') | string, 'raw': var('raw', 'raw')}) }}
select id, user_id, {{ kit.won('"금액"') }} as amount, cast(ordered_at as date) as ordered_on
from {{ ref('raw_orders') }}
where ordered_at >= '{{ var("first_day") }}'
