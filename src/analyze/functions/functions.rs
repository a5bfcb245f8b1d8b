use std::collections::HashMap;
use std::sync::OnceLock;

use super::signature::{self, Family, Function};
use crate::diagnostic::suggest;
use crate::sql::{DataType, Dialect, TypeKind, Zone};

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::analyze) enum FunctionKind {
    Scalar,
    /// Of many rows one; with OVER a window function.
    Aggregate,
    /// Only with OVER.
    Window,
    /// Only in FROM.
    Table,
}

type Table = HashMap<&'static str, Function>;

/// The tables of a dialect; what stands in a later one replaces what an earlier one says.
fn texts(dialect: Dialect) -> &'static [&'static str] {
    const SHARED: &str = include_str!("shared.txt");
    const POSTGRES: &str = include_str!("postgres.txt");
    const SPARK: &str = include_str!("spark.txt");
    match dialect {
        Dialect::DuckDb => &[include_str!("duckdb.txt")],
        Dialect::Postgres => &[SHARED, POSTGRES],
        Dialect::Redshift => &[SHARED, POSTGRES, include_str!("redshift.txt")],
        Dialect::Snowflake => &[SHARED, include_str!("snowflake.txt")],
        Dialect::BigQuery => &[SHARED, include_str!("bigquery.txt")],
        Dialect::Spark => &[SHARED, SPARK],
        Dialect::Databricks => &[SHARED, SPARK, include_str!("databricks.txt")],
    }
}

/// Read once, when the first query of a dialect asks.
fn table(dialect: Dialect) -> &'static Table {
    static TABLES: [OnceLock<Table>; Dialect::ALL.len()] = [const { OnceLock::new() }; Dialect::ALL.len()];
    let place = Dialect::ALL.iter().position(|other| *other == dialect).unwrap_or_default();
    TABLES[place].get_or_init(|| {
        let mut table = Table::new();
        for text in texts(dialect) {
            let mut own = Table::new();
            for (name, function) in signature::read(text).0 {
                // The kinds stand in order: what may stand in FROM too is told of as a value.
                own.entry(name).or_insert(function);
            }
            table.extend(own);
        }
        table
    })
}

/// What is known of a function, by its name in any case of letters.
pub(in crate::analyze) fn lookup(dialect: Dialect, name: &str) -> Option<&'static Function> {
    let table = table(dialect);
    match table.get(name) {
        None if name.chars().any(char::is_uppercase) => table.get(name.to_lowercase().as_str()),
        found => found,
    }
}

/// The kind of a function, in any case of letters; `None` for one that is not known.
pub(in crate::analyze) fn find(dialect: Dialect, name: &str) -> Option<FunctionKind> {
    lookup(dialect, name).map(|function| function.kind)
}

/// The name that was meant, where a name that is not known is so near to one that it can only
/// be a slip. `None` for all others: they may be of an extension, or a user's own.
pub(in crate::analyze) fn near_name(dialect: Dialect, name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let is_long = name.chars().count() >= 5;
    if !is_long
        || lookup(dialect, &name).is_some()
        || EXTENSIONS.iter().any(|prefix| name.starts_with(prefix))
    {
        return None;
    }
    let letters = |name: &str| name.replace(|letter: char| letter.is_ascii_digit(), "");
    let mut near: Vec<&'static str> = table(dialect)
        .keys()
        .copied()
        // A slip is seldom in the first letter, and never in digits alone.
        .filter(|other| {
            other.as_bytes().first() == name.as_bytes().first() && letters(other) != letters(&name)
        })
        .collect();
    near.sort_unstable();
    let found = suggest::nearest(&name, near)?;
    let allowed = if name.chars().count() >= 8 { 2 } else { 1 };
    (suggest::distance(&name, found) <= allowed).then_some(found)
}

/// How the names of functions of known extensions begin (`PostGIS`, spatial, vss, inet,
/// H3, HLL sketches, Snowflake's Cortex …).
const EXTENSIONS: &[&str] = &[
    "st_",
    "h3_",
    "hll_",
    "ai_",
    "ml_",
    "net_",
    "hash_",
    "pg_",
    "ts_",
    "tsq_",
    "crypto_",
    "fts_",
    "spatial_",
    "geo_",
    "url_",
    "http_",
    "duckdb_",
    "sqlite_",
    "mysql_",
    "postgres_",
    "iceberg_",
    "delta_",
    "datasketch_",
    "theta_",
    "kll_",
    "uuid_",
    "inet_",
    "rapidfuzz_",
    "system$",
    "snowflake_",
    "bm25_",
    "jsonb_",
];

