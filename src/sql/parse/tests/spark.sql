select t.id, x, k, v from t lateral view explode(t.arr) e as x lateral view outer explode(t.m) as k, v where x > 1

select * from a join b on a.id = b.id lateral view posexplode(a.x) p as pos, val

select * from t lateral view explode(arr) e x

select explode(arr) as x, posexplode(b) as (p, v), inline(c), stack(2, 1, 2) as (q, r) from t

select struct(a, b), named_struct('a', 1, 'b', 2), s.a.b, m['x'], arr[0], array(1, 2), map('a', 1), (a, b) from t

select transform(a, x -> x + 1), filter(a, (x, i) -> x > i), aggregate(a, 0, (acc, x) -> acc + x, acc -> acc * 2), exists(a, x -> x > 1) from t

select v:a.b[0]::int, v:a::string, v:['x'] from t

select cast(a as array<int>), cast(a as map<string, int>), cast(a as struct<x: int, y: string>), try_cast(a as int), a::int, cast(x as decimal(10, 2)), int(a), string(b), date(c), cast(x as timestamp_ntz) from t

select * from a left semi join b on a.id = b.id left anti join c on a.id = c.id

select * from t pivot (sum(x) as s, avg(y) for m in ('a' as aa, 'b'))

select * from t pivot (sum(x) for (a, b) in ((1, 2) as c1, (3, 4)))

select * from t unpivot (v for n in (a, b as bb))

select * from t unpivot include nulls (v for n in (a, b))

select * from t tablesample (10 percent), u tablesample (5 rows)

select a, b, sum(c) from t group by a, b with rollup

select a, b, sum(c) from t group by a, b grouping sets ((a, b), (a))

select a, b, sum(c) from t group by grouping sets ((a, b), (a), ())

select a, count(*) from t group by cube (a, b)

select a from t distribute by a sort by b

select * from t qualify row_number() over (partition by a order by b) = 1

select * except (a, b), t.* except (c) from t

select a <=> b, a == b, a != b, a <> b, a div b, a % b, a rlike 'x', a regexp 'x', a not like 'x', a ilike 'y', a like any ('x', 'y') from t

select date '2020-01-01', timestamp '2020-01-01', "string", 'a\'b', x'ff', 1L, 1.0D, 1e3, 10BD, r'a\b', 1S from t

select sum(x) over (partition by a order by b range between interval 7 days preceding and current row), first_value(x) ignore nulls over (order by b), first_value(x, true) over w, last(x) ignore nulls from t window w as (partition by a)

select count(distinct a, b), collect_list(x), first(x, true), count(*) filter (where a > 1), percentile_approx(x, 0.5), any_value(a), max_by(a, b), listagg(a, ',') within group (order by b) from t

select * from values (1, 'a'), (2, 'b') as v (id, name)

select * from (values (1), (2)) v (a)

select * from range(10) r, explode(array(1, 2)) e

select * from t, lateral (select t.a + 1 as b), lateral explode(t.arr) as e (x)

select * from read_files('x', format => 'csv') f

select * from parquet.`s3://b/x`, delta.`/p`

select `col name`, c.s.t.x from cat.sch.t c join `a`.`b` on true

select 1 union all select 2 minus select 3 except all select 4 intersect select 5

select /*+ broadcast(t) */ * from t

select * from a natural join b cross join c full outer join d using (x)

select case when a then b else c end, if(a, b, c), nvl(a, b), coalesce(a, b), a is not distinct from b

with a as (select 1 as x), b (y) as (select 2) select * from a, b

with recursive r as (select 1 as n union all select n + 1 from r where n < 3) select * from r

select a, sum(b) from t group by all order by all

select a from t order by a limit 10 offset 5

select a from t limit all

select trim(both 'x' from a), substring(a, 1, 2), substr(a from 1 for 2), position('a', b), position('a' in b), overlay(a placing 'b' from 1), ceil(a), floor(a, 1) from t

select current_date, current_date(), current_timestamp(), now(), current_user() from t

from t select a

select t.date, date, timestamp, type, value, comment, user, start from t

select f(x => 1, y => 2)

select (a, b) in ((1, 2)), (a, b) in (select 1, 2) from t

select cast('[]' as array<struct<a: string, b: array<int>>>), from_json(x, 'a int'), schema_of_json('x') from t

select 5 div 2, -a, ~a, !a, a ^ b, a & b, a | b, a || b from t

select d + interval 1 day, d - interval '1' month, interval '1-2' year to month, extract(year from d) from t

select * from t version as of 3, u timestamp as of '2020-01-01'
