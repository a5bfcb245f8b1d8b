use super::World;
use crate::sql::Dialect;

#[test]
fn postgres() {
    let columns = vec![
        ("b", "boolean"),
        ("i2", "smallint"),
        ("i", "integer"),
        ("i8", "bigint"),
        ("n", "numeric(10,2)"),
        ("f", "real"),
        ("d", "double precision"),
        ("s", "text"),
        ("vc", "character varying(20)"),
        ("by", "bytea"),
        ("dt", "date"),
        ("tm", "time"),
        ("ts", "timestamp"),
        ("tz", "timestamptz"),
        ("iv", "interval"),
        ("u", "uuid"),
        ("j", "jsonb"),
        ("li", "integer[]"),
        ("mood", "mood"),
    ];
    let world = World { dialect: Dialect::Postgres, columns };
    assert!(world.check(include_str!("postgres.txt")) >= 60);
}

#[test]
fn redshift() {
    let columns = vec![
        ("b", "boolean"),
        ("i", "integer"),
        ("i8", "bigint"),
        ("n", "numeric(10,2)"),
        ("d", "double precision"),
        ("s", "varchar(20)"),
        ("dt", "date"),
        ("ts", "timestamp"),
        ("sup", "super"),
    ];
    let world = World { dialect: Dialect::Redshift, columns };
    assert!(world.check(include_str!("redshift.txt")) >= 60);
}

#[test]
fn snowflake() {
    let columns = vec![
        ("b", "BOOLEAN"),
        ("i", "NUMBER(38,0)"),
        ("n", "NUMBER(10,2)"),
        ("f", "FLOAT"),
        ("s", "VARCHAR"),
        ("dt", "DATE"),
        ("tm", "TIME"),
        ("ts", "TIMESTAMP_NTZ"),
        ("tz", "TIMESTAMP_TZ"),
        ("v", "VARIANT"),
        ("a", "ARRAY"),
        ("o", "OBJECT"),
    ];
    let world = World { dialect: Dialect::Snowflake, columns };
    assert!(world.check(include_str!("snowflake.txt")) >= 60);
}

#[test]
fn bigquery() {
    let columns = vec![
        ("b", "BOOL"),
        ("i", "INT64"),
        ("n", "NUMERIC"),
        ("bn", "BIGNUMERIC"),
        ("f", "FLOAT64"),
        ("s", "STRING"),
        ("by", "BYTES"),
        ("dt", "DATE"),
        ("tm", "TIME"),
        ("dtm", "DATETIME"),
        ("ts", "TIMESTAMP"),
        ("iv", "INTERVAL"),
        ("j", "JSON"),
        ("li", "ARRAY<INT64>"),
        ("ls", "ARRAY<STRING>"),
        ("st", "STRUCT<a INT64, b STRING>"),
    ];
    let world = World { dialect: Dialect::BigQuery, columns };
    assert!(world.check(include_str!("bigquery.txt")) >= 60);
}

#[test]
fn spark_and_databricks() {
    let columns = vec![
        ("b", "boolean"),
        ("i8", "tinyint"),
        ("i", "int"),
        ("l", "bigint"),
        ("n", "decimal(10,2)"),
        ("f", "float"),
        ("d", "double"),
        ("s", "string"),
        ("by", "binary"),
        ("dt", "date"),
        ("ts", "timestamp"),
        ("nz", "timestamp_ntz"),
        ("li", "array<int>"),
        ("m", "map<string,int>"),
        ("st", "struct<a:int,b:string>"),
        ("ls", "array<struct<a:int>>"),
    ];
    let world = World { dialect: Dialect::Spark, columns: columns.clone() };
    assert!(world.check(include_str!("spark.txt")) >= 60);
    World { dialect: Dialect::Databricks, columns }.check(include_str!("spark.txt"));
}
