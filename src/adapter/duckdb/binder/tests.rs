use std::path::Path;

use serde_json::{Value, json};

use crate::adapter::RefusalKind::{self, *};
use crate::adapter::duckdb::DuckDbAdapter;
use crate::adapter::{Adapter, Binder, Refusal};
use crate::sql::{DataType, Dialect, RelationName};
use crate::system::{OsSystem, System as _};

fn binder(keys: &Value) -> Box<dyn Binder> {
    let adapter = DuckDbAdapter::new(keys.as_object().unwrap(), Path::new("/project")).unwrap();
    adapter.binder().unwrap().unwrap()
}

fn declare(binder: &mut dyn Binder, name: &str, columns: &[(&str, &str)]) {
    let relation = RelationName::parse(Dialect::DuckDb, name).unwrap();
    let columns: Vec<(String, DataType)> =
        columns.iter().map(|(name, kind)| ((*name).to_owned(), DataType::new(*kind))).collect();
    binder.declare(&relation, &columns).unwrap();
}

fn shop() -> Box<dyn Binder> {
    let mut binder = binder(&json!({"path": "shop.duckdb"}));
    declare(
        binder.as_mut(),
        "shop.main.orders",
        &[
            ("id", "INTEGER"),
            ("amount", "DECIMAL(10,2)"),
            ("status", "VARCHAR"),
            ("placed_at", "DATE"),
            ("tags", "VARCHAR[]"),
            ("point", "STRUCT(x INTEGER, y INTEGER)"),
            ("attrs", "MAP(VARCHAR, INTEGER)"),
            ("이름", "VARCHAR"),
            ("flag", "BOOLEAN"),
        ],
    );
    declare(
        binder.as_mut(),
        "shop.main.customers",
        &[("id", "INTEGER"), ("name", "VARCHAR"), ("created", "TIMESTAMP")],
    );
    binder
}

