use ::duckdb::core::LogicalTypeId;

use crate::adapter::value::Meaning;

/// The name of a type that has one word, or digits after it. `None` for those whose name
/// DuckDB must be asked.
pub(super) fn type_name(id: LogicalTypeId, sizes: (u8, u8)) -> Option<String> {
    Some(
        match id {
            LogicalTypeId::Boolean => "BOOLEAN",
            LogicalTypeId::Tinyint => "TINYINT",
            LogicalTypeId::Smallint => "SMALLINT",
            LogicalTypeId::Integer => "INTEGER",
            LogicalTypeId::Bigint => "BIGINT",
            LogicalTypeId::Hugeint => "HUGEINT",
            LogicalTypeId::UTinyint => "UTINYINT",
            LogicalTypeId::USmallint => "USMALLINT",
            LogicalTypeId::UInteger => "UINTEGER",
            LogicalTypeId::UBigint => "UBIGINT",
            LogicalTypeId::UHugeint => "UHUGEINT",
            LogicalTypeId::Float => "FLOAT",
            LogicalTypeId::Double => "DOUBLE",
            LogicalTypeId::Decimal => return Some(format!("DECIMAL({},{})", sizes.0, sizes.1)),
            LogicalTypeId::Varchar => "VARCHAR",
            LogicalTypeId::Blob => "BLOB",
            LogicalTypeId::Uuid => "UUID",
            LogicalTypeId::Date => "DATE",
            LogicalTypeId::Time => "TIME",
            LogicalTypeId::Timestamp => "TIMESTAMP",
            LogicalTypeId::TimestampS => "TIMESTAMP_S",
            LogicalTypeId::TimestampMs => "TIMESTAMP_MS",
            LogicalTypeId::TimestampNs => "TIMESTAMP_NS",
            LogicalTypeId::TimestampTZ => "TIMESTAMP WITH TIME ZONE",
            LogicalTypeId::SqlNull => "\"NULL\"",
            _ => return None,
        }
        .to_owned(),
    )
}

/// What the values of a type are that DuckDB gives to Arrow as something else.
pub(super) fn meaning(id: LogicalTypeId) -> Option<Meaning> {
    match id {
        LogicalTypeId::Hugeint => Some(Meaning::Whole),
        LogicalTypeId::UHugeint => Some(Meaning::Unsigned),
        _ => None,
    }
}
