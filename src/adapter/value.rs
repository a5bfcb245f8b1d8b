//! Reads single values out of Arrow arrays, for the batches of every warehouse.

use std::collections::HashMap;

use arrow::array::{
    Array, BinaryArray, BooleanArray, Date32Array, Decimal32Array, Decimal64Array, Decimal128Array,
    Decimal256Array, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array,
    LargeBinaryArray, LargeStringArray, StringArray, StringViewArray, Time64MicrosecondArray,
    Time64NanosecondArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow::datatypes::{DataType, Field, TimeUnit};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::Cell;

/// The key of a field's metadata that says what its texts stand for.
const MEANING: &str = "xform.meaning";

/// What the values of a column are that Arrow has no type for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Digits of any number, as text.
    Decimal,
    /// Whatever the warehouse prints: lists, ranges, intervals.
    Other,
    /// Whole numbers that are written as a decimal of 38 digits.
    Whole,
    /// Whole numbers without sign in the bits of those with one.
    Unsigned,
}

impl Meaning {
    fn name(self) -> &'static str {
        match self {
            Meaning::Decimal => "decimal",
            Meaning::Other => "other",
            Meaning::Whole => "whole",
            Meaning::Unsigned => "unsigned",
        }
    }

    /// The metadata of a field with values of that meaning.
    pub fn metadata(self) -> HashMap<String, String> {
        HashMap::from([(MEANING.to_owned(), self.name().to_owned())])
    }

    fn of(field: &Field) -> Option<Self> {
        let name = field.metadata().get(MEANING)?;
        [Meaning::Decimal, Meaning::Other, Meaning::Whole, Meaning::Unsigned]
            .into_iter()
            .find(|meaning| meaning.name() == name)
    }
}

/// A column whose type is known.
pub(super) struct Reader<'a> {
    meaning: Option<Meaning>,
    has_zone: bool,
    array: &'a dyn Array,
    values: Values<'a>,
}