/// Queries that DuckDB refuses, with the place between brackets, the kind and the name.
const REFUSED: &[(&str, RefusalKind, &str)] = &[
    ("select ⟨amont⟩ from orders", UnknownColumn, "amont"),
    ("select o.⟨amont⟩ from orders o", UnknownColumn, "amont"),
    ("select ⟨x⟩.id from orders o", UnknownRelation, "x"),
    ("select ⟨orders⟩.id from orders o", UnknownRelation, "orders"),
    ("select id from ⟨ordrs⟩", UnknownRelation, "ordrs"),
    ("select id from ⟨nosch.orders⟩", UnknownRelation, "nosch.orders"),
    ("select id from ⟨nocat⟩.main.orders", UnknownRelation, "nocat"),
    ("select id from main.orders join customers using (id) where name = ⟨nme⟩", UnknownColumn, "nme"),
    ("select ⟨id⟩ from orders, customers", AmbiguousName, "id"),
    ("select o.id from orders o join customers c using (⟨nope⟩)", UnknownColumn, "nope"),
    ("select * from orders o join customers c on o.id = c.⟨idd⟩", UnknownColumn, "idd"),
    ("select * from orders ⟨natural⟩ join (select 1 as q)", Other, ""),
    ("select ⟨mdfive⟩(status) from orders", UnknownFunction, "mdfive"),
    ("select ⟨sum⟩(status) from orders", WrongArguments, "sum"),
    ("select ⟨upper⟩(id, id) from orders", WrongArguments, "upper"),
    ("select ⟨lower⟩() from orders", WrongArguments, "lower"),
    ("select ⟨sume⟩(amount) from orders", UnknownFunction, "sume"),
    ("select ⟨date_trunc⟩(placed_at) from orders", WrongArguments, "date_trunc"),
    ("select amount ⟨+⟩ status from orders", WrongArguments, "+"),
    ("select status ⟨+⟩ 1 from orders", WrongArguments, "+"),
    ("select flag ⟨+⟩ 1 from orders", WrongArguments, "+"),
    ("select placed_at ⟨+⟩ placed_at from orders", WrongArguments, "+"),
    ("select ⟨-⟩ status from orders", WrongArguments, "-"),
    ("select * from orders where placed_at ⟨>⟩ 1", TypeMismatch, ""),
    ("select ⟨case⟩ when id then 1 else placed_at end from orders", TypeMismatch, ""),
    ("select ⟨coalesce⟩(id, placed_at) from orders", TypeMismatch, ""),
    ("select id, status from orders ⟨union⟩ all select id from orders", ColumnCount, ""),
    ("select id from orders ⟨intersect⟩ select id, status from orders", ColumnCount, ""),
    ("select ⟨id⟩, sum(amount) from orders", Ungrouped, "id"),
    ("select status, ⟨id⟩ from orders group by status", Ungrouped, "id"),
    ("select status, ⟨id⟩ + 1 from orders group by 1", Ungrouped, "id"),
    ("select sum(amount) from orders where ⟨sum⟩(amount) > 1", MisplacedAggregate, ""),
    ("select sum(⟨sum⟩(amount)) from orders", MisplacedAggregate, ""),
    ("select sum(amount) from orders group by ⟨sum⟩(amount)", MisplacedAggregate, ""),
    ("select sum(⟨row_number⟩() over ()) from orders", MisplacedAggregate, ""),
    ("select row_number() over (order by row_number() over ()) from orders", MisplacedAggregate, ""),
    ("select id from orders where ⟨row_number⟩() over () = 1", MisplacedAggregate, ""),
    ("select id from orders group by ⟨row_number⟩() over ()", MisplacedAggregate, ""),
    ("select id from orders having ⟨id⟩ > 1", Ungrouped, "id"),
    ("select status from orders group by status having ⟨amount⟩ > 1", Ungrouped, "amount"),
    ("select status, count(*) from orders group by all having ⟨nope⟩ > 1", UnknownColumn, "nope"),
    ("select id, ⟨row_number⟩() from orders", UnknownFunction, "row_number"),
    ("select ⟨upper⟩(status) over () from orders", Other, ""),
    ("select sum(amount) over (partition by ⟨nope⟩) from orders", UnknownColumn, "nope"),
    ("select sum(amount) over ⟨w⟩ from orders", Syntax, "w"),
    ("select id from orders qualify ⟨nope⟩ = 1", UnknownColumn, "nope"),
    ("select id from orders ⟨qualify⟩ id = 1", Other, ""),
    ("select id from orders group by ⟨3⟩", Other, ""),
    ("select id from orders order by ⟨3⟩", Other, ""),
    ("select id from orders order by ⟨nope⟩", UnknownColumn, "nope"),
    ("select id from orders limit ⟨id⟩", UnknownColumn, "id"),
    ("select cast(id as ⟨intt⟩) from orders", UnknownType, "intt"),
    ("select id::⟨numberr⟩ from orders", UnknownType, "numberr"),
    ("select id::int[ ⟨from⟩ orders", Syntax, ""),
    ("select point.⟨z⟩ from orders", UnknownColumn, "z"),
    ("select point[⟨'z'⟩] from orders", UnknownColumn, "z"),
    ("select orders.point.⟨z⟩ from orders", UnknownColumn, "z"),
    ("select struct_extract(point, ⟨'z'⟩) from orders", UnknownColumn, "z"),
    ("select ⟨struct_extract⟩(id, 'z') from orders", WrongArguments, "struct_extract"),
    ("select id.⟨x⟩ from orders", WrongArguments, "x"),
    ("select attrs['a']['b'] from orders", WrongArguments, "array_extract"),
    ("select id⟨[⟩1] from orders", WrongArguments, "array_extract"),
    ("select list_transform(tags, x -> ⟨y⟩) from orders", UnknownColumn, "y"),
    ("select list_transform(tags, lambda x: ⟨y⟩) from orders", UnknownColumn, "y"),
    ("select list_transform(tags, lambda x: x ⟨+⟩ 1) from orders", WrongArguments, "+"),
    ("select list_transform(id, lambda x: x + 1) from orders", WrongArguments, ""),
    ("select ⟨list_transform⟩(tags, 1) from orders", WrongArguments, "list_transform"),
    ("select ⟨x⟩ -> x from orders", UnknownColumn, "x"),
    ("select [x for x in tags if ⟨y⟩] from orders", UnknownColumn, "y"),
    ("select * exclude (⟨nope⟩) from orders", UnknownColumn, "nope"),
    ("select * replace (1 as ⟨nope⟩) from orders", UnknownColumn, "nope"),
    ("select orders.* exclude (⟨nope⟩) from orders", UnknownColumn, "nope"),
    ("select ⟨x⟩.* from orders", UnknownRelation, "x"),
    ("select ⟨columns⟩('^nope') from orders", UnknownColumn, ""),
    ("select ⟨columns⟩(c -> c like 'nope%') from orders", Other, ""),
    ("select ⟨unnest⟩(id) from orders", WrongArguments, ""),
    ("select * from unnest(⟨orders⟩.tags)", UnknownRelation, "orders"),
    ("select * from orders, unnest(⟨nope⟩)", UnknownColumn, "nope"),
    ("select * from orders o, lateral (select o.⟨nope⟩) ", UnknownColumn, "nope"),
    ("select * from orders o, lateral (select ⟨nope⟩ from customers)", UnknownColumn, "nope"),
    (
        "select (select name from customers where ⟨customers⟩.nope = orders.id) from orders",
        UnknownRelation,
        "customers",
    ),
    ("select ⟨(⟩select id, name from customers) from orders", ColumnCount, ""),
    ("select id from orders where id ⟨in⟩ (select id, name from customers)", ColumnCount, ""),
    ("select id from orders where id ⟨in⟩ (select created from customers)", TypeMismatch, ""),
    ("select id from orders where exists (select ⟨nope⟩ from customers)", UnknownColumn, "nope"),
    ("with c as (select id from orders) select ⟨amount⟩ from c", UnknownColumn, "amount"),
    ("with c as (select id from orders), ⟨c⟩ as (select 1) select * from c", Syntax, "c"),
    ("with a as (select * from ⟨b⟩), b as (select 1) select * from a", UnknownRelation, "b"),
    ("with recursive r as (select 1 as n ⟨union⟩ all select n, n from r) select * from r", ColumnCount, ""),
    ("select * from (select id from orders) as ⟨t⟩(a, b)", ColumnCount, "t"),
    ("select * from (⟨values⟩ (1,2),(3)) t", ColumnCount, ""),
    ("select * from (values (1),(current_date)) t", TypeMismatch, ""),
    ("⟨values⟩ (1,2),(3)", ColumnCount, ""),
    ("select ⟨id⟩ from orders o join orders o on true", AmbiguousName, "id"),
    ("select o.id from orders o join customers ⟨o⟩ on true", AmbiguousName, "o"),
    ("select * from orders join customers⟨⟩", Syntax, ""),
    ("select * from orders join customers on ⟨id⟩ = id", AmbiguousName, "id"),
    ("select id a, a + ⟨nope⟩ from orders", UnknownColumn, "nope"),
    ("select id as a, a + 1 as b, sum(⟨b⟩) from orders", UnknownColumn, "b"),
    ("select distinct on (⟨nope⟩) id from orders", UnknownColumn, "nope"),
    ("select id from orders group by ⟨nope⟩", UnknownColumn, "nope"),
    ("select id from orders group by grouping sets ((⟨nope⟩))", UnknownColumn, "nope"),
    ("select count(distinct⟨)⟩ from orders", Syntax, ""),
    ("select count(*) filter (where ⟨nope⟩) from orders", UnknownColumn, "nope"),
    ("select id from orders where status ⟨like⟩ 1", WrongArguments, "~~"),
    ("select id from orders where id ⟨like⟩ 'x'", WrongArguments, "~~"),
    ("select id from orders where status ⟨~⟩ 1", WrongArguments, "regexp_full_match"),
    ("select id ⟨between⟩ 'a' and placed_at from orders", TypeMismatch, ""),
    ("select ⟨strftime⟩(status, '%Y') from orders", WrongArguments, "strftime"),
    ("select extract(⟨nope⟩ from placed_at) from orders", WrongArguments, "nope"),
    ("select ⟨extract⟩(year from status) from orders", WrongArguments, "date_part"),
    ("select ⟨extract⟩(year from amount) from orders", WrongArguments, "date_part"),
    ("select ⟨round⟩('x', 'y') from orders", WrongArguments, "round"),
    ("select ⟨round⟩(status, 2) from orders", WrongArguments, "round"),
    ("select greatest(id, ⟨placed_at⟩) from orders", TypeMismatch, ""),
    ("select array_agg(⟨nope⟩ order by id) from orders", UnknownColumn, "nope"),
    ("select string_agg(status, ',' order by ⟨nope⟩) from orders", UnknownColumn, "nope"),
    ("select * from ⟨read_csv⟩('nope.csv')", CannotTell, ""),
    ("select * from 'nope.parquet'", CannotTell, ""),
    ("select * from ⟨read_parquet⟩('s3://b/x.parquet')", CannotTell, ""),
    ("select * from ⟨nofunc⟩(1)", UnknownFunction, "nofunc"),
    ("select * from ⟨range⟩('x')", WrongArguments, "range"),
    ("select * from orders pivot (sum(⟨nope⟩) for status in ('a'))", UnknownColumn, "nope"),
    ("select * from orders pivot (sum(amount) for ⟨nope⟩ in ('a'))", UnknownColumn, "nope"),
    ("pivot orders on ⟨nope⟩ in ('a') using sum(amount)", UnknownColumn, "nope"),
    ("pivot orders on status in ('a') using sum(⟨nope⟩)", UnknownColumn, "nope"),
    ("unpivot orders on ⟨nope⟩ into name n value v", UnknownColumn, "nope"),
    ("⟨unpivot⟩ orders on id, status into name n value v", TypeMismatch, ""),
    ("select * from orders ⟨tablesample⟩ 200%", Syntax, ""),
    ("select id from orders at (version => 1)", Other, ""),
    ("select /* 한글 */ '한글', ⟨amont⟩ from orders", UnknownColumn, "amont"),
    ("select '한글' || ⟨이름은⟩ from orders", UnknownColumn, "이름은"),
    ("select 이름, ⟨\"없는 열\"⟩ from orders", UnknownColumn, "없는 열"),
    ("select id from orders where 이름 = 1 and ⟨한글함수⟩(id)", UnknownFunction, "한글함수"),
    ("select id, from orders where⟨⟩", Syntax, ""),
    ("select id status ⟨amount⟩ from orders", Syntax, ""),
    ("⟨selec⟩ id from orders", Syntax, ""),
    ("select ⟨'abc from orders⟩", Syntax, ""),
    ("select ⟨\"abc from orders⟩", Syntax, ""),
    ("select (id ⟨from⟩ orders", Syntax, ""),
    ("select id from orders group ⟨status⟩", Syntax, ""),
    ("select id from orders where id = ⟨=⟩ 1", Syntax, ""),
    ("select case id when 1 then 2 ⟨from⟩ orders", Syntax, ""),
    ("select * from orders order by id limit ⟨'x'⟩", TypeMismatch, ""),
    ("select * from orders limit ⟨-⟩1", Other, ""),
    ("select * from orders o positional join customers c ⟨on⟩ true", Syntax, ""),
    ("select * from orders o ⟨asof⟩ join customers c on o.id = c.id", Other, ""),
    (
        "select * from orders o asof left join customers c on o.placed_at >= c.created and o.⟨x⟩ = c.id",
        UnknownColumn,
        "x",
    ),
    ("select id from orders union by name select ⟨nope⟩ from orders", UnknownColumn, "nope"),
    ("select nextval('s')", CannotTell, "s"),
    ("select current_setting('nope')", CannotTell, "nope"),
    ("select getvariable('x') + nope from orders", CannotTell, ""),
    ("select st_point(1, 2)", CannotTell, ""),
    ("select * from ⟨duckdb_nope⟩()", UnknownFunction, "duckdb_nope"),
    ("select ⟨$1⟩ + id from orders", Other, ""),
    ("select ⟨?⟩ from orders", Other, ""),
    ("select rowid, ⟨nope⟩ from orders", UnknownColumn, "nope"),
    ("select ⟨excluded⟩.id from orders", UnknownRelation, "excluded"),
    ("select id from orders where (id, status) = ⟨(⟩1, 2, 3)", TypeMismatch, ""),
    ("select row(id, status) = ⟨row⟩(1) from orders", TypeMismatch, ""),
    ("select {'a': id}.⟨b⟩ from orders", UnknownColumn, "b"),
    ("select map {'a': 1, 'b': ⟨current_date⟩}", TypeMismatch, ""),
    ("select [1, ⟨current_date⟩]", TypeMismatch, ""),
    ("select ⟨id⟩ in [placed_at] from orders", TypeMismatch, ""),
    ("select sum(distinct⟨)⟩ from orders", Syntax, ""),
    ("select ⟨max⟩(id, status, flag, 4) from orders", WrongArguments, "max"),
    ("select first(id order by ⟨nope⟩) from orders", UnknownColumn, "nope"),
    ("select ⟨quantile_cont⟩(status, 0.5) from orders", WrongArguments, "quantile_cont"),
    (
        "select ⟨sum⟩(id) over (order by id, status range between 1 preceding and current row) from orders",
        Other,
        "",
    ),
    ("select try_cast(id as ⟨nope⟩) from orders", UnknownType, "nope"),
    ("select ⟨id⟩ from orders order by sum(id)", Ungrouped, "id"),
    ("select sum(id) from orders order by ⟨status⟩", Ungrouped, "status"),
    ("select count(*) from orders order by ⟨id⟩", Ungrouped, "id"),
    ("select ⟨grouping⟩(id) from orders", Other, ""),
    ("select ⟨id⟩ collate nope from orders", TypeMismatch, ""),
    ("select status collate nope from orders", CannotTell, "nope"),
    ("select 1 as a group by all having sum(⟨b⟩) > 1", UnknownColumn, "b"),
    ("select a.⟨b⟩.c.d.e from orders a", UnknownColumn, "b"),
    ("select orders.⟨nope⟩.x from orders", UnknownColumn, "nope"),
    ("select main.orders.⟨nope⟩ from main.orders", UnknownColumn, "nope"),
    ("select memory.main.⟨orders⟩.id from orders", UnknownRelation, "memory.main.orders"),
    ("select no.⟨orders⟩.id from orders", UnknownRelation, "no.orders"),
    ("select ⟨json_extract⟩(point, 1, 2) from orders", WrongArguments, "json_extract"),
    ("select * from orders where id ⟨=⟩ any (select placed_at from orders)", TypeMismatch, ""),
    ("select * from orders where id ⟨=⟩ any (tags)", TypeMismatch, ""),
    ("select date_add(placed_at, status) from orders", WrongArguments, "+"),
    ("select placed_at ⟨-⟩ status from orders", WrongArguments, "-"),
    ("select tags || ⟨id⟩ from orders", TypeMismatch, ""),
    ("select id ⟨<<⟩ status from orders", WrongArguments, "<<"),
    ("select ⟨make_date⟩(status, 1, 1) from orders", WrongArguments, "make_date"),
    ("select ⟨concat_ws⟩() from orders", WrongArguments, "concat_ws"),
    ("select ⟨len⟩(id) from orders", WrongArguments, "len"),
    ("select ⟨regexp_replace⟩(id, 'a', 'b') from orders", WrongArguments, "regexp_replace"),
    ("select ⟨trim⟩(id) from orders", WrongArguments, "trim"),
    ("select ⟨substr⟩(id, 1, 2) from orders", WrongArguments, "substr"),
    ("select list_value(id, ⟨placed_at⟩) from orders", TypeMismatch, ""),
    ("select sum(amount) filter (where ⟨sum⟩(amount) > 1) from orders", MisplacedAggregate, ""),
    ("select * from orders o left join customers c on ⟨sum⟩(o.id) > 1", MisplacedAggregate, ""),
    ("select id from orders limit ⟨sum⟩(1)", MisplacedAggregate, ""),
    ("select * from (select id from orders) where ⟨nope⟩", UnknownColumn, "nope"),
    ("⟨insert⟩ into orders values (1)", Syntax, ""),
    ("⟨drop⟩ table orders", Syntax, ""),
    ("select id from orders; ⟨select⟩ 2", Syntax, ""),
    ("⟨create⟩ table zz as select 1", Syntax, ""),
    ("⟨explain⟩ select 1", Syntax, ""),
    ("⟨call⟩ pragma_version()", Syntax, ""),
    ("⟨orders⟩", Syntax, ""),
    (
        "with a as (select id from orders),\nb as (select id, ⟨이름⟩ from a)\nselect * from b",
        UnknownColumn,
        "이름",
    ),
    ("select\n  o.id, -- 주석 'x\n  o.⟨이름없음⟩\nfrom orders as o", UnknownColumn, "이름없음"),
    ("select o.id from \"shop\".\"main\".\"orders\" o where \"o\".⟨\"금 액\"⟩ > 1", UnknownColumn, "금 액"),
    ("select * from ⟨\"shop\".\"main\".\"주문\"⟩", UnknownRelation, "주문"),
    ("select 1; ⟨select⟩ 2", Syntax, ""),
    ("", Syntax, ""),
    ("-- nothing", Syntax, ""),
    ("select 1⟨\0⟩", Syntax, ""),
    ("pivot orders on status using sum(amount)", CannotTell, ""),
    ("with p as (pivot orders on status using sum(amount)) select nope from p", CannotTell, ""),
    ("select * from query('select nope')", CannotTell, "nope"),
    ("select * from query_table(⟨'nope'⟩)", CannotTell, "nope"),
];