/// Whether an argument that is written as a plain name is a word of the function's grammar and
/// no column: `day` in `dateadd(day, 1, x)`. `place` is where it stands, from 0, and of how many.
pub(in crate::analyze) fn is_keyword_argument(
    dialect: Dialect,
    name: &str,
    place: (usize, usize),
    word: &str,
) -> bool {
    let (place, count) = place;
    let Some(function) = lookup(dialect, name) else { return false };
    let (mut is_any, mut is_all) = (false, true);
    for overload in &function.overloads {
        if overload.required <= count && (overload.rest.is_some() || count <= overload.parameters.len()) {
            let is_part = overload.parameters.get(place) == Some(&Family::Part);
            is_any |= is_part;
            is_all &= is_part;
        }
    }
    // Where it may be either, words that name no part are columns.
    is_any && (is_all || PARTS.contains(&word.to_lowercase().trim_end_matches('s')))
}

/// Words that name a part of a date or time, without the `s` of their plural.
const PARTS: &[&str] = &[
    "year",
    "yr",
    "yyyy",
    "yy",
    "quarter",
    "qtr",
    "q",
    "month",
    "mon",
    "mm",
    "week",
    "isoweek",
    "isoyear",
    "day",
    "dd",
    "d",
    "dayofweek",
    "dayofyear",
    "dow",
    "doy",
    "hour",
    "hh",
    "h",
    "hr",
    "minute",
    "min",
    "mi",
    "m",
    "second",
    "sec",
    "millisecond",
    "microsecond",
    "nanosecond",
    "decade",
    "century",
    "millennium",
    "epoch",
];

/// The type of a word that is called without parentheses: `current_date`. `None` for what is
/// no such word.
#[allow(clippy::match_same_arms)]
pub(in crate::analyze) fn bare_word(dialect: Dialect, name: &str) -> Option<DataType> {
    use Dialect::{BigQuery, Databricks, DuckDb, Postgres, Redshift, Snowflake, Spark};
    let kind = match (name.to_lowercase().as_str(), dialect) {
        ("current_date", _) => TypeKind::Date,
        ("current_datetime", BigQuery) => TypeKind::Timestamp(Zone::None),
        ("current_timestamp", Redshift) => TypeKind::Timestamp(Zone::Local),
        ("current_timestamp", _) => TypeKind::Timestamp(Zone::Local),
        ("sysdate", Redshift) => TypeKind::Timestamp(Zone::None),
        ("sysdate", Snowflake) | ("getdate", Redshift) => TypeKind::Timestamp(Zone::None),
        ("systimestamp", Snowflake) => TypeKind::Timestamp(Zone::Local),
        ("localtimestamp", DuckDb | Postgres | Redshift) => TypeKind::Timestamp(Zone::None),
        ("localtimestamp", Snowflake) => TypeKind::Timestamp(Zone::Local),
        ("localtimestamp", Spark | Databricks) => TypeKind::Timestamp(Zone::None),
        ("current_time", DuckDb | Postgres) => TypeKind::TimeTz,
        ("current_time", BigQuery | Snowflake) => TypeKind::Time,
        ("localtime", DuckDb | Postgres | Snowflake) => TypeKind::Time,
        (
            "current_user" | "session_user" | "user" | "current_role" | "current_catalog" | "current_schema"
            | "current_database" | "current_warehouse" | "current_account" | "current_region"
            | "current_timezone",
            _,
        ) => TypeKind::text(),
        _ => return None,
    };
    kind.data_type(dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_understood() {
        for dialect in Dialect::ALL {
            for text in texts(dialect) {
                let (functions, faults) = signature::read(text);
                assert_eq!(faults, Vec::<String>::new(), "{dialect:?}");
                assert!(functions.len() > 10, "{dialect:?}");
                assert!(functions.iter().all(|(name, _)| *name == name.to_lowercase()), "{dialect:?}");
            }
            assert!(table(dialect).len() >= 250, "{dialect:?} has {}", table(dialect).len());
        }
    }

    #[test]
    fn functions_are_found_and_slips_of_their_names_noticed() {
        assert_eq!(find(Dialect::DuckDb, "SUM"), Some(FunctionKind::Aggregate));
        assert_eq!(find(Dialect::Snowflake, "row_number"), Some(FunctionKind::Window));
        assert_eq!(find(Dialect::Postgres, "date_diff"), None);
        assert_eq!(near_name(Dialect::Postgres, "coalesec"), Some("coalesce"));
        assert_eq!(near_name(Dialect::BigQuery, "date_trun"), Some("date_trunc"));
        for name in ["sum", "my_macro", "st_distanc", "서울", "yeat", "h3_cell"] {
            assert_eq!(near_name(Dialect::DuckDb, name), None, "{name}");
        }
        assert!(is_keyword_argument(Dialect::Snowflake, "DateAdd", (0, 3), "day"));
        assert!(!is_keyword_argument(Dialect::Snowflake, "dateadd", (2, 3), "day"));
        assert!(is_keyword_argument(Dialect::BigQuery, "date_trunc", (1, 2), "month"));
        assert!(is_keyword_argument(Dialect::Snowflake, "date_trunc", (0, 2), "month"));
        assert!(!is_keyword_argument(Dialect::Snowflake, "date_trunc", (1, 2), "ordered_at"));
        assert!(!is_keyword_argument(Dialect::Spark, "date_add", (0, 2), "day"));
    }
}
