use std::collections::BTreeSet;

use serde_json::Value;

use super::compare_nodes::{is_nothing, pruned};
use super::words::same_words;

/// Configs that change nothing about what is built, or are looked at by themselves.
fn is_looked_at(key: &str) -> bool {
    !matches!(key, "database" | "schema" | "alias" | "tags" | "group")
}

/// The names of the configs of which nodes, as `manifest.json` shows them, have another value
/// than before.
pub(super) fn changed_configs(old: &Value, new: &Value, is_same_body: bool) -> Vec<String> {
    let written = |node: &Value| -> Vec<String> {
        let keys = node.get("unrendered_config").and_then(Value::as_object);
        keys.map(|keys| keys.keys().cloned().collect()).unwrap_or_default()
    };
    let keys: BTreeSet<String> = written(old).into_iter().chain(written(new)).collect();
    let is_changed = |key: &String| is_looked_at(key) && !is_same_setting(key, old, new, is_same_body);
    keys.into_iter().filter(is_changed).collect()
}

/// Whether a config says the same as before.
///
/// What is written is compared, so that what `target`, `env_var` or `var` make of it in another
/// environment is no change. Where both are plain values, what counts is what they come to:
/// it may have been moved from one file to another.
pub(super) fn is_same_setting(key: &str, old: &Value, new: &Value, is_same_body: bool) -> bool {
    let written = |node: &Value| node.get("unrendered_config").and_then(|written| written.get(key)).cloned();
    let value = |node: &Value| node.get("config").and_then(|config| config.get(key)).map(settled);
    let (old_written, new_written) = (written(old), written(new));
    match (&old_written, &new_written) {
        (Some(old), Some(new)) if is_same_text(old, new) => return true,
        (None, None) => return true,
        _ => {}
    }
    let (old_value, new_value) = (value(old).unwrap_or_default(), value(new).unwrap_or_default());
    let is_plain = |written: &Option<Value>, value: &Value| {
        written.as_ref().is_none_or(|written| !is_template(written) && settled(written) == *value)
    };
    if is_plain(&old_written, &old_value) && is_plain(&new_written, &new_value) {
        return old_value == new_value;
    }
    // Earlier versions of dbt did not keep the expressions of `config()`: when the body is the
    // same, so are they.
    let is_expression = new_written.as_ref().is_some_and(|written| !is_template(written));
    let is_expression = is_expression && !is_plain(&new_written, &new_value);
    is_same_body && is_expression && is_plain(&old_written, &old_value) && old_value == new_value
}

/// A value without what says nothing; one text is a list of one.
fn settled(value: &Value) -> Value {
    match pruned(value) {
        Value::Array(items) => match <[Value; 1]>::try_from(items) {
            Ok([only]) => only,
            Err(items) => Value::Array(items),
        },
        value if is_nothing(&value) => Value::Null,
        value => value,
    }
}

/// Whether two written values are the same but for white space and the kind of their quotes.
fn is_same_text(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::String(old), Value::String(new)) => {
            let one_kind = |text: &str| text.replace('"', "'");
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            same_words(old, new) || is_code(old) && bare(&one_kind(old)) == bare(&one_kind(new))
        }
        (old, new) => settled(old) == settled(new),
    }
}

/// Whether a text may be an expression or a template.
fn is_code(text: &str) -> bool {
    text.contains('(') || text.contains("{{")
}

fn is_template(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("{{") || text.contains("{%"),
        Value::Array(items) => items.iter().any(is_template),
        Value::Object(entries) => entries.values().any(is_template),
        _ => false,
    }
}
