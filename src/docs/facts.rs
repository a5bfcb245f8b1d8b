use std::borrow::Cow;

use serde_json::{Map, Value};

use super::contract::Unit;
use crate::manifest::{HookEvent, Node, NodeKind, UnitTestRows};

type Fact = (Cow<'static, str>, String);

/// What only nodes of its kind have to tell: a label and a text each.
pub(super) fn facts(node: &Node) -> Vec<Fact> {
    let mut facts = Facts(Vec::new());
    match &node.kind {
        NodeKind::Source(source) => {
            facts.text("source", Some(&source.source_name));
            facts.text("about the source", Some(&source.source_description));
            facts.text("identifier", Some(&source.identifier).filter(|name| **name != node.name));
            facts.text("loader", Some(&source.loader));
            facts.text("loaded at field", source.loaded_at_field.as_ref());
            facts.text("loaded at query", source.loaded_at_query.as_ref());
            facts.text("read from", source.external_location.as_ref());
            facts.value("freshness", source.freshness.as_ref());
        }
        NodeKind::Snapshot => {
            for key in ["strategy", "unique_key", "updated_at", "check_cols", "hard_deletes"] {
                facts.value(key, node.config.get(key));
            }
        }
        NodeKind::Test(test) => {
            if let Some(metadata) = &test.metadata {
                let namespace = metadata.namespace.iter().map(|name| format!("{name}."));
                facts.text("test", Some(&(namespace.collect::<String>() + &metadata.name)));
                for (key, value) in metadata.kwargs.iter().filter(|(key, _)| *key != "model") {
                    facts.value(key, Some(value));
                }
            }
        }
        NodeKind::UnitTest(test) => {
            facts.text("tests", Some(&test.model));
            let overrides = test.overrides.iter().flatten();
            for (key, value) in overrides {
                facts.value(&format!("in place of {}", key.replace('_', " ")), Some(value));
            }
        }
        NodeKind::Function(function) => {
            facts.text("language", Some(&function.language.name().to_owned()));
            facts.value("returns", Some(&function.returns));
        }
        NodeKind::SemanticModel(model) => facts.definition(&model.definition),
        NodeKind::Metric(metric) => facts.definition(&metric.definition),
        NodeKind::SavedQuery(query) => facts.definition(&query.definition),
        NodeKind::Operation(hook) => {
            let event = match hook.event {
                HookEvent::RunStart => "before a run",
                HookEvent::RunEnd => "after a run",
            };
            facts.text("runs", Some(&event.to_owned()));
        }
        NodeKind::Model(model) => {
            facts.text("deprecated from", model.deprecation_date.as_ref());
            facts.value("time spine", model.time_spine.as_ref());
            facts.text("primary key", Some(&model.primary_key.join(", ")));
        }
        NodeKind::Exposure(_) | NodeKind::Seed { .. } | NodeKind::Analysis | NodeKind::SqlOperation => {}
    }
    facts.0
}

/// Facts that say something.
struct Facts(Vec<Fact>);

impl Facts {
    fn text(&mut self, label: &str, text: Option<&String>) {
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            self.0.push((Cow::Owned(label.to_owned()), text.clone()));
        }
    }

    fn value(&mut self, label: &str, value: Option<&Value>) {
        if let Some(text) = value.and_then(words) {
            self.text(&label.replace('_', " "), Some(&text));
        }
    }

    /// What the semantic layer has of a node, as its YAML has it.
    fn definition(&mut self, definition: &Map<String, Value>) {
        let is_elsewhere = |key: &str| {
            matches!(
                key,
                "name"
                    | "label"
                    | "description"
                    | "config"
                    | "metadata"
                    | "node_relation"
                    | "refs"
                    | "sources"
                    | "metrics_refs"
                    | "created_at"
                    | "depends_on"
                    | "tags"
                    | "meta"
                    | "group"
                    | "unrendered_config"
            )
        };
        for (key, value) in definition.iter().filter(|(key, _)| !is_elsewhere(key)) {
            match value {
                Value::Object(parts) if matches!(key.as_str(), "type_params" | "query_params") => {
                    for (key, value) in parts {
                        self.value(key, Some(value));
                    }
                }
                value => self.value(key, Some(value)),
            }
        }
    }
}

/// A value in words: of lists and mappings what says something, a thing with a name by its name.
fn words(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(all) => all.iter().filter_map(words).collect::<Vec<_>>().join(", "),
        Value::Object(parts) => {
            let name = parts.get("name").and_then(Value::as_str);
            let is_told = |key: &str, value: &Value| {
                !(value.is_null() || key == "name" && name.is_some() || *value == Value::Bool(false))
            };
            let told = parts.iter().filter(|(key, value)| is_told(key, value));
            let told: Vec<String> = told
                .filter_map(|(key, value)| Some((key, words(value)?)))
                .map(|(key, text)| match (name, key.as_str()) {
                    (Some(_), "type" | "agg" | "expr") => text,
                    _ => format!("{}: {text}", key.replace('_', " ")),
                })
                .collect();
            match (name, told.is_empty()) {
                (Some(name), true) => name.to_owned(),
                (Some(name), false) => format!("{name} ({})", told.join(", ")),
                (None, _) => told.join(", "),
            }
        }
    };
    Some(text).filter(|text| !text.is_empty())
}

/// The rows that a unit test gives and expects: SQL as it is written, others a row a line.
pub(super) fn unit(node: &Node) -> Option<Unit<'_>> {
    let test = node.unit_test()?;
    let given = test.given.iter().map(|input| (input.input.as_str(), rows(&input.rows)));
    Some(Unit { given: given.collect(), expect: rows(&test.expect) })
}

fn rows(rows: &UnitTestRows) -> String {
    let row = |row: &Value| match row {
        Value::Object(cells) => {
            let cell = |(name, value): (&String, &Value)| match value.as_str() {
                Some(text) => format!("{name}: {text}"),
                None => format!("{name}: {value}"),
            };
            cells.iter().map(cell).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    let text = match &rows.rows {
        Value::Array(all) => all.iter().map(row).collect::<Vec<_>>().join("\n"),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    match &rows.fixture {
        Some(name) => format!("{name}\n{text}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_told_in_words() {
        let told = [
            (json!("day"), Some("day")),
            (json!(["a", null, 2]), Some("a, 2")),
            (json!({"name": "매출", "agg": "sum", "expr": null}), Some("매출 (sum)")),
            (
                json!({"warn_after": {"count": 1, "period": "day"}, "filter": null}),
                Some("warn after: count: 1, period: day"),
            ),
            (json!([{"name": "id", "type": "primary"}, {"name": "plain"}]), Some("id (primary), plain")),
            (json!({}), None),
            (json!(null), None),
        ];
        for (value, wanted) in told {
            assert_eq!(words(&value).as_deref(), wanted, "{value}");
        }
    }
}