enum Values<'a> {
    Null,
    Bool(&'a BooleanArray),
    Int8(&'a Int8Array),
    Int16(&'a Int16Array),
    Int32(&'a Int32Array),
    Int64(&'a Int64Array),
    UInt8(&'a UInt8Array),
    UInt16(&'a UInt16Array),
    UInt32(&'a UInt32Array),
    UInt64(&'a UInt64Array),
    Float32(&'a Float32Array),
    Float64(&'a Float64Array),
    Decimal32(&'a Decimal32Array),
    Decimal64(&'a Decimal64Array),
    Decimal128(&'a Decimal128Array),
    Decimal256(&'a Decimal256Array),
    Text(&'a StringArray),
    LargeText(&'a LargeStringArray),
    TextView(&'a StringViewArray),
    Bytes(&'a BinaryArray),
    LargeBytes(&'a LargeBinaryArray),
    Date(&'a Date32Array),
    TimeMicros(&'a Time64MicrosecondArray),
    TimeNanos(&'a Time64NanosecondArray),
    Seconds(&'a TimestampSecondArray),
    Millis(&'a TimestampMillisecondArray),
    Micros(&'a TimestampMicrosecondArray),
    Nanos(&'a TimestampNanosecondArray),
}

impl<'a> Reader<'a> {
    /// `None` for a type whose values have no [`Cell`].
    pub fn new(field: &Field, array: &'a dyn Array) -> Option<Self> {
        let any = array.as_any();
        let values = match array.data_type() {
            DataType::Null => Values::Null,
            DataType::Boolean => Values::Bool(any.downcast_ref()?),
            DataType::Int8 => Values::Int8(any.downcast_ref()?),
            DataType::Int16 => Values::Int16(any.downcast_ref()?),
            DataType::Int32 => Values::Int32(any.downcast_ref()?),
            DataType::Int64 => Values::Int64(any.downcast_ref()?),
            DataType::UInt8 => Values::UInt8(any.downcast_ref()?),
            DataType::UInt16 => Values::UInt16(any.downcast_ref()?),
            DataType::UInt32 => Values::UInt32(any.downcast_ref()?),
            DataType::UInt64 => Values::UInt64(any.downcast_ref()?),
            DataType::Float32 => Values::Float32(any.downcast_ref()?),
            DataType::Float64 => Values::Float64(any.downcast_ref()?),
            DataType::Decimal32(..) => Values::Decimal32(any.downcast_ref()?),
            DataType::Decimal64(..) => Values::Decimal64(any.downcast_ref()?),
            DataType::Decimal128(..) => Values::Decimal128(any.downcast_ref()?),
            DataType::Decimal256(..) => Values::Decimal256(any.downcast_ref()?),
            DataType::Utf8 => Values::Text(any.downcast_ref()?),
            DataType::LargeUtf8 => Values::LargeText(any.downcast_ref()?),
            DataType::Utf8View => Values::TextView(any.downcast_ref()?),
            DataType::Binary => Values::Bytes(any.downcast_ref()?),
            DataType::LargeBinary => Values::LargeBytes(any.downcast_ref()?),
            DataType::Date32 => Values::Date(any.downcast_ref()?),
            DataType::Time64(TimeUnit::Microsecond) => Values::TimeMicros(any.downcast_ref()?),
            DataType::Time64(TimeUnit::Nanosecond) => Values::TimeNanos(any.downcast_ref()?),
            DataType::Timestamp(TimeUnit::Second, _) => Values::Seconds(any.downcast_ref()?),
            DataType::Timestamp(TimeUnit::Millisecond, _) => Values::Millis(any.downcast_ref()?),
            DataType::Timestamp(TimeUnit::Microsecond, _) => Values::Micros(any.downcast_ref()?),
            DataType::Timestamp(TimeUnit::Nanosecond, _) => Values::Nanos(any.downcast_ref()?),
            _ => return None,
        };
        let has_zone = matches!(array.data_type(), DataType::Timestamp(_, Some(_)));
        Some(Self { meaning: Meaning::of(field), has_zone, array, values })
    }

    /// The value of a row (from 0); `None` when Rust has no word for it: a date in the year
    /// 5,877,642, infinity.
    pub fn cell(&self, row: usize) -> Option<Cell> {
        if self.array.is_null(row) {
            return Some(Cell::Null);
        }
        let text = |text: &str| match self.meaning {
            Some(Meaning::Decimal) => Cell::Decimal(text.to_owned()),
            Some(Meaning::Other) => Cell::Other(text.to_owned()),
            _ => Cell::Text(text.to_owned()),
        };
        Some(match &self.values {
            Values::Null => Cell::Null,
            Values::Bool(array) => Cell::Bool(array.value(row)),
            Values::Int8(array) => Cell::Int(array.value(row).into()),
            Values::Int16(array) => Cell::Int(array.value(row).into()),
            Values::Int32(array) => Cell::Int(array.value(row).into()),
            Values::Int64(array) => Cell::Int(array.value(row).into()),
            Values::UInt8(array) => Cell::Int(array.value(row).into()),
            Values::UInt16(array) => Cell::Int(array.value(row).into()),
            Values::UInt32(array) => Cell::Int(array.value(row).into()),
            Values::UInt64(array) => Cell::Int(array.value(row).into()),
            // The shortest digits that are this float are those of the double to show.
            Values::Float32(array) => {
                let number = array.value(row);
                Cell::Float(number.to_string().parse().unwrap_or_else(|_| number.into()))
            }
            Values::Float64(array) => Cell::Float(array.value(row)),
            Values::Decimal32(array) => Cell::Decimal(array.value_as_string(row)),
            Values::Decimal64(array) => Cell::Decimal(array.value_as_string(row)),
            Values::Decimal128(array) => match self.meaning {
                Some(Meaning::Whole) => Cell::Int(array.value(row)),
                Some(Meaning::Unsigned) => {
                    let number = array.value(row).cast_unsigned();
                    i128::try_from(number).map_or_else(|_| Cell::Decimal(number.to_string()), Cell::Int)
                }
                _ => Cell::Decimal(array.value_as_string(row)),
            },
            Values::Decimal256(array) => Cell::Decimal(array.value_as_string(row)),
            Values::Text(array) => text(array.value(row)),
            Values::LargeText(array) => text(array.value(row)),
            Values::TextView(array) => text(array.value(row)),
            Values::Bytes(array) => Cell::Bytes(array.value(row).to_vec()),
            Values::LargeBytes(array) => Cell::Bytes(array.value(row).to_vec()),
            Values::Date(array) => Cell::Date(NaiveDate::from_epoch_days(array.value(row))?),
            Values::TimeMicros(array) => time(array.value(row).checked_mul(1_000)?)?,
            Values::TimeNanos(array) => time(array.value(row))?,
            Values::Seconds(array) => self.timestamp(array.value(row), DateTime::from_timestamp_secs)?,
            Values::Millis(array) => self.timestamp(array.value(row), DateTime::from_timestamp_millis)?,
            Values::Micros(array) => self.timestamp(array.value(row), DateTime::from_timestamp_micros)?,
            Values::Nanos(array) => {
                self.timestamp(array.value(row), |nanos| Some(DateTime::from_timestamp_nanos(nanos)))?
            }
        })
    }

    fn timestamp(&self, value: i64, read: impl Fn(i64) -> Option<DateTime<Utc>>) -> Option<Cell> {
        // Infinities, as DuckDB and Postgres keep them.
        if matches!(value, i64::MAX | i64::MIN) || value == -i64::MAX {
            return None;
        }
        let time = read(value)?;
        Some(if self.has_zone { Cell::TimestampTz(time) } else { Cell::Timestamp(time.naive_utc()) })
    }
}

fn time(nanos: i64) -> Option<Cell> {
    let seconds = u32::try_from(nanos / 1_000_000_000).ok()?;
    let rest = u32::try_from(nanos % 1_000_000_000).ok()?;
    Some(Cell::Time(NaiveTime::from_num_seconds_from_midnight_opt(seconds, rest)?))
}
