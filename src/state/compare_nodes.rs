use serde_json::{Map, Value};

use super::change::{Aspect, Change};
use super::compare_configs::{changed_configs, is_same_setting};
use super::words::same_words;
use crate::manifest::{Contract, Node, ResourceType};

/// Every way in which a node, as `manifest.json` shows it, is not what it was; its macros left
/// out.
pub(super) fn changes(node: &Node, old: &Value, new: &Value) -> Vec<Change> {
    let mut changes = Changes { old, new, found: Vec::new() };
    match node.resource_type {
        ResourceType::Model
        | ResourceType::Seed
        | ResourceType::Snapshot
        | ResourceType::Analysis
        | ResourceType::Test
        | ResourceType::Operation
        | ResourceType::SqlOperation => changes.of_node(node),
        ResourceType::Function => {
            changes.of_node(node);
            changes.definition(&["arguments", "returns"]);
        }
        ResourceType::Source => changes.of_source(),
        ResourceType::Exposure => {
            changes.definition(&[
                "type",
                "owner",
                "description",
                "label",
                "maturity",
                "url",
                "depends_on.nodes",
            ]);
            changes.configs(true);
        }
        ResourceType::UnitTest => {
            // What it is called or tagged tests nothing else.
            changes.definition(&["model", "given", "expect", "overrides"]);
        }
        ResourceType::Metric | ResourceType::SemanticModel | ResourceType::SavedQuery => {
            changes.whole_definition();
            changes.configs(true);
        }
    }
    changes.found
}

struct Changes<'a> {
    old: &'a Value,
    new: &'a Value,
    found: Vec<Change>,
}

/// Keys that say where a node is from and what the tool made of it, not what it is.
const NO_DEFINITION: [&str; 21] = [
    "unique_id",
    "name",
    "resource_type",
    "package_name",
    "path",
    "original_file_path",
    "fqn",
    "created_at",
    "metadata",
    "config",
    "unrendered_config",
    "meta",
    "tags",
    "depends_on",
    "refs",
    "sources",
    "metrics",
    "node_relation",
    "primary_entity",
    "doc_blocks",
    "checksum",
];

