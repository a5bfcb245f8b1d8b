use std::fmt::Write as _;
use std::sync::Arc;

use super::{Analysis, Column, Known, Relations, Schema, analyze};
use crate::sql::{DataType, Dialect, RelationName, parse_query};

fn shop(dialect: Dialect) -> Relations {
    let mut relations = Relations::new(dialect, "db", "main");
    let tables = [
        ("orders", "id INTEGER, customer_id INTEGER, amount INTEGER, status VARCHAR, placed DATE"),
        ("customers", "id INTEGER, name VARCHAR, country VARCHAR"),
        ("주문", "번호 INTEGER, 금액 INTEGER"),
    ];
    for (table, columns) in tables {
        let column = |column: &str| {
            let (name, kind) = column.split_once(' ').unwrap();
            Column::new(name, Some(DataType::new(kind)))
        };
        let columns = columns.split(", ").map(column).collect();
        let known = Known::Schema(Arc::new(Schema::complete(columns)));
        relations.insert(RelationName::new(dialect, "db", "main", table), known);
    }
    let partly = Schema { columns: vec![Column::new("id", None)], is_complete: false };
    relations.insert(RelationName::new(dialect, "db", "main", "partly"), Known::Schema(Arc::new(partly)));
    let nothing = Known::Nothing("not declared".to_owned());
    relations.insert(RelationName::new(dialect, "db", "main", "dark"), nothing);
    relations
}

fn read(sql: &str, dialect: Dialect) -> Analysis {
    let query = parse_query(sql, dialect).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    analyze(&query, sql, &shop(dialect))
}

/// Queries with the wrong places in brackets, and the codes of what is wrong there, in order.
const WRONG: &[(Dialect, &str, &str)] = &[
    (Dialect::DuckDb, "select ⟨amont⟩ from orders", "unknown-column"),
    (
        Dialect::DuckDb,
        "select ⟨amont⟩, ⟨statu⟩ from orders where ⟨plced⟩ > date '2024-01-01'",
        "unknown-column unknown-column unknown-column",
    ),
    (Dialect::DuckDb, "select o.⟨amont⟩ from orders o", "unknown-column"),
    (Dialect::DuckDb, "select ⟨x⟩.id from orders o", "unknown-relation"),
    (Dialect::DuckDb, "select ⟨orders⟩.id from orders o", "unknown-relation"),
    (Dialect::DuckDb, "select ⟨x⟩.* from orders o", "unknown-relation"),
    (Dialect::DuckDb, "select ⟨id⟩ from orders, customers", "ambiguous-column"),
    (
        Dialect::DuckDb,
        "select name from orders o join customers c on ⟨id⟩ = o.customer_id",
        "ambiguous-column",
    ),
    (Dialect::DuckDb, "select 1 from orders join customers using (⟨customer_id⟩)", "unknown-column"),
    (Dialect::DuckDb, "select 1 as a, 2 as b union all ⟨select 3⟩", "column-count"),
    (
        Dialect::DuckDb,
        "with c (a, b, ⟨d⟩) as (select id, amount from orders) select a from c",
        "column-count",
    ),
    (Dialect::DuckDb, "select * from (select id from orders) as o (a, ⟨b⟩)", "column-count"),
    (Dialect::DuckDb, "with paid as (select id from orders) select ⟨amount⟩ from paid", "unknown-column"),
    (Dialect::DuckDb, "with paid as (select id from orders) select id from ⟨paidd⟩", "unknown-relation"),
    (Dialect::DuckDb, "select * exclude (⟨amont⟩) from orders", "unknown-column"),
    (
        Dialect::DuckDb,
        "select o.id from orders o where exists (select 1 from customers c where c.⟨idd⟩ = o.id)",
        "unknown-column",
    ),
    (Dialect::DuckDb, "select id from orders order by ⟨nothing⟩", "unknown-column"),
    (
        Dialect::DuckDb,
        "select id from orders semi join customers c using (id) where ⟨c⟩.name = 'x'",
        "unknown-relation",
    ),
    (Dialect::DuckDb, "select ⟨금엑⟩ from 주문", "unknown-column"),
    (Dialect::Postgres, "select amount * 2 as twice from orders where ⟨twice⟩ > 1", "unknown-column"),
    (Dialect::Postgres, "select amount * 2 as twice, ⟨twice⟩ + 1 as more from orders", "unknown-column"),
    (Dialect::Postgres, "select id, ⟨id⟩ from orders", "duplicate-column"),
    (
        Dialect::Postgres,
        "select o.id from orders o, (select name from customers where id = ⟨o⟩.customer_id) c",
        "unknown-relation",
    ),
    (
        Dialect::BigQuery,
        "select o.id, ⟨c.id as key⟩, ⟨1 as key⟩ from orders o join customers c on true",
        "duplicate-column",
    ),
    (Dialect::Snowflake, "select ID, ⟨NAMEE⟩ from customers", "unknown-column"),
    (Dialect::Spark, "select o.id, ⟨o.*⟩ from orders o", "duplicate-column"),
];

