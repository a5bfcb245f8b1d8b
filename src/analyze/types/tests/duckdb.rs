use std::path::Path;

use super::World;
use crate::adapter::duckdb::DuckDbAdapter;
use crate::adapter::{Adapter, Connection};
use crate::analyze::functions;
use crate::sql::Dialect;

pub(super) const COLUMNS: &[(&str, &str)] = &[
    ("b", "BOOLEAN"),
    ("i8", "TINYINT"),
    ("i16", "SMALLINT"),
    ("i", "INTEGER"),
    ("i64", "BIGINT"),
    ("i128", "HUGEINT"),
    ("u8", "UTINYINT"),
    ("u32", "UINTEGER"),
    ("u64", "UBIGINT"),
    ("d", "DECIMAL(10,2)"),
    ("d38", "DECIMAL(38,10)"),
    ("f", "FLOAT"),
    ("f64", "DOUBLE"),
    ("s", "VARCHAR"),
    ("bl", "BLOB"),
    ("dt", "DATE"),
    ("tm", "TIME"),
    ("ts", "TIMESTAMP"),
    ("iv", "INTERVAL"),
    ("u", "UUID"),
    ("j", "JSON"),
    ("li", "INTEGER[]"),
    ("ls", "VARCHAR[]"),
    ("st", "STRUCT(a INTEGER, b VARCHAR)"),
    ("m", "MAP(VARCHAR, INTEGER)"),
    ("e", "ENUM('a', 'b')"),
    ("ar", "INTEGER[3]"),
    ("lst", "STRUCT(a INTEGER)[]"),
    ("u16", "USMALLINT"),
    ("u128", "UHUGEINT"),
    ("bn", "BIGNUM"),
    ("bt", "BIT"),
    ("tmz", "TIMETZ"),
    ("tz", "TIMESTAMPTZ"),
    ("lf", "FLOAT[]"),
    ("ld", "DOUBLE[]"),
    ("l64", "BIGINT[]"),
    ("lb", "BOOLEAN[]"),
];

fn connection() -> Box<dyn Connection> {
    let adapter = DuckDbAdapter::new(&serde_json::Map::new(), Path::new("/")).unwrap();
    let mut connection = adapter.connect().unwrap();
    let columns: Vec<String> = COLUMNS.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
    connection.execute(&format!("create table t ({})", columns.join(", "))).unwrap();
    connection
}

fn cell(connection: &mut dyn Connection, sql: &str, place: usize) -> Result<String, String> {
    let rows = connection.query(sql).map_err(|error| error.to_string())?;
    Ok(rows.rows[0][place].to_string())
}

/// What stands in the table is what DuckDB itself says, so that it cannot be wrong.
#[test]
fn the_table_says_what_the_engine_says() {
    let mut connection = connection();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for line in include_str!("duckdb.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (expr, expected) = line.split_once(" => ").unwrap();
        let expected = expected.strip_prefix("? ").unwrap_or(expected);
        let told = cell(&mut *connection, &format!("describe select {expr} from t"), 1);
        if told.as_deref() != Ok(expected) {
            wrong.push(format!("{expr} => {told:?}   (not {expected})"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 300, "{count}");
}

#[test]
fn expressions_have_the_types_of_the_table() {
    let world = World { dialect: Dialect::DuckDb, columns: COLUMNS.to_vec() };
    // `? TYPE`: it has that type, and we do not know it.
    let mut unknown = 0;
    let lines = include_str!("duckdb.txt").lines().map(|line| match line.split_once(" => ? ") {
        Some((expr, _)) => {
            unknown += 1;
            format!("{expr} => ?")
        }
        None => line.to_owned(),
    });
    let table: Vec<String> = lines.collect();
    let count = world.check(&table.join("\n"));
    assert!(unknown * 10 < count, "{unknown} of {count} are not known");
}

#[test]
fn every_function_of_the_catalog_is_known() {
    let mut connection = connection();
    let names = "select distinct function_name from duckdb_functions() where \
        regexp_full_match(function_name, '[a-z][a-z0-9_]*') and function_type not in ('pragma') and internal \
        and not starts_with(function_name, 'icu_collate_') order by 1";
    let rows = connection.query(names).unwrap();
    let missing: Vec<String> = rows
        .rows
        .iter()
        .map(|row| row[0].to_string())
        .filter(|name| functions::find(Dialect::DuckDb, name).is_none())
        .collect();
    // A later DuckDB, or one with more extensions in it, may have some that are new.
    assert!(missing.len() < 40, "{missing:?}");
    assert!(rows.rows.len() > 500);
}

/// Whatever call the engine takes, we take, and know no other type for it.
#[test]
fn calls_of_every_form_in_the_catalog_are_taken() {
    let world = World { dialect: Dialect::DuckDb, columns: COLUMNS.to_vec() };
    let mut connection = connection();
    let forms = "select distinct function_name, array_to_string(list_transform(parameter_types, \
        lambda x: coalesce(x, 'ANY')), ';'), coalesce(varargs, '') from duckdb_functions() where \
        regexp_full_match(function_name, '[a-z][a-z0-9_]*') and function_type in ('scalar', 'aggregate', 'macro') \
        and internal and not starts_with(function_name, 'icu_collate_') order by all";
    let rows = connection.query(forms).unwrap();
    let column = |kind: &str| {
        let kind = match kind {
            "TIMESTAMP WITH TIME ZONE" => "TIMESTAMPTZ",
            "TIME WITH TIME ZONE" => "TIMETZ",
            "DECIMAL" => "DECIMAL(10,2)",
            "STRUCT" => "STRUCT(a INTEGER, b VARCHAR)",
            "MAP(K, V)" => "MAP(VARCHAR, INTEGER)",
            "ANY" | "T" | "K" | "V" => "INTEGER",
            "ANY[]" | "T[]" => "INTEGER[]",
            kind => kind,
        };
        COLUMNS.iter().find(|(_, other)| *other == kind).map(|(name, _)| *name)
    };
    let (mut wrong, mut count, mut typed) = (Vec::new(), 0, 0);
    for row in &rows.rows {
        let (name, types, varargs) = (row[0].to_string(), row[1].to_string(), row[2].to_string());
        let types = types.split(';').filter(|kind| !kind.is_empty());
        let Some(mut columns) = types.map(column).collect::<Option<Vec<_>>>() else { continue };
        for more in 0..2 {
            if more == 1 {
                let Some(rest) = column(&varargs) else { break };
                columns.push(rest);
            }
            let expr = format!("{name}({})", columns.join(", "));
            let Ok(expected) = cell(&mut *connection, &format!("describe select {expr} from t"), 1) else {
                continue;
            };
            count += 1;
            let (kind, problems) = world.type_of(&expr);
            typed += usize::from(kind.is_some());
            if !problems.is_empty() || kind.as_ref().is_some_and(|kind| *kind != expected) {
                let problems: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
                wrong.push(format!("{expr} => {expected}, not {kind:?} {problems:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 1000 && typed * 3 > count * 2, "{count} calls, {typed} with a type");
}
