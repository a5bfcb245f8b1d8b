//! How dialects write types, read and written.
//!
//! Sources: <https://duckdb.org/docs/stable/sql/data_types/overview>,
//! <https://www.postgresql.org/docs/current/datatype.html>,
//! <https://docs.snowflake.com/en/sql-reference/intro-summary-data-types>,
//! <https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types>,
//! <https://spark.apache.org/docs/latest/sql-ref-datatypes.html>,
//! <https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html>.

// Names stand in groups of what they are, and not of how many bits that comes to.
#![allow(clippy::match_same_arms)]

use super::{Dialect, TypeKind, Zone};

/// Deeper types than this are not taken apart.
const DEPTH: usize = 48;

pub(super) fn read(text: &str, dialect: Dialect) -> TypeKind {
    read_to(text, dialect, DEPTH)
}

fn read_to(text: &str, dialect: Dialect, depth: usize) -> TypeKind {
    let text = text.trim();
    if text.is_empty() || depth == 0 {
        return TypeKind::Unknown;
    }
    if let Some((item, size)) = bracketed(text) {
        let item = read_to(item, dialect, depth - 1);
        return match size.parse() {
            // Postgres writes a size and takes no notice of it.
            Ok(size) if dialect == Dialect::DuckDb => TypeKind::Array(Box::new(item), size),
            _ => TypeKind::list(item),
        };
    }
    let lower = text.to_lowercase();
    // Postgres: `integer ARRAY`.
    if let Some(item) = lower.strip_suffix(" array") {
        return TypeKind::list(read_to(item, dialect, depth - 1));
    }
    let Some(open) = text.find(['(', '<']) else { return scalar(&lower, &[], text, dialect) };
    let close = if text.as_bytes()[open] == b'(' { ')' } else { '>' };
    let Some(end) = text.rfind(close).filter(|end| *end > open) else {
        return TypeKind::Other(text.to_owned());
    };
    let (name, inside, after) = (text[..open].trim().to_lowercase(), &text[open + 1..end], &text[end + 1..]);
    let kind = |text: &str| read_to(text, dialect, depth - 1);
    let parts = pieces(inside);
    match (name.as_str(), parts.as_slice()) {
        ("array" | "list", [item]) => TypeKind::list(kind(not_null(item))),
        ("map", [key, value]) => TypeKind::map(kind(key), kind(not_null(value))),
        ("struct" | "row" | "object", fields) => {
            let field = |field: &&str| {
                let (name, rest) = field_name(field);
                (name, kind(not_null(rest)))
            };
            TypeKind::Struct(fields.iter().map(field).collect())
        }
        ("enum", _) => TypeKind::Enum(inside.trim().to_owned()),
        ("nullable", [item]) => kind(item),
        _ => {
            let sizes: Option<Vec<i64>> = parts.iter().map(|size| size.trim().parse().ok()).collect();
            let Some(sizes) = sizes else {
                // `varchar(max)` of Redshift, and what has no numbers for another reason.
                return match name.as_str() {
                    "varchar" | "nvarchar" | "character varying" => TypeKind::Text(None),
                    "geometry" | "geography" => TypeKind::Geography,
                    _ => TypeKind::Other(text.to_owned()),
                };
            };
            let name = format!("{name} {}", after.trim().to_lowercase());
            scalar(name.trim_end(), &sizes, text, dialect)
        }
    }
}

/// Item and size of `item[size]`.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_suffix(']')?;
    let open = inside.rfind('[')?;
    Some((&inside[..open], inside[open + 1..].trim()))
}

/// `a INT NOT NULL` and `a STRING COMMENT 'x'` without what does not belong to the type.
fn not_null(text: &str) -> &str {
    let lower = text.to_ascii_lowercase();
    [" not null", " comment ", " options(", " collate "]
        .iter()
        .filter_map(|word| lower.find(word))
        .min()
        .map_or(text, |end| &text[..end])
        .trim()
}

/// Name and type of a struct's field; BigQuery has fields without a name.
fn field_name(field: &str) -> (String, &str) {
    let field = field.trim();
    if let Some(quote @ ('"' | '`')) = field.chars().next() {
        let mut name = String::new();
        let mut letters = field.char_indices().skip(1).peekable();
        while let Some((at, letter)) = letters.next() {
            if letter == quote {
                if letters.peek().is_some_and(|(_, next)| *next == quote) {
                    letters.next();
                } else {
                    return (name, field[at + 1..].trim_start_matches([':', ' ']));
                }
            }
            name.push(letter);
        }
        return (name, "");
    }
    let end = field.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(field.len());
    let rest = field[end..].trim_start();
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    if rest.is_empty() || rest.starts_with(['(', '<', '[']) {
        return (String::new(), field);
    }
    (field[..end].to_owned(), rest)
}

