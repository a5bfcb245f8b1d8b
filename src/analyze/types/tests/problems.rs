use super::super::common_type::Clash;
use super::*;

fn kinds(types: &[&str]) -> Vec<Option<DataType>> {
    types.iter().map(|kind| (*kind != "?").then(|| DataType::new(*kind))).collect()
}

/// The types of a set operation's columns, and what is said of them.
fn sides(dialect: Dialect, text: &str, left: &[&str], right: &[&str]) -> Vec<String> {
    let query = query(text, dialect);
    let Body::SetOperation(operation) = &query.body else { panic!("{text}") };
    let mut problems = Vec::new();
    let types = set_operation_types(operation, &kinds(left), &kinds(right), dialect, &mut problems);
    let told =
        problems.iter().map(|problem| format!("! {} at `{}`", problem.message, &text[problem.at.range()]));
    types.iter().map(|kind| kind.as_ref().map_or("?".to_owned(), ToString::to_string)).chain(told).collect()
}

#[test]
fn sides_of_set_operations_have_types_in_common() {
    let text = "select a, b from t union all select c, d from u";
    for (dialect, left, right, expected) in [
        (Dialect::DuckDb, ["INTEGER", "VARCHAR"], ["BIGINT", "VARCHAR"], vec!["BIGINT", "VARCHAR"]),
        (Dialect::DuckDb, ["DATE", "INTEGER"], ["VARCHAR", "DATE"], vec!["?", "?"]),
        (Dialect::DuckDb, ["DECIMAL(10,2)", "?"], ["INTEGER", "DATE"], vec!["DECIMAL(12,2)", "?"]),
        (
            Dialect::Postgres,
            ["integer", "numeric(10,2)"],
            ["integer", "numeric(10,2)"],
            vec!["integer", "numeric(10,2)"],
        ),
        (
            Dialect::Postgres,
            ["integer", "text"],
            ["integer", "date"],
            vec!["integer", "?", "! column 2 of UNION is `text` above and `date` below at `d`"],
        ),
        (Dialect::Snowflake, ["VARCHAR(10)", "DATE"], ["VARCHAR(20)", "DATE"], vec!["VARCHAR", "DATE"]),
        (
            Dialect::BigQuery,
            ["INT64", "DATE"],
            ["FLOAT64", "TIMESTAMP"],
            vec!["FLOAT64", "?", "! column 2 of UNION is `DATE` above and `TIMESTAMP` below at `d`"],
        ),
        (
            Dialect::Spark,
            ["int", "date"],
            ["string", "int"],
            vec!["?", "?", "! column 2 of UNION is `date` above and `int` below at `d`"],
        ),
    ] {
        assert_eq!(sides(dialect, text, &left, &right), expected, "{dialect:?}");
    }
}

#[test]
fn constants_take_the_type_of_the_other_side() {
    let text = "select null, 'x', 1 from t union all select a, b, c from u";
    for dialect in Dialect::ALL {
        let told = sides(dialect, text, &["?", "text", "integer"], &["date", "date", "text"]);
        assert!(told.iter().all(|told| !told.starts_with('!')), "{dialect:?}: {told:?}");
        assert_eq!(told[0], "date", "{dialect:?}");
    }
    // In a chain too, and behind a star.
    let text = "select null from t union all select null from u union all select a from v";
    assert_eq!(sides(Dialect::DuckDb, text, &["INTEGER"], &["DATE"]), ["DATE"]);
    let text = "select *, null from t union all select *, d from u";
    let (left, right) = (["integer", "integer"], ["integer", "date"]);
    assert_eq!(sides(Dialect::Postgres, text, &left, &right), ["integer", "date"]);
}

#[test]
fn columns_of_using_are_compared() {
    for (dialect, left, right, is_wrong) in [
        (Dialect::Postgres, "integer", "bigint", false),
        (Dialect::Postgres, "integer", "text", true),
        (Dialect::BigQuery, "INT64", "STRING", true),
        (Dialect::Snowflake, "NUMBER(38,0)", "VARCHAR", false),
        (Dialect::DuckDb, "INTEGER", "DATE", false),
        (Dialect::Spark, "int", "date", true),
        (Dialect::Postgres, "mood", "text", false),
    ] {
        let mut problems = Vec::new();
        let at = crate::sql::tree::TextRange::default();
        check_comparison(dialect, &DataType::new(left), &DataType::new(right), at, &mut problems);
        assert_eq!(problems.len(), usize::from(is_wrong), "{dialect:?}: {left}, {right}");
    }
}

#[test]
fn common_types_are_found_or_refused() {
    let common = |dialect, types: &[&str]| {
        common_type(dialect, &kinds(types)).map(|kind| kind.map(|kind| kind.to_string()))
    };
    assert_eq!(common(Dialect::DuckDb, &["INTEGER", "DECIMAL(5,2)"]), Ok(Some("DECIMAL(12,2)".to_owned())));
    assert_eq!(common(Dialect::DuckDb, &["INTEGER", "?"]), Ok(None));
    assert_eq!(common(Dialect::DuckDb, &[]), Ok(None));
    assert_eq!(common(Dialect::Postgres, &["varchar(5)", "varchar(5)"]), Ok(Some("varchar(5)".to_owned())));
    let clash = Clash { first: 0, second: 2 };
    assert_eq!(common(Dialect::Postgres, &["integer", "bigint", "date"]), Err(clash));
}

#[test]
fn what_is_wrong_is_told_at_its_place_with_what_to_do() {
    let world = World {
        dialect: Dialect::Postgres,
        columns: vec![("주문_일", "date"), ("s", "text"), ("i", "integer")],
    };
    let problem = |expr: &str| {
        let (_, mut problems) = world.type_of(expr);
        assert_eq!(problems.len(), 1, "{expr}: {problems:?}");
        let problem = problems.remove(0);
        let text = format!("select {expr} from t");
        (text[problem.at.range()].to_owned(), problem.code.name(), problem.help.unwrap_or_default())
    };
    assert_eq!(
        problem("주문_일 > i"),
        ("주문_일 > i".into(), "type-mismatch", "convert one side: `cast(… as date)`".into())
    );
    assert_eq!(
        problem("1 + sum(s)"),
        (
            "s".into(),
            "wrong-arguments",
            "it is called as `sum(integer)`, `sum(number)`, `sum(decimal)`, `sum(interval)`".into()
        )
    );
    assert_eq!(
        problem("split_part(s, ',')"),
        ("split_part".into(), "wrong-arguments", "it is called as `split_part(text, text, integer)`".into())
    );
    assert_eq!(
        problem("coalesec(s, '')"),
        ("coalesec".into(), "unknown-function", "a function with a similar name exists: `coalesce`".into())
    );
    let (_, problems) = world.type_of("case when i = 1 then s else i end");
    assert_eq!(problems[0].also.len(), 1);
}

#[test]
fn chains_and_nests_without_end_are_no_fault() {
    let world = World { dialect: Dialect::DuckDb, columns: vec![("i", "INTEGER")] };
    let chain = vec!["i"; 5000].join(" + ");
    assert_eq!(world.type_of(&chain).0.as_deref(), Some("INTEGER"));
    let nest = format!("{}i{}", "coalesce(".repeat(40), ", 1)".repeat(40));
    assert_eq!(world.type_of(&nest).0.as_deref(), Some("INTEGER"));
}
