use std::fmt::Write as _;
use std::sync::Arc;

use super::*;
use crate::analyze::{Column, Known, Relations, Schema};
use crate::sql::{DataType, Dialect, Lexeme, RelationName, Scanner, parse_query};

fn relations(dialect: Dialect) -> Relations {
    let mut relations = Relations::new(dialect, "db", "main");
    let mut add = |name: &str, columns: &[(&str, &str)]| {
        let column = |(name, data_type): &(&str, &str)| Column::new(*name, Some(DataType::new(*data_type)));
        let schema = Schema::complete(columns.iter().map(column).collect());
        relations.insert(RelationName::new(dialect, "db", "main", name), Known::Schema(Arc::new(schema)));
    };
    add(
        "orders",
        &[
            ("id", "INTEGER"),
            ("customer_id", "INTEGER"),
            ("status", "VARCHAR"),
            ("amount", "DECIMAL(10,2)"),
            ("ordered_at", "DATE"),
            ("note", "VARCHAR"),
        ],
    );
    add("customers", &[("id", "INTEGER"), ("name", "VARCHAR"), ("region", "VARCHAR")]);
    add("payments", &[("id", "INTEGER"), ("order_id", "INTEGER"), ("amount", "DECIMAL(10,2)")]);
    relations.insert(
        RelationName::new(dialect, "db", "main", "raw_events"),
        Known::Nothing("a source without columns".to_owned()),
    );
    relations
}

fn compare_in(dialect: Dialect, old: &str, new: &str) -> Vec<Change> {
    let relations = relations(dialect);
    let parse = |text: &str| parse_query(text, dialect).unwrap_or_else(|error| panic!("{text}\n{error:?}"));
    let (old_query, new_query) = (parse(old), parse(new));
    let version = |text, query| Version {
        text,
        query: Some(query),
        analysis: None,
        relations: &relations,
        identify: &|_: &RelationName| None,
    };
    difference(&version(old, &old_query), &version(new, &new_query))
}

