use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Float32Array, Float64Array, Int16Array, Int32Array,
    Int64Array, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow::datatypes::Field;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use postgres::Row;
use postgres::types::{FromSql, Kind, Type};

use crate::adapter::value::Meaning;

/// What the server calls a type: the words of `format_type`, as `information_schema` has them.
/// `modifier` is that of the column, -1 for none.
pub(super) fn type_name(kind: &Type, modifier: i32) -> String {
    if let Kind::Array(element) = kind.kind() {
        return format!("{}[]", type_name(element, modifier));
    }
    let length = || if modifier >= 4 { format!("({})", modifier - 4) } else { String::new() };
    let precision = || if modifier >= 0 { format!("({modifier})") } else { String::new() };
    match *kind {
        Type::BOOL => "boolean".to_owned(),
        Type::INT2 => "smallint".to_owned(),
        Type::INT4 => "integer".to_owned(),
        Type::INT8 => "bigint".to_owned(),
        Type::FLOAT4 => "real".to_owned(),
        Type::FLOAT8 => "double precision".to_owned(),
        Type::VARCHAR => format!("character varying{}", length()),
        Type::BPCHAR => format!("character{}", length()),
        Type::CHAR => "\"char\"".to_owned(),
        Type::NUMERIC if modifier >= 4 => {
            let packed = modifier - 4;
            format!("numeric({},{})", (packed >> 16) & 0xffff, ((packed & 0x7ff) ^ 1024) - 1024)
        }
        Type::TIME => format!("time{} without time zone", precision()),
        Type::TIMETZ => format!("time{} with time zone", precision()),
        Type::TIMESTAMP => format!("timestamp{} without time zone", precision()),
        Type::TIMESTAMPTZ => format!("timestamp{} with time zone", precision()),
        Type::BIT => format!("bit{}", precision()),
        Type::VARBIT => format!("bit varying{}", precision()),
        _ => kind.name().to_owned(),
    }
}

/// A column of texts, as the server prints the values of a type, as an Arrow array of the
/// nearest type. Where a value has none (`infinity`), all of them stay the texts they are.
pub(super) fn array(name: &str, kind: &Type, texts: &[Option<&str>]) -> (Field, ArrayRef) {
    let (array, meaning) = match typed(kind, texts) {
        Some(found) => found,
        None => (Arc::new(StringArray::from(texts.to_vec())) as ArrayRef, Some(Meaning::Other)),
    };
    let field = Field::new(name, array.data_type().clone(), true);
    let field = match meaning {
        Some(meaning) => field.with_metadata(meaning.metadata()),
        None => field,
    };
    (field, array)
}

fn typed(kind: &Type, texts: &[Option<&str>]) -> Option<(ArrayRef, Option<Meaning>)> {
    if let Kind::Domain(base) = kind.kind() {
        return typed(base, texts);
    }
    let strings = || Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
    let array: ArrayRef = match *kind {
        Type::BOOL => Arc::new(BooleanArray::from(each(texts, |text| Some(text == "t"))?)),
        Type::INT2 => Arc::new(Int16Array::from(each(texts, |text| text.parse().ok())?)),
        Type::INT4 => Arc::new(Int32Array::from(each(texts, |text| text.parse().ok())?)),
        Type::INT8 => Arc::new(Int64Array::from(each(texts, |text| text.parse().ok())?)),
        Type::OID => Arc::new(UInt32Array::from(each(texts, |text| text.parse().ok())?)),
        Type::FLOAT4 => Arc::new(Float32Array::from(each(texts, |text| text.parse().ok())?)),
        Type::FLOAT8 => Arc::new(Float64Array::from(each(texts, |text| text.parse().ok())?)),
        Type::NUMERIC => return Some((strings(), Some(Meaning::Decimal))),
        Type::TEXT
        | Type::VARCHAR
        | Type::BPCHAR
        | Type::NAME
        | Type::CHAR
        | Type::UUID
        | Type::JSON
        | Type::JSONB
        | Type::XML
        | Type::UNKNOWN => return Some((strings(), None)),
        _ if matches!(kind.kind(), Kind::Enum(_)) => return Some((strings(), None)),
        Type::BYTEA => {
            let bytes = each(texts, hex)?;
            Arc::new(BinaryArray::from_iter(bytes))
        }
        Type::DATE => Arc::new(Date32Array::from(each(texts, days)?)),
        Type::TIME => Arc::new(Time64MicrosecondArray::from(each(texts, micros_of_day)?)),
        Type::TIMESTAMP => Arc::new(TimestampMicrosecondArray::from(each(texts, |text| {
            Some(timestamp(text)?.and_utc().timestamp_micros())
        })?)),
        Type::TIMESTAMPTZ => Arc::new(
            TimestampMicrosecondArray::from(each(texts, |text| Some(moment(text)?.timestamp_micros()))?)
                .with_timezone("UTC"),
        ),
        _ => return None,
    };
    Some((array, None))
}

/// A type whose values are read as the server holds them; the others are read as it prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Text,
}

impl Plain {
    pub fn of(kind: &Type) -> Option<Self> {
        Some(match *kind {
            Type::BOOL => Self::Bool,
            Type::INT2 => Self::Int2,
            Type::INT4 => Self::Int4,
            Type::INT8 => Self::Int8,
            Type::OID => Self::Oid,
            Type::FLOAT4 => Self::Float4,
            Type::FLOAT8 => Self::Float8,
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => Self::Text,
            _ => return None,
        })
    }