/// Without the brackets, and where they were.
fn unmarked(marked: &str) -> (String, Vec<(usize, usize)>) {
    let (mut sql, mut places, mut start) = (String::new(), Vec::new(), 0);
    for letter in marked.chars() {
        match letter {
            '⟨' => start = sql.len(),
            '⟩' => places.push((start, sql.len())),
            letter => sql.push(letter),
        }
    }
    (sql, places)
}

#[test]
fn every_wrong_name_is_told_at_its_place() {
    for (dialect, marked, codes) in WRONG {
        let (sql, places) = unmarked(marked);
        let found = read(&sql, *dialect).problems;
        let codes: Vec<&str> = codes.split(' ').collect();
        let told: Vec<&str> = found.iter().map(|problem| problem.code.name()).collect();
        assert_eq!(told, codes, "{marked}: {found:?}");
        let mut at: Vec<(usize, usize)> = found.iter().map(|it| (it.at.start, it.at.end)).collect();
        for problem in &found {
            at.extend(problem.also.iter().map(|(place, _)| (place.start, place.end)));
        }
        for place in places {
            assert!(at.contains(&place), "{marked}: {at:?}");
        }
    }
}

/// Queries that may well be right.
const NOT_SURELY_WRONG: &[(Dialect, &str)] = &[
    (Dialect::DuckDb, "select anything from dark"),
    (Dialect::DuckDb, "select anything from partly"),
    (Dialect::DuckDb, "select anything, name from dark, customers"),
    (Dialect::DuckDb, "select d.anything.field, o.id from dark d join orders o using (amount)"),
    (Dialect::DuckDb, "with s as (select * from dark), r as (select x as y from s) select y from r"),
    (Dialect::DuckDb, "select whatever from nowhere.at_all"),
    (Dialect::DuckDb, "select a, b from read_parquet('x.parquet')"),
    (Dialect::DuckDb, "select id from orders group by all having count(*) > 1 order by id"),
    (
        Dialect::DuckDb,
        "select id as i from orders where i > 1 group by i having i > 0 qualify row_number() over (order by i) = 1 order by i",
    ),
    (Dialect::DuckDb, "select count(*) from orders order by count(*)"),
    (Dialect::DuckDb, "select id, rowid from orders"),
    (Dialect::DuckDb, "select orders.id, main.orders.amount, db.main.orders.status from db.main.orders"),
    (Dialect::DuckDb, "select current_date, current_timestamp from orders"),
    (Dialect::DuckDb, "with a as (select 1 as x) select x from a union all select * from a order by x"),
    (Dialect::DuckDb, "select * from (select *, id as again from dark) where again > 1 and other = 2"),
    (Dialect::DuckDb, "select id, id from orders"),
    (Dialect::DuckDb, "select \"max(id)\" from (select max(id) from orders)"),
    (Dialect::Postgres, "select max from (select max(id) from orders) as m"),
    (Dialect::Postgres, "with recursive b as (select x from a), a as (select 1 as x) select x from b"),
    (Dialect::Postgres, "select o.id from orders o order by o.amount"),
    (Dialect::Postgres, "select x from generate_series(1, 3) as x"),
    (Dialect::Postgres, "select o as whole, ctid from orders o"),
    (
        Dialect::BigQuery,
        "select c.id, count(*) as n from orders o join customers c on c.id = o.customer_id group by id",
    ),
    (Dialect::Snowflake, "select b as a, amount as b from orders"),
    (
        Dialect::Snowflake,
        "select f.value:name::string as name, f.index, seq from orders, lateral flatten(input => status) f",
    ),
    (
        Dialect::Snowflake,
        "with t as (select 1 as n union all select n + 1 from t where n < 5) select n from t",
    ),
    (
        Dialect::Snowflake,
        "select dateadd(day, 1, placed), datediff('day', placed, current_date()) from orders",
    ),
    (Dialect::Snowflake, "select $1, metadata$filename from @stage"),
    (Dialect::BigQuery, "select item.sku, pos from dark, unnest(items) as item with offset as pos"),
    (Dialect::BigQuery, "select item.sku, sku as k from dark d, d.items as item"),
    (Dialect::BigQuery, "select _PARTITIONTIME, date_trunc(placed, month) from orders"),
    (Dialect::BigQuery, "select id as key from orders group by key having key > 1 order by key"),
    (Dialect::Spark, "select k, v from dark lateral view explode(attributes) t as k, v"),
    (Dialect::Spark, "select col, pos from dark lateral view posexplode(list) t"),
    (Dialect::Databricks, "select amount * 2 as twice, twice + 1 as more from orders"),
    (Dialect::Redshift, "select amount * 2 as twice, twice + 1 as more, sysdate from orders where twice > 1"),
    (Dialect::Redshift, "select t.item.name from dark d, d.items as t"),
];

