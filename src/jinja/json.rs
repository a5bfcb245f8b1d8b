use std::fmt::Write as _;

use serde_json::{Map, Number, Value as Json};

use super::mutable::{dict_value, list_value};
use super::{ObjectRepr, Value, ValueKind, python};

/// A value as JSON: keys become text, undefined becomes null, what has no form in JSON
/// becomes its text. Order is kept.
#[must_use]
pub fn to_json(value: &Value) -> Json {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Json::Null,
        ValueKind::Bool => Json::Bool(value.is_true()),
        ValueKind::Number => number(value),
        ValueKind::String => Json::String(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Seq | ValueKind::Iterable => python::nested(|| {
            let items = value.try_iter().into_iter().flatten();
            Json::Array(items.map(|item| to_json(&item)).collect())
        })
        .unwrap_or(Json::Null),
        ValueKind::Map => python::nested(|| {
            let Some(object) = value.as_object().filter(|object| object.repr() == ObjectRepr::Map) else {
                return Json::Null;
            };
            let pairs = object.try_iter_pairs().into_iter().flatten();
            Json::Object(pairs.map(|(key, value)| (key_text(&key), to_json(&value))).collect::<Map<_, _>>())
        })
        .unwrap_or(Json::Null),
        _ => Json::String(value.to_string()),
    }
}

/// A key of a mapping as Python's `json` writes it.
fn key_text(key: &Value) -> String {
    match key.kind() {
        ValueKind::None => "null".to_owned(),
        ValueKind::Bool => if key.is_true() { "true" } else { "false" }.to_owned(),
        _ => python::text(key),
    }
}

fn number(value: &Value) -> Json {
    let whole = python::integer(value);
    if let Some(number) = whole.and_then(|number| i64::try_from(number).ok()) {
        return Json::from(number);
    }
    if let Some(number) = whole.and_then(|number| u64::try_from(number).ok()) {
        return Json::from(number);
    }
    python::number(value).and_then(Number::from_f64).map_or(Json::Null, Json::Number)
}

/// JSON as a value: lists and dicts that templates can change, keys in order.
#[must_use]
pub fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::from(number),
            (None, Some(number)) => Value::from(number),
            (None, None) => number.as_f64().map_or_else(|| Value::from(number.to_string()), Value::from),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => list_value(items.iter().map(from_json).collect()),
        Json::Object(pairs) => {
            dict_value(pairs.iter().map(|(key, value)| (Value::from(key.as_str()), from_json(value))))
        }
    }
}

/// JSON as Python's `json.dumps` writes it: a space after `,` and `:`, and ASCII only.
#[must_use]
pub fn json_text(json: &Json, indent: Option<usize>) -> String {
    let mut text = String::new();
    write(json, indent, 0, &mut text);
    text
}

fn write(json: &Json, indent: Option<usize>, depth: usize, out: &mut String) {
    match json {
        Json::String(text) => write_text(text, out),
        Json::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(number) => out.push_str(&python::float_text(number)),
            None => out.push_str(&number.to_string()),
        },
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, indent, depth, out);
                write(item, indent, depth + 1, out);
            }
            close(items.is_empty(), indent, depth, out);
            out.push(']');
        }
        Json::Object(pairs) => {
            out.push('{');
            for (index, (key, value)) in pairs.iter().enumerate() {
                separate(index, indent, depth, out);
                write_text(key, out);
                out.push_str(": ");
                write(value, indent, depth + 1, out);
            }
            close(pairs.is_empty(), indent, depth, out);
            out.push('}');
        }
        Json::Null | Json::Bool(_) => out.push_str(&json.to_string()),
    }
}

fn separate(index: usize, indent: Option<usize>, depth: usize, out: &mut String) {
    match indent {
        Some(width) => {
            out.push_str(if index == 0 { "\n" } else { ",\n" });
            out.push_str(&" ".repeat(width * (depth + 1)));
        }
        None => out.push_str(if index == 0 { "" } else { ", " }),
    }
}

fn close(is_empty: bool, indent: Option<usize>, depth: usize, out: &mut String) {
    if let Some(width) = indent.filter(|_| !is_empty) {
        out.push('\n');
        out.push_str(&" ".repeat(width * depth));
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_comes_back_as_it_went_in() {
        let json = json!({"b": [1, 2.5, null, true], "a": {"주문": "x"}, "n": u64::MAX});
        assert_eq!(to_json(&from_json(&json)), json);
        assert_eq!(to_json(&from_json(&json)).to_string(), json.to_string());
    }

    #[test]
    fn json_is_written_as_python_writes_it() {
        let json = json!({"a": [1, 1.0, "가\n"], "b": {}});
        assert_eq!(json_text(&json, None), r#"{"a": [1, 1.0, "\uac00\n"], "b": {}}"#);
        assert_eq!(json_text(&json!([1, {"a": 2}]), Some(2)), "[\n  1,\n  {\n    \"a\": 2\n  }\n]");
    }

    #[test]
    fn keys_become_text() {
        let value = dict_value([(Value::from(1), Value::from("a")), (Value::from(()), Value::UNDEFINED)]);
        assert_eq!(to_json(&value), json!({"1": "a", "null": null}));
    }
}
