use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A node's configuration after all inheritance, keys in dbt's names and order.
///
/// What no key of dbt's has is kept too: `config.get('anything')` finds it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeConfig {
    /// Shared by nodes that are configured alike, which most are.
    #[serde(with = "crate::text::kept_json")]
    pub(super) values: Arc<Map<String, Value>>,
}

impl NodeConfig {
    #[must_use]
    pub fn new(values: Map<String, Value>) -> Self {
        Self { values: Arc::new(values) }
    }

    /// All keys and values, as artifacts show them.
    #[must_use]
    pub fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// The value of a key, unless it is missing or null.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key).filter(|value| !value.is_null())
    }

    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    #[must_use]
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.get(key)?.as_bool()
    }

    /// `view` when nothing is said.
    #[must_use]
    pub fn materialized(&self) -> &str {
        self.text("materialized").unwrap_or("view")
    }

    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.flag("enabled").unwrap_or(true)
    }

    #[must_use]
    pub fn tags(&self) -> Vec<&str> {
        match self.get("tags") {
            Some(Value::Array(tags)) => tags.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(tag)) => vec![tag],
            _ => Vec::new(),
        }
    }
}
