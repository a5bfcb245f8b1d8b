-- The raw files have 118 and 62 rows; one of Firebase's and three of Amplitude's came twice.
with expected (tracker, events) as (

    values ('firebase', 117), ('amplitude', 59)

),

actual as (

    select tracker, count(*) as events
    from {{ ref('user_events') }}
    group by tracker

)

select expected.tracker, expected.events as expected, actual.events as found
from expected
left join actual on actual.tracker = expected.tracker
where expected.events is distinct from actual.events
