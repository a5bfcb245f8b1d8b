use serde_json::{Map, Value, json};

use super::defaults::{OTHER_KEYS, defaults};
use super::{Level, Setting};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::ResourceType;

/// What a key's value has to be.
#[derive(Clone, Copy)]
enum Shape {
    Anything,
    Flag,
    Text,
    Whole,
    /// A text, or a list of texts that stays what it is.
    TextOrTexts,
    /// A list of texts; one text is a list of one.
    Texts,
    Mapping,
    /// A mapping of texts.
    TextMapping,
    /// A mapping of true and false.
    FlagMapping,
    /// A mapping of lists of texts.
    Grants,
    Hooks,
    /// One of these words, whatever the case.
    Word(&'static [&'static str]),
    /// One letter.
    Letter,
}

fn shape(kind: ResourceType, key: &str) -> Shape {
    match key {
        "enabled" | "full_refresh" | "store_failures" | "quote_columns" | "concurrent_batches" => Shape::Flag,
        "alias"
        | "schema"
        | "database"
        | "group"
        | "materialized"
        | "incremental_strategy"
        | "event_time"
        | "where"
        | "fail_calc"
        | "warn_if"
        | "error_if"
        | "loaded_at_field"
        | "loaded_at_query"
        | "runtime_version"
        | "entry_point"
        | "sql_header" => Shape::Text,
        "limit" | "lookback" => Shape::Whole,
        "tags" | "packages" => Shape::Texts,
        "unique_key" => Shape::TextOrTexts,
        "meta" | "docs" | "contract" | "persist_docs" | "latest_version_pointer" | "cache" => Shape::Mapping,
        "quoting" => Shape::FlagMapping,
        "column_types" => Shape::TextMapping,
        "grants" => Shape::Grants,
        "pre-hook" | "post-hook" => Shape::Hooks,
        "type" if kind == ResourceType::Function => Shape::Word(&["scalar", "aggregate", "table"]),
        "volatility" if kind == ResourceType::Function => {
            Shape::Word(&["deterministic", "stable", "non-deterministic"])
        }
        "severity" if kind == ResourceType::Test => Shape::Word(&["error", "warn"]),
        "store_failures_as" => Shape::Word(&["table", "view", "ephemeral"]),
        "on_schema_change" => Shape::Word(&["ignore", "append_new_columns", "sync_all_columns", "fail"]),
        "on_configuration_change" => Shape::Word(&["apply", "continue", "fail"]),
        "on_error" if kind == ResourceType::Model => Shape::Word(&["skip_children", "continue"]),
        "access" => Shape::Word(&["private", "protected", "public"]),
        "export_as" => Shape::Word(&["table", "view", "cache"]),
        "delimiter" => Shape::Letter,
        _ => Shape::Anything,
    }
}

/// The level with its values in the form that merging wants. A value that is not allowed
/// is told and left out. A key much like a known one
/// is warned of. `what` is who says it, for messages: "the model `orders`".
pub(in crate::parse) fn check(
    kind: ResourceType,
    what: &str,
    level: Level,
    diagnostics: &mut Vec<Diagnostic>,
) -> Level {
    let mut checked = Level::default();
    for (key, Setting { value, written, place }) in level.settings {
        if let Some(similar) = slip(kind, &key) {
            let message = format!("{what} has a config `{key}` that xform does not read");
            diagnostics.push(
                at(Diagnostic::new(Code::UnknownKey, message), place)
                    .help(format!("a config with a similar name exists: `{similar}`")),
            );
        }
        match convert(shape(kind, &key), value) {
            Ok(value) => checked.set_written(&key, value, written, place),
            Err(Wrong { wanted, found, help }) => {
                let message = format!("`{key}` of {what} must be {wanted}, not {found}");
                diagnostics.push(at(Diagnostic::new(Code::InvalidConfig, message), place).help(help));
            }
        }
    }
    checked
}

fn at(diagnostic: Diagnostic, place: Option<crate::text::Span>) -> Diagnostic {
    diagnostic.also(place, "")
}

/// The known key that `key` is a slip of the finger for.
fn slip(kind: ResourceType, key: &str) -> Option<String> {
    let known = defaults(kind);
    if known.contains_key(key) || OTHER_KEYS.contains(&key) {
        return None;
    }
    suggest::nearest(key, known.keys().map(String::as_str)).map(str::to_owned)
}

