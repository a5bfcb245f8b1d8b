use std::path::Path;

use serde_json::Map;

use crate::adapter::duckdb::DuckDbAdapter;
use crate::adapter::{Adapter, Binder, RefusalKind};
use crate::sql::tree::{Expr, ExprKind, FromItem, Node, Query, TextRange};
use crate::sql::{Dialect, parse_query};

fn binder() -> Box<dyn Binder> {
    DuckDbAdapter::new(&Map::new(), Path::new("/")).unwrap().binder().unwrap().unwrap()
}

fn read(sql: &str) -> Query {
    let query = binder().tree(sql).unwrap_or_else(|refusal| panic!("{refusal:?} in {sql}"));
    check(Node::Query(&query), sql);
    query
}

/// Every place is in the text, and names stand where they are said to stand.
fn check(node: Node<'_>, text: &str) {
    let at = match node {
        Node::Query(query) => query.at,
        Node::From(item) => item.at(),
        Node::Expr(expr) => expr.at,
    };
    let slice = text.get(at.range()).unwrap_or_else(|| panic!("{at:?} of {node:?} is not in {text}"));
    assert!(!slice.is_empty(), "{node:?} is nowhere in {text}");
    for name in names(node) {
        let written = text[name.1.range()].trim_matches(['"', '\'']);
        assert_eq!(written, name.0, "{node:?} in {text}");
    }
    node.for_each_child(&mut |child| check(child, text));
}

fn names(node: Node<'_>) -> Vec<(String, TextRange)> {
    let names = match node {
        Node::Expr(Expr { kind: ExprKind::Column(names), .. })
        | Node::From(FromItem::Table { name: names, .. }) => names.as_slice(),
        _ => &[],
    };
    names.iter().map(|name| (name.text.clone(), name.at)).collect()
}

/// A tree without its places, and the places of the names in it.
fn told(query: &Query) -> (String, Vec<(String, TextRange)>) {
    let mut all = Vec::new();
    Node::Query(query).walk(&mut |node| {
        all.extend(names(node));
        true
    });
    all.sort_by_key(|(_, at)| *at);
    let text = format!("{query:?}");
    let places = fancy_regex::Regex::new(r", (to_)?at: TextRange \{ start: \d+, end: \d+ \}").unwrap();
    (places.replace_all(&text, "").into_owned(), all)
}

