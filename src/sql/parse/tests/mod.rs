use super::parse_query;
use crate::sql::Dialect;
use crate::sql::tree::{
    BinaryOp, Body, Expr, ExprKind, FromItem, JoinKind, Literal, Name, Node, Query, Select, SelectItem, Star,
    TextRange,
};
use crate::system::{OsSystem, System};

/// The query, with the places of everything in it looked at: in the text, none empty, each
/// inside that of what it is a part of, and names where they are written.
fn parsed(text: &str, dialect: Dialect) -> Query {
    let query = parse_query(text, dialect).unwrap_or_else(|error| panic!("{error:?} in {text}"));
    check(Node::Query(&query), text);
    query
}

fn place(node: Node<'_>) -> TextRange {
    match node {
        Node::Query(query) => query.at,
        Node::From(item) => item.at(),
        Node::Expr(expr) => expr.at,
    }
}

fn check(node: Node<'_>, text: &str) {
    let outer = place(node);
    let slice = text.get(outer.range()).unwrap_or_else(|| panic!("{outer:?} of {node:?} is not in {text}"));
    assert!(!slice.is_empty(), "{node:?} is nowhere in {text}");
    assert_eq!(slice.trim(), slice, "{node:?} in {text}");
    let (Node::Expr(Expr { kind: ExprKind::Column(names), .. })
    | Node::From(FromItem::Table { name: names, .. })) = node
    else {
        node.for_each_child(&mut |child| {
            let inner = place(child);
            assert!(outer.contains(inner), "`{}` is not in `{slice}` of {text}", &text[inner.range()]);
            check(child, text);
        });
        return;
    };
    for name in names {
        let written = text[name.at.range()].trim_matches(['"', '`', '\'']);
        assert_eq!(written.replace("\"\"", "\""), name.text, "{node:?} in {text}");
    }
}

/// All expressions of a query, as written, from the outside in.
fn written(text: &str, dialect: Dialect) -> Vec<String> {
    let mut all = Vec::new();
    parsed(text, dialect).for_each_expr(&mut |expr| all.push(text[expr.at.range()].to_owned()));
    all
}

fn select(query: &Query) -> &Select {
    match &query.body {
        Body::Select(select) => select,
        Body::Query(query) => select(query),
        other => panic!("{other:?}"),
    }
}

/// The expression of `select …`.
fn expr(text: &str, dialect: Dialect) -> Expr {
    match &select(&parsed(&format!("select {text}"), dialect)).items[0] {
        SelectItem::Expr { expr, .. } => expr.clone(),
        SelectItem::Star(star) => panic!("{star:?}"),
    }
}

fn texts(names: &[Name]) -> Vec<&str> {
    names.iter().map(|name| name.text.as_str()).collect()
}

#[test]
fn queries_of_every_dialect_are_read() {
    let files = [
        (Dialect::DuckDb, include_str!("duckdb.sql")),
        (Dialect::Postgres, include_str!("postgres.sql")),
        (Dialect::Snowflake, include_str!("snowflake.sql")),
        (Dialect::BigQuery, include_str!("bigquery.sql")),
        (Dialect::Spark, include_str!("spark.sql")),
        (Dialect::Databricks, include_str!("spark.sql")),
        (Dialect::Redshift, include_str!("redshift.sql")),
    ];
    for (dialect, file) in files {
        for text in file.split("\n\n") {
            parsed(text, dialect);
        }
    }
}