/// Queries that DuckDB takes, though some of them fail over certain rows.
const ACCEPTED: &[&str] = &[
    "select not placed_at from orders",
    "select * from orders where amount",
    "select * from orders where placed_at",
    "select * from orders where status = placed_at",
    "select * from orders where id = placed_at",
    "select * from orders where flag = placed_at",
    "select * from orders where tags = 'x'",
    "select * from orders where point = 1",
    "select id from orders where id in ('a', placed_at)",
    "select id from orders union all select placed_at from orders",
    "select id from orders union select tags from orders",
    "select id from orders except select point from orders",
    "select cast('x' as int) from orders",
    "select date 'x' from orders",
    "select placed_at::int from orders",
    "select tags::int from orders",
    "select tags[1][2][3] from orders",
    "select list_filter(tags, lambda x: x) from orders",
    "select * rename (nope as n) from orders",
    "with c(a, b) as (select id from orders) select * from c",
    "with c(a, b, z) as (select id, status from orders) select * from c",
    "with c as (select nope from orders) select 1",
    "with recursive r as (select 1 as n union all select 'x' from r) select * from r",
    "select count(*) filter (where placed_at) from orders",
    "select if(id, 1, 2) from orders",
    "select date_diff('day', placed_at, 'x') from orders",
    "select interval 1 nope from orders",
    "select nullif(id, placed_at) from orders",
    "select * from generate_series(1)",
    "select * from orders asof join customers using (id)",
    "select id::geometry from orders",
    "select ['a', 1]",
    "select id from orders where status in (1, 2)",
    "select ntile('x') over () from orders",
    "select lag(id, 'x') over (order by id) from orders",
    "select sum(id) over (rows between 'x' preceding and current row) from orders",
    "select error('x')",
    "select * from orders where id = (select placed_at from orders)",
    "select * from orders window w as (partition by nope)",
    "select placed_at || id from orders",
    "select struct_pack(id, status) from orders",
    "describe orders",
    "(select 1)",
    "select 1;",
    "values (1, 'a')",
    "table orders",
    "from orders",
    "with c as materialized (select id from orders) from c",
    "pivot orders on status in ('a', 'b') using sum(amount)",
    "select id as pivot from orders",
    "select * from query('select 1 as a')",
    "show tables",
    "summarize orders",
    "select 'a;b' as x -- ; end",
];

