use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::subject::{Project, Subject, is_in, is_public};
use super::words::word_set;
use crate::analyze::Problem;
use crate::check::Standing;
use crate::diagnostic::{Code, Diagnostic};
use crate::lineage::ColumnId;
use crate::manifest::{Node, NodeId, ResourceType};
use crate::sql::tree::TextRange;

/// Columns of models between sources and marts that nothing uses in the end: no mart, no test, no
/// exposure, no metric.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let project = subject.project;
    if !subject.is_model() || is_end(project, subject.node) {
        return Vec::new();
    }
    let Some(query) = subject.query() else { return Vec::new() };
    let live = project.live.get_or_init(|| live(project));
    let graph = project.graph();
    let mut written: BTreeMap<TextRange, usize> = BTreeMap::new();
    for column in &query.analysis.columns {
        *written.entry(column.at).or_default() += 1;
    }
    let problems: Vec<Problem> = query
        .analysis
        .columns
        .iter()
        .filter(|column| column.is_named && written.get(&column.at) == Some(&1))
        // Nobody wrote one by one what a star brings.
        .filter(|column| {
            let text = query.compiled.code.get(column.at.range()).unwrap_or_default();
            !text.is_empty() && !text.trim_end().ends_with('*')
        })
        .filter_map(|column| {
            let id = graph.find(&subject.node.id, &column.name)?;
            if live.contains(&id) {
                return None;
            }
            let label = match graph.makes(id) {
                [] => "nothing below takes it",
                _ => "what is made of it is not used either",
            };
            Some(Problem {
                code: Code::UnusedColumn,
                message: format!("the column `{}` of `{}` is not used", column.name, subject.node.name),
                at: column.at,
                label: label.to_owned(),
                also: Vec::new(),
                help: Some("remove it, or name it where it was meant to be used".to_owned()),
            })
        })
        .collect();
    subject.in_own_file(&query, &problems)
}

/// Whether all columns of a node count as used: people read it, or something of which it is not
/// known what it takes.
fn is_end(project: &Project<'_>, node: &Node) -> bool {
    if !matches!(node.resource_type, ResourceType::Model | ResourceType::Snapshot) {
        return true;
    }
    let kind = |id: &NodeId| project.manifest.node(id).map(|node| node.resource_type);
    let children = project.manifest.graph.children(&node.id);
    let is_reader =
        |id: &&NodeId| !matches!(kind(id), Some(ResourceType::Test | ResourceType::UnitTest) | None);
    is_in(node, "marts")
        || is_public(node)
        || node.has_enforced_contract()
        || !project.graph().is_complete(&node.id)
        || children.iter().filter(is_reader).count() == 0
        || children
            .iter()
            .filter(|id| kind(id) != Some(ResourceType::UnitTest))
            .any(|id| !is_understood(project, id))
}

/// Whether it is known wholly which columns a node takes.
fn is_understood(project: &Project<'_>, id: &NodeId) -> bool {
    project.graph().has_lineage(id)
        && project.analysis.node(id).is_some_and(|known| known.standing == Standing::Well)
}

/// All columns that something which counts is made of, or whose values decide on rows.
fn live(project: &Project<'_>) -> HashSet<ColumnId> {
    let graph = project.graph();
    let mut live = HashSet::new();
    let mut left: Vec<ColumnId> = Vec::new();
    for node in project.manifest.nodes.values() {
        let columns = graph.columns(&node.id);
        let is_end = is_end(project, node);
        let named = if is_end { HashSet::new() } else { named_beside(project, node) };
        left.extend(columns.iter().filter(|column| {
            is_end
                || !graph.decides(**column).is_empty()
                || named.contains(&graph.name(**column).to_lowercase())
        }));
    }
    while let Some(column) = left.pop() {
        if live.insert(column) {
            left.extend(graph.made_of(column).iter().map(|edge| edge.column));
        }
    }
    live
}

/// Words that may name columns of a node in places that its own query and those of its readers do
/// not show: its configuration (`unique_key`, hooks), and templates of which only one branch was
/// looked at.
fn named_beside(project: &Project<'_>, node: &Node) -> HashSet<String> {
    let mut named = word_set(&Value::Object(node.config.values().clone()).to_string());
    let children = project.manifest.graph.children(&node.id);
    let children = children.iter().filter_map(|id| project.manifest.node(id));
    for reader in children.chain([node]) {
        let is_test = reader.resource_type == ResourceType::Test;
        let is_looked_at_once = reader.id != node.id || reader.config.materialized() == "incremental";
        if reader.raw_code.contains("{%") && !is_test && is_looked_at_once {
            named.extend(word_set(&reader.raw_code));
        }
    }
    named
}