/// Queries that both parsers read, to the same tree with the same places of names.
const BOTH: &[&str] = &[
    "select 1 union all select 2 union all select 3 union all select 4 union all select 5",
    "select a from t union select b from t union select c from t order by 1",
    "select 1 except select 2 except select 3",
    "select a from t",
    "select t.b as x from t",
    "select 'it''s' from t",
    "select 1.5 from t",
    "select true from t",
    "select null from t",
    "select -1 from t",
    "select 1e10 from t",
    "select interval 3 day from t",
    "select date '2024-01-01' from t",
    "select interval '1 day' from t",
    "select cast(a as decimal(10,2)) from t",
    "select a::int[] from t",
    "select try_cast(a as varchar) from t",
    "select a::struct(x int, y varchar[]) from t",
    "select a::map(int, varchar) from t",
    "select a::s.mood from t",
    "select a::int[3] from t",
    "select a::timestamptz from t",
    "select a + b * 2 from t",
    "select -a from t",
    "select not a from t",
    "select a and b and c from t",
    "select a or b from t",
    "select a = 1 from t",
    "select a <> 2 from t",
    "select a is null from t",
    "select a is not null from t",
    "select a is distinct from b from t",
    "select a ** 2 from t",
    "select a // 2 from t",
    "select a % 2 from t",
    "select a || b from t",
    "select a ^ 2 from t",
    "select a & b from t",
    "select ~a from t",
    "select a like 'x' from t",
    "select a not like 'x' from t",
    "select a ilike 'y' from t",
    "select a similar to 'z' from t",
    "select a glob 'g' from t",
    "select a ~ 'r' from t",
    "select a !~ 'r' from t",
    "select a not ilike 'x' from t",
    "select a like 'x' escape '!' from t",
    "select a between 1 and 2 from t",
    "select a not between 1 and 2 from t",
    "select a in (1,2) from t",
    "select a not in (1,2) from t",
    "select a in (select b from u) from t",
    "select a not in (select b from u) from t",
    "select exists (select 1) from t",
    "select not exists (select 1) from t",
    "select a = any (select 1) from t",
    "select a > all (select 1) from t",
    "select (select 1) from t",
    "select case when a then 1 else 2 end from t",
    "select case a when 1 then 2 when 3 then 4 end from t",
    "select coalesce(a, b) from t",
    "select nullif(a,b) from t",
    "select ifnull(a,b) from t",
    "select if(a,b,c) from t",
    "select extract(year from d) from t",
    "select position('a' in b) from t",
    "select substring(a from 1 for 2) from t",
    "select trim(both 'x' from a) from t",
    "select overlay(a placing b from 1) from t",
    "select a at time zone 'UTC' from t",
    "select current_date from t",
    "select current_timestamp from t",
    "select grouping(a) from t",
    "select s.f from t",
    "select (s).f from t",
    "select s['f'] from t",
    "select l[1] from t",
    "select l[1:2] from t",
    "select l[1:2:3] from t",
    "select l[:2] from t",
    "select [1,2] from t",
    "select {'a': 1, b: 2} from t",
    "select map {'k': 1} from t",
    "select (1,2) from t",
    "select row(1,2) from t",
    "select array[1,2] from t",
    "select t.s.f.g from t",
    "select list_transform(l, x -> x + 1) from t",
    "select list_transform(l, lambda x, i: x + i) from t",
    "select list_reduce(l, (a, b) -> a + b) from t",
    "select * from t",
    "select t.* from t",
    "select * exclude (a, b) from t",
    "select * exclude a from t",
    "select * replace (a + 1 as a) from t",
    "select * rename (a as b) from t",
    "select t.* exclude (a) replace (1 as b) from t",
    "select columns(*) from t",
    "select columns('a.*') from t",
    "select columns(c -> c like 'x%') from t",
    "select columns(['a','b']) from t",
    "select columns(* exclude (a)) from t",
    "select columns(t.*) from t",
    "select * like 'a%' from t",
    "select * not like 'b%' from t",
    "select * similar to 'c' from t",
    "select * glob 'd*' from t",
    "select *columns('a') from t",
    "select count(t.*) from t",
    "select struct_pack(a := 1) from t",
    "select f(a => 1, b) from t",
    "select sum(columns(*)) from t",
    "select unnest(l) from t",
    "select unnest({'a':1}, recursive := true) from t",
    "select $1 from t",
    "select ? from t",
    "select $name from t",
    "with a as (select 1), b(x, y) as materialized (select 2, 3) select * from a, b as z(p, q) where x > 1 group by p, 2 having count(*) > 1 qualify row_number() over () = 1 order by 1 desc nulls first, q limit 10 offset 5",
    "with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select * from r",
    "with recursive r(n) using key (n) as (select 1 union select n + 1 from r) select * from r",
    "select distinct a from t group by all order by all limit 10%",
    "select distinct on (a, b) a from t",
    "select a from t group by grouping sets ((a), (b, c), ()), cube (d, e), rollup (f)",
    "select 1 union select 2 union all select 3 intersect select 4 except all select 5 order by 1 limit 3",
    "select a from t union by name select b from u union all by name (select c from v order by 1 limit 1)",
    "values (1, 'a'), (2, 'b')",
    "select * from (values (1, 2)) as v(a, b), (select 3) s, lateral (select a) l",
    "select * from a join b on a.x = b.x left join c using (y, z) cross join d natural join e full outer join f on true right join g on g.x = a.x semi join h on h.x = a.x anti join i using (x) positional join j asof join k on k.t <= a.t asof left join m using (x)",
    "select * from t using sample 10",
    "from t select a",
    "from t",
    "table t",
    "select * from t unpivot (v for n in (a, b as bb)) as u",
    "select * from t unpivot include nulls ((v, w) for n in ((a, b), (c, d)))",
    "select a from t where (a, b) in ((1, 2))",
    r#"select a.b.c, "a"."b c" from s.t a"#,
    "select /* c */ a -- d",
    "select a collate nocase from t",
    "select d::date - interval (n) day from t",
    "select cast('1' as interval) from t",
    r"select e'\n' from t",
    "select 1_000 from t",
    "select .5 from t",
    "select 5. from t",
    "select 100000000000000000000 from t",
    r"select blob '\xAA' from t",
    "select a is true from t",
    "select a is not false from t",
    "select a is unknown from t",
    "select a notnull from t",
    "select not a in (1) from t",
    "select not a like 'x' from t",
    "select not (a between 1 and 2) from t",
    r#"select "A", 이름, t."B" from "T""#,
    "select sum(distinct a order by b) filter (where c) over (partition by d) from t",
    "select exists(from t) from t",
    "select array(select 1) from t",
    "select a[1].f from t",
    "select f(a).g from t",
    "select (select x from y).z from t",
    "select a.f() from t",
    "select l.list_filter(x -> x > 1) from t",
    "select a ->> '$.y' from t",
    "select cast(row(1,2) as row(a int, b int)) from t",
    "select a::enum('x','y') from t",
    "select a::union(n int, s varchar) from t",
    "select a::decimal from t",
    "select a::varchar(10) from t",
    "select a::timestamp with time zone from t",
    "select a::double precision from t",
    "select a::time from t",
    "select a::bit from t",
    "select a -> 'x' from t",
    "select a->'b'->>'c' from t",
    "select $$abc$$, $tag$b$tag$ from t",
    "select a isnull from t",
    "with c as (select a from t where b > 1), d as (select * from c join u using (a)) select d.a, count(*) as n from d left join c on c.a = d.a where d.a in (select x from v) group by d.a having count(*) > 1 order by n desc limit 3",
    r#"select 가격 * 2 as 값, '나 다' as "라 마" from "주문 표" where 이름 like '김%'"#,
];

