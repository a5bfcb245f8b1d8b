select v:a.b[0].c::string as x, t.v:"K e y"::number(10, 2), v['a']['b']::int, v:a['b']::timestamp_ntz, parse_json(x):a::varchar, v[0]:b from t

select f.value:id::int, f.index, f.this from t, lateral flatten(input => t.v:items, outer => true) f

select f.value from t, table(flatten(t.v)) f

select seq4() from table(generator(rowcount => 10))

select * from t left join lateral flatten(input => t.x) f on true

select * from t qualify row_number() over (partition by a order by b desc) = 1

select * exclude (a, b) replace (c + 1 as c) rename (d as e), t.* exclude a, * ilike '%x%' from t

select * from t pivot (sum(x) for m in ('JAN', 'FEB')) as p (id, jan, feb)

select * from t pivot (sum(x) for m in (any order by m))

select * from t pivot (sum(x) for m in (select distinct m from u) default on null (0))

select * from t unpivot (v for n in (a, b, c))

select * from t unpivot include nulls (v for n in (a as 'x', b))

select * from t at (timestamp => '2020-01-01'::timestamp) , u before (statement => 'x')

select * from t changes (information => default) at (timestamp => 'x'::timestamp)

select * from t sample (10), u tablesample bernoulli (5 rows) seed (3)

select * from a asof join b match_condition (a.ts >= b.ts) on a.id = b.id

select * from a asof join b match_condition (a.ts >= b.ts) using (id)

select transform(a, x -> x + 1), filter(a, x int -> x > 1), reduce(a, 0, (acc, x) -> acc + x) from t

select listagg(distinct a, ',') within group (order by b), array_agg(x) within group (order by y), count_if(x), any_value(z), object_agg(k, v), median(x) from t

select first_value(x) ignore nulls over (partition by a order by b), lag(x ignore nulls) over (order by b), sum(x) over (order by b range between interval '1 day' preceding and current row) from t

select dateadd(day, 1, d), datediff('day', a, b), date_trunc('month', d), to_date(x), current_date, current_timestamp(), d::date + 1, interval '1 day', d + interval '1 year, 3 months', last_day(d), dayname(d), date_part(epoch_second, d) from t

select try_cast(x as number), cast(x as number(38, 0)), x::variant, x::timestamp_tz(9), x::array, x::object, x::vector(float, 3), x::map(varchar, int) from t

select * from t match_recognize (partition by a order by b measures first(x) as fx, match_number() as mn one row per match after match skip past last row pattern (s d+ u+) define d as x < lag(x), u as x > lag(x)) as m

select a, level, sys_connect_by_path(a, '/'), connect_by_root b from t start with a is null connect by a = prior b

select $1, column2 from values (1, 'a'), (2, 'b')

select * from (values (1, 'a')) as v (a, b)

select $1:a, t.$2, metadata$filename from @db.sch.stage/path (file_format => 'f', pattern => '.*') t

select a, sum(b) from t group by all order by all

select a, b, count(*) from t group by cube (a, b)

select a, b, count(*) from t group by grouping sets ((a), (b))

select t."Quoted", db.sch.t.x, identifier('x') from db.sch.t, db..t2, identifier('a.b') i, "DB"."S"."T"

select * from a natural left join b full outer join c using (x) cross join d

select a like any ('x', 'y'), a ilike any ('x'), a rlike 'x', a regexp 'y', a not rlike 'z', a like all ('x') from t

select nvl(a, b), iff(a, b, c), zeroifnull(x), a is distinct from b, equal_null(a, b), decode(a, 1, 'x'), a <> b, a != b from t

select 1 minus select 2 union by name select 3

select top 10 a from t

select a from t limit 10 offset 5

select a from t order by a fetch first 10 rows only

with recursive c (a, b) as (select 1, 2 union all select a + 1, b from c) select * from c

select $$a 'b'$$, 'it''s', 'a\'b', e

// comment
select 1 /* x */ -- y

select convert_timezone('UTC', 'Asia/Seoul', ts), ts at time zone 'UTC' from t

select * from t, lateral (select * from u where u.id = t.id) x

select a + 1 as b, b + 1 as c from t where c > 1

select trim(a), trim(a, 'x'), ltrim(a), substring(a, 1, 2), substr(a, 1), position('a', b), position('a' in b), extract(year from d), ceil(x, 2), floor(x) from t

select * from table(result_scan(last_query_id()))

select * from table(my_udtf(1, 'x')) f, table(db.s.f(x => 1))

select * from t, table(f(t.a) over (partition by t.b order by t.c))

select a, b, from t

select date '2020-01-01', timestamp '2020-01-01 00:00:00', time '00:00'

select * from semantic_view(sv metrics a.b dimensions c.d)

select * from t where exists (select 1 from u) and x in (1, 2) and (a, b) in (select 1, 2)

select a as "b", count(*) cnt, sum(x) total, 1 as date, x as value from t

select t.order_by, date, type, value, key, name, status, comment, rank, start, "end" from t

select date_trunc('day', ts) as day, sum(x) from t group by 1 having sum(x) > 0 order by day desc nulls last

select sum(x) over (partition by a order by b rows between 3 preceding and unbounded following), ratio_to_report(x) over () from t

select booland(a, b), boolor_agg(x), not a, a = true from t

select {'a': 1, 'b': x}, [1, 2], object_construct('a', 1), {} from t

select :x, ? from t
