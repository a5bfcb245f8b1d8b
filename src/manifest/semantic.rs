use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::text::Span;

/// A semantic model: entities, dimensions and measures over one model.
/// See <https://docs.getdbt.com/docs/build/semantic-models>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SemanticModel {
    /// As `manifest.json` has it, without what every node has.
    #[serde(with = "crate::text::kept_json")]
    pub definition: Map<String, Value>,
}

/// A metric over semantic models or other metrics.
/// See <https://docs.getdbt.com/docs/build/metrics-overview>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// As `manifest.json` has it, without what every node has.
    #[serde(with = "crate::text::kept_json")]
    pub definition: Map<String, Value>,
    /// The measures that it is made of, by name.
    pub measures: Vec<MetricRef>,
    /// The semantic model whose column it aggregates, where no measure stands between.
    pub semantic_model: Option<String>,
}

/// Metrics and dimensions to be asked for together, and where to export them.
/// See <https://docs.getdbt.com/docs/build/saved-queries>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedQuery {
    /// As `manifest.json` has it, without what every node has.
    #[serde(with = "crate::text::kept_json")]
    pub definition: Map<String, Value>,
}

/// A metric that something needs: `metric('revenue')`, or its name in the YAML of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricRef {
    pub package: Option<String>,
    pub name: String,
    /// Where it was written, when it could be told.
    pub span: Option<Span>,
}

impl SemanticModel {
    /// The names of its `entities`, `dimensions` or `measures`.
    pub fn names(&self, part: &str) -> impl Iterator<Item = &str> {
        let parts = self.definition.get(part).and_then(Value::as_array);
        parts.into_iter().flatten().filter_map(|part| part.get("name")?.as_str())
    }

    /// The entity that its dimensions belong to.
    #[must_use]
    pub fn primary_entity(&self) -> Option<&str> {
        let own = self.definition.get("primary_entity").and_then(Value::as_str);
        own.or_else(|| {
            let entities = self.definition.get("entities")?.as_array()?;
            let primary = entities.iter().find(|entity| entity["type"] == "primary")?;
            primary["name"].as_str()
        })
    }
}

impl Metric {
    /// A part of its `type_params`, unless it is null.
    #[must_use]
    pub fn parameter(&self, key: &str) -> Option<&Value> {
        self.definition.get("type_params")?.get(key).filter(|value| !value.is_null())
    }
}