#[test]
fn both_parsers_make_one_tree() {
    let mut binder = binder();
    for sql in BOTH {
        let ours = parse_query(sql, Dialect::DuckDb).unwrap_or_else(|error| panic!("{error:?} in {sql}"));
        let theirs = binder.tree(sql).unwrap_or_else(|refusal| panic!("{refusal:?} in {sql}"));
        check(Node::Query(&theirs), sql);
        let (ours, theirs) = (told(&ours), told(&theirs));
        assert_eq!(ours.0, theirs.0, "{sql}");
        assert_eq!(ours.1, theirs.1, "{sql}");
    }
}

/// All expressions of a query as written, from the outside in.
fn written(sql: &str) -> String {
    let mut all = Vec::new();
    read(sql).for_each_expr(&mut |expr| all.push(&sql[expr.at.range()]));
    all.join(" | ")
}

/// Queries that only DuckDB reads, with the expressions in them.
const OURS_DOES_NOT: &[(&str, &str)] = &[];

#[test]
fn what_only_duckdb_reads_has_its_places() {
    for (sql, exprs) in OURS_DOES_NOT {
        assert_eq!(written(sql), *exprs, "{sql}");
    }
}

#[test]
fn what_is_no_query_of_its_own_columns_is_refused() {
    let mut binder = binder();
    for (sql, kind) in [
        ("select from t", RefusalKind::Syntax),
        ("frm t", RefusalKind::Syntax),
        ("pivot t on a using sum(b)", RefusalKind::CannotTell),
        ("select 1; select 2", RefusalKind::CannotTell),
        ("drop table t", RefusalKind::CannotTell),
        ("describe t", RefusalKind::CannotTell),
        ("", RefusalKind::CannotTell),
    ] {
        assert_eq!(binder.tree(sql).unwrap_err().kind, kind, "{sql}");
    }
    let deep = format!("select {}1{}", "(1 + ".repeat(400), ")".repeat(400));
    assert_eq!(binder.tree(&deep).unwrap_err().kind, RefusalKind::CannotTell);
}
