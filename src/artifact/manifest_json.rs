use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::macro_json::{DocJson, GroupJson, MacroJson};
use super::node_json::NodeJson;
use super::semantic_json::{MetricJson, SavedQueryJson, SemanticModelJson};
use super::source_json::{ExposureJson, SourceJson};
use super::unit_test_json::UnitTestJson;
use super::{About, CompiledNode};
use crate::manifest::{Macro, MacroId, Manifest, Node, NodeId, NodeKind, ResourceType};

/// How many nodes, or macros, are written by one thread at a time.
const CHUNK: usize = 64;

/// The objects that nodes are in, by the kind of node.
const NODES: usize = 0;
const SOURCES: usize = 1;
const EXPOSURES: usize = 2;
const METRICS: usize = 3;
const SAVED_QUERIES: usize = 4;
const SEMANTIC_MODELS: usize = 5;
const UNIT_TESTS: usize = 6;
const FUNCTIONS: usize = 7;

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

/// The bytes of dbt's `manifest.json`, <https://schemas.getdbt.com/dbt/manifest/v12.json>, in
/// parts: one after another they are the file. `compiled` tells what compiling added, for the nodes
/// that were compiled, `build_paths` where the SQL that ran for nodes is kept. Nodes and macros
/// become bytes at once, in parallel, as there are many.
///
/// # Errors
/// A value in it has no form in JSON.
pub fn manifest_json(
    manifest: &Manifest,
    about: &About,
    compiled: &BTreeMap<NodeId, CompiledNode>,
    build_paths: &BTreeMap<NodeId, String>,
) -> serde_json::Result<Vec<Vec<u8>>> {
    let nodes: Vec<(&NodeId, &Node)> = manifest.nodes.iter().collect();
    let chunks: Vec<[Entries; 8]> = nodes
        .par_chunks(CHUNK)
        .map(|chunk| {
            let mut objects: [Entries; 8] = Default::default();
            for (id, node) in chunk {
                let path = build_paths.get(id).map(String::as_str);
                let json = AnyNodeJson::new(node, compiled.get(id), path);
                objects[object(node)].add(id.as_str(), &json)?;
            }
            Ok(objects)
        })
        .collect::<serde_json::Result<_>>()?;
    let mut objects: [Vec<Entries>; 8] = Default::default();
    for chunk in chunks {
        for (object, part) in objects.iter_mut().zip(chunk) {
            object.push(part);
        }
    }
    let mut of = |object: usize| std::mem::take(&mut objects[object]);
    let macros: Vec<(&MacroId, &Macro)> = manifest.macros.iter().collect();
    let macros: Vec<Entries> = macros
        .par_chunks(CHUNK)
        .map(|chunk| entries(chunk.iter().map(|(id, one)| (MacroId::as_str(id), MacroJson::new(one)))))
        .collect::<serde_json::Result<_>>()?;
    let docs = manifest.docs.iter().map(|(id, doc)| (id.as_str(), DocJson::new(id, doc)));
    let groups = manifest.groups.iter().map(|(id, group)| (id.as_str(), GroupJson::new(id, group)));
    let disabled = manifest.disabled.iter();
    let disabled = disabled.map(|(id, node)| (id.as_str(), [AnyNodeJson::new(node, None, None)]));
    let mut parts = Parts(Vec::new());
    parts.value("{\"metadata\":", &about.project_metadata("manifest", 12))?;
    parts.object("nodes", of(NODES));
    parts.object("sources", of(SOURCES));
    parts.object("macros", macros);
    parts.object("docs", vec![entries(docs)?]);
    parts.object("exposures", of(EXPOSURES));
    parts.object("metrics", of(METRICS));
    parts.object("groups", vec![entries(groups)?]);
    parts.value(",\"selectors\":", &manifest.selectors)?;
    parts.object("disabled", vec![entries(disabled)?]);
    parts.value(",\"parent_map\":", &parent_map(manifest))?;
    parts.value(",\"child_map\":", &child_map(manifest))?;
    parts.value(",\"group_map\":", &group_map(manifest))?;
    parts.object("saved_queries", of(SAVED_QUERIES));
    parts.object("semantic_models", of(SEMANTIC_MODELS));
    parts.object("unit_tests", of(UNIT_TESTS));
    parts.object("functions", of(FUNCTIONS));
    parts.0.push(b"}".to_vec());
    Ok(parts.0)
}

/// The object that a node is in.
fn object(node: &Node) -> usize {
    match &node.kind {
        NodeKind::Source(_) => SOURCES,
        NodeKind::Exposure(_) => EXPOSURES,
        NodeKind::SemanticModel(_) => SEMANTIC_MODELS,
        NodeKind::Metric(_) => METRICS,
        NodeKind::SavedQuery(_) => SAVED_QUERIES,
        NodeKind::UnitTest(_) => UNIT_TESTS,
        _ if node.resource_type == ResourceType::Function => FUNCTIONS,
        _ => NODES,
    }
}

/// Some entries of a JSON object, with commas between them.
#[derive(Default)]
struct Entries(Vec<u8>);

impl Entries {
    fn add(&mut self, key: &str, value: &impl Serialize) -> serde_json::Result<()> {
        if !self.0.is_empty() {
            self.0.push(b',');
        }
        serde_json::to_writer(&mut self.0, key)?;
        self.0.push(b':');
        serde_json::to_writer(&mut self.0, value)
    }
}

fn entries<'a, V: Serialize>(all: impl Iterator<Item = (&'a str, V)>) -> serde_json::Result<Entries> {
    let mut entries = Entries::default();
    for (key, value) in all {
        entries.add(key, &value)?;
    }
    Ok(entries)
}

/// The parts of a JSON object.
struct Parts(Vec<Vec<u8>>);

impl Parts {
    fn value(&mut self, before: &str, value: &impl Serialize) -> serde_json::Result<()> {
        let mut bytes = before.as_bytes().to_vec();
        serde_json::to_writer(&mut bytes, value)?;
        self.0.push(bytes);
        Ok(())
    }

    fn object(&mut self, name: &str, entries: Vec<Entries>) {
        self.0.push(format!(",\"{name}\":{{").into_bytes());
        let mut is_first = true;
        for Entries(bytes) in entries.into_iter().filter(|entries| !entries.0.is_empty()) {
            if !std::mem::take(&mut is_first) {
                self.0.push(b",".to_vec());
            }
            self.0.push(bytes);
        }
        self.0.push(b"}".to_vec());
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
