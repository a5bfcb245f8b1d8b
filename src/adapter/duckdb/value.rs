use ::duckdb::core::LogicalTypeId;
use ::duckdb::types::{TimeUnit, ValueRef};
use chrono::{DateTime, NaiveDate, NaiveTime};

use crate::adapter::Cell;

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

/// A value of a type that [`type_name`] knows; `None` when Rust has no word for the
/// value (a date in the year 5,877,642, infinity) and DuckDB must write it.
pub(super) fn cell(value: ValueRef<'_>, id: LogicalTypeId) -> Option<Cell> {
    Some(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Boolean(yes) => Cell::Bool(yes),
        ValueRef::TinyInt(number) => Cell::Int(number.into()),
        ValueRef::SmallInt(number) => Cell::Int(number.into()),
        ValueRef::Int(number) => Cell::Int(number.into()),
        ValueRef::BigInt(number) => Cell::Int(number.into()),
        ValueRef::HugeInt(number) => Cell::Int(number),
        ValueRef::UTinyInt(number) => Cell::Int(number.into()),
        ValueRef::USmallInt(number) => Cell::Int(number.into()),
        ValueRef::UInt(number) => Cell::Int(number.into()),
        ValueRef::UBigInt(number) => Cell::Int(number.into()),
        ValueRef::UHugeInt(number) => {
            i128::try_from(number).map_or_else(|_| Cell::Decimal(number.to_string()), Cell::Int)
        }
        // The shortest digits that are this float are those of the double to show.
        ValueRef::Float(number) => Cell::Float(number.to_string().parse().unwrap_or_else(|_| number.into())),
        ValueRef::Double(number) => Cell::Float(number),
        ValueRef::Decimal(decimal) => Cell::Decimal(decimal.to_string()),
        ValueRef::Text(bytes) => Cell::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) if id == LogicalTypeId::Blob => Cell::Bytes(bytes.to_vec()),
        ValueRef::Date32(days) => Cell::Date(NaiveDate::from_epoch_days(days)?),
        ValueRef::Time64(unit, time) => {
            let nanos = u64::try_from(time).ok()?.checked_mul(match unit {
                TimeUnit::Second => 1_000_000_000,
                TimeUnit::Millisecond => 1_000_000,
                TimeUnit::Microsecond => 1_000,
                TimeUnit::Nanosecond => 1,
            })?;
            let seconds = u32::try_from(nanos / 1_000_000_000).ok()?;
            let rest = u32::try_from(nanos % 1_000_000_000).ok()?;
            Cell::Time(NaiveTime::from_num_seconds_from_midnight_opt(seconds, rest)?)
        }
        // DuckDB's infinities.
        ValueRef::Timestamp(_, i64::MAX) => return None,
        ValueRef::Timestamp(_, time) if time == -i64::MAX => return None,
        ValueRef::Timestamp(unit, time) => {
            let time = match unit {
                TimeUnit::Second => DateTime::from_timestamp_secs(time)?,
                TimeUnit::Millisecond => DateTime::from_timestamp_millis(time)?,
                TimeUnit::Microsecond => DateTime::from_timestamp_micros(time)?,
                TimeUnit::Nanosecond => DateTime::from_timestamp_nanos(time),
            };
            match id {
                LogicalTypeId::TimestampTZ => Cell::TimestampTz(time),
                _ => Cell::Timestamp(time.naive_utc()),
            }
        }
        _ => return None,
    })
}