fn compare(old: &str, new: &str) -> String {
    compare_in(Dialect::DuckDb, old, new).iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Pairs that mean the same.
const SAME: &[(&str, &str)] = &[
    ("select id from orders", "SELECT\n  id -- the key\nFROM orders;"),
    ("select id from orders", "select o.id from orders as o"),
    ("select id from orders", "select ID from main.Orders"),
    ("select id from orders", "with a as (select * from orders) select id from a"),
    ("select id, status from orders", "select id, status from (select status, id from orders)"),
    (
        "with a as (select id from orders), b as (select name from customers) select a.id, b.name from a, b",
        "with b as (select name from customers), a as (select id from orders) select a.id, b.name from a, b",
    ),
    (
        "with a as (select id from orders) select id from a",
        "with renamed as (select id as x from orders) select x as id from renamed",
    ),
    ("select id from orders where (status = 'paid')", "select id from orders where status = 'paid'"),
    ("select amount::integer as a from orders", "select cast(amount as int) as a from orders"),
    ("select amount::double as a from orders", "select cast(amount as float8) as a from orders"),
    (
        "select o.id from orders o join customers c on o.customer_id = c.id",
        "select o.id from orders o inner join customers c on c.id = o.customer_id",
    ),
    (
        "select o.id from orders o join customers c on o.customer_id = c.id",
        "select o.id from orders o, customers c where o.customer_id = c.id",
    ),
    (
        "select o.id from orders o left join customers c on o.customer_id = c.id",
        "select o.id from customers c right outer join orders o on c.id = o.customer_id",
    ),
    (
        "select id from orders where status = 'a' and amount > 3",
        "select id from orders where 3 < amount and 'a' = status",
    ),
    (
        "select id from orders where status = 'a' or amount > 3",
        "select id from orders where amount > 3 or status = 'a'",
    ),
    (
        "select id from orders where status = 'a' and amount > 3",
        "with paid as (select * from orders where status = 'a') select id from paid where amount > 3",
    ),
    ("select id from orders where 1 = 1 and amount > 3", "select id from orders where amount > 3"),
    ("select amount + 1 as a from orders", "select 1 + amount as a from orders"),
    ("select amount * id as a from orders", "select id * amount as a from orders"),
    ("select id from orders where status in ('a', 'b')", "select id from orders where status in ('b', 'a')"),
    ("select id from orders where status in ('a')", "select id from orders where status = 'a'"),
    (
        "select id from orders where amount between 1 and 2",
        "select id from orders where amount >= 1 and amount <= 2",
    ),
    ("select id from orders where not (id = 3)", "select id from orders where id <> 3"),
    ("select id from orders where not status is null", "select id from orders where status is not null"),
    (
        "select case when status = 'a' then 1 else null end as x from orders",
        "select case status when 'a' then 1 end as x from orders",
    ),
    (
        "select status, count(*) as n from orders group by 1",
        "select status, count(*) as n from orders group by status",
    ),
    (
        "select status, count(*) as n from orders group by all",
        "select status, count(*) n from orders group by status",
    ),
    (
        "select status as s, count(*) as n from orders group by s",
        "select status as s, count(*) as n from orders group by status",
    ),
    ("select distinct status, id from orders", "select status, id from orders group by id, status"),
    ("select max(distinct amount) as m from orders", "select max(amount) as m from orders"),
    (
        "select id, row_number() over (partition by status, note order by id) as n from orders",
        "select id, row_number() over w as n from orders window w as (partition by note, status order by id)",
    ),
    ("select * from orders", "select id, customer_id, status, amount, ordered_at, note from orders"),
    ("select * exclude (note) from orders", "select id, customer_id, status, amount, ordered_at from orders"),
    ("select * from raw_events", "select e.* from raw_events as e"),
    ("select kind from raw_events", "with e as (select * from raw_events) select e.kind from e"),
    (
        "select id from orders where exists (select 1 from customers c where c.id = orders.customer_id)",
        "select o.id from orders o where exists (select 1 from customers where id = o.customer_id)",
    ),
    (
        "select id from orders where customer_id in (select id from customers)",
        "with c as (select id as k from customers) select id from orders where customer_id in (select k from c)",
    ),
    (
        "with recursive n as (select 1 as i union all select i + 1 from n where i < 5) select i from n",
        "with recursive counted(i) as (select 1 union all select counted.i + 1 from counted where i < 5) select i from counted",
    ),
    (
        "select a.id, b.id as other from orders a join orders b on a.id = b.customer_id",
        "select x.id, y.id as other from orders x join orders y on x.id = y.customer_id",
    ),
    (
        "select list_transform([1, 2], x -> x + id) as l from orders",
        "select list_transform([1, 2], y -> y + orders.id) as l from orders",
    ),
    ("select id as a, a + 1 as b from orders", "select id as a, id + 1 as b from orders"),
    (
        "select id from orders union all select id from customers",
        "select o.id from orders o union all (select c.id from customers c)",
    ),
    (
        "select count(*) filter (where status = 'a') as n from orders",
        "select count(*) filter (where o.status = 'a') as n from orders o",
    ),
    (
        "select id from orders o join payments p using (id)",
        "select o.id from orders o join payments p on p.id = o.id",
    ),
    ("select unnest([1, 2]) as x", "select unnest([1, 2]) as x /* again */"),
    ("with unused as (select 1) select id from orders", "select id from orders"),
    (
        "select (select max(id) from orders) as m",
        "with o as (select id as k from orders) select (select max(k) from o) as m",
    ),
    ("select id from orders order by 1 desc limit 3", "select o.id from orders o order by o.id desc limit 3"),
];

#[test]
fn what_means_the_same_is_no_change() {
    let mut wrong = Vec::new();
    for (old, new) in SAME {
        for (old, new) in [(old, new), (new, old)] {
            let found = compare(old, new);
            if !found.is_empty() {
                wrong.push(format!("{old}\n{new}\n  {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// Pairs that do not, and what is said.
const OTHER: &[(&str, &str, &str)] = &[
    ("select id from orders", "select id, status from orders", "column `status` is new"),
    ("select id, status from orders", "select id from orders", "column `status` is gone"),
    (
        "select id, status from orders",
        "select id, status as state from orders",
        "column `status` is now called `state`",
    ),
    (
        "select id, amount as a from orders",
        "select id, amount * 2 as a from orders",
        "column `a` was `amount` and is `amount * 2`",
    ),
    (
        "with a as (select id, amount - 1 as x from orders) select x from a",
        "with a as (select id, amount - 2 as x from orders) select x from a",
        "column `x` was `amount - 1` and is `amount - 2`",
    ),
    (
        "select id, status from orders",
        "select status, id from orders",
        "column `status` stands in another place",
    ),
    (
        "select id from orders",
        "select id from orders where status = 'paid'",
        "rows are filtered otherwise: now only where `status = 'paid'`",
    ),
    (
        "select id from orders where status = 'paid' and id > 1",
        "select id from orders where id > 1",
        "rows are filtered otherwise: no longer only where `status = 'paid'`",
    ),
    (
        "select id from orders where status = 'paid'",
        "select id from orders where status = 'open'",
        "rows are filtered otherwise: `status = 'open'` in place of `status = 'paid'`",
    ),
    (
        "with o as (select * from orders) select id from o",
        "with o as (select * from orders where amount > 0) select id from o",
        "rows are filtered otherwise: now only where `amount > 0`",
    ),
    (
        "select status, count(*) as n from orders group by 1",
        "select status, count(*) as n from orders group by 1 having count(*) > 1",
        "rows are filtered otherwise: now only where `count(*) > 1`",
    ),
    (
        "select status, sum(amount) as n from orders group by status",
        "select status, sum(amount) as n from orders group by status, note",
        "rows are grouped otherwise: by `status`, `note` in place of `status`",
    ),
    (
        "select status from orders",
        "select distinct status from orders",
        "rows are grouped otherwise: now one for each `status`",
    ),
    (
        "select count(*) as id from orders",
        "select id from orders",
        "column `id` was `count(*)` and is `id`; rows are grouped otherwise",
    ),
    (
        "select o.id from orders o left join customers c on o.customer_id = c.id",
        "select o.id from orders o join customers c on o.customer_id = c.id",
        "rows are joined otherwise: inner join in place of left join",
    ),
    (
        "select o.id from orders o join customers c on o.customer_id = c.id",
        "select o.id from orders o left join customers c on o.customer_id = c.id",
        "rows are joined otherwise: left join in place of inner join",
    ),
    (
        "select o.id from orders o left join customers c on o.customer_id = c.id",
        "select o.id from orders o left join customers c on o.id = c.id",
        "rows are joined otherwise: `o.id = c.id` in place of `o.customer_id = c.id`",
    ),
    (
        "select o.id from orders o",
        "select o.id from orders o left join customers c on o.customer_id = c.id",
        "rows are joined with `customers`",
    ),
    (
        "select o.id from orders o join customers c on o.customer_id = c.id",
        "select o.id from orders o",
        "rows are filtered otherwise: no longer only where `o.customer_id = c.id`; rows are no longer joined with `customers`",
    ),
    (
        "select id from orders",
        "select id from customers",
        "column `id` is computed otherwise; rows come from `customers` in place of `orders`",
    ),
    ("select id from orders limit 5", "select id from orders limit 6", "rows are limited otherwise"),
    ("select id from orders", "select id from orders limit 6", "rows are limited otherwise"),
    ("select id from orders limit 5", "select id from orders offset 5", "other rows may come out"),
    (
        "select id from orders order by id",
        "select id from orders order by id desc",
        "the same rows may come in another order",
    ),
    ("select id from orders order by id", "select id from orders", "the same rows may come in another order"),
    (
        "select id from orders order by id limit 1",
        "select id from orders order by amount limit 1",
        "rows are limited otherwise",
    ),
    (
        "select id from orders union all select id from customers",
        "select id from orders union all select id from customers union all select id from payments",
        "rows of 1 more query are among them",
    ),
    (
        "select id from orders union all select id from customers",
        "select id from customers union all select id from orders",
        "the same rows may come in another order",
    ),
    (
        "select id from orders union all select id from customers",
        "select id from orders union select id from customers",
        "other rows may come out",
    ),
    (
        "select id, customer_id from orders union all select id, order_id from payments",
        "select id, customer_id from orders union all select order_id, id from payments",
        "column `id` is computed otherwise; column `customer_id` is computed otherwise",
    ),
    (
        "select id from orders union all select id from customers",
        "select id from orders union all select id from customers where id > 3",
        "rows are filtered otherwise: now only where `id > 3`",
    ),
    (
        "select id from orders qualify row_number() over (partition by customer_id order by id) = 1",
        "select id from orders qualify row_number() over (partition by customer_id order by id desc) = 1",
        "rows are filtered otherwise: `row_number() over (partition by customer_id order by id desc) = 1` in place of `row_number() over (partition by customer_id order by id) = 1`",
    ),
    // Other rows go into the window, though each condition is there.
    (
        "select id from orders where status = 'a' qualify row_number() over (order by id) = 1",
        "select id from (select * from orders qualify row_number() over (order by id) = 1) where status = 'a'",
        "rows are filtered otherwise",
    ),
    (
        "select count(id) as n from orders",
        "select count(distinct id) as n from orders",
        "column `n` was `count(id)` and is `count(distinct id)`",
    ),
    (
        "select status || note as s from orders",
        "select note || status as s from orders",
        "column `s` was `status || note` and is `note || status`",
    ),
    (
        "select amount - id as s from orders",
        "select id - amount as s from orders",
        "column `s` was `amount - id` and is `id - amount`",
    ),
    (
        "select id from orders where status = 'A'",
        "select id from orders where status = 'a'",
        "rows are filtered otherwise: `status = 'a'` in place of `status = 'A'`",
    ),
    (
        "select status, count(*) as n from orders group by rollup (status), note",
        "select status, count(*) as n from orders group by status, rollup (note)",
        "other rows may come out",
    ),
    (
        "select id from orders where id = any (select id from customers)",
        "select id from orders where id = all (select id from customers)",
        "rows are filtered otherwise: `id = all (select id from customers)` in place of `id = any (select id from customers)`",
    ),
    (
        "select amount as a from orders",
        "select amount::double as a from orders",
        "column `a` was `amount` and is `amount::double`",
    ),
    (
        "select id from orders where status is null",
        "select id from orders where status is not null",
        "rows are filtered otherwise: `status is not null` in place of `status is null`",
    ),
    (
        "select a.id, b.id as other from orders a join orders b on a.id = b.customer_id",
        "select b.id, a.id as other from orders a join orders b on a.id = b.customer_id",
        "column `id` was `a.id` and is `b.id`; column `other` was `b.id` and is `a.id`",
    ),
    (
        "select * from raw_events",
        "select * exclude (kind) from raw_events",
        "it may mean something else: not all of its columns are known",
    ),
    ("select *, 1 as x from raw_events", "select *, 2 as x from raw_events", "column `x` was `1` and is `2`"),
    (
        "select sum(amount) over (order by id) as s from orders",
        "select sum(amount) over (order by id rows between 1 preceding and current row) as s from orders",
        "column `s` was `sum(amount) over (order by id)` and is `sum(amount) over (order by id rows between 1 preceding and current row)`",
    ),
    (
        "select uuid() as u, id from orders",
        "with o as (select * from orders) select uuid() as u, id from o",
        "it may mean something else: `uuid` gives another value each time that it is called",
    ),
    (
        "select first(id) as f from (select id from orders order by id)",
        "select first(id) as f from (select id from orders order by note)",
        "column `f` is computed otherwise",
    ),
    (
        "select id from orders where id in (1, 2)",
        "select id from orders where id in (1, 3)",
        "rows are filtered otherwise: `id in (1, 3)` in place of `id in (1, 2)`",
    ),
    (
        "select id from orders where customer_id in (select id from customers)",
        "select id from orders where customer_id in (select id from customers where region = 'kr')",
        "rows are filtered otherwise: `customer_id in (select id from customers where region = 'kr')` in place of `customer_id in (select id from customers)`",
    ),
    (
        "select id from orders except select id from customers",
        "select id from customers except select id from orders",
        "rows are combined otherwise",
    ),
    (
        "select distinct on (status) id from orders order by status, id",
        "select distinct on (status) id from orders order by status, note",
        "rows are limited otherwise",
    ),
    (
        "with recursive n as (select 1 as i union all select i + 1 from n where i < 5) select i from n",
        "with recursive n as (select 1 as i union all select i + 1 from n where i < 6) select i from n",
        "column `i` is computed otherwise; other rows may come out",
    ),
    (
        "select x[1:2] as y from raw_events",
        "select x[1:] as y from raw_events",
        "column `y` was `x[1:2]` and is `x[1:]`",
    ),
];

#[test]
fn what_means_something_else_is_told() {
    let mut wrong = Vec::new();
    for (old, new, expected) in OTHER {
        let found = compare(old, new);
        if found != *expected {
            wrong.push(format!("{old}\n{new}\n  said     {found}\n  expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), OTHER.len(), wrong.join("\n\n"));
}

#[test]
fn a_change_has_two_sides() {
    for (old, new, _) in OTHER {
        assert!(!compare(new, old).is_empty(), "{new}\n{old}");
    }
}

#[test]
fn words_that_the_tree_has_no_place_for_count() {
    let old = "select last_value(id) over (order by id) as x from orders";
    let new = "select last_value(id) ignore nulls over (order by id) as x from orders";
    for dialect in [Dialect::Snowflake, Dialect::Redshift] {
        assert_ne!(compare_in(dialect, old, new), [], "{dialect:?}");
        assert_eq!(compare_in(dialect, new, &new.replace("from", "-- again\n FROM")), [], "{dialect:?}");
    }
}

/// The pieces of a text, each changed.
fn rewritten(text: &str, change: impl Fn(Lexeme, &str) -> String) -> String {
    Scanner::new(text, Dialect::DuckDb).map(|(lexeme, range)| change(lexeme, &text[range])).collect()
}

/// A text written otherwise in many ways that mean the same.
fn mutations(text: &str) -> Vec<String> {
    let spaced = |space: &'static str| {
        rewritten(text, move |lexeme, piece| match lexeme {
            Lexeme::Space => space.to_owned(),
            _ => piece.to_owned(),
        })
    };
    let loud = rewritten(text, |lexeme, piece| match lexeme {
        Lexeme::Word => piece.to_uppercase(),
        _ => piece.to_owned(),
    });
    let roomy = rewritten(text, |lexeme, piece| match (lexeme, piece) {
        (Lexeme::Symbol, "," | "(" | ")") => format!(" {piece} "),
        _ => piece.to_owned(),
    });
    let bare = text.trim().trim_end_matches(';');
    let bare = bare.split("/*").next().unwrap_or(bare).split("--").next().unwrap_or(bare);
    let mut all = vec![
        spaced("\n"),
        spaced("  \t"),
        spaced(" /* 주석 */ "),
        spaced("\n-- it's a comment\n"),
        loud,
        roomy,
        format!("{text}\n;\n"),
    ];
    if bare == text {
        all.push(format!("({text})"));
        all.push(format!("select * from ({text}) as wrapped"));
        all.push(format!("with wrapped as ({text}) select * from wrapped"));
        all.push(format!("with one as ({text}), two as (select * from one) select t.* from two as t"));
        // Of what the tree does not say all, the words count.
        if !text.starts_with("with") && !text.contains("offset") && !text.contains("rollup") {
            all.push(format!("with unused as (select 1 as x), other as (select * from unused) {text}"));
        }
    }
    all
}

#[test]
fn a_query_written_otherwise_means_the_same() {
    let texts = SAME.iter().flat_map(|(old, new)| [*old, *new]);
    let texts = texts.chain(OTHER.iter().flat_map(|(old, new, _)| [*old, *new]));
    let (mut wrong, mut count) = (Vec::new(), 0);
    for text in texts.filter(|text| !text.contains("uuid") && !text.contains("--")) {
        for mutation in mutations(text) {
            count += 1;
            let found = compare(text, &mutation);
            if !found.is_empty() {
                wrong.push(format!("{text}\n{mutation}\n  {found}"));
            }
        }
    }
    assert!(count > 1000, "{count}");
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn any_two_different_queries_are_told_apart() {
    // Every query against every other: same meaning is only found where the table says so.
    let mut texts: Vec<&str> = OTHER.iter().map(|(old, ..)| *old).collect();
    // These two are `select id from orders`.
    texts.retain(|text| !text.ends_with("select id from o") && *text != "select o.id from orders o");
    texts.sort_unstable();
    texts.dedup();
    for (at, old) in texts.iter().enumerate() {
        for new in &texts[at + 1..] {
            assert!(!compare(old, new).is_empty(), "{old}\n{new}");
        }
    }
}

#[test]
fn a_cte_used_often_does_not_grow() {
    let mut text = "with a0 as (select id, amount from orders)".to_owned();
    for at in 1..60 {
        let before = at - 1;
        let _ = write!(
            text,
            ", a{at} as (select l.id, l.amount + r.amount as amount from a{before} l join a{before} r on l.id = r.id)"
        );
    }
    let old = format!("{text} select id, amount from a59");
    let new = format!("{text} select id, amount * 2 as amount from a59");
    let started = std::time::Instant::now();
    assert_eq!(compare(&old, &new), "column `amount` was `l.amount + r.amount` and is `amount * 2`");
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn deep_queries_are_compared_on_any_stack() {
    let deep = |last: &str| {
        let mut text = "select id from orders".to_owned();
        for _ in 0..150 {
            text = format!("select * from ({text}) as t");
        }
        format!("{text} where id > {last}")
    };
    assert_eq!(compare(&deep("1"), &deep("1 ")), "");
    assert_ne!(compare(&deep("1"), &deep("2")), "");
    let sum = |last: &str| format!("select {} {last} as s from orders", "id + ".repeat(400));
    assert_eq!(compare(&sum("id"), &sum("id  ")), "");
    assert_ne!(compare(&sum("id"), &sum("amount")), "");
}
