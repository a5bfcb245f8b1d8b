use serde_json::Value;

use super::columns::plain_name;
use super::expectations::Scene;
use crate::diagnostic::{Diagnostic, Severity};
use crate::manifest::{Node, ResourceType};

/// Columns that configurations name. Only plain names are looked at: most of these may be
/// expressions as well.
pub(super) fn examine(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let node = scene.node;
    let keys = keys(node);
    let field = node.source().and_then(|source| source.loaded_at_field.as_deref());
    if field.is_none() && keys.iter().all(|key| node.config.get(key).is_none()) {
        return Vec::new();
    }
    let Some(columns) = scene.own_columns() else { return Vec::new() };
    let mut told = Vec::new();
    for key in keys {
        let Some(value) = node.config.get(key) else { continue };
        for name in names(value) {
            let Some(name) = plain_name(name, scene.all.dialect) else { continue };
            if columns.has(&name) || (*key == "check_cols" && name == "all") {
                continue;
            }
            let places = &scene.all.places;
            let place = places.narrow(places.of_config(node, key), &name);
            let told_now = columns.lacks(&name, place, format!("the `{key}`"));
            told.push(told_now.with_severity(severity(scene, key)));
        }
    }
    if let Some(name) = field.and_then(|field| plain_name(field, scene.all.dialect))
        && !columns.has(&name)
    {
        let places = &scene.all.places;
        let place = places.narrow(places.of_config(node, "loaded_at_field"), &name);
        told.push(columns.lacks(&name, place, "the `loaded_at_field`"));
    }
    told
}

/// The configurations of a kind of node that name its columns.
fn keys(node: &Node) -> &'static [&'static str] {
    match node.resource_type {
        ResourceType::Snapshot => &["unique_key", "updated_at", "check_cols", "event_time"],
        ResourceType::Model if node.config.materialized() == "incremental" => &[
            "unique_key",
            "event_time",
            "partition_by",
            "cluster_by",
            "merge_update_columns",
            "merge_exclude_columns",
        ],
        ResourceType::Model if node.config.materialized() == "table" => {
            &["event_time", "partition_by", "cluster_by"]
        }
        _ => &["event_time"],
    }
}

/// A name, a list of them, or what `field` names of BigQuery's partitions.
fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        Value::Object(keys) => keys.get("field").and_then(Value::as_str).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// A time of events that no batch is cut by stops nothing.
fn severity(scene: &Scene<'_>, key: &str) -> Severity {
    let manifest = scene.manifest();
    let node = scene.node;
    let is_used = || {
        let children = manifest.graph.children(&node.id);
        node.is_microbatch() || children.iter().filter_map(|id| manifest.node(id)).any(Node::is_microbatch)
    };
    if key == "event_time" && !is_used() { Severity::Warning } else { Severity::Error }
}