/// The cases of ours whose SQL has no template in it. Some are wrong on purpose.
#[test]
fn our_own_cases_are_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    let (mut count, mut refused) = (0, Vec::new());
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.expect("the folder of cases can be read");
        // Functions are expressions, not queries.
        if entry.path().extension().is_none_or(|extension| extension != "md")
            || entry.path().ends_with("functions.md")
        {
            continue;
        }
        let text = OsSystem.read(entry.path()).expect("a case can be read");
        let text = String::from_utf8(text).expect("a case is text");
        let mut blocks = text.split("\n```");
        blocks.next();
        for block in blocks {
            let (info, body) = block.split_once('\n').unwrap_or_default();
            let is_sql = info.starts_with("sql ") || info == "sql";
            if is_sql && !["{{", "{%", "{#"].iter().any(|open| body.contains(open)) && !body.trim().is_empty()
            {
                count += 1;
                match parse_query(body, Dialect::DuckDb) {
                    Ok(query) => check(Node::Query(&query), body),
                    Err(error) => refused.push((error, body.to_owned())),
                }
            }
        }
    }
    assert!(count > 80, "{count}");
    assert!(refused.len() * 10 < count, "{} of {count}: {refused:#?}", refused.len());
}

#[test]
fn places_are_those_of_the_text() {
    let text = "select 가격::decimal(10, 2) as 값, \"나 다\".x, cast(가격 as int), count(*) over () from t";
    assert_eq!(
        written(text, Dialect::DuckDb),
        ["가격::decimal(10, 2)", "가격", "\"나 다\".x", "cast(가격 as int)", "가격", "count(*) over ()"]
    );
    let text = "-- 주석\nselect sum(x) filter (where y > 0) over (order by z), (a + b) * 2, not exists (select 1)\n\
                from t where a is not null and b in (1, 2) and c between 1 and 2;\n-- 끝";
    assert_eq!(
        written(text, Dialect::DuckDb),
        [
            "sum(x) filter (where y > 0) over (order by z)",
            "x",
            "y > 0",
            "y",
            "0",
            "z",
            "(a + b) * 2",
            "(a + b)",
            "a",
            "b",
            "2",
            "not exists (select 1)",
            "1",
            "a is not null and b in (1, 2) and c between 1 and 2",
            "a is not null and b in (1, 2)",
            "a is not null",
            "a",
            "b in (1, 2)",
            "b",
            "1",
            "2",
            "c between 1 and 2",
            "c",
            "1",
            "2"
        ]
    );
    let text = "select v:a.b[0]::string, extract(year from d), interval '1' day, date '2020-01-01', [], trim(both 'x' from y)";
    assert_eq!(
        written(text, Dialect::Snowflake),
        [
            "v:a.b[0]::string",
            "v:a.b[0]",
            "v:a.b",
            "v:a",
            "v",
            "0",
            "extract(year from d)",
            "year",
            "d",
            "interval '1' day",
            "date '2020-01-01'",
            "[]",
            "trim(both 'x' from y)",
            "y",
            "'x'"
        ]
    );
}

#[test]
fn names_are_of_any_alphabet() {
    for dialect in Dialect::ALL {
        let query = parsed("select 도시, t.값 as 이름2 from 주문 t", dialect);
        assert_eq!(texts(query.table_names()[0]), ["주문"]);
    }
}

#[test]
fn queries_end_where_they_end() {
    let text = " (select a from t order by a desc nulls last limit 1) union all select b from u tablesample (10 rows) \
                order by 1 fetch first 2 rows only ; ";
    let query = parsed(text, Dialect::Postgres);
    assert_eq!(&text[query.at.range()], text.trim().trim_end_matches(';').trim());
    let Body::SetOperation(operation) = &query.body else { panic!() };
    let (Body::Query(left), Body::Select(right)) = (&operation.left, &operation.right) else { panic!() };
    assert_eq!(&text[left.at.range()], "select a from t order by a desc nulls last limit 1");
    assert_eq!(&text[right.at.range()], "select b from u tablesample (10 rows)");
    let text = "with a as (select 1), b (x) as (values (1), (2)) select * from a, b";
    let query = parsed(text, Dialect::DuckDb);
    let ctes: Vec<_> = query.ctes.iter().map(|cte| &text[cte.at.range()]).collect();
    assert_eq!(ctes, ["a as (select 1)", "b (x) as (values (1), (2))"]);
}

