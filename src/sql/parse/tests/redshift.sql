select distinct on (a, b) a, b from t order by a, b desc nulls last

select * from t left join lateral (select * from u where u.id = t.id limit 1) x on true cross join lateral unnest(t.arr) with ordinality as e (v, n)

select string_agg(distinct a, ',' order by a), array_agg(x order by y), percentile_cont(0.5) within group (order by x), count(*) filter (where y), mode() within group (order by z) from t

select sum(x) over (partition by a order by b rows between 1 preceding and 1 following exclude ties), lag(x) over w from t window w as (order by c)

select extract(epoch from a - b), date_trunc('day', ts), date_part('year', d), ts at time zone 'UTC', interval '1 day', interval '1' day, a + interval '1 day' * b, age(a, b), now() - '1 day'::interval from t

select date '2020-01-01', timestamp '2020-01-01', timestamptz '2020', timestamp with time zone '2020', time '00:00', bool 'true', E'a\n', U&'x', B'01', X'ff', $$a$$, $tag$b$tag$, point '(1,2)', box '(1,2),(3,4)', int4 '5', numeric '1.2', jsonb '{}', uuid 'x'

select a = any(arr), a = any(array[1,2]), a = any(select 1), a <> all (select 2), a like any(array['x']), a in (select 1), (a, b) in (select 1, 2), a between symmetric 1 and 2 from t

select a, b from t group by grouping sets ((a), (b)), rollup (c, d), cube (e, (f, g))

select a, b from t group by distinct a, b

with recursive r (n) as (values (1) union all select n + 1 from r) select * from r

with a as materialized (select 1), b as not materialized (select 2) select * from a, b

values (1, 'a'), (2, 'b')

select * from (values (1, 'a')) as v (id, name)

table t

select * from t for update of t skip locked

select * from t order by a offset 1 rows fetch first 5 rows with ties

select * from t limit all offset 1

select * from t tablesample bernoulli (10) repeatable (1)

select array(select x from t), exists (select 1), (select 1)

select int4(x), "char" 'a', x::"char", x::pg_catalog.int4, x::timestamp(3) without time zone, x::interval year to month, x::bit varying(3), x::int[3][], x::double precision, x::character varying from t

select * from ((a join b on true)) j

select current_date, current_timestamp(3), localtime, session_user, current_user, current_schema, user from t

select $1, :x

select t.date, "user", value, type, name, key, year, month, day, timestamp, text, level, position from t

select a b, a as "B", count(*) value, 1 as year from t as x (a, b)

select sum(x) filter (where y) over (partition by z) from t

select (row(1, 2)).f1, (t).a, (f(x)).y, (array[1,2])[1], ((a).b).c from t

select (a, b) overlaps (c, d), a between b and c and d from t

select 1 union (select 2 union all select 3) order by 1

select from t

select f(a => 1, b := 2), f(variadic arr), make_interval(days => 10)

select pg_catalog.lower(x), public.f(a, b) from "public"."orders" o, s.t

select generate_series(1, 3), unnest(arr), (regexp_matches(a, 'x'))[1], (jsonb_each(j)).* from t

select case a when 1 then 'x' else 'y' end, case when a is null then 1 end, coalesce(a, b), nullif(a, b), greatest(a, b) from t

select t.items[0].name, t.a.b.c, i.x from t, t.items i, t.items as e at idx

select listagg(a, ',') within group (order by b) over (partition by c), dateadd(day, 1, d), datediff(day, a, b), getdate(), nvl(a, b), decode(a, 1, 2), top_x, convert(int, a), a::super, approximate count(distinct x), sysdate from t

select * from t qualify row_number() over (partition by a order by b) = 1

select top 5 a from t

select * from t pivot (sum(x) for y in ('a', 'b'))

select * from t unpivot (v for n in (a, b))

select * exclude (a, b) from t

select 1 minus select 2

select first_value(a ignore nulls) over (partition by b order by c rows between unbounded preceding and current row), ratio_to_report(x) over () from t

select k, v from t, unpivot t.obj as v at k

select a, level from t start with a = 1 connect by prior a = b

select a, count(*) from t group by all
