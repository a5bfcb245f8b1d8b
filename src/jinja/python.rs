use std::cell::Cell;
use std::fmt::Write as _;

use super::{Value, ValueKind};

/// Python's `str()` of a value: what a template prints.
pub(super) fn text(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    match float(value) {
        Some(number) => float_text(number),
        None => value.to_string(),
    }
}

/// Python's `repr()` of a value: how it looks inside of a printed list.
pub(super) fn repr(value: &Value) -> String {
    match float(value) {
        Some(number) => float_text(number),
        None if value.is_undefined() => "Undefined".to_owned(),
        None => format!("{value:?}"),
    }
}

/// The number, if the value is a float.
pub(super) fn float(value: &Value) -> Option<f64> {
    if value.kind() == ValueKind::Number && !value.is_integer() {
        f64::try_from(value.clone()).ok()
    } else {
        None
    }
}

/// The number, if the value is a whole number or a bool.
pub(super) fn integer(value: &Value) -> Option<i128> {
    let counts = value.kind() == ValueKind::Bool || (value.kind() == ValueKind::Number && value.is_integer());
    if counts { i128::try_from(value.clone()).ok() } else { None }
}

/// The number, if the value is one or a bool.
pub(super) fn number(value: &Value) -> Option<f64> {
    #[allow(clippy::cast_precision_loss)]
    float(value).or_else(|| integer(value).map(|number| number as f64))
}

/// Python's text of a float: the shortest that reads back, with an exponent from 1e16
/// up and below 1e-4 (<https://docs.python.org/3/library/functions.html#repr>).
pub(super) fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let size = number.abs();
    if size == 0.0 || (1e-4..1e16).contains(&size) {
        return format!("{number:?}");
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// Python's name of a value's type.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Undefined => "Undefined",
        ValueKind::None => "NoneType",
        ValueKind::Bool => "bool",
        ValueKind::Number if value.is_integer() => "int",
        ValueKind::Number => "float",
        ValueKind::String => "str",
        ValueKind::Bytes => "bytes",
        ValueKind::Seq if value.is_tuple() => "tuple",
        ValueKind::Seq => "list",
        ValueKind::Map => "dict",
        ValueKind::Iterable => "iterator",
        _ => "object",
    }
}

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// How deep values may nest before printing and comparing them stops: a list can hold
/// itself.
const NESTING: usize = 100;

/// Runs `inner` one level deeper, or gives `None` where that is too deep.
pub(super) fn nested<T>(inner: impl FnOnce() -> T) -> Option<T> {
    let depth = DEPTH.get();
    if depth >= NESTING {
        return None;
    }
    DEPTH.set(depth + 1);
    let result = stacker::maybe_grow(64 * 1024, 1024 * 1024, inner);
    DEPTH.set(depth);
    Some(result)
}

/// `[a, b]`, with any brackets.
pub(super) fn sequence_text(open: &str, items: &[Value], close: &str) -> String {
    let inner = || {
        let mut text = open.to_owned();
        for (index, item) in items.iter().enumerate() {
            text.push_str(if index == 0 { "" } else { ", " });
            text.push_str(&repr(item));
        }
        text + close
    };
    nested(inner).unwrap_or_else(|| format!("{open}...{close}"))
}

/// `{'a': 1}`
pub(super) fn mapping_text<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> String {
    let inner = || {
        let mut text = "{".to_owned();
        for (index, (key, value)) in pairs.enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            // Writing to a string cannot fail.
            let _ = write!(text, "{comma}{}: {}", repr(key), repr(value));
        }
        text + "}"
    };
    nested(inner).unwrap_or_else(|| "{...}".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_look_as_in_python() {
        let cases = [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e-5, "1.5e-05"),
            (1e-4, "0.0001"),
            (-1e300, "-1e+300"),
            (f64::INFINITY, "inf"),
        ];
        for (number, text) in cases {
            assert_eq!(float_text(number), text);
        }
    }
}
