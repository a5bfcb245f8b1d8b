use serde_json::{Map, Value};

use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml};

/// Lengths of time, the finest first.
pub(in crate::parse) const GRANULARITIES: [&str; 11] = [
    "nanosecond",
    "microsecond",
    "millisecond",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
];
pub(super) const AGGREGATIONS: [&str; 9] =
    ["sum", "min", "max", "count", "count_distinct", "sum_boolean", "average", "percentile", "median"];
pub(super) const METRICS: [&str; 5] = ["simple", "ratio", "derived", "cumulative", "conversion"];
pub(super) const ENTITIES: [&str; 4] = ["primary", "unique", "foreign", "natural"];
pub(super) const DIMENSIONS: [&str; 2] = ["categorical", "time"];

/// A word that must be one of some, whatever its case; it is given in lower case. What is
/// none is told.
pub(super) fn word(reader: &mut Reader<'_>, what: &str, key: &'static str, known: &[&str]) -> Option<String> {
    let found: Spanned<String> = reader.get(key)?;
    one_of(reader, what, key, &found, known)
}

/// As [`word`], of a text that was read already.
pub(super) fn one_of(
    reader: &mut Reader<'_>,
    what: &str,
    key: &str,
    found: &Spanned<String>,
    known: &[&str],
) -> Option<String> {
    let lower = found.value.to_lowercase();
    if known.contains(&lower.as_str()) {
        return Some(lower);
    }
    let all = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let message = format!("`{}` is no `{key}` of {what}", found.value);
    reader.complain(
        Diagnostic::new(Code::InvalidConfig, message).label(found.span, "").help(
            suggest::similar("value", &lower, known.iter().copied())
                .unwrap_or_else(|| format!("it is one of {all}")),
        ),
    );
    None
}

/// The `meta` below the `config` of a part.
pub(super) fn part_meta(reader: &mut Reader<'_>) -> Map<String, Value> {
    let config: Map<String, Value> = reader.get("config").unwrap_or_default();
    match config.get("meta") {
        Some(Value::Object(meta)) => meta.clone(),
        _ => Map::new(),
    }
}

/// Text, or a number or boolean as YAML writes it.
pub(super) fn scalar(reader: &mut Reader<'_>, key: &'static str) -> Value {
    reader.scalar(key).map_or(Value::Null, |text| Value::from(text.value))
}

/// Text, or null.
pub(super) fn text(reader: &mut Reader<'_>, key: &'static str) -> Value {
    reader.get::<String>(key).map_or(Value::Null, Value::from)
}

/// A list of the mappings or texts below a key.
pub(super) fn items(reader: &mut Reader<'_>, key: &'static str) -> Vec<Yaml> {
    reader.list(key).unwrap_or_default()
}

/// An object of a few keys, in their order.
pub(super) fn object<const N: usize>(keys: [(&str, Value); N]) -> Map<String, Value> {
    keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