/// The parts between commas, brackets and quotes heeded.
fn pieces(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(letter),
            (None, '(' | '<' | '[') => depth += 1,
            (None, ')' | '>' | ']') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// A type of one or a few words, small.
fn scalar(name: &str, sizes: &[i64], text: &str, dialect: Dialect) -> TypeKind {
    use Dialect::{BigQuery, Databricks, DuckDb, Postgres, Redshift, Snowflake, Spark};
    let length = || sizes.first().and_then(|size| u64::try_from(*size).ok());
    let integer = |bits| match dialect {
        // All names of integers mean the same there.
        Snowflake => TypeKind::Decimal(Some((38, 0))),
        BigQuery => TypeKind::integer(64),
        _ => TypeKind::integer(bits),
    };
    let unsigned = |bits| TypeKind::Integer { bits, is_signed: false };
    match name {
        "null" | "\"null\"" | "void" => TypeKind::Null,
        "bool" | "boolean" | "logical" => TypeKind::Boolean,
        "tinyint" | "int1" | "byte" | "byteint" => integer(8),
        "smallint" | "int2" | "short" | "smallserial" | "serial2" => integer(16),
        "int" | "integer" | "int4" | "serial" | "serial4" | "signed" | "mediumint" => integer(32),
        "int32" => integer(32),
        "int16" => integer(16),
        "bigint" | "int64" | "long" | "bigserial" | "serial8" => integer(64),
        // Eight bytes everywhere; DuckDB takes it so too.
        "int8" => integer(64),
        "hugeint" | "int128" => integer(128),
        "bignum" | "varint" => integer(0),
        "oid" => TypeKind::Other(text.to_owned()),
        "utinyint" | "uint8" => unsigned(8),
        "usmallint" | "uint16" => unsigned(16),
        "uinteger" | "uint32" => unsigned(32),
        "ubigint" | "uint64" => unsigned(64),
        "uhugeint" | "uint128" => unsigned(128),
        "decimal" | "numeric" | "dec" | "number" | "fixed" | "bignumeric" | "bigdecimal" => {
            TypeKind::Decimal(decimal_sizes(name, sizes, dialect))
        }
        "float4" | "real" if !matches!(dialect, Snowflake) => TypeKind::Float,
        "float" => match dialect {
            DuckDb | Spark | Databricks => TypeKind::Float,
            Postgres | Redshift if length().is_some_and(|bits| bits <= 24) => TypeKind::Float,
            _ => TypeKind::Double,
        },
        "float4" | "real" | "double" | "float8" | "float64" | "double precision" => TypeKind::Double,
        "varchar" | "character varying" | "nvarchar" | "nvarchar2" | "char varying" | "nchar varying"
        | "varchar2" => TypeKind::Text(length()),
        "char" | "character" | "nchar" | "bpchar" | "national character" => {
            // One letter, where nothing is said; DuckDB does not heed sizes.
            TypeKind::Text(
                length()
                    .or((!matches!(dialect, DuckDb | Spark | Databricks) && name != "bpchar").then_some(1)),
            )
        }
        "text" if dialect == Redshift => TypeKind::Text(Some(256)),
        "text" | "string" | "name" | "citext" | "tinytext" | "mediumtext" | "longtext" => {
            TypeKind::Text(length())
        }
        "blob" | "bytea" | "binary" | "varbinary" | "bytes" | "varbyte" | "binary varying" => TypeKind::Blob,
        "bit" | "bitstring" | "bit varying" | "varbit" => TypeKind::Bit,
        "date" => TypeKind::Date,
        "time" | "time without time zone" => TypeKind::Time,
        "timetz" | "time with time zone" => TypeKind::TimeTz,
        "timestamp" => match dialect {
            BigQuery | Spark | Databricks => TypeKind::Timestamp(Zone::Local),
            _ => TypeKind::Timestamp(Zone::None),
        },
        "datetime"
        | "timestamp without time zone"
        | "timestamp_ntz"
        | "timestampntz"
        | "timestamp_us"
        | "timestamp without timezone" => TypeKind::Timestamp(Zone::None),
        "timestamptz" | "timestamp with time zone" | "timestamp_tz" | "timestamp with timezone" => {
            TypeKind::Timestamp(if dialect == Snowflake { Zone::Kept } else { Zone::Local })
        }
        "timestamp_ltz" | "timestampltz" | "timestamp with local time zone" => {
            TypeKind::Timestamp(Zone::Local)
        }
        "uuid" | "guid" => TypeKind::Uuid,
        "json" | "jsonb" => TypeKind::Json,
        "variant" | "super" => TypeKind::Variant,
        "array" | "list" => TypeKind::list(TypeKind::Unknown),
        "object" => TypeKind::map(TypeKind::text(), TypeKind::Unknown),
        "geography" | "geometry" => TypeKind::Geography,
        _ if name.split(' ').next() == Some("interval") => TypeKind::Interval,
        _ => TypeKind::Other(text.to_owned()),
    }
}

/// What a decimal without sizes has in a dialect.
fn decimal_sizes(name: &str, sizes: &[i64], dialect: Dialect) -> Option<(u16, i16)> {
    let size = |at: usize| sizes.get(at).copied();
    match size(0) {
        Some(precision) => Some((u16::try_from(precision).ok()?, i16::try_from(size(1).unwrap_or(0)).ok()?)),
        None => match dialect {
            Dialect::DuckDb => Some((18, 3)),
            Dialect::Snowflake => Some((38, 0)),
            Dialect::BigQuery if name.starts_with("big") => Some((76, 38)),
            Dialect::BigQuery => Some((38, 9)),
            Dialect::Spark | Dialect::Databricks => Some((10, 0)),
            Dialect::Redshift => Some((18, 0)),
            // Without end.
            Dialect::Postgres => None,
        },
    }
}

/// The name of a type that needs no sizes.
pub(super) fn word(kind: &TypeKind, dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::DuckDb => duckdb_word(kind),
        Dialect::Postgres | Dialect::Redshift => postgres_word(kind, dialect),
        Dialect::Snowflake => snowflake_word(kind),
        Dialect::BigQuery => bigquery_word(kind),
        Dialect::Spark | Dialect::Databricks => spark_word(kind),
    }
}