#[test]
fn one_thing_written_in_many_ways_is_one() {
    let same = [
        ("x::int", "cast(x as int)"),
        ("(x.y).upper()", "upper(x.y)"),
        ("extract(day from d)", "date_part('day', d)"),
    ];
    for (left, right) in same {
        let (left, right) = (expr(left, Dialect::DuckDb), expr(right, Dialect::DuckDb));
        match (left.kind, right.kind) {
            (
                ExprKind::Cast { to: left, is_try: false, .. },
                ExprKind::Cast { to: right, is_try: false, .. },
            ) => {
                assert_eq!((left.as_str(), right.as_str()), ("int", "int"));
            }
            (ExprKind::Call(left), ExprKind::Call(right)) => {
                assert_eq!(texts(&left.name), texts(&right.name));
                assert_eq!(left.arguments.len(), right.arguments.len());
            }
            other => panic!("{other:?}"),
        }
    }
    let ExprKind::Cast { to, to_at, is_try: true, .. } =
        expr("try_cast(x as struct(a int)[])", Dialect::DuckDb).kind
    else {
        panic!()
    };
    assert_eq!((to.as_str(), to_at), ("struct(a int)[]", TextRange::new(21, 36)));
    let ExprKind::Literal(Literal::Typed(kind, text)) =
        expr("timestamp with time zone '2020-01-01'", Dialect::Postgres).kind
    else {
        panic!()
    };
    assert_eq!((kind.as_str(), text.as_str()), ("timestamp with time zone", "2020-01-01"));
}

#[test]
fn stars_say_what_they_leave_out() {
    let text = "select t.* exclude (a, b) replace (c + 1 as c) rename (d as e), * not like 'x%' from t";
    let query = parsed(text, Dialect::DuckDb);
    let [SelectItem::Star(first), SelectItem::Star(second)] = &select(&query).items[..] else { panic!() };
    let Star { qualifier, exclude, replace, rename, at, .. } = first;
    assert_eq!((texts(qualifier), texts(exclude)), (vec!["t"], vec!["a", "b"]));
    assert_eq!(
        (replace[0].1.text.as_str(), rename[0].0.text.as_str(), rename[0].1.text.as_str()),
        ("c", "d", "e")
    );
    assert_eq!(&text[at.range()], "t.* exclude (a, b) replace (c + 1 as c) rename (d as e)");
    assert_eq!(second.pattern, Some(("not like".to_owned(), "x%".to_owned())));
    assert_eq!(&text[second.at.range()], "* not like 'x%'");
}

#[test]
fn joins_are_told_apart() {
    for (text, kind, is_asof) in [
        ("from a asof join b on a.x >= b.x", JoinKind::Inner, true),
        ("from a asof left join b using (x)", JoinKind::Left, true),
        ("from a positional join b", JoinKind::Positional, false),
        ("from a anti join b on a.x = b.x", JoinKind::Anti, false),
        ("from a full outer join b using (x, y)", JoinKind::Full, false),
        ("from a natural join b", JoinKind::Inner, false),
    ] {
        let query = parsed(text, Dialect::DuckDb);
        let [FromItem::Join(join)] = &select(&query).from[..] else { panic!() };
        assert_eq!((join.kind, join.is_asof), (kind, is_asof), "{text}");
        assert_eq!(&text[join.at.range()], &text["from ".len()..]);
    }
}

#[test]
fn names_of_several_tokens_have_places_of_their_own() {
    let text = "select 1 from `my-proj.ds.orders` join other-proj.ds.t on true join db.`x y` on true";
    let query = parsed(text, Dialect::BigQuery);
    let names: Vec<_> = query.table_names().into_iter().map(texts).collect();
    assert_eq!(names, [vec!["my-proj", "ds", "orders"], vec!["other-proj", "ds", "t"], vec!["db", "x y"]]);
}