struct Wrong {
    wanted: String,
    found: String,
    help: Option<String>,
}

fn convert(shape: Shape, value: Value) -> Result<Value, Wrong> {
    if value.is_null() {
        return Ok(value);
    }
    let wrong = |wanted: &str, value: &Value| Wrong {
        wanted: wanted.to_owned(),
        found: shown(value),
        help: hint(wanted, value),
    };
    match (shape, value) {
        (Shape::Anything, value)
        | (Shape::Flag, value @ Value::Bool(_))
        | (Shape::Text | Shape::TextOrTexts, value @ Value::String(_))
        | (Shape::Mapping, value @ Value::Object(_)) => Ok(value),
        (Shape::Flag, value) => Err(wrong("true or false", &value)),
        (Shape::Text, value) => Err(wrong("text", &value)),
        (Shape::Whole, value) if value.is_i64() || value.is_u64() => Ok(value),
        (Shape::Whole, value) => Err(wrong("a whole number", &value)),
        (Shape::TextOrTexts, value) if is_texts(&value) => Ok(value),
        (Shape::TextOrTexts, value) => Err(wrong("text or a list of texts", &value)),
        (Shape::Texts, value @ Value::String(_)) => Ok(Value::Array(vec![value])),
        (Shape::Texts, value) if is_texts(&value) => Ok(value),
        (Shape::Texts, value) => Err(wrong("a list of texts", &value)),
        (Shape::Mapping, value) => Err(wrong("a mapping", &value)),
        (Shape::TextMapping, Value::Object(entries)) if entries.values().all(Value::is_string) => {
            Ok(Value::Object(entries))
        }
        (Shape::TextMapping, value) => Err(wrong("a mapping of texts", &value)),
        (Shape::FlagMapping, Value::Object(entries))
            if entries.values().all(|value| value.is_boolean() || value.is_null()) =>
        {
            Ok(Value::Object(entries))
        }
        (Shape::FlagMapping, value) => Err(wrong("a mapping of true and false", &value)),
        (Shape::Grants, Value::Object(entries)) => grants(entries),
        (Shape::Grants, value) => Err(wrong("a mapping of privileges to grantees", &value)),
        (Shape::Hooks, value) => hooks(value).map_err(|value| wrong("SQL, or a list of SQL", &value)),
        (Shape::Word(words), Value::String(word)) => self::word(words, word),
        (Shape::Word(words), value) => Err(wrong(&listed(words), &value)),
        // An empty one is told when the seed is loaded, as in dbt.
        (Shape::Letter, Value::String(text)) if text.chars().count() <= 1 => Ok(Value::String(text)),
        (Shape::Letter, value) => Err(wrong("one character", &value)),
    }
}

