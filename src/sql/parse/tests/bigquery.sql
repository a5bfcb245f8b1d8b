select a.x, b.y from my-proj.ds.t a join `my-proj`.ds.`u` b on a.id = b.id cross join ds.v

select u, off from t, unnest(t.arr) as u with offset as off cross join unnest([1,2]) as v with offset left join unnest(t.items) item

select x from t, t.arr as x

select array(select as struct a, b from unnest(arr)), array_agg(struct(a, b) order by c desc limit 1)[offset(0)] from t

select as value struct(1 as a, 2 as b)

select as value t from t

select * except (a, b) replace (c + 1 as c), t.* except (x), s.* from t

select * from t where true qualify row_number() over (partition by a order by b) = 1

select safe_cast(x as int64), safe.substr(a, 1), safe_divide(a, b), cast(x as string format 'YYYY'), cast(x as numeric(10, 2)) from t

select date '2020-01-01', timestamp '2020-01-01', datetime '2020-01-01 00:00:00', numeric '1.2', json '{}', r'a\b', b'ab', '''x''', """y""", rb'x', time '00:00:00', bignumeric '1'

select date_add(d, interval 1 day), date_sub(d, interval x month), timestamp_trunc(ts, day), interval 1 year, interval '1-2' year to month, date_diff(a, b, week(monday)), make_interval(hour => 1) from t

select extract(year from d), extract(date from ts at time zone 'UTC'), extract(week(monday) from d), extract(isoweek from d) from t

select array_agg(distinct x ignore nulls order by y limit 10), any_value(x having max y), string_agg(x, ',' order by y), count(distinct a), countif(x), approx_quantiles(x, 100)[offset(50)] from t

select last_value(x ignore nulls) over (partition by a order by b rows between unbounded preceding and current row), percentile_cont(x, 0.5) over () from t

select * from (select a, b, c from t) pivot (sum(c) as s, count(*) as n for b in ('x' as xx, 'y'))

select * from t pivot (sum(c) for b in ('x', 'y')) as p

select * from t unpivot (v for n in (a, b as 'bee', c))

select * from t unpivot include nulls ((v1, v2) for n in ((a, b) as 'ab', (c, d) as 'cd'))

select 1 union all select 2 union distinct select 3 except distinct select 4 intersect distinct select 5

select x in unnest([1, 2]), x not in unnest(arr) from t

select * from t for system_time as of timestamp_sub(current_timestamp(), interval 1 hour) as u

select * from t tablesample system (10 percent)

select * from `proj.ds.events_*` where _table_suffix between '1' and '2'

select a, b, sum(c) from t group by rollup (a, b)

select a, b, sum(c) from t group by grouping sets (a, (a, b), ())

select a, sum(c) from t group by all

with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select * from r

select sum(x) over w from t window w as (partition by a)

select if(a, b, c), ifnull(a, b), coalesce(a), nullif(a, b), case when a then b end, a is true, a is not distinct from b, @param, ? from t

select j.a.b[0].c, json_value(j, '$.a'), j['x'] from t

select t.id, i.name from t, unnest(t.items) as i where i.x = 1

select 1 limit 10 offset 5

select array(select x from unnest(l) x where x > 1), exists(select 1 from unnest(l)), (select max(y) from u)

select "string", 'a\'b', `col name` from t

select date_trunc(d, month), date_trunc(d, week(monday)), timestamp(d), date(2020, 1, 1), datetime(ts, 'UTC'), current_date('Asia/Seoul'), current_timestamp() from t

select a, b, from t

select * from ds.tvf(1, 'x') t

select 'a' collate 'und:ci' = b from t

select a like any ('x', 'y') from t

# hash comment
select 1 -- x

select s.*, t.s.* from t

select * from ((select 1 as a) union all (select 2)) x

select * from (with a as (select 1) select * from a)

select * from unnest([1,2,3]) with offset

select arr[0], split(x, ',')[safe_offset(1)], a.b[offset(0)].c from t

select timestamp_micros(x), cast(a as array<string>), cast(null as struct<a int64, b array<string>>) from t

select struct(1 as a, x as b, y), struct<a int64, b string>(1, 'x'), s.a.b, [1, 2], array<int64>[1, 2], l[offset(0)], m['x'] from `proj-x.ds.t` as s

select net.host(u), hll_count.merge(x), proj.ds.fn(a) from t