#[test]
fn nothing_is_said_of_what_may_be_right() {
    let told = NOT_SURELY_WRONG.iter().flat_map(|(dialect, sql)| {
        let problems = read(sql, *dialect).problems.into_iter();
        problems.map(move |problem| format!("{dialect:?}: {sql}: {}: {}", problem.code, problem.message))
    });
    let told: Vec<String> = told.collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn columns_of_an_unknown_relation_are_followed_all_the_same() {
    let found = read(
        "with source as (select * from dark), renamed as (select anything as x, upper(other) as y from source)
         select * from renamed",
        Dialect::DuckDb,
    );
    let made: Vec<String> =
        found.columns.iter().map(|it| format!("{} {:?}", it.made_of[0].column, it.made_of[0].how)).collect();
    assert_eq!(made, ["anything Renamed", "other Computed"]);
    assert!(found.is_complete && !found.unknowns.is_empty());
}

#[test]
fn one_mistake_has_no_others_in_its_train() {
    let found = read(
        "with base as (select custmer_id, amount from orders)
         select customer_id, sum(amount) as total from base group by customer_id",
        Dialect::DuckDb,
    );
    assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
    assert_eq!(found.problems[0].help.as_deref(), Some("a column with a similar name exists: `customer_id`"));
}

#[test]
fn facts_tell_what_nobody_uses() {
    let found = read(
        "with a as (select id, amount, status from orders), b as (select * from a), c as (select name from customers)
         select b.id from b, orders o where b.amount > 1",
        Dialect::DuckDb,
    );
    let ctes: Vec<String> = found
        .facts
        .ctes
        .iter()
        .map(|cte| {
            let used: Vec<&str> =
                cte.columns.iter().filter(|it| it.is_used).map(|it| it.name.as_str()).collect();
            format!("{} {} {} {}", cte.name, cte.uses, cte.is_live, used.join("+"))
        })
        .collect();
    assert_eq!(ctes, ["a 1 true id+amount", "b 1 true id+amount", "c 0 false "]);
    let joins: Vec<bool> = found.facts.joins.iter().map(|join| join.is_connected).collect();
    assert_eq!(joins, [false], "{:?}", found.facts.joins);
    assert_eq!(found.facts.input_columns.len(), 2);
    let stars: Vec<(bool, usize)> =
        found.facts.stars.iter().map(|star| (star.is_outermost, star.inputs.len())).collect();
    assert_eq!(stars, [(false, 0)]);
    let joined = read(
        "select * from orders o join customers c on c.id = o.customer_id, customers d where d.id = c.id",
        Dialect::DuckDb,
    );
    assert!(joined.facts.joins.iter().all(|join| join.is_connected), "{:?}", joined.facts.joins);
    let compared = &joined.facts.joins[0].compared[0];
    assert_eq!(compared.left_type, Some(DataType::new("INTEGER")));
}

#[test]
fn wide_tables_through_many_ctes_take_no_time() {
    let columns = (0..500).map(|n| Column::new(format!("c{n}"), Some(DataType::new("INTEGER")))).collect();
    let mut relations = Relations::new(Dialect::DuckDb, "db", "main");
    let wide = Known::Schema(Arc::new(Schema::complete(columns)));
    relations.insert(RelationName::new(Dialect::DuckDb, "db", "main", "wide"), wide);
    let mut sql = "with t0 as (select * from wide)".to_owned();
    for n in 1..50 {
        let _ = write!(sql, ", t{n} as (select distinct * from t{} where c{n} > 0)", n - 1);
    }
    sql += " select * from t49";
    let query = parse_query(&sql, Dialect::DuckDb).unwrap();
    let started = std::time::Instant::now();
    let found = analyze(&query, &sql, &relations);
    assert_eq!(found.columns.len(), 500);
    assert!(found.problems.is_empty());
    // A build for debugging on a busy machine takes a tenth of it.
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

#[test]
fn deep_queries_do_not_overflow() {
    let mut sql = "select id from orders".to_owned();
    for n in 0..300 {
        sql = format!("select id from ({sql}) as t{n}");
    }
    assert_eq!(read(&sql, Dialect::DuckDb).columns[0].made_of.len(), 1);
    let sum = format!("select {} as n from orders", vec!["amount"; 3000].join(" + "));
    assert_eq!(read(&sql, Dialect::DuckDb).problems.len(), 0);
    assert_eq!(read(&sum, Dialect::DuckDb).columns[0].made_of.len(), 1);
    let unions = vec!["select id from orders"; 2000].join(" union all ");
    assert_eq!(read(&unions, Dialect::DuckDb).columns[0].made_of.len(), 1);
}
