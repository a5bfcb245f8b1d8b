use serde_json::{Map, Value, json};

use super::config::Level;
use super::properties::{Common, SourceEntry, TableEntry};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::Period;
use crate::text::Span;

/// The `freshness` of a table, with all keys that readers of the manifest expect: its own keys
/// over those of its source; where neither says anything, what the project file says. `None`
/// where it is switched off with null.
/// See <https://docs.getdbt.com/reference/resource-properties/freshness>.
pub(super) fn freshness(source: &SourceEntry, table: &TableEntry, project: Option<&Value>) -> Option<Value> {
    let mut found = match project {
        Some(Value::Object(keys)) if !is_said(source, table) => Some(keys.clone()),
        _ => Some(Map::new()),
    };
    for value in said(source, table) {
        found = match (found, value) {
            (Some(mut all), Value::Object(own)) => {
                all.extend(own.clone());
                Some(all)
            }
            (None, Value::Object(own)) => Some(own.clone()),
            _ => None,
        };
    }
    found.map(|keys| whole(&keys))
}

/// Whether the properties file says anything of it.
pub(super) fn is_said(source: &SourceEntry, table: &TableEntry) -> bool {
    said(source, table).next().is_some()
}

fn said<'a>(source: &'a SourceEntry, table: &'a TableEntry) -> impl Iterator<Item = &'a Value> {
    let of_source = written(&source.common, &source.config);
    of_source.into_iter().chain(written(&table.common, &table.config))
}

/// What one entry says, as a key of its own and under `config:`, which lies over it.
fn written<'a>(common: &'a Common, config: &'a Level) -> Vec<&'a Value> {
    common.freshness.iter().chain(config.get("freshness").map(|setting| &setting.value)).collect()
}

/// With all keys that readers of the manifest expect.
fn whole(keys: &Map<String, Value>) -> Value {
    let age = |key: &str| match keys.get(key) {
        Some(Value::Null) => Value::Null,
        found => {
            let part = |part: &str| found.and_then(|age| age.get(part)).cloned().unwrap_or_default();
            json!({"count": whole_number(part("count")), "period": part("period")})
        }
    };
    let filter = keys.get("filter").cloned().unwrap_or_default();
    json!({"warn_after": age("warn_after"), "error_after": age("error_after"), "filter": filter})
}

/// A number, also one written as a text, as templates leave it.
fn whole_number(value: Value) -> Value {
    match value.as_str().and_then(|text| text.trim().parse::<i64>().ok()) {
        Some(number) => number.into(),
        None => value,
    }
}

/// What is wrong with a `freshness:`; `what` is who says it.
pub(super) fn check(value: &Value, what: &str, place: Option<Span>) -> Vec<Diagnostic> {
    let wrong = |message: String, help: &str| {
        let told = Diagnostic::new(Code::InvalidConfig, message).help(help);
        match place {
            Some(place) => told.label(place, ""),
            None => told,
        }
    };
    let example = "write it as `warn_after: {count: 12, period: hour}`";
    let mut told = Vec::new();
    let Value::Object(keys) = value else {
        if !value.is_null() {
            told.push(wrong(
                format!("`freshness` of {what} must be a mapping, or null to switch it off"),
                example,
            ));
        }
        return told;
    };
    for (key, value) in keys {
        match (key.as_str(), value) {
            (_, Value::Null) | ("filter", Value::String(_)) => {}
            ("filter", _) => told.push(wrong(
                format!("`filter` of the freshness of {what} must be a text"),
                "write a condition in SQL: `filter: \"loaded_at > current_date - 3\"`",
            )),
            ("warn_after" | "error_after", Value::Object(age)) => {
                let count = age.get("count").cloned().map(whole_number).unwrap_or_default();
                if !count.is_null() && count.as_i64().is_none() {
                    let message = format!("`count` of `{key}` of {what} must be a whole number, not {count}");
                    told.push(wrong(message, example));
                }
                let period = age.get("period").filter(|period| !period.is_null());
                if period.is_some_and(|period| period.as_str().and_then(Period::find).is_none()) {
                    let names = Period::ALL.map(Period::name);
                    let found = period.map(ToString::to_string).unwrap_or_default();
                    let message = format!(
                        "`period` of `{key}` of {what} must be one of `minute`, `hour`, `day`, not {found}"
                    );
                    let similar = suggest::similar("period", found.trim_matches('"'), names.iter().copied());
                    told.push(wrong(message, similar.as_deref().unwrap_or(example)));
                }
            }
            ("warn_after" | "error_after", _) => {
                told.push(wrong(
                    format!("`{key}` of {what} must be a mapping with `count` and `period`"),
                    example,
                ));
            }
            _ => {}
        }
    }
    told
}
