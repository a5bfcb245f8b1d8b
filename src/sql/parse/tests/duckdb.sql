select * from a join b using (id, x) natural join c left join d on a.id = d.id

select * from a semi join b on a.id=b.id anti join c using (id)

select * from a asof join b on a.ts >= b.ts

select * from a asof left join b on a.ts >= b.ts and a.id = b.id

select * from a asof join b using (id, ts)

select * from a positional join b

select * from a, lateral (select a.x + 1 as y) t

select * from a left join lateral (select a.x + 1 as y) t on true

select u, n from a, unnest(a.list) with ordinality as u(x, n)

select unnest([1,2,3]) as x, unnest({'a': 1, 'b': [1,2]}, recursive := true)

select * from read_parquet('a.parquet', hive_partitioning = true) r, read_csv(['a.csv','b.csv'], columns := {'a': 'INT'})

select * from 'data/파일.parquet' f

select id, row_number() over (partition by a order by b desc nulls last) rn from t qualify rn = 1

select sum(x) over w, avg(x) over (w rows between 1 preceding and current row) from t window w as (partition by a order by b), v as (order by c)

select sum(x) over (order by t range between interval 7 days preceding and interval 1 day following exclude current row) from t

select a, b, grouping(a) from t group by grouping sets ((a, b), (a), ()), cube (c, d), rollup (e, f)

select a, sum(b) from t group by all order by all

select * exclude (a, b) replace (c + 1 as c, upper(d) as d) rename (e as f) from t

select t.* exclude a, u.* rename e as f from t, u

select * like 'a%' from t

select * not ilike 'a%', * similar to 'b', * glob 'c*' from t

select coalesce(*columns(*)) from t

select columns(lambda c : c like 'a%') from t

select min(columns(* exclude (a) replace (b + 1 as b))) from t where columns(*) > 1

select {'a': 1, b: x, "c d": [1, 2]} as s, s.a, (s).b, s['a'], s.a.b.c, struct_pack(k := 1), row(1, 2), (1, 2)

select (t.s).a.b, t.s['a']['b'], f(x).y, (select 1).z from t

select [1, 2, 3][1], l[1:2], l[:2], l[1:], l[:], l[1:5:2], [], [[1], []], array[1, 2] from t

select map {'a': 1, 'b': x}, map {}, map([1], [2]), m['a'], m['a'][1] from t

select list_transform(l, x -> x + 1), list_filter(l, (x, i) -> x > i), list_reduce(l, lambda a, b : a + b) from t

from t select a, b where a > 1

from t

from t where a > 1

with c as (from t) from c select count(*)

values (1, 'a'), (2, 'b')

select * from (values (1, 'a'), (2, 'b')) v(id, name)

select * from (values (1, 'a'))

select distinct on (a, b) * from t order by a, b, c desc

select first_value(x ignore nulls) over (order by y), last_value(x) ignore nulls over w from t window w as ()

select count(*) filter (where x > 1), sum(x) filter (where y) over (order by z) from t

select percentile_cont(0.5) within group (order by x desc), mode() within group (order by x), listagg(distinct x, ',') within group (order by x) filter (where y) from t

select string_agg(distinct x, ',' order by y desc nulls first, z), array_agg(x order by y) from t

select ts at time zone 'Asia/Seoul', (ts at time zone 'UTC') at time zone tz from t

select extract(year from d), extract('month' from d), extract(epoch from (a - b)), date_part('year', d) from t

select interval '1' day, interval 1 day, interval (x) days, interval '1 day 2 hours', d + interval '1' month - interval x year, '1 day'::interval, interval '1-2' year to month from t

select try_cast(x as int), cast(x as decimal(10,2)), x::varchar(10)::int, x::int[], x::struct(a int, b varchar)[], x::map(varchar, int), x::timestamp with time zone, x::timestamptz, x::double precision, x::int[3] from t

select date '2020-01-01', timestamp '2020-01-01 00:00:00', timestamptz '2020-01-01', timestamp with time zone '2020-01-01', time '00:00', json '{}', x'ff', e'\n', $$dollar$$

select * from t tablesample reservoir(10), u using sample 10%

select * from t tablesample 10 percent

select * from t using sample 5 rows

