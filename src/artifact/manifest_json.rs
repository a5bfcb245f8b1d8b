use std::collections::BTreeMap;

use serde::Serialize;

use super::macro_json::{DocJson, GroupJson, MacroJson};
use super::node_json::NodeJson;
use super::semantic_json::{MetricJson, SavedQueryJson, SemanticModelJson};
use super::source_json::{ExposureJson, SourceJson};
use super::unit_test_json::UnitTestJson;
use super::{About, CompiledNode, Metadata};
use crate::manifest::{MacroId, Manifest, Node, NodeId, NodeKind, ResourceType};

/// dbt's `manifest.json`, <https://schemas.getdbt.com/dbt/manifest/v12.json>.
#[derive(Debug, Serialize)]
pub struct ManifestJson<'a> {
    metadata: Metadata<'a>,
    nodes: BTreeMap<&'a str, NodeJson<'a>>,
    sources: BTreeMap<&'a str, SourceJson<'a>>,
    macros: BTreeMap<&'a str, MacroJson<'a>>,
    docs: BTreeMap<&'a str, DocJson<'a>>,
    exposures: BTreeMap<&'a str, ExposureJson<'a>>,
    metrics: BTreeMap<&'a str, MetricJson<'a>>,
    groups: BTreeMap<&'a str, GroupJson<'a>>,
    selectors: &'a serde_json::Map<String, serde_json::Value>,
    disabled: BTreeMap<&'a str, [AnyNodeJson<'a>; 1]>,
    parent_map: BTreeMap<&'a str, Vec<&'a str>>,
    child_map: BTreeMap<&'a str, Vec<&'a str>>,
    group_map: BTreeMap<&'a str, Vec<&'a str>>,
    saved_queries: BTreeMap<&'a str, SavedQueryJson<'a>>,
    semantic_models: BTreeMap<&'a str, SemanticModelJson<'a>>,
    unit_tests: BTreeMap<&'a str, UnitTestJson<'a>>,
    functions: BTreeMap<&'a str, NodeJson<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AnyNodeJson<'a> {
    Node(Box<NodeJson<'a>>),
    Source(Box<SourceJson<'a>>),
    Exposure(Box<ExposureJson<'a>>),
    SemanticModel(Box<SemanticModelJson<'a>>),
    Metric(Box<MetricJson<'a>>),
    SavedQuery(Box<SavedQueryJson<'a>>),
    UnitTest(Box<UnitTestJson<'a>>),
}

impl<'a> AnyNodeJson<'a> {
    fn new(node: &'a Node, compiled: Option<&'a CompiledNode>, build_path: Option<&'a str>) -> Self {
        match &node.kind {
            NodeKind::Source(source) => Self::Source(Box::new(SourceJson::new(node, source))),
            NodeKind::Exposure(exposure) => Self::Exposure(Box::new(ExposureJson::new(node, exposure))),
            NodeKind::SemanticModel(model) => {
                Self::SemanticModel(Box::new(SemanticModelJson::new(node, model)))
            }
            NodeKind::Metric(metric) => Self::Metric(Box::new(MetricJson::new(node, metric))),
            NodeKind::SavedQuery(query) => Self::SavedQuery(Box::new(SavedQueryJson::new(node, query))),
            NodeKind::UnitTest(test) => Self::UnitTest(Box::new(UnitTestJson::new(node, test))),
            _ => Self::Node(Box::new(NodeJson::new(node, compiled, build_path))),
        }
    }
}

/// The manifest as other tools read it; `compiled` tells what compiling added, for the
/// nodes that were compiled, `build_paths` where the SQL that ran for nodes is kept.
#[must_use]
pub fn manifest_json<'a>(
    manifest: &'a Manifest,
    about: &'a About,
    compiled: &'a BTreeMap<NodeId, CompiledNode>,
    build_paths: &'a BTreeMap<NodeId, String>,
) -> ManifestJson<'a> {
    let mut nodes = BTreeMap::new();
    let mut functions = BTreeMap::new();
    let mut sources = BTreeMap::new();
    let mut exposures = BTreeMap::new();
    let mut semantic_models = BTreeMap::new();
    let mut metrics = BTreeMap::new();
    let mut saved_queries = BTreeMap::new();
    let mut unit_tests = BTreeMap::new();
    for (id, node) in &manifest.nodes {
        match AnyNodeJson::new(node, compiled.get(id), build_paths.get(id).map(String::as_str)) {
            AnyNodeJson::Node(json) if node.resource_type == ResourceType::Function => {
                drop(functions.insert(id.as_str(), *json));
            }
            AnyNodeJson::Node(json) => drop(nodes.insert(id.as_str(), *json)),
            AnyNodeJson::Source(json) => drop(sources.insert(id.as_str(), *json)),
            AnyNodeJson::Exposure(json) => drop(exposures.insert(id.as_str(), *json)),
            AnyNodeJson::SemanticModel(json) => drop(semantic_models.insert(id.as_str(), *json)),
            AnyNodeJson::Metric(json) => drop(metrics.insert(id.as_str(), *json)),
            AnyNodeJson::SavedQuery(json) => drop(saved_queries.insert(id.as_str(), *json)),
            AnyNodeJson::UnitTest(json) => drop(unit_tests.insert(id.as_str(), *json)),
        }
    }
    let disabled = manifest.disabled.iter();
    ManifestJson {
        metadata: about.project_metadata("manifest", 12),
        nodes,
        sources,
        macros: manifest.macros.iter().map(|(id, one)| (MacroId::as_str(id), MacroJson::new(one))).collect(),
        docs: manifest.docs.iter().map(|(id, doc)| (id.as_str(), DocJson::new(id, doc))).collect(),
        exposures,
        metrics,
        groups: manifest.groups.iter().map(|(id, group)| (id.as_str(), GroupJson::new(id, group))).collect(),
        selectors: &manifest.selectors,
        disabled: disabled.map(|(id, node)| (id.as_str(), [AnyNodeJson::new(node, None, None)])).collect(),
        parent_map: parent_map(manifest),
        child_map: child_map(manifest),
        group_map: group_map(manifest),
        saved_queries,
        semantic_models,
        unit_tests,
        functions,
    }
}

/// One node as `manifest.json` has it.
#[must_use]
pub fn node_json(node: &Node) -> serde_json::Value {
    serde_json::to_value(AnyNodeJson::new(node, None, None)).unwrap_or_default()
}

fn parent_map(manifest: &Manifest) -> BTreeMap<&str, Vec<&str>> {
    let parents = manifest.nodes.iter().map(|(id, node)| {
        let mut parents: Vec<_> = node.depends_on.iter().map(NodeId::as_str).collect();
        parents.sort_unstable();
        parents.dedup();
        (id.as_str(), parents)
    });
    parents.collect()
}

fn child_map(manifest: &Manifest) -> BTreeMap<&str, Vec<&str>> {
    let mut children: BTreeMap<&str, Vec<&str>> =
        manifest.nodes.keys().map(|id| (id.as_str(), Vec::new())).collect();
    for (child, parents) in parent_map(manifest) {
        for parent in parents {
            if let Some(of_parent) = children.get_mut(parent) {
                of_parent.push(child);
            }
        }
    }
    children
}

fn group_map(manifest: &Manifest) -> BTreeMap<&str, Vec<&str>> {
    let mut members: BTreeMap<&str, Vec<&str>> =
        manifest.groups.values().map(|group| (group.name.as_str(), Vec::new())).collect();
    for (id, node) in &manifest.nodes {
        if let Some(group) = &node.group {
            members.entry(group).or_default().push(id.as_str());
        }
    }
    // Kind by kind, in the order of dbt.
    let rank = |id: &str| match id.split('.').next() {
        Some("saved_query") => 1,
        Some("semantic_model") => 2,
        Some("metric") => 3,
        _ => 0,
    };
    for ids in members.values_mut() {
        ids.sort_by_key(|id| rank(id));
    }
    members
}