fn duckdb_word(kind: &TypeKind) -> Option<&'static str> {
    Some(match kind {
        TypeKind::Null => "\"NULL\"",
        TypeKind::Boolean => "BOOLEAN",
        TypeKind::Integer { bits: 8, is_signed: true } => "TINYINT",
        TypeKind::Integer { bits: 16, is_signed: true } => "SMALLINT",
        TypeKind::Integer { bits: 32, is_signed: true } => "INTEGER",
        TypeKind::Integer { bits: 64, is_signed: true } => "BIGINT",
        TypeKind::Integer { bits: 128, is_signed: true } => "HUGEINT",
        TypeKind::Integer { bits: 8, is_signed: false } => "UTINYINT",
        TypeKind::Integer { bits: 16, is_signed: false } => "USMALLINT",
        TypeKind::Integer { bits: 32, is_signed: false } => "UINTEGER",
        TypeKind::Integer { bits: 64, is_signed: false } => "UBIGINT",
        TypeKind::Integer { bits: 128, is_signed: false } => "UHUGEINT",
        TypeKind::Integer { .. } => "BIGNUM",
        TypeKind::Float => "FLOAT",
        TypeKind::Double => "DOUBLE",
        TypeKind::Text(_) => "VARCHAR",
        TypeKind::Blob => "BLOB",
        TypeKind::Bit => "BIT",
        TypeKind::Date => "DATE",
        TypeKind::Time => "TIME",
        TypeKind::TimeTz => "TIME WITH TIME ZONE",
        TypeKind::Timestamp(Zone::None) => "TIMESTAMP",
        TypeKind::Timestamp(_) => "TIMESTAMP WITH TIME ZONE",
        TypeKind::Interval => "INTERVAL",
        TypeKind::Uuid => "UUID",
        TypeKind::Json => "JSON",
        TypeKind::Variant => "VARIANT",
        TypeKind::Geography => "GEOMETRY",
        _ => return None,
    })
}

fn postgres_word(kind: &TypeKind, dialect: Dialect) -> Option<&'static str> {
    let is_redshift = dialect == Dialect::Redshift;
    Some(match kind {
        TypeKind::Null => "unknown",
        TypeKind::Boolean => "boolean",
        TypeKind::Integer { bits: 8 | 16, .. } => "smallint",
        TypeKind::Integer { bits: 32, .. } => "integer",
        TypeKind::Integer { bits: 64, .. } => "bigint",
        TypeKind::Integer { .. } => "numeric",
        TypeKind::Float => "real",
        TypeKind::Double => "double precision",
        TypeKind::Blob if is_redshift => "varbyte",
        TypeKind::Blob => "bytea",
        TypeKind::Date => "date",
        TypeKind::Time => "time without time zone",
        TypeKind::TimeTz => "time with time zone",
        TypeKind::Timestamp(Zone::None) => "timestamp without time zone",
        TypeKind::Timestamp(_) => "timestamp with time zone",
        TypeKind::Interval => "interval",
        TypeKind::Uuid => "uuid",
        TypeKind::Json => "jsonb",
        TypeKind::Variant => "super",
        TypeKind::Geography => "geometry",
        _ => return None,
    })
}

