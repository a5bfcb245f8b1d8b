use std::collections::BTreeMap;
use std::io::{self, Write};

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

/// How many such chunks are in memory at the same time.
const CHUNKS_AT_ONCE: usize = 16;

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

/// Writes dbt's `manifest.json`, <https://schemas.getdbt.com/dbt/manifest/v12.json>. `compiled`
/// tells what compiling added, for the nodes that were compiled, `build_paths` where the SQL that
/// ran for nodes is kept. As there are many nodes, they become bytes in parallel, and only some of
/// them at a time.
///
/// # Errors
/// A value in it has no form in JSON, or `out` cannot be written to.
pub fn manifest_json(
    manifest: &Manifest,
    about: &About,
    compiled: &BTreeMap<NodeId, CompiledNode>,
    build_paths: &BTreeMap<NodeId, String>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = Out(out);
    out.value("{\"metadata\":", &about.project_metadata("manifest", 12))?;
    // What is not in the first object waits for its own.
    let mut later: [Vec<Entries>; 8] = Default::default();
    out.begin("nodes")?;
    let mut is_first = true;
    let nodes: Vec<(&NodeId, &Node)> = manifest.nodes.iter().collect();
    for nodes in nodes.chunks(CHUNK * CHUNKS_AT_ONCE) {
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
        for mut chunk in chunks {
            out.entries(&std::mem::take(&mut chunk[NODES]), &mut is_first)?;
            for (object, part) in later.iter_mut().zip(chunk) {
                object.push(part);
            }
        }
    }
    out.end()?;
    let mut of = |object: usize| std::mem::take(&mut later[object]);
    let macros: Vec<(&MacroId, &Macro)> = manifest.macros.iter().collect();
    let macros: Vec<Entries> = macros
        .par_chunks(CHUNK)
        .map(|chunk| entries(chunk.iter().map(|(id, one)| (MacroId::as_str(id), MacroJson::new(one)))))
        .collect::<serde_json::Result<_>>()?;
    let docs = manifest.docs.iter().map(|(id, doc)| (id.as_str(), DocJson::new(id, doc)));
    let groups = manifest.groups.iter().map(|(id, group)| (id.as_str(), GroupJson::new(id, group)));
    let disabled = manifest.disabled.iter();
    let disabled = disabled.map(|(id, node)| (id.as_str(), [AnyNodeJson::new(node, None, None)]));
    out.object("sources", of(SOURCES))?;
    out.object("macros", macros)?;
    out.object("docs", vec![entries(docs)?])?;
    out.object("exposures", of(EXPOSURES))?;
    out.object("metrics", of(METRICS))?;
    out.object("groups", vec![entries(groups)?])?;
    out.value(",\"selectors\":", &manifest.selectors)?;
    out.object("disabled", vec![entries(disabled)?])?;
    out.value(",\"parent_map\":", &parent_map(manifest))?;
    out.value(",\"child_map\":", &child_map(manifest))?;
    out.value(",\"group_map\":", &group_map(manifest))?;
    out.object("saved_queries", of(SAVED_QUERIES))?;
    out.object("semantic_models", of(SEMANTIC_MODELS))?;
    out.object("unit_tests", of(UNIT_TESTS))?;
    out.object("functions", of(FUNCTIONS))?;
    out.0.write_all(b"}")
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

/// Where the parts of the JSON object go, one after another.
struct Out<'a>(&'a mut dyn Write);

impl Out<'_> {
    fn value(&mut self, before: &str, value: &impl Serialize) -> io::Result<()> {
        self.0.write_all(before.as_bytes())?;
        Ok(serde_json::to_writer(&mut self.0, value)?)
    }

    fn begin(&mut self, name: &str) -> io::Result<()> {
        write!(self.0, ",\"{name}\":{{")
    }

    fn entries(&mut self, Entries(bytes): &Entries, is_first: &mut bool) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if !std::mem::take(is_first) {
            self.0.write_all(b",")?;
        }
        self.0.write_all(bytes)
    }

    fn end(&mut self) -> io::Result<()> {
        self.0.write_all(b"}")
    }

    fn object(&mut self, name: &str, entries: Vec<Entries>) -> io::Result<()> {
        self.begin(name)?;
        let mut is_first = true;
        for some in entries {
            self.entries(&some, &mut is_first)?;
        }
        self.end()
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
