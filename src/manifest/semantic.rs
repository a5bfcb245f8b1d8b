use serde_json::{Map, Value};

/// A semantic model: entities, dimensions and measures over one model.
/// See <https://docs.getdbt.com/docs/build/semantic-models>.
#[derive(Clone, Debug, PartialEq)]
pub struct SemanticModel {
    /// As `manifest.json` has it, without what every node has.
    pub definition: Map<String, Value>,
}

/// A metric over semantic models or other metrics.
/// See <https://docs.getdbt.com/docs/build/metrics-overview>.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// As `manifest.json` has it, without what every node has.
    pub definition: Map<String, Value>,
}

/// Metrics and dimensions to be asked for together, and where to export them.
/// See <https://docs.getdbt.com/docs/build/saved-queries>.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedQuery {
    /// As `manifest.json` has it, without what every node has.
    pub definition: Map<String, Value>,
}