impl Changes<'_> {
    fn add(&mut self, aspect: Aspect, what: impl Into<String>) {
        self.found.push(Change::new(aspect, what));
    }

    /// What is in the warehouse, or looks at it.
    fn of_node(&mut self, node: &Node) {
        let is_same_body = self.has_same_body(node);
        if !is_same_body {
            self.add(Aspect::Body, "its body");
        }
        // Where the YAML is that asks for a generic test changes nothing.
        let is_generic = node.data_test().is_some_and(|test| test.metadata.is_some());
        if !is_generic && !self.is_same("fqn") {
            self.add(Aspect::Definition, "its folder");
        }
        self.configs(is_same_body);
        self.relation(is_same_body);
        self.persisted_descriptions();
        self.contract(node);
        if node.model().is_some() {
            self.definition(&["latest_version", "deprecation_date"]);
        }
    }

    fn has_same_body(&self, node: &Node) -> bool {
        if node.data_test().is_some_and(|test| test.metadata.is_some()) {
            // The id of a generic test has a hash of its arguments.
            return true;
        }
        if node.resource_type == ResourceType::Seed {
            let checksum = |node: &Value| {
                let checksum = node.get("checksum")?;
                Some((text(checksum, "name")?.to_owned(), text(checksum, "checksum")?.to_owned()))
            };
            return match (checksum(self.old), checksum(self.new)) {
                (Some((old_kind, old)), Some((new_kind, new))) if old_kind == new_kind => old == new,
                // Of a large seed dbt knows no more than where it is.
                _ => self.is_same("original_file_path"),
            };
        }
        let code = |node| text(node, "raw_code").or_else(|| text(node, "raw_sql")).unwrap_or_default();
        let (old, new) = (code(self.old), code(self.new));
        let is_python = text(self.new, "language") == Some("python");
        if is_python { old.trim() == new.trim() } else { same_words(old, new) }
    }

    fn configs(&mut self, is_same_body: bool) {
        for key in changed_configs(self.old, self.new, is_same_body) {
            self.add(Aspect::Configs, format!("its config `{key}`"));
        }
    }

    /// `database`, `schema` and `alias` as they are configured: what a target or a macro makes
    /// of them is no change.
    fn relation(&mut self, is_same_body: bool) {
        for key in ["database", "schema", "alias"] {
            if !is_same_setting(key, self.old, self.new, is_same_body) {
                self.add(Aspect::Relation, format!("its config `{key}`"));
            }
        }
    }

    fn persisted_descriptions(&mut self) {
        let persists = |part: &str| {
            self.new.pointer(&format!("/config/persist_docs/{part}")).and_then(Value::as_bool) == Some(true)
        };
        let (relation, columns) = (persists("relation"), persists("columns"));
        if relation && !self.is_same("description") {
            self.add(Aspect::PersistedDescriptions, "its description");
        }
        let described = |node: &Value| -> Map<String, Value> {
            let columns = node.get("columns").and_then(Value::as_object).into_iter().flatten();
            columns
                .filter_map(|(name, column)| Some((name.clone(), column.get("description")?.clone())))
                .filter(|(_, description)| description.as_str().is_some_and(|text| !text.is_empty()))
                .collect()
        };
        if columns && described(self.old) != described(self.new) {
            self.add(Aspect::PersistedDescriptions, "the description of a column");
        }
    }

    fn contract(&mut self, node: &Node) {
        let change = Contract::of(node).change_since(&Contract::from_json(self.old));
        if change.is_changed {
            let what = change.breaches.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let what =
                if what.is_empty() { "its contract".to_owned() } else { format!("its contract: {what}") };
            self.add(Aspect::Contract, what);
        }
    }

    fn of_source(&mut self) {
        self.definition(&["quoting", "loaded_at_field", "loaded_at_query", "freshness", "external"]);
        self.configs(true);
        for key in ["database", "schema"] {
            let unrendered = format!("unrendered_{key}");
            let is_same = match (self.old.get(&unrendered), self.new.get(&unrendered)) {
                (Some(Value::String(old)), Some(Value::String(new))) => same_words(old, new),
                (Some(Value::Null), Some(Value::Null)) => true,
                // Before dbt 1.9 only what it became was written down.
                _ => self.is_same(key) || text(self.new, &unrendered).is_none_or(|text| text.contains("{{")),
            };
            if !is_same {
                self.add(Aspect::Relation, format!("its `{key}`"));
            }
        }
        if !self.is_same("identifier") {
            self.add(Aspect::Relation, "its `identifier`");
        }
    }

    /// Each of those keys; a dot goes into a mapping.
    fn definition(&mut self, keys: &[&str]) {
        for key in keys {
            if !self.is_same(key) {
                let name = key.split('.').next().unwrap_or(key);
                self.add(Aspect::Definition, format!("its `{name}`"));
            }
        }
    }

    /// All keys but those that define nothing.
    fn whole_definition(&mut self) {
        let keys = |node: &Value| -> Vec<String> {
            node.as_object().map(|keys| keys.keys().cloned().collect()).unwrap_or_default()
        };
        // What only an earlier tool wrote down is no change of the project.
        let keys = keys(self.new).into_iter().filter(|key| !NO_DEFINITION.contains(&key.as_str()));
        for key in keys {
            // A switch that is off may as well not be there.
            let at = |node: &Value| node.get(&key).map(|value| without_false(&pruned(value)));
            let (old, new) = (at(self.old).unwrap_or_default(), at(self.new).unwrap_or_default());
            if old != new && !(is_nothing(&old) && is_nothing(&new)) {
                self.add(Aspect::Definition, format!("its `{key}`"));
            }
        }
    }

    fn is_same(&self, key: &str) -> bool {
        let at = |node: &Value| {
            let found = key.split('.').try_fold(node, |node, part| node.get(part));
            found.map(pruned).filter(|found| !is_nothing(found))
        };
        at(self.old) == at(self.new)
    }
}

pub(super) fn text<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.get(key)?.as_str()
}

/// The value without what says nothing: nulls, empty texts, lists and mappings. Versions of a
/// schema differ in how many of them they have.
pub(super) fn pruned(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(pruned).collect(),
        Value::Object(entries) => {
            let kept = entries.iter().map(|(key, value)| (key.clone(), pruned(value)));
            Value::Object(kept.filter(|(_, value)| !is_nothing(value)).collect())
        }
        // `1.0` of one writer is `1` of another.
        Value::Number(number) => number.as_f64().map_or_else(|| value.clone(), Value::from),
        _ => value.clone(),
    }
}

fn without_false(value: &Value) -> Value {
    match value {
        Value::Bool(false) => Value::Null,
        Value::Array(items) => items.iter().map(without_false).collect(),
        Value::Object(entries) => {
            let kept = entries.iter().map(|(key, value)| (key.clone(), without_false(value)));
            Value::Object(kept.filter(|(_, value)| !is_nothing(value)).collect())
        }
        _ => value.clone(),
    }
}

pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    }
}
