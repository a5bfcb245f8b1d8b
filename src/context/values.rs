use super::modules::{date_value, naive_value, time_value, utc_value};
use crate::adapter::Cell;
use crate::jinja::{Value, dict_value, list_value};

/// A dict that templates can change.
pub(super) fn dict<K: Into<Value>>(pairs: impl IntoIterator<Item = (K, Value)>) -> Value {
    dict_value(pairs.into_iter().map(|(key, value)| (key.into(), value)))
}

/// A list that templates can change.
pub(super) fn list(items: Vec<Value>) -> Value {
    list_value(items)
}

/// What a template sees of a value in the warehouse: dates and times are objects as in
/// Python, decimals are numbers where a number can hold all of their digits, and text
/// otherwise.
pub(super) fn cell_value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::from(()),
        Cell::Bool(flag) => Value::from(*flag),
        Cell::Int(number) => i64::try_from(*number).map_or_else(|_| Value::from(*number), Value::from),
        Cell::Float(number) => Value::from(*number),
        Cell::Decimal(digits) => decimal_value(digits),
        Cell::Text(text) | Cell::Other(text) => Value::from(text.as_str()),
        Cell::Bytes(bytes) => Value::from_bytes(bytes.clone()),
        Cell::Date(date) => date_value(*date),
        Cell::Time(time) => time_value(*time),
        Cell::Timestamp(moment) => naive_value(*moment),
        Cell::TimestampTz(moment) => utc_value(*moment),
    }
}

/// Doubles hold any number of fifteen digits.
const EXACT_DIGITS: usize = 15;

fn decimal_value(digits: &str) -> Value {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_whole = fraction.bytes().all(|digit| digit == b'0');
    if let (true, Ok(number)) = (is_whole, whole.parse::<i64>()) {
        return Value::from(number);
    }
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    match digits.parse::<f64>() {
        Ok(number) if count <= EXACT_DIGITS => Value::from(number),
        _ => Value::from(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_numbers_while_no_digit_is_lost() {
        let seen = |digits: &str| cell_value(&Cell::Decimal(digits.to_owned()));
        assert_eq!(seen("12.00"), Value::from(12));
        assert_eq!(seen("-0.25"), Value::from(-0.25));
        assert_eq!(seen("1234567890123456.78"), Value::from("1234567890123456.78"));
        assert_eq!(cell_value(&Cell::Int(i128::MAX)).to_string(), i128::MAX.to_string());
        assert_eq!(cell_value(&Cell::Text("원".to_owned())).as_str(), Some("원"));
    }
}
