use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::manifest::{Manifest, Node, NodeKind};

/// `semantic_manifest.json`, which `MetricFlow` reads: the enabled semantic models, metrics and
/// saved queries, and the time spines. See
/// <https://docs.getdbt.com/reference/artifacts/sl-manifest>.
#[derive(Debug, Serialize)]
pub struct SemanticManifestJson {
    semantic_models: Vec<Value>,
    metrics: Vec<Value>,
    project_configuration: Value,
    saved_queries: Vec<Value>,
}

/// The version of the interface whose form this is.
const INTERFACE_VERSION: [&str; 3] = ["0", "213", "0"];

/// The model that was the time spine before models could say so, with its column and grain.
const OLD_TIME_SPINE: [&str; 3] = ["metricflow_time_spine", "date_day", "day"];

impl SemanticManifestJson {
    #[must_use]
    pub fn new(manifest: &Manifest) -> Self {
        let mut json = Self {
            semantic_models: Vec::new(),
            metrics: Vec::new(),
            project_configuration: project_configuration(manifest),
            saved_queries: Vec::new(),
        };
        for node in manifest.nodes.values() {
            match &node.kind {
                NodeKind::SemanticModel(model) => {
                    json.semantic_models.push(semantic_model(node, &model.definition));
                }
                NodeKind::Metric(metric) => json.metrics.push(self::metric(node, &metric.definition)),
                NodeKind::SavedQuery(query) => json.saved_queries.push(saved_query(node, &query.definition)),
                _ => {}
            }
        }
        json
    }
}

/// Some keys of a definition.
fn pick(definition: &Map<String, Value>, keys: &[&str]) -> Map<String, Value> {
    keys.iter().map(|key| ((*key).to_owned(), definition.get(*key).cloned().unwrap_or_default())).collect()
}

fn meta(node: &Node) -> Value {
    json!({ "meta": node.config.get("meta").cloned().unwrap_or_else(|| json!({})) })
}

fn semantic_model(node: &Node, definition: &Map<String, Value>) -> Value {
    let keys = [
        "defaults",
        "description",
        "node_relation",
        "primary_entity",
        "entities",
        "measures",
        "dimensions",
        "label",
        "metadata",
    ];
    let mut json = pick(definition, &keys);
    for part in ["entities", "measures"] {
        for one in json.get_mut(part).and_then(Value::as_array_mut).into_iter().flatten() {
            one["metadata"] = Value::Null;
        }
    }
    json.insert("name".to_owned(), node.name.as_str().into());
    json.insert("config".to_owned(), meta(node));
    Value::Object(json)
}

fn metric(node: &Node, definition: &Map<String, Value>) -> Value {
    let keys = ["type", "type_params", "filter", "metadata", "label", "time_granularity", "datatype"];
    let mut json = pick(definition, &keys);
    json.insert("name".to_owned(), node.name.as_str().into());
    json.insert("description".to_owned(), node.description.as_str().into());
    json.insert("config".to_owned(), meta(node));
    Value::Object(json)
}

fn saved_query(node: &Node, definition: &Map<String, Value>) -> Value {
    let mut json = pick(definition, &["query_params", "metadata", "label", "exports"]);
    for export in json.get_mut("exports").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(export) = export.as_object_mut() {
            export.shift_remove("unrendered_config");
            if let Some(Value::Object(config)) = export.get_mut("config") {
                config.shift_remove("database");
            }
        }
    }
    json.insert("name".to_owned(), node.name.as_str().into());
    json.insert("description".to_owned(), node.description.as_str().into());
    json.insert("tags".to_owned(), json!(node.tags));
    Value::Object(json)
}

fn project_configuration(manifest: &Manifest) -> Value {
    let (mut spines, mut old) = (Vec::new(), Vec::new());
    for node in manifest.nodes.values() {
        let Some(model) = node.model() else { continue };
        let relation = node.relation.as_ref().map(ToString::to_string);
        let [name, column, grain] = OLD_TIME_SPINE;
        match &model.time_spine {
            Some(spine) => spines.push(time_spine(node, spine, relation.as_deref())),
            None if node.name == name => {
                old.push(json!({ "location": relation, "column_name": column, "grain": grain }));
            }
            None => {}
        }
    }
    let [major, minor, patch] = INTERFACE_VERSION;
    json!({
        "time_spine_table_configurations": old,
        "metadata": null,
        "dsi_package_version": { "major_version": major, "minor_version": minor, "patch_version": patch },
        "time_spines": spines,
    })
}

fn time_spine(node: &Node, spine: &Value, relation: Option<&str>) -> Value {
    let column = spine.get("standard_granularity_column").and_then(Value::as_str).unwrap_or_default();
    let granularity = node.columns.get(column).and_then(|column| column.extra.get("granularity"));
    json!({
        "node_relation": {
            "alias": node.alias, "schema_name": node.schema, "database": node.database, "relation_name": relation,
        },
        "primary_column": { "name": column, "time_granularity": granularity },
        "custom_granularities": spine.get("custom_granularities"),
    })
}