    /// A column of rows as an Arrow array: the same as [`array`] makes of the texts.
    ///
    /// # Errors
    /// A text is not UTF-8, as it can be where the database has the encoding `SQL_ASCII`.
    pub fn array(
        self,
        name: &str,
        rows: &[Row],
        number: usize,
    ) -> Result<(Field, ArrayRef), postgres::Error> {
        fn column<'a, T: FromSql<'a>>(
            rows: &'a [Row],
            number: usize,
        ) -> Result<Vec<Option<T>>, postgres::Error> {
            rows.iter().map(|row| row.try_get(number)).collect()
        }
        let array: ArrayRef = match self {
            Self::Bool => Arc::new(BooleanArray::from(column(rows, number)?)),
            Self::Int2 => Arc::new(Int16Array::from(column(rows, number)?)),
            Self::Int4 => Arc::new(Int32Array::from(column(rows, number)?)),
            Self::Int8 => Arc::new(Int64Array::from(column(rows, number)?)),
            Self::Oid => Arc::new(UInt32Array::from(column(rows, number)?)),
            Self::Float4 => Arc::new(Float32Array::from(column(rows, number)?)),
            Self::Float8 => Arc::new(Float64Array::from(column(rows, number)?)),
            Self::Text => Arc::new(StringArray::from(column::<&str>(rows, number)?)),
        };
        Ok((Field::new(name, array.data_type().clone(), true), array))
    }
}

/// The values of texts; `None` if one has none.
fn each<T>(texts: &[Option<&str>], read: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
    texts
        .iter()
        .map(|text| match text {
            None => Some(None),
            Some(text) => read(text).map(Some),
        })
        .collect()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits.chunks(2).map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}

fn days(text: &str) -> Option<i32> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.num_days_from_ce() - NaiveDate::from_ymd_opt(1970, 1, 1)?.num_days_from_ce())
}

fn micros_of_day(text: &str) -> Option<i64> {
    let time = NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok()?;
    Some(i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1_000))
}

fn timestamp(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()
}

/// `2024-02-29 10:00:00+09`, also with minutes and seconds in the offset.
fn moment(text: &str) -> Option<DateTime<chrono::Utc>> {
    let at = text.rfind(['+', '-']).filter(|at| *at > 10)?;
    let (local, offset) = text.split_at(at);
    let mut seconds = 0;
    for (part, unit) in offset[1..].split(':').zip([3_600, 60, 1]) {
        seconds += part.parse::<i64>().ok()? * unit;
    }
    let seconds = if offset.starts_with('-') { -seconds } else { seconds };
    Some(timestamp(local)?.checked_sub_signed(TimeDelta::seconds(seconds))?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::Cell;
    use crate::adapter::value::Reader;

    fn cell(kind: &Type, text: &str) -> Cell {
        let (field, array) = array("a", kind, &[Some(text), None]);
        let reader = Reader::new(&field, array.as_ref()).unwrap();
        assert_eq!(reader.cell(1), Some(Cell::Null));
        reader.cell(0).unwrap()
    }

    #[test]
    fn texts_become_values() {
        for (kind, text, shown) in [
            (Type::BOOL, "t", "true"),
            (Type::INT8, "-9223372036854775808", "-9223372036854775808"),
            (Type::FLOAT8, "1e+300", "1e+300"),
            (Type::FLOAT4, "0.1", "0.1"),
            (Type::FLOAT8, "-Infinity", "-inf"),
            (Type::DATE, "2024-02-29", "2024-02-29"),
            (Type::DATE, "infinity", "infinity"),
            (Type::DATE, "0044-03-15 BC", "0044-03-15 BC"),
            (Type::TIME, "24:00:00", "24:00:00"),
            (Type::TIME, "01:02:03.5", "01:02:03.5"),
            (Type::TIMESTAMP, "2024-02-29 01:02:03.123456", "2024-02-29 01:02:03.123456"),
            (Type::TIMESTAMPTZ, "2024-02-29 10:00:00+09", "2024-02-29 01:00:00+00"),
            (Type::TIMESTAMPTZ, "1900-01-01 00:00:00-00:25:21", "1900-01-01 00:25:21+00"),
            (Type::UUID, "a0ee", "a0ee"),
            (Type::INT4_ARRAY, "{1,2}", "{1,2}"),
        ] {
            assert_eq!(cell(&kind, text).display(), shown, "{kind}");
        }
        assert_eq!(cell(&Type::NUMERIC, "1.50"), Cell::Decimal("1.50".into()));
        assert_eq!(cell(&Type::BYTEA, "\\x00ff"), Cell::Bytes(vec![0, 255]));
        assert_eq!(cell(&Type::INTERVAL, "1 day"), Cell::Other("1 day".into()));
        assert_eq!(cell(&Type::JSONB, "{}"), Cell::Text("{}".into()));
    }

    #[test]
    fn types_have_the_names_of_the_server() {
        for (kind, modifier, name) in [
            (Type::VARCHAR, 14, "character varying(10)"),
            (Type::VARCHAR, -1, "character varying"),
            (Type::NUMERIC, (10 << 16) + 2 + 4, "numeric(10,2)"),
            (Type::NUMERIC, -1, "numeric"),
            (Type::TIMESTAMPTZ, -1, "timestamp with time zone"),
            (Type::TIMESTAMP, 3, "timestamp(3) without time zone"),
            (Type::INT4_ARRAY, -1, "integer[]"),
            (Type::TEXT, -1, "text"),
        ] {
            assert_eq!(type_name(&kind, modifier), name);
        }
    }
}