#[test]
fn what_is_refused_has_a_kind_a_name_and_a_place() {
    let mut binder = shop();
    for (marked, kind, name) in REFUSED {
        let sql = marked.replace(['⟨', '⟩'], "");
        let refusal = binder.bind(&sql).unwrap_err();
        let mut ours = sql.clone();
        if let Some(at) = refusal.at {
            ours.insert(at.end, '⟩');
            ours.insert(at.start, '⟨');
        }
        let found = (ours.as_str(), refusal.kind, refusal.name.as_deref().unwrap_or_default());
        assert_eq!(found, (*marked, *kind, *name), "{}", refusal.message);
        assert!(!refusal.message.is_empty() && !refusal.message.contains('\n'), "{sql}");
    }
}

#[test]
fn what_duckdb_takes_is_taken() {
    let mut binder = shop();
    for sql in ACCEPTED {
        assert!(!binder.bind(sql).unwrap().is_empty(), "{sql}");
    }
}

fn columns(binder: &mut dyn Binder, sql: &str) -> String {
    let columns = binder.bind(sql).unwrap();
    columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect::<Vec<_>>().join(", ")
}

fn refusal(binder: &mut dyn Binder, sql: &str) -> Refusal {
    binder.bind(sql).unwrap_err()
}

#[test]
fn what_was_meant_is_told() {
    let mut binder = shop();
    let mut candidates = |sql: &str| refusal(binder.as_mut(), sql).candidates;
    assert_eq!(candidates("select amont from orders"), ["amount", "point", "status"]);
    assert_eq!(candidates("select o.amont from orders o"), ["amount", "point"]);
    assert_eq!(candidates("select 이르 from orders"), ["이름"]);
    assert_eq!(candidates("select id from ordrs"), ["orders"]);
    assert_eq!(candidates("select x.id from orders"), ["orders"]);
    assert_eq!(candidates("select sume(id) from orders"), ["sum"]);
    assert_eq!(candidates("select upper(id, id) from orders"), ["upper(VARCHAR) -> VARCHAR"]);
    assert_eq!(candidates("select point.z from orders"), ["x"]);
    // The nearest of all functions there are, and far from what was written.
    assert_eq!(candidates("select mdfive(status) from orders"), [""; 0]);
}