fn snowflake_word(kind: &TypeKind) -> Option<&'static str> {
    Some(match kind {
        TypeKind::Null => "NULL",
        TypeKind::Boolean => "BOOLEAN",
        TypeKind::Integer { .. } => "NUMBER",
        TypeKind::Float | TypeKind::Double => "FLOAT",
        TypeKind::Blob => "BINARY",
        TypeKind::Date => "DATE",
        TypeKind::Time | TypeKind::TimeTz => "TIME",
        TypeKind::Timestamp(Zone::None) => "TIMESTAMP_NTZ",
        TypeKind::Timestamp(Zone::Local) => "TIMESTAMP_LTZ",
        TypeKind::Timestamp(Zone::Kept) => "TIMESTAMP_TZ",
        TypeKind::Interval => "INTERVAL",
        TypeKind::Json | TypeKind::Variant => "VARIANT",
        TypeKind::Geography => "GEOGRAPHY",
        _ => return None,
    })
}

fn bigquery_word(kind: &TypeKind) -> Option<&'static str> {
    Some(match kind {
        TypeKind::Null | TypeKind::Integer { .. } => "INT64",
        TypeKind::Boolean => "BOOL",
        TypeKind::Float | TypeKind::Double => "FLOAT64",
        TypeKind::Blob => "BYTES",
        TypeKind::Date => "DATE",
        TypeKind::Time | TypeKind::TimeTz => "TIME",
        TypeKind::Timestamp(Zone::None) => "DATETIME",
        TypeKind::Timestamp(_) => "TIMESTAMP",
        TypeKind::Interval => "INTERVAL",
        TypeKind::Uuid => "STRING",
        TypeKind::Json | TypeKind::Variant => "JSON",
        TypeKind::Geography => "GEOGRAPHY",
        _ => return None,
    })
}

fn spark_word(kind: &TypeKind) -> Option<&'static str> {
    Some(match kind {
        TypeKind::Null => "void",
        TypeKind::Boolean => "boolean",
        TypeKind::Integer { bits: 8, .. } => "tinyint",
        TypeKind::Integer { bits: 16, .. } => "smallint",
        TypeKind::Integer { bits: 32, .. } => "int",
        TypeKind::Integer { bits: 64, .. } => "bigint",
        TypeKind::Integer { .. } => "decimal(38,0)",
        TypeKind::Float => "float",
        TypeKind::Double => "double",
        TypeKind::Blob => "binary",
        TypeKind::Date => "date",
        TypeKind::Timestamp(Zone::None) => "timestamp_ntz",
        TypeKind::Timestamp(_) => "timestamp",
        TypeKind::Interval => "interval",
        TypeKind::Uuid | TypeKind::Json => "string",
        TypeKind::Variant => "variant",
        TypeKind::Geography => "geography",
        _ => return None,
    })
}

pub(super) fn decimal(sizes: Option<(u16, i16)>, dialect: Dialect) -> String {
    let name = match dialect {
        Dialect::DuckDb => "DECIMAL",
        Dialect::Postgres | Dialect::Redshift => "numeric",
        Dialect::Snowflake => "NUMBER",
        Dialect::BigQuery => match sizes {
            None | Some((38, 9)) => return "NUMERIC".to_owned(),
            Some((76, 38)) => return "BIGNUMERIC".to_owned(),
            Some((precision, _)) if precision > 38 => "BIGNUMERIC",
            Some(_) => "NUMERIC",
        },
        Dialect::Spark | Dialect::Databricks => "decimal",
    };
    match sizes {
        Some((precision, scale)) => format!("{name}({precision},{scale})"),
        None => name.to_owned(),
    }
}

