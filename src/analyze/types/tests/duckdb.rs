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
    let (mut table, mut unknown) = (String::new(), 0);
    for line in include_str!("duckdb.txt").lines() {
        if let Some((expr, _)) = line.split_once(" => ? ") {
            unknown += 1;
            table.push_str(&format!("{expr} => ?\n"));
        } else {
            table.push_str(&format!("{line}\n"));
        }
    }
    let count = world.check(&table);
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