#[test]
fn names_and_types_are_those_of_the_relation_made() {
    let mut binder = shop();
    let mut columns = |sql: &str| columns(binder.as_mut(), sql);
    assert_eq!(columns("select id, sum(amount) as s from orders group by id"), "id INTEGER, s DECIMAL(38,2)");
    assert_eq!(
        columns("select tags, point, attrs from orders"),
        "tags VARCHAR[], point STRUCT(x INTEGER, y INTEGER), attrs MAP(VARCHAR, INTEGER)"
    );
    assert_eq!(
        columns("select 1 as a, 2 as a, 3 as a_1, 4 as a, 5 as A_1"),
        "a INTEGER, a_1 INTEGER, a_1_1 INTEGER, a_2 INTEGER, A_1_2 INTEGER"
    );
    assert_eq!(
        columns("select 1 as \"É\", 2 as \"é\", 3 as 가, 4 as 가"),
        "É INTEGER, é INTEGER, 가 INTEGER, 가_1 INTEGER"
    );
    assert_eq!(
        columns("select o.*, c.* from orders o join customers c using (id)").matches("id ").count(),
        1
    );
    assert_eq!(
        columns("select o.id, c.id from orders o join customers c using (id)"),
        "id INTEGER, id_1 INTEGER"
    );
}