pub(super) fn text(size: Option<u64>, dialect: Dialect) -> String {
    let (name, endless) = match dialect {
        Dialect::DuckDb => ("VARCHAR", "VARCHAR"),
        Dialect::Postgres => ("character varying", "text"),
        Dialect::Redshift => ("character varying", "character varying"),
        Dialect::Snowflake => ("VARCHAR", "VARCHAR"),
        Dialect::BigQuery => ("STRING", "STRING"),
        Dialect::Spark | Dialect::Databricks => return "string".to_owned(),
    };
    match size {
        Some(size) => format!("{name}({size})"),
        None => endless.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_and_written_by_their_dialect() {
        for (dialect, text, expected) in [
            (Dialect::DuckDb, "decimal", "DECIMAL(18,3)"),
            (Dialect::DuckDb, " numeric ( 5 ) ", "DECIMAL(5,0)"),
            (Dialect::DuckDb, "character varying(20)", "VARCHAR"),
            (
                Dialect::DuckDb,
                "STRUCT(a INTEGER, \"B c\" text[])[]",
                "STRUCT(a INTEGER, \"B c\" VARCHAR[])[]",
            ),
            (Dialect::DuckDb, "MAP(VARCHAR, STRUCT(x int8))", "MAP(VARCHAR, STRUCT(x BIGINT))"),
            (Dialect::DuckDb, "ENUM('가', '나, )')", "ENUM('가', '나, )')"),
            (Dialect::DuckDb, "float[3]", "FLOAT[3]"),
            (Dialect::DuckDb, "timestamptz", "TIMESTAMP WITH TIME ZONE"),
            (Dialect::DuckDb, "TIMESTAMP_NS", "TIMESTAMP_NS"),
            (Dialect::DuckDb, "uint8", "UTINYINT"),
            (Dialect::Postgres, "timestamp(3) with time zone", "timestamp with time zone"),
            (Dialect::Postgres, "int8[]", "bigint[]"),
            (Dialect::Postgres, "integer array", "integer[]"),
            (Dialect::Postgres, "float", "double precision"),
            (Dialect::Postgres, "float(10)", "real"),
            (Dialect::Postgres, "varchar(5)", "character varying(5)"),
            (Dialect::Postgres, "numeric", "numeric"),
            (Dialect::Postgres, "my_schema.mood", "my_schema.mood"),
            (Dialect::Snowflake, "int", "NUMBER(38,0)"),
            (Dialect::Snowflake, "number(10,2)", "NUMBER(10,2)"),
            (Dialect::Snowflake, "double precision", "FLOAT"),
            (Dialect::Snowflake, "timestamp_ltz(9)", "TIMESTAMP_LTZ"),
            (Dialect::Snowflake, "array(number(5,0) not null)", "ARRAY"),
            (Dialect::Snowflake, "variant", "VARIANT"),
            (
                Dialect::BigQuery,
                "ARRAY<STRUCT<a INT64, b STRING(10)>>",
                "ARRAY<STRUCT<a INT64, b STRING(10)>>",
            ),
            (Dialect::BigQuery, "STRUCT<INT64, STRING>", "STRUCT<INT64, STRING>"),
            (Dialect::BigQuery, "integer", "INT64"),
            (Dialect::BigQuery, "bignumeric", "BIGNUMERIC"),
            (Dialect::BigQuery, "datetime", "DATETIME"),
            (
                Dialect::Spark,
                "STRUCT<a: INT COMMENT 'x, y', b: ARRAY<STRING>>",
                "struct<a:int,b:array<string>>",
            ),
            (Dialect::Databricks, "map<string,long>", "map<string,bigint>"),
            (Dialect::Spark, "timestamp", "timestamp"),
            (Dialect::Redshift, "varchar(max)", "character varying"),
            (Dialect::Redshift, "text", "character varying(256)"),
            (Dialect::Redshift, "super", "super"),
        ] {
            let read = TypeKind::read(text, dialect);
            let name = read.data_type(dialect).map(|name| name.to_string());
            assert_eq!(name.as_deref(), Some(expected), "{text} of {dialect:?}: {read:?}");
        }
    }

    #[test]
    fn odd_types_are_something_else_and_never_a_fault() {
        for text in
            ["", "(", ")(", "<", "a(b", "]", "[", "[]", "struct(", "ENUM(", "'", "열(가", "x<", "map(a)"]
        {
            for dialect in Dialect::ALL {
                let kind = TypeKind::read(text, dialect);
                assert!(!kind.is_number() && kind != TypeKind::Boolean, "{text}");
            }
        }
        let deep = "[]".repeat(4000);
        assert!(!TypeKind::read(&format!("int{deep}"), Dialect::DuckDb).is_known());
        assert!(!TypeKind::read(&"array<".repeat(4000), Dialect::BigQuery).is_number());
    }
}
