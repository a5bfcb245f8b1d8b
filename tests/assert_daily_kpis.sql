-- Counted by hand from the tables at the head of `scripts/make_example_data.py`.
with expected (day, daily_active_users, new_users, retention_d1, retention_d7, orders, buyers, revenue, chat_rooms) as (

    values
        (date '2026-03-01', 4, 2, 0.5, 0.5, 2, 2, 75800, 1),
        (date '2026-03-02', 4, 2, 0.5, 0.5, 0, 0, 0, 0),
        (date '2026-03-03', 5, 2, 0.5, 0.5, 1, 1, 47700, 1),
        (date '2026-03-04', 5, 1, 1.0, null, 1, 1, 8000, 0),
        (date '2026-03-05', 3, 0, null, null, 1, 1, 29000, 0),
        (date '2026-03-06', 3, 1, 1.0, null, 1, 1, 24000, 1),
        (date '2026-03-07', 4, 0, null, null, 2, 2, 27800, 1),
        (date '2026-03-08', 3, 1, 1.0, null, 1, 1, 24000, 0),
        (date '2026-03-09', 5, 1, 0.0, null, 2, 2, 56900, 1),
        (date '2026-03-10', 4, 0, null, null, 1, 1, 48000, 0)

),

actual as (

    select day, daily_active_users, new_users, retention_d1, retention_d7, orders, buyers, revenue, chat_rooms
    from {{ ref('daily_kpis') }}

)

select 'expected' as which, missing.* from (select * from expected except select * from actual) as missing
union all
select 'found' as which, surplus.* from (select * from actual except select * from expected) as surplus
order by day, which