#[test]
fn a_column_of_nulls_has_no_type_until_it_is_stored() {
    let mut binder = shop();
    let nulls =
        "select null as a, id, case when flag then null end as c, [] as d, null::date as e from orders";
    let wanted = "a \"NULL\", id INTEGER, c \"NULL\", d \"NULL\"[], e DATE";
    assert_eq!(columns(binder.as_mut(), nulls), wanted);
    assert_eq!(columns(binder.as_mut(), "select id from orders where id is not null"), "id INTEGER");
    let made = binder.bind(nulls).unwrap();
    let name = |text: &str| RelationName::parse(Dialect::DuckDb, text).unwrap();
    binder.declare(&name("shop.main.a_view"), &made).unwrap();
    let stored: Vec<(String, DataType)> =
        made.iter().map(|(name, kind)| (name.clone(), binder.stored(kind))).collect();
    assert_eq!((stored[0].1.as_str(), stored[3].1.as_str()), ("INTEGER", "INTEGER[]"));
    binder.declare(&name("shop.main.a_table"), &stored).unwrap();
    // Which of them it is decides what the next one may do with it.
    assert_eq!(columns(binder.as_mut(), "select a from a_view where a > date '2024-01-01'"), "a \"NULL\"");
    let refused = refusal(binder.as_mut(), "select a from a_table where a > current_date");
    assert_eq!(refused.kind, TypeMismatch);
}

