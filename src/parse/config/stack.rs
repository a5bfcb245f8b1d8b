use serde_json::{Map, Value};

use super::defaults::defaults;
use super::merge::merge;
use super::{Level, ProjectConfigs};
use crate::manifest::{NodeConfig, ResourceType};
use crate::text::Span;

/// The levels that configure one node, in dbt's order: its package's project file from
/// the root of the tree inwards, its properties, `config()` in its file, and for nodes of
/// other packages the root project's file over all.
#[derive(Clone, Debug)]
pub struct ConfigStack<'a> {
    kind: ResourceType,
    own: Vec<&'a Level>,
    properties: Vec<&'a Level>,
    calls: Vec<Level>,
    root: Vec<&'a Level>,
}

/// A node's configuration, and where each of its values was written.
#[derive(Clone, Debug, Default)]
pub struct Configured {
    pub config: NodeConfig,
    /// What the files say, put together, no Jinja rendered; dbt's `unrendered_config`.
    pub written: Map<String, Value>,
    level: Level,
}

impl Configured {
    /// Where the value of a key was written, if anyone wrote it.
    pub(in crate::parse) fn place(&self, key: &str) -> Option<Span> {
        self.level.get(key)?.place
    }
}

impl<'a> ConfigStack<'a> {
    pub(in crate::parse) fn new(
        configs: &'a ProjectConfigs,
        kind: ResourceType,
        package: &str,
        fqn: &[String],
    ) -> Self {
        Self {
            kind,
            own: configs.own(package, kind, fqn),
            properties: Vec::new(),
            calls: Vec::new(),
            root: configs.of_root(package, kind, fqn),
        }
    }

    /// Adds what a properties file says.
    pub(in crate::parse) fn properties(&mut self, level: &'a Level) {
        self.properties.push(level);
    }

    /// Adds what a `config()` call says; later calls lie over earlier ones.
    pub(in crate::parse) fn call(&mut self, level: Level) {
        self.calls.push(level);
    }

    /// All levels laid over each other and over the defaults.
    pub(in crate::parse) fn resolve(&self) -> Configured {
        let mut level = Level::default();
        let below = self.own.iter().chain(&self.properties).copied();
        for next in below.chain(&self.calls).chain(self.root.iter().copied()) {
            merge(&mut level, next);
        }
        let mut values = defaults(self.kind);
        for (key, setting) in &level.settings {
            lay(&mut values, key, &setting.value);
        }
        if self.kind == ResourceType::Test {
            settle_store_failures(&mut values);
        }
        let written = level.settings.iter().map(|(key, setting)| (key.clone(), setting.written.clone()));
        Configured { config: NodeConfig::new(values), written: written.collect(), level }
    }
}

/// Mappings are laid over the default's entries; null means the default.
fn lay(values: &mut Map<String, Value>, key: &str, value: &Value) {
    match (values.get_mut(key), value) {
        (Some(default), Value::Null) if !default.is_null() => {}
        (Some(Value::Object(default)), Value::Object(entries)) => default.extend(entries.clone()),
        _ => {
            values.insert(key.to_owned(), value.clone());
        }
    }
}

/// `store_failures_as` decides when both are set, and each follows from the other.
/// See <https://docs.getdbt.com/reference/resource-configs/store_failures_as>.
fn settle_store_failures(values: &mut Map<String, Value>) {
    let stored_as = values.get("store_failures_as").and_then(Value::as_str).map(str::to_lowercase);
    let stores = values.get("store_failures").and_then(Value::as_bool);
    match (stored_as, stores) {
        (Some(kind), _) => {
            values.insert("store_failures".to_owned(), Value::Bool(kind != "ephemeral"));
        }
        (None, Some(stores)) => {
            let kind = if stores { "table" } else { "ephemeral" };
            values.insert("store_failures_as".to_owned(), Value::from(kind));
        }
        (None, None) => {}
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

    fn stack(kind: ResourceType) -> ConfigStack<'static> {
        ConfigStack { kind, own: Vec::new(), properties: Vec::new(), calls: Vec::new(), root: Vec::new() }
    }

    #[test]
    fn nearer_levels_win_and_the_root_project_wins_over_all() {
        let own = level(json!({"materialized": "view", "schema": "a", "tags": ["own"]}));
        let properties = level(json!({"schema": "b", "tags": ["yml"], "docs": {"show": false}}));
        let root = level(json!({"materialized": "ephemeral", "tags": ["root"]}));
        let mut stack = stack(ResourceType::Model);
        stack.own.push(&own);
        stack.properties(&properties);
        stack.call(level(json!({"materialized": "table", "alias": "주문"})));
        stack.root.push(&root);
        let config = stack.resolve().config;
        assert_eq!(config.materialized(), "ephemeral");
        assert_eq!(config.text("schema"), Some("b"));
        assert_eq!(config.text("alias"), Some("주문"));
        assert_eq!(config.tags(), ["own", "yml", "root"]);
        assert_eq!(config.get("docs"), Some(&json!({"show": false, "node_color": null})));
        assert_eq!(config.text("on_schema_change"), Some("ignore"));
    }

    #[test]
    fn storing_failures_and_how_follow_from_each_other() {
        let table = [
            (json!({"store_failures": true}), json!([true, "table"])),
            (json!({"store_failures": false}), json!([false, "ephemeral"])),
            (json!({"store_failures_as": "view"}), json!([true, "view"])),
            (json!({"store_failures": true, "store_failures_as": "ephemeral"}), json!([false, "ephemeral"])),
            (json!({}), json!([null, null])),
        ];
        for (said, expected) in table {
            let mut stack = stack(ResourceType::Test);
            stack.call(level(said.clone()));
            let values = stack.resolve().config.values().clone();
            assert_eq!(json!([values["store_failures"], values["store_failures_as"]]), expected, "{said}");
        }
    }
}
