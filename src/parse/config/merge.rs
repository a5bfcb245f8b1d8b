use serde_json::{Map, Value};

use super::{Level, Setting};

/// What happens to a key that two levels set.
/// See <https://docs.getdbt.com/reference/configs-and-properties#combining-configs>.
enum Rule {
    /// The nearer level wins.
    Replace,
    /// Lists grow, without saying a thing twice.
    Append,
    /// As `Append`, but hooks may well be said twice.
    AppendAll,
    /// Mappings grow, the nearer level wins a key.
    Update,
    /// As `Update`, but a key that begins with `+` appends to the list.
    Grants,
}

fn rule(key: &str) -> Rule {
    match key {
        "tags" | "packages" => Rule::Append,
        "pre-hook" | "post-hook" => Rule::AppendAll,
        "meta" | "quoting" | "column_types" | "persist_docs" | "docs" | "vars" | "latest_version_pointer" => {
            Rule::Update
        }
        "grants" => Rule::Grants,
        _ => Rule::Replace,
    }
}

/// Lays `level` over what is there. Values must have been through
/// [`check`](super::check), so that lists are lists.
pub(super) fn merge(into: &mut Level, level: &Level) {
    for (key, setting) in &level.settings {
        let rule = rule(key);
        let (value, written) = match into.settings.get(key) {
            Some(old) => (
                merged(&rule, &old.value, &setting.value),
                merged_written(&rule, &old.written, &setting.written),
            ),
            None => (merged(&rule, &Value::Null, &setting.value), setting.written.clone()),
        };
        into.settings.insert(key.clone(), Setting { value, written, place: setting.place });
    }
}

/// As [`merged`], for values as files have them: a text may stand for a list, or for anything.
fn merged_written(rule: &Rule, old: &Value, new: &Value) -> Value {
    let list = |value: &Value| match value {
        Value::Array(_) | Value::Null => value.clone(),
        one => Value::Array(vec![one.clone()]),
    };
    match (rule, old, new) {
        (Rule::Append | Rule::AppendAll, old, new) => merged(rule, &list(old), &list(new)),
        (Rule::Update | Rule::Grants, Value::Object(_) | Value::Null, Value::Object(_)) => {
            merged(rule, old, new)
        }
        (_, old, Value::Null) => old.clone(),
        (_, _, new) => new.clone(),
    }
}

fn merged(rule: &Rule, old: &Value, new: &Value) -> Value {
    match (rule, old, new) {
        (Rule::Replace, _, new) => new.clone(),
        (_, old, Value::Null) => old.clone(),
        (Rule::Append | Rule::AppendAll, old, new) => {
            let mut items = old.as_array().cloned().unwrap_or_default();
            for item in new.as_array().into_iter().flatten() {
                if matches!(rule, Rule::AppendAll) || !items.contains(item) {
                    items.push(item.clone());
                }
            }
            Value::Array(items)
        }
        (Rule::Update, old, new) => {
            let mut entries = old.as_object().cloned().unwrap_or_default();
            entries.extend(new.as_object().cloned().unwrap_or_default());
            Value::Object(entries)
        }
        (Rule::Grants, old, new) => {
            let mut entries = old.as_object().cloned().unwrap_or_default();
            for (privilege, grantees) in new.as_object().into_iter().flatten() {
                grant(&mut entries, privilege, grantees);
            }
            Value::Object(entries)
        }
    }
}

fn grant(entries: &mut Map<String, Value>, privilege: &str, grantees: &Value) {
    let new = grantees.as_array().cloned().unwrap_or_default();
    match privilege.strip_prefix('+') {
        None => {
            entries.insert(privilege.to_owned(), Value::Array(new));
        }
        Some(privilege) => {
            let old = entries.entry(privilege).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(old) = old {
                old.extend(new);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn level(value: Value) -> Level {
        match value {
            Value::Object(values) => Level::new(values, None),
            other => panic!("{other} is no level"),
        }
    }

    #[test]
    fn each_key_merges_by_its_rule() {
        let table = [
            ("tags", json!(["a"]), json!(["b", "a"]), json!(["a", "b"])),
            ("meta", json!({"a": 1, "b": {"x": 1}}), json!({"b": {"y": 2}}), json!({"a": 1, "b": {"y": 2}})),
            ("pre-hook", json!([{"sql": "a"}]), json!([{"sql": "a"}]), json!([{"sql": "a"}, {"sql": "a"}])),
            ("materialized", json!("view"), json!("table"), json!("table")),
            ("schema", json!("a"), json!(null), json!(null)),
            ("tags", json!(["a"]), json!(null), json!(["a"])),
            ("unique_key", json!(["a"]), json!(["b"]), json!(["b"])),
            ("grants", json!({"select": ["a"]}), json!({"+select": ["b"]}), json!({"select": ["a", "b"]})),
            ("grants", json!({"select": ["a"]}), json!({"select": ["b"]}), json!({"select": ["b"]})),
        ];
        for (key, old, new, expected) in table {
            let mut base = level(json!({ key: old }));
            merge(&mut base, &level(json!({ key: new })));
            assert_eq!(base.values(), level(json!({ key: expected })).values(), "{key}");
        }
    }

    #[test]
    fn a_plus_in_grants_is_no_part_of_the_name_when_it_is_first() {
        let mut base = Level::default();
        merge(&mut base, &level(json!({"grants": {"+select": ["분석가"]}})));
        assert_eq!(base.values(), level(json!({"grants": {"select": ["분석가"]}})).values());
    }
}