#[test]
fn what_is_declared_again_is_replaced_for_all_binders() {
    let adapter = DuckDbAdapter::new(json!({}).as_object().unwrap(), Path::new("/project")).unwrap();
    let mut first = adapter.binder().unwrap().unwrap();
    let mut second = adapter.binder().unwrap().unwrap();
    declare(first.as_mut(), "memory.\"새 스키마\".t", &[("a", "int")]);
    declare(second.as_mut(), "memory.\"새 스키마\".t", &[("b", "int"), ("say \"hi\"", "text")]);
    declare(second.as_mut(), "t", &[("c", "int")]);
    assert_eq!(columns(first.as_mut(), "from \"새 스키마\".t"), "b INTEGER, say \"hi\" VARCHAR");
    assert_eq!(columns(first.as_mut(), "from t"), "c INTEGER");
}

#[test]
fn threads_declare_at_the_same_time() {
    let adapter = DuckDbAdapter::new(json!({}).as_object().unwrap(), Path::new("/project")).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let adapter = &adapter;
            scope.spawn(move || {
                let mut binder = adapter.binder().unwrap().unwrap();
                for count in 0..30 {
                    let name = format!("memory.s{}.t{thread}_{count}", count % 3);
                    declare(binder.as_mut(), &name, &[("a", "int")]);
                    assert_eq!(columns(binder.as_mut(), &format!("from {name}")), "a INTEGER");
                }
            });
        }
    });
}