#[test]
fn operators_that_sqlparser_has_not_are_read() {
    let op = |text, dialect| match expr(text, dialect).kind {
        ExprKind::Binary { op, .. } => op,
        other => panic!("{other:?}"),
    };
    assert_eq!(op("a div b", Dialect::Spark), BinaryOp::IntegerDivide);
    assert_eq!(op("a ** b", Dialect::DuckDb), BinaryOp::Power);
    assert_eq!(op("a ^ b", Dialect::Postgres), BinaryOp::Power);
    assert_eq!(op("a ^ b", Dialect::Spark), BinaryOp::Other("^".to_owned()));
    let ExprKind::Like { operator, .. } = expr("a glob 'x*'", Dialect::DuckDb).kind else { panic!() };
    assert_eq!(operator, "glob");
}

fn refused(text: &str, dialect: Dialect) -> (String, String) {
    let error = parse_query(text, dialect).expect_err(text);
    (error.message, text[error.at.range()].to_owned())
}

#[test]
fn what_is_no_query_is_refused_where_reading_stopped() {
    let said = |text: &str| refused(text, Dialect::DuckDb);
    let pair = |message: &str, at: &str| (message.to_owned(), at.to_owned());
    assert_eq!(said("insert into t select 1"), pair("expected a query, found `insert`", "insert"));
    assert_eq!(said("-- nothing\n"), pair("expected a query, found nothing", ""));
    assert_eq!(said("select 가 from t wher x"), pair("expected the end of the query, found `x`", "x"));
    assert_eq!(said("select 1; select 2"), pair("expected the end of the query, found `select`", "select"));
    assert_eq!(said("select (1"), pair("expected ), found the end of the query", ""));
    assert_eq!(said("select a,, b"), pair("expected an expression, found `,`", ","));
    assert_eq!(said("select '가"), pair("unterminated string literal", ""));
    assert!(refused("select a into b from c", Dialect::Postgres).0.contains("writes a table"));
}

/// Deep and long texts end in a tree or an error, on the small stack of a test's thread.
#[test]
fn no_depth_overflows_the_stack() {
    let chains = [" or ", " and ", " || ", " + "];
    for operator in chains {
        let text = format!("select {} from t", vec!["a"; 10_000].join(operator));
        let query = parse_query(&text, Dialect::DuckDb).expect(operator);
        let mut count = 0;
        query.for_each_expr(&mut |_| count += 1);
        assert_eq!(count, 19_999);
        assert_eq!(query.clone(), query);
    }
    let text = vec!["select 1 as a"; 5_000].join(" union all ");
    assert!(parse_query(&text, Dialect::DuckDb).is_ok());
    let text = format!("select {}1{}", "(".repeat(2_000), ")".repeat(2_000));
    assert!(parse_query(&text, Dialect::DuckDb).is_ok());
    for (open, close) in
        [("f(", ")"), ("(select ", ")"), ("not ", ""), ("case when ", " then 1 end"), ("[", "]"), ("- ", "")]
    {
        for depth in [500, 2_000, 50_000] {
            let text = format!("select {}1{}", open.repeat(depth), close.repeat(depth));
            let result = parse_query(&text, Dialect::DuckDb);
            assert_eq!(
                result.is_ok(),
                depth == 500 && !open.starts_with('('),
                "{open}{depth}: {:?}",
                result.err()
            );
        }
    }
    let text = format!("select a{} from t", " - b".repeat(20_000));
    assert_eq!(parse_query(&text, Dialect::DuckDb).unwrap_err().message, "the query is nested too deeply");
    let text = format!("select * from {}t{}", "(".repeat(3_000), ")".repeat(3_000));
    assert_eq!(parse_query(&text, Dialect::DuckDb).unwrap_err().message, "the query is nested too deeply");
    let text = format!("select a {} from t where )", " or a".repeat(50_000));
    assert!(parse_query(&text, Dialect::DuckDb).is_err());
}
