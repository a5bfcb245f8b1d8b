use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use serde_json::Value;

/// One value of a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Bool(bool),
    /// Whole numbers of any width the warehouse has.
    Int(i128),
    Float(f64),
    /// Digits as text, with the point where it belongs: nothing is rounded.
    Decimal(String),
    Text(String),
    Bytes(Vec<u8>),
    Date(NaiveDate),
    Time(NaiveTime),
    Timestamp(NaiveDateTime),
    TimestampTz(DateTime<Utc>),
    /// Lists, structs, maps, intervals and what else there is, as the warehouse prints it.
    Other(String),
}

impl Cell {
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Cell::Null)
    }

    /// The text of a text value, or of one that has only a text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Cell::Text(text) | Cell::Decimal(text) | Cell::Other(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number, also one that is written as a float or a decimal.
    #[must_use]
    pub fn as_int(&self) -> Option<i128> {
        match self {
            Cell::Int(number) => Some(*number),
            Cell::Bool(yes) => Some(i128::from(*yes)),
            #[allow(clippy::cast_possible_truncation, reason = "it has no fraction, and `as` saturates")]
            Cell::Float(number) if number.fract() == 0.0 => Some(*number as i128),
            Cell::Decimal(digits) => {
                let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
                fraction.bytes().all(|digit| digit == b'0').then(|| whole.parse().ok())?
            }
            _ => None,
        }
    }

    /// A truth value; numbers are true unless they are zero.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Cell::Bool(yes) => Some(*yes),
            Cell::Int(number) => Some(*number != 0),
            _ => None,
        }
    }

    /// The value as DuckDB's cast to text writes it; `NULL` for none.
    #[must_use]
    pub fn display(&self) -> String {
        match self {
            Cell::Null => "NULL".to_owned(),
            Cell::Bool(yes) => yes.to_string(),
            Cell::Int(number) => number.to_string(),
            Cell::Float(number) => float_text(*number),
            Cell::Decimal(text) | Cell::Text(text) | Cell::Other(text) => text.clone(),
            Cell::Bytes(bytes) => bytes_text(bytes),
            Cell::Date(date) => date_text(*date),
            Cell::Time(time) => time_text(*time),
            Cell::Timestamp(time) => timestamp_text(*time),
            Cell::TimestampTz(time) => format!("{}+00", timestamp_text(time.naive_utc())),
        }
    }

    /// The value for a JSON file: numbers as numbers where JSON readers keep all digits
    /// (others as text), times in ISO 8601, the rest as text.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Cell::Null => Value::Null,
            Cell::Bool(yes) => Value::Bool(*yes),
            Cell::Int(number) => i64::try_from(*number)
                .map(Value::from)
                .or_else(|_| u64::try_from(*number).map(Value::from))
                .unwrap_or_else(|_| Value::from(number.to_string())),
            // JSON has no infinity: `from` gives null for it, the text tells more.
            Cell::Float(number) if !number.is_finite() => Value::from(float_text(*number)),
            Cell::Float(number) => Value::from(*number),
            Cell::Decimal(digits) => decimal_to_json(digits),
            Cell::Timestamp(time) => Value::from(timestamp_text(*time).replacen(' ', "T", 1)),
            Cell::TimestampTz(time) => {
                let text = timestamp_text(time.naive_utc()).replacen(' ', "T", 1);
                Value::from(format!("{text}+00:00"))
            }
            _ => Value::from(self.display()),
        }
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.display())
    }
}

/// A float holds any decimal of up to 15 digits; longer ones stay text.
fn decimal_to_json(digits: &str) -> Value {
    if digits.bytes().filter(u8::is_ascii_digit).count() <= 15
        && let Ok(number) = digits.parse::<f64>()
        && number.is_finite()
    {
        return Value::from(number);
    }
    Value::from(digits)
}

/// The shortest digits that are this float, in the form of Python and of DuckDB: `1.0`,
/// `1e+16`, `1e-05`.
fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return format!("{number:?}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// Printable ASCII as it is, other bytes as `\xAB`.
fn bytes_text(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\\' | b'\'' | b'"' => _ = write!(text, "\\x{byte:02X}"),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => _ = write!(text, "\\x{byte:02X}"),
        }
    }
    text
}

fn date_text(date: NaiveDate) -> String {
    use chrono::Datelike;
    let (year, era) = match date.year() {
        year if year > 0 => (year, ""),
        year => (1 - year, " (BC)"),
    };
    format!("{year:04}-{:02}-{:02}{era}", date.month(), date.day())
}

/// Seconds with as many digits after the point as there are.
fn time_text(time: NaiveTime) -> String {
    let whole = format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
    match time.nanosecond() {
        0 => whole,
        nanos => format!("{whole}.{}", format!("{nanos:09}").trim_end_matches('0')),
    }
}

fn timestamp_text(time: NaiveDateTime) -> String {
    format!("{} {}", date_text(time.date()), time_text(time.time()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_json_lose_no_digit() {
        let json = |cell: Cell| cell.to_json().to_string();
        assert_eq!(json(Cell::Int(i128::from(u64::MAX))), "18446744073709551615");
        assert_eq!(json(Cell::Int(i128::MIN)), "\"-170141183460469231731687303715884105728\"");
        assert_eq!(json(Cell::Decimal("12.50".into())), "12.5");
        assert_eq!(json(Cell::Decimal("0.1234567890123456789".into())), "\"0.1234567890123456789\"");
        assert_eq!(json(Cell::Float(f64::NEG_INFINITY)), "\"-inf\"");
    }

    #[test]
    fn whole_numbers_are_read_from_all_that_are_whole() {
        assert_eq!(Cell::Decimal("12.00".into()).as_int(), Some(12));
        assert_eq!(Cell::Decimal("12.01".into()).as_int(), None);
        assert_eq!(Cell::Float(3.0).as_int(), Some(3));
        assert_eq!(Cell::Float(f64::NAN).as_int(), None);
        assert_eq!(Cell::Text("3".into()).as_int(), None);
    }

    #[test]
    fn times_in_json_are_iso_8601() {
        let time = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap().and_hms_micro_opt(1, 2, 3, 500_000).unwrap();
        assert_eq!(Cell::Timestamp(time).to_json(), "2024-02-29T01:02:03.5");
        assert_eq!(Cell::TimestampTz(time.and_utc()).to_json(), "2024-02-29T01:02:03.5+00:00");
        assert_eq!(Cell::TimestampTz(time.and_utc()).to_string(), "2024-02-29 01:02:03.5+00");
    }
}