#[test]
fn what_is_no_type_is_not_declared() {
    let mut binder = shop();
    let name = RelationName::new(Dialect::DuckDb, "shop", "main", "t");
    for kind in
        ["", "intt", "int); drop table orders; --", "int, b int", "int)", "(", "int -- x", "'a", "int\0"]
    {
        let columns = [("a".to_owned(), DataType::new(kind))];
        assert!(binder.declare(&name, &columns).is_err(), "{kind}");
    }
    assert!(binder.declare(&name, &[]).is_err());
    assert!(binder.bind("from orders").is_ok());
    let system = RelationName::new(Dialect::DuckDb, "system", "main", "t");
    assert!(binder.declare(&system, &[("a".to_owned(), DataType::new("int"))]).is_err());
}

#[test]
fn the_profile_decides_what_names_and_types_are() {
    let mut integers = binder(&json!({"settings": {"integer_division": true, "memory_limit": "1GB"}}));
    assert_eq!(columns(integers.as_mut(), "select 1 / 2 as a"), "a INTEGER");
    let mut floats = binder(&json!({}));
    assert_eq!(columns(floats.as_mut(), "select 1 / 2 as a"), "a DOUBLE");
    let keys = json!({"path": "shop.duckdb", "attach": [{"path": "other.db", "alias": "창고"}, "more.db"]});
    let mut attached = binder(&keys);
    declare(attached.as_mut(), "창고.main.t", &[("a", "int")]);
    assert_eq!(columns(attached.as_mut(), "from 창고.t"), "a INTEGER");
    // What else is in a database that is attached cannot be known.
    for sql in ["from 창고.main.u", "from more.u"] {
        assert_eq!(refusal(attached.as_mut(), sql).kind, CannotTell, "{sql}");
    }
    assert_eq!(refusal(attached.as_mut(), "from shop.main.u").kind, UnknownRelation);
    let mut extended = binder(&json!({"extensions": [{"name": "no_such", "repo": "community"}]}));
    assert_eq!(refusal(extended.as_mut(), "select nope(1)").kind, CannotTell);
    assert_eq!(refusal(extended.as_mut(), "select nope").kind, UnknownColumn);
    let mut elsewhere = binder(&json!({"settings": {"search_path": "no_such_schema"}}));
    assert_eq!(refusal(elsewhere.as_mut(), "from nope").kind, CannotTell);
}

#[test]
fn files_are_read_for_their_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("주문.csv");
    OsSystem.write(&path, b"id,amount\n1,2.5\n").unwrap();
    let mut binder = shop();
    let path = path.to_str().unwrap();
    assert_eq!(columns(binder.as_mut(), &format!("from '{path}'")), "id BIGINT, amount DOUBLE");
    let refused = refusal(binder.as_mut(), &format!("select amont from read_csv('{path}')"));
    assert_eq!((refused.kind, refused.candidates), (UnknownColumn, vec!["amount".to_owned()]));
}

/// Children of one parent are looked at by several threads, each of which tells of the parent.
#[test]
fn threads_declare_one_relation_at_once() {
    let keys = json!({"path": "shop.duckdb"});
    let adapter = DuckDbAdapter::new(keys.as_object().unwrap(), Path::new("/project")).unwrap();
    let start = std::sync::Barrier::new(4);
    let refused: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut binder = adapter.binder().unwrap().unwrap();
                    let declare_next = |number: usize| {
                        start.wait();
                        let name = format!("shop.main.주문_{number}");
                        let relation = RelationName::parse(Dialect::DuckDb, &name).unwrap();
                        let columns = [("id".to_owned(), DataType::new("INTEGER"))];
                        binder.declare(&relation, &columns).err().map(|error| error.message)
                    };
                    (0..100).filter_map(declare_next).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(refused, Vec::<String>::new());
}