fn word(words: &[&'static str], word: String) -> Result<Value, Wrong> {
    if words.iter().any(|known| known.eq_ignore_ascii_case(&word)) {
        return Ok(Value::String(word));
    }
    Err(Wrong {
        wanted: listed(words),
        help: suggest::similar("value", &word, words.iter().copied()),
        found: format!("`{word}`"),
    })
}

fn grants(entries: Map<String, Value>) -> Result<Value, Wrong> {
    let mut grants = Map::new();
    for (privilege, grantees) in entries {
        let list = convert(Shape::Texts, grantees)?;
        grants.insert(privilege, if list.is_null() { json!([]) } else { list });
    }
    Ok(Value::Object(grants))
}

/// Hooks as dbt keeps them: `{"sql": …, "transaction": true, "index": null}`. A hook may
/// be written as SQL, as a mapping, or as a text that is such a mapping in JSON.
fn hooks(value: Value) -> Result<Value, Value> {
    let items = match value {
        Value::Array(items) => items,
        value => vec![value],
    };
    items.into_iter().map(hook).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

fn hook(value: Value) -> Result<Value, Value> {
    match value {
        Value::String(sql) => match serde_json::from_str::<Value>(&sql) {
            Ok(mapping @ Value::Object(_)) => hook(mapping),
            _ => Ok(json!({ "sql": sql, "transaction": true, "index": null })),
        },
        Value::Object(hook) => {
            let transaction = hook.get("transaction").cloned().unwrap_or(Value::Bool(true));
            match hook.get("sql") {
                Some(sql @ Value::String(_)) if transaction.is_boolean() => {
                    let index = hook.get("index").cloned().unwrap_or_default();
                    Ok(json!({ "sql": sql, "transaction": transaction, "index": index }))
                }
                _ => Err(Value::Object(hook)),
            }
        }
        value => Err(value),
    }
}

fn is_texts(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(Value::is_string))
}

/// `a`, `b` or `c`
fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => return format!("the text `{text}`"),
        value => value.to_string(),
    };
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("`{}…`", text.get(..at).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

fn hint(wanted: &str, value: &Value) -> Option<String> {
    match (wanted, value) {
        ("true or false", Value::String(text))
            if ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word)) =>
        {
            Some("remove the quotes, or end the Jinja expression that gives it with `| as_bool`".to_owned())
        }
        ("text", Value::Number(_) | Value::Bool(_)) => Some("put it in quotes to make it text".to_owned()),
        ("a whole number", Value::String(text)) if text.parse::<i64>().is_ok() => {
            Some("remove the quotes, or end the Jinja expression that gives it with `| as_number`".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(kind: ResourceType, key: &str, value: Value) -> (Option<Value>, Vec<Diagnostic>) {
        let mut level = Level::default();
        level.set(key, value, None);
        let mut diagnostics = Vec::new();
        let checked = check(kind, "the model `주문`", level, &mut diagnostics);
        (checked.settings.into_values().next().map(|setting| setting.value), diagnostics)
    }

    #[test]
    fn good_values_take_the_form_that_merging_wants() {
        let hook = json!({"sql": "select 1", "transaction": true, "index": null});
        let table = [
            ("tags", json!("nightly"), json!(["nightly"])),
            ("unique_key", json!("id"), json!("id")),
            ("unique_key", json!(["a", "b"]), json!(["a", "b"])),
            ("pre_hook", json!("select 1"), json!([hook])),
            ("post-hook", json!(["select 1"]), json!([hook])),
            ("post-hook", json!({"sql": "select 1"}), json!([hook])),
            (
                "post-hook",
                json!("{\"sql\": \"vacuum\", \"transaction\": false}"),
                json!([{"sql": "vacuum", "transaction": false, "index": null}]),
            ),
            ("grants", json!({"select": "a"}), json!({"select": ["a"]})),
            ("on_schema_change", json!("fail"), json!("fail")),
            ("schema", json!(null), json!(null)),
            ("whatever_i_like", json!([1, {}]), json!([1, {}])),
        ];
        for (key, value, expected) in table {
            let (found, diagnostics) = run(ResourceType::Model, key, value);
            assert_eq!(found, Some(expected), "{key}");
            assert_eq!(diagnostics, [], "{key}");
        }
    }

    #[test]
    fn bad_values_are_told_and_left_out() {
        let table = [
            ("enabled", json!("true"), "must be true or false, not the text `true`", "as_bool"),
            ("schema", json!(2024), "must be text, not `2024`", "quotes"),
            ("tags", json!([1]), "must be a list of texts", ""),
            ("on_schema_change", json!("ingore"), "must be `ignore`, `append_new_columns`", "`ignore`"),
            ("access", json!(1), "must be `private`, `protected` or `public`, not `1`", ""),
            ("pre-hook", json!([{"sqll": "x"}]), "must be SQL", ""),
            ("column_types", json!({"id": 1}), "must be a mapping of texts", ""),
            ("meta", json!("주인"), "must be a mapping, not the text `주인`", ""),
        ];
        for (key, value, message, help) in table {
            let (found, diagnostics) = run(ResourceType::Model, key, value);
            assert_eq!(found, None, "{key}");
            let [error] = diagnostics.as_slice() else { panic!("{key}: {diagnostics:?}") };
            assert_eq!(error.code(), Code::InvalidConfig);
            assert!(error.message().contains(message), "{error}");
            assert!(error.help_text().unwrap_or_default().contains(help), "{error:?}");
        }
        let (_, diagnostics) = run(ResourceType::Test, "severity", json!("eror"));
        assert_eq!(diagnostics.len(), 1);
    }

    #[test]
    fn slips_are_warned_of() {
        let (_, diagnostics) = run(ResourceType::Model, "materialised", json!("table"));
        assert_eq!(diagnostics[0].code(), Code::UnknownKey);
        assert!(diagnostics[0].help_text().unwrap_or_default().contains("`materialized`"));
        let (_, diagnostics) = run(ResourceType::Model, "contract", json!({"enforced": false}));
        assert_eq!(diagnostics, []);
    }
}
