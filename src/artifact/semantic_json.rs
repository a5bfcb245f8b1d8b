use serde::Serialize;
use serde_json::{Map, Value};

use super::node_json::{DependsOnJson, RefJson};
use crate::manifest::{Metric, Node, SavedQuery, SemanticModel};

/// What a semantic model, metric and saved query have in common in `manifest.json`.
#[derive(Debug, Serialize)]
struct SemanticNodeJson<'a> {
    name: &'a str,
    resource_type: &'static str,
    package_name: &'a str,
    path: &'a str,
    original_file_path: &'a str,
    unique_id: &'a str,
    fqn: &'a [String],
    config: &'a Map<String, Value>,
    unrendered_config: &'a Map<String, Value>,
    group: Option<&'a str>,
    depends_on: DependsOnJson<'a>,
    refs: Vec<RefJson<'a>>,
    created_at: f64,
}

impl<'a> SemanticNodeJson<'a> {
    fn new(node: &'a Node) -> Self {
        Self {
            name: &node.name,
            resource_type: node.resource_type.name(),
            package_name: &node.package,
            path: &node.path,
            original_file_path: &node.original_file_path,
            unique_id: node.id.as_str(),
            fqn: &node.fqn,
            config: node.config.values(),
            unrendered_config: &node.unrendered_config,
            group: node.group.as_deref(),
            depends_on: DependsOnJson::of(node),
            refs: RefJson::of(node),
            created_at: node.created_at,
        }
    }
}

/// A semantic model in `manifest.json`.
#[derive(Debug, Serialize)]
pub(super) struct SemanticModelJson<'a> {
    #[serde(flatten)]
    node: SemanticNodeJson<'a>,
    #[serde(flatten)]
    definition: &'a Map<String, Value>,
}

impl<'a> SemanticModelJson<'a> {
    pub(super) fn new(node: &'a Node, model: &'a SemanticModel) -> Self {
        Self { node: SemanticNodeJson::new(node), definition: &model.definition }
    }
}

/// A metric in `manifest.json`.
#[derive(Debug, Serialize)]
pub(super) struct MetricJson<'a> {
    #[serde(flatten)]
    node: SemanticNodeJson<'a>,
    description: &'a str,
    tags: &'a [String],
    meta: &'a Map<String, Value>,
    sources: [[&'a str; 2]; 0],
    /// Those it is made of are in its definition.
    metrics: [[&'a str; 1]; 0],
    #[serde(flatten)]
    definition: &'a Map<String, Value>,
}

impl<'a> MetricJson<'a> {
    pub(super) fn new(node: &'a Node, metric: &'a Metric) -> Self {
        Self {
            node: SemanticNodeJson::new(node),
            description: &node.description,
            tags: &node.tags,
            meta: &node.meta,
            sources: [],
            metrics: [],
            definition: &metric.definition,
        }
    }
}

/// A saved query in `manifest.json`.
#[derive(Debug, Serialize)]
pub(super) struct SavedQueryJson<'a> {
    #[serde(flatten)]
    node: SemanticNodeJson<'a>,
    description: &'a str,
    tags: &'a [String],
    #[serde(flatten)]
    definition: &'a Map<String, Value>,
}

impl<'a> SavedQueryJson<'a> {
    pub(super) fn new(node: &'a Node, query: &'a SavedQuery) -> Self {
        Self {
            node: SemanticNodeJson::new(node),
            description: &node.description,
            tags: &node.tags,
            definition: &query.definition,
        }
    }
}
