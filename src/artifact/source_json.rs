use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::node_json::{ColumnJson, DependsOnJson, RefJson, metric_calls, source_pairs};
use crate::manifest::{Exposure, Node, Source};

/// A source table in `manifest.json`.
#[derive(Debug, Serialize)]
pub(super) struct SourceJson<'a> {
    database: &'a str,
    schema: &'a str,
    name: &'a str,
    resource_type: &'static str,
    package_name: &'a str,
    path: &'a str,
    original_file_path: &'a str,
    unique_id: &'a str,
    fqn: &'a [String],
    source_name: &'a str,
    source_description: &'a str,
    loader: &'a str,
    identifier: &'a str,
    quoting: BTreeMap<&'static str, Option<bool>>,
    loaded_at_field: Option<&'a str>,
    loaded_at_query: Option<&'a str>,
    freshness: Option<&'a Value>,
    external: Option<&'a Value>,
    description: &'a str,
    doc_blocks: &'a [String],
    columns: BTreeMap<&'a str, ColumnJson<'a>>,
    meta: &'a Map<String, Value>,
    source_meta: &'a Map<String, Value>,
    tags: &'a [String],
    config: &'a Map<String, Value>,
    patch_path: Option<&'a str>,
    unrendered_config: &'a Map<String, Value>,
    relation_name: Option<String>,
    unrendered_database: Option<&'a str>,
    unrendered_schema: Option<&'a str>,
    created_at: f64,
}

impl<'a> SourceJson<'a> {
    pub(super) fn new(node: &'a Node, source: &'a Source) -> Self {
        let quoting = |key: &'static str| (key, source.quoting.get(key).and_then(Value::as_bool));
        Self {
            database: &node.database,
            schema: &node.schema,
            name: &node.name,
            resource_type: "source",
            package_name: &node.package,
            path: &node.path,
            original_file_path: &node.original_file_path,
            unique_id: node.id.as_str(),
            fqn: &node.fqn,
            source_name: &source.source_name,
            source_description: &source.source_description,
            loader: &source.loader,
            identifier: &source.identifier,
            quoting: ["database", "schema", "identifier", "column"].map(quoting).into(),
            loaded_at_field: source.loaded_at_field.as_deref(),
            loaded_at_query: source.loaded_at_query.as_deref(),
            freshness: source.freshness.as_ref(),
            external: source.extra.get("external").filter(|value| value.is_object()),
            description: &node.description,
            doc_blocks: &node.doc_blocks,
            columns: ColumnJson::of(node),
            meta: &node.meta,
            source_meta: &source.source_meta,
            tags: &node.tags,
            config: node.config.values(),
            patch_path: node.patch_path.as_deref(),
            unrendered_config: &node.unrendered_config,
            relation_name: node.relation.as_ref().map(ToString::to_string),
            unrendered_database: source.unrendered_database.as_deref(),
            unrendered_schema: source.unrendered_schema.as_deref(),
            created_at: node.created_at,
        }
    }
}

/// An exposure in `manifest.json`.
#[derive(Debug, Serialize)]
pub(super) struct ExposureJson<'a> {
    name: &'a str,
    resource_type: &'static str,
    package_name: &'a str,
    path: &'a str,
    original_file_path: &'a str,
    unique_id: &'a str,
    fqn: &'a [String],
    #[serde(rename = "type")]
    kind: &'a str,
    owner: &'a Map<String, Value>,
    description: &'a str,
    label: Option<&'a str>,
    maturity: Option<&'a str>,
    meta: &'a Map<String, Value>,
    tags: &'a [String],
    config: &'a Map<String, Value>,
    unrendered_config: &'a Map<String, Value>,
    url: Option<&'a str>,
    depends_on: DependsOnJson<'a>,
    refs: Vec<RefJson<'a>>,
    sources: Vec<[&'a str; 2]>,
    metrics: Vec<Vec<&'a str>>,
    created_at: f64,
}

impl<'a> ExposureJson<'a> {
    pub(super) fn new(node: &'a Node, exposure: &'a Exposure) -> Self {
        Self {
            name: &node.name,
            resource_type: "exposure",
            package_name: &node.package,
            path: &node.path,
            original_file_path: &node.original_file_path,
            unique_id: node.id.as_str(),
            fqn: &node.fqn,
            kind: &exposure.kind,
            owner: &exposure.owner,
            description: &node.description,
            label: exposure.label.as_deref(),
            maturity: exposure.maturity.as_deref(),
            meta: &node.meta,
            tags: &node.tags,
            config: node.config.values(),
            unrendered_config: &node.unrendered_config,
            url: exposure.url.as_deref(),
            depends_on: DependsOnJson::of(node),
            refs: RefJson::of(node),
            sources: source_pairs(node),
            metrics: metric_calls(node),
            created_at: node.created_at,
        }
    }
}
