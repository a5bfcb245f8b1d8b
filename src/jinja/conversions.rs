// minijinja hands arguments to filters by value.
#![allow(clippy::needless_pass_by_value)]

use minijinja::filters as native;
use serde_json::Value as Json;

use super::failure::Failure;
use super::json::to_json;
use super::session::{is_undefined, session_of};
use super::{Error, Kwargs, State, Value, ValueKind, python};

/// Filters that make one kind of value of another.
pub(super) fn install(env: &mut minijinja::Environment<'static>) {
    env.add_filter("as_bool", |state: &State, value: Value| converted(state, value, "bool", ValueKind::Bool));
    env.add_filter("as_number", |state: &State, value: Value| {
        converted(state, value, "number", ValueKind::Number)
    });
    env.add_filter("as_native", as_native);
    env.add_filter("as_text", |value: Value| value);
    env.add_filter("abs", native::abs);
    env.add_filter("round", native::round);
    env.add_filter("int", int);
    env.add_filter("float", float);
    env.add_filter("tojson", tojson);
}

/// The whole number, or what stands for it: a text that is no number is no error.
fn int(value: &Value, default: Option<Value>, base: Option<u32>, kwargs: Kwargs) -> Result<Value, Error> {
    let named: Option<Value> = kwargs.get("default")?;
    let base = base.or(kwargs.get("base")?).unwrap_or(10);
    kwargs.assert_all_used()?;
    let read = match value.as_str() {
        Some(text) => whole_number(text, base),
        None => python::integer(value).or_else(|| python::float(value).and_then(truncated)),
    };
    Ok(read.map(Value::from).or(default).or(named).unwrap_or_else(|| Value::from(0)))
}

/// Python's `int(text, base)`, or else `int(float(text))`.
fn whole_number(text: &str, base: u32) -> Option<i128> {
    let text = text.trim().replace('_', "");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(&text)),
    };
    let lower = digits.to_ascii_lowercase();
    let prefix = [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find(|(prefix, _)| lower.starts_with(prefix));
    let read = match prefix {
        Some((_, own)) if base == own || base == 0 => i128::from_str_radix(&lower[2..], own).ok(),
        _ if digits.starts_with(['+', '-']) || !(2..=36).contains(&base) => None,
        _ => i128::from_str_radix(digits, base).ok(),
    };
    read.map(|number| sign * number).or_else(|| real_number(&text).and_then(truncated))
}

#[allow(clippy::cast_possible_truncation)]
fn truncated(number: f64) -> Option<i128> {
    number.is_finite().then(|| number.trunc() as i128)
}

/// Python's `float(text)`.
fn real_number(text: &str) -> Option<f64> {
    let text = text.trim().replace('_', "");
    let is_number = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let is_named = ["inf", "infinity", "nan"]
        .contains(&text.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str());
    if is_number || is_named { text.parse().ok() } else { None }
}

fn float(value: &Value, default: Option<Value>, kwargs: Kwargs) -> Result<Value, Error> {
    let named: Option<Value> = kwargs.get("default")?;
    kwargs.assert_all_used()?;
    let read = match value.as_str() {
        Some(text) => real_number(text),
        None => python::number(value),
    };
    Ok(read.map(Value::from).or(default).or(named).unwrap_or_else(|| Value::from(0.0)))
}

/// `as_bool` and `as_number`: in values of YAML, the text as what it says; an error if it
/// says something else and is all that there is: `target.name == 'prod' | as_bool` is fine, as
/// in dbt's documentation. In models they change nothing, as in dbt.
fn converted(state: &State, value: Value, wanted: &str, kind: ValueKind) -> Value {
    let session = match session_of(state) {
        Some(session) if session.is_native && value.kind() != kind => session,
        _ => return value,
    };
    let read = value.as_str().map(str::trim).and_then(literal).filter(|read| read.kind() == kind);
    read.unwrap_or_else(|| {
        let message = format!("{} cannot be taken as a {wanted}", python::repr(&value));
        session.notes().unread = Some((value.clone(), message));
        value
    })
}

/// `as_native`: the text as the Python literal it is, if it is one.
fn as_native(state: &State, value: Value) -> Value {
    if !session_of(state).is_some_and(|session| session.is_native) {
        return value;
    }
    let read = value.as_str().map(str::trim).and_then(literal);
    read.unwrap_or(value)
}

/// What a literal stands for.
fn literal(text: &str) -> Option<Value> {
    super::literal::literal(text).map(|json| super::json::from_json(&json))
}

/// JSON as Python writes it inside of a template: sorted keys, ASCII, and safe in HTML.
fn tojson(value: &Value, indent: Option<usize>, kwargs: Kwargs) -> Result<String, Error> {
    let indent = indent.or(kwargs.get("indent")?);
    kwargs.assert_all_used()?;
    if is_undefined(value) {
        return Err(Failure::UndefinedOperand(0).into_error());
    }
    let text = super::json::json_text(&sorted(to_json(value)), indent);
    let safe =
        text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026").replace('\'', "\\u0027");
    Ok(safe)
}

fn sorted(json: Json) -> Json {
    match json {
        Json::Object(pairs) => {
            let mut pairs: Vec<_> = pairs.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(pairs.into_iter().collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