with recursive r(n) as (select 1 union all select n + 1 from r where n < 10) select * from r

with recursive r(n) using key (n) as (select 1 union select n + 1 from r where n < 10) select * from r

with a as materialized (select 1), b as not materialized (select 2) select * from a, b

select 1 a union all by name select 2 b union by name select 3 c

(select 1 union select 2) except select 3 intersect all select 4 order by 1 limit 10 offset 5

(select a from t order by a limit 1) union all (select b from u)

select * from t pivot (sum(x) as total, count(*) for y in ('a' as aa, 'b')) as p

select * from t unpivot (v for n in (a, b as bb, c))

select * from t unpivot include nulls (v for n in (a, b))

select * from t unpivot ((v1, v2) for n in ((a, b), (c, d)))

select * from t where exists (select 1 from u where u.id = t.id) and not exists (select 1 from v) and x in (select y from w) and x not in (1, 2)

select x = any (select 1), x > all (select 2), x = any([1, 2]), x <> some(select 3) from t

select x in [1, 2], x in l, 1 not in l from t

select a is null, a is not null, a isnull, a notnull, a is true, a is not false, a is distinct from b, a is not distinct from b, a is unknown from t

select a // b, a % b, a ** b, a ^ b, a || b, a & b, a | b, a << 1, a >> 2, ~a, -a, +a, not a, a -> 'x', a ->> 'y', a != b, a == b, @a, a <=> b from t

select case when a then 1 when b then 2 else 3 end, case a when 1 then 'x' end from t

select a between 1 and 2 and b not between x and y from t

select coalesce(a, b), nullif(a, b), if(a, b, c), ifnull(a, b), greatest(a), current_date, current_timestamp, now(), substring(a from 1 for 2), substring(a, 1, 2), trim(both 'x' from a), trim(a), position('a' in b), overlay(a placing b from 1 for 2), ceil(a), floor(a), left(a, 1), right(a, 2), replace(a, b, c) from t

select a, b, from t

select "A b"."C""d", "한 글" as "별 칭" from "s"."T"

select ?, $1, $name, :x

table t

-- comment /* x */
/* block ; */
select 1 -- tail
; -- after
/* end */

select array(select x from t), (select max(y) from u)

select a from t order by a desc nulls first, 2 asc, b collate nocase limit 10 percent

select a from t limit 10%

select a from t order by a offset 5 rows fetch first 10 rows only

select * from range(10) r(i), generate_series(1, 3) g

select main.f(x), db.main.g(y) from db.main.t

select count(t.*), struct_pack(*) from t

select 1_000, 1e3, .5, 1., 0x1F, 'a' 'b'

select a as x, count(*) from t group by x having count(*) > 1

select 1 where true union all select 2 from t group by 1 having max(x) > 1 except select 3

select t.order, t.group, t.date, date, timestamp, year(date), "offset" from t

select a value, b as date, c type, d name from t as u, v w

select (a, b) in ((1, 2), (3, 4)), (a, b) = (1, 2) from t

select * from (a join b on a.x = b.x) left join (c cross join d) on true, (e) f

select * from (a join b using (x)) as j

select j->'a'->>'b', j->>'$.x', json_extract(j, '$.a'), j.a.b from t

select []::int[], null::varchar, 'x'::date

select try(x / 0), #1 from t

select * from t as u (a, b, c)

with c (a, b) as (select 1, 2) select a from c

select 1 limit (select 2) offset 1 + 1

select not a = b and not (c or d) is null from t

select a from t group by (a, b), c, 1, grouping sets (rollup (x, y), (z))

select lag(x, 1, 0) over (partition by a, b order by c asc, d desc), ntile(4) over (order by x) from t

select list_has_any(l, [1]), exists(select 1)

select $1 + $2

select columns(*) + 1, columns('^a'), columns(['a', 'b']), columns(c -> c like 'a%') from t

select date '2020-01-01', timestamp with time zone '2020-01-01', time '00:00', json '{}', x'ff', e'\n', $$dollar$$

select a like 'x%', a not like 'x' escape '\', a ilike b, a similar to 'x', a ~ 'x', a ~~ 'x', a glob 'x*', a !~ 'x' from t
