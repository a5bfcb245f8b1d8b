use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use rayon::prelude::*;

use super::hooks::Hooks;
use super::inspect::{Inspector, Running};
use super::remembered::Remembered;
use super::understand::Depth;
use super::walk::walk;
use super::{Expectations, Knowledge, NodeAnalysis, ProjectAnalysis, Standing};
use crate::compile::Compiler;
use crate::context::{Invocation, RelationCache};
use crate::diagnostic::{Checked, Diagnostic};
use crate::manifest::{Manifest, NodeId, ResourceType};
use crate::sql::RelationName;
use crate::text::{Files, Span};

/// Looks at the selected nodes and all they stand on, without a warehouse. What is wrong with
/// the selected nodes is told, each thing once, in order of place.
pub fn check(
    invocation: &Arc<Invocation>,
    manifest: &Arc<Manifest>,
    selected: &BTreeSet<NodeId>,
) -> Checked<ProjectAnalysis> {
    let mut analysis =
        look(invocation, manifest, &with_ancestors(manifest, selected), Depth::Lineage, None, None);
    hold_to_expectations(&mut analysis, invocation, manifest, selected);
    let diagnostics = told(&invocation.files, manifest, &analysis, selected);
    Checked::new(analysis, diagnostics)
}

/// What is wrong with the selected nodes, as [`check`] tells it, where nothing else is wanted of
/// them. What `compiler` compiled of them is not compiled again.
#[must_use]
pub fn check_compiled(
    invocation: &Arc<Invocation>,
    manifest: &Arc<Manifest>,
    selected: &BTreeSet<NodeId>,
    compiler: &Compiler,
) -> Vec<Diagnostic> {
    let wanted = with_ancestors(manifest, selected);
    let run = Running { compiler, nodes: selected };
    let mut analysis = look(invocation, manifest, &wanted, Depth::Columns, None, Some(run));
    hold_to_expectations(&mut analysis, invocation, manifest, selected);
    told(&invocation.files, manifest, &analysis, selected)
}

/// What is sure to fail of nodes that are about to be built: they are wrong, and all they read is
/// built anew, too, so that nothing in the warehouse can make them right. What is compiled for
/// that is given to the compiler of the run, where it will be the same then.
#[must_use]
pub fn check_before_building(
    invocation: &Arc<Invocation>,
    manifest: &Arc<Manifest>,
    planned: &BTreeSet<NodeId>,
    compiler: &Compiler,
) -> BTreeMap<NodeId, Vec<Diagnostic>> {
    let mut wanted = planned.clone();
    let ephemeral = manifest.graph.ancestors_of(planned, None);
    wanted.extend(
        ephemeral.into_iter().filter(|id| manifest.node(id).is_some_and(crate::manifest::Node::is_ephemeral)),
    );
    let run = Running { compiler, nodes: planned };
    let analysis = look(invocation, manifest, &wanted, Depth::Columns, Some(planned), Some(run));
    let sure = analysis.nodes().filter(|node| node.is_sure_to_fail && planned.contains(&node.id));
    sure.map(|node| (node.id.clone(), node.diagnostics.clone())).collect()
}

fn with_ancestors(manifest: &Manifest, selected: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
    let mut wanted = manifest.graph.ancestors_of(selected, None);
    wanted.extend(selected.iter().cloned());
    wanted
}

/// Looks at all of `wanted`.
fn look(
    invocation: &Arc<Invocation>,
    manifest: &Arc<Manifest>,
    wanted: &BTreeSet<NodeId>,
    depth: Depth,
    rebuilt: Option<&BTreeSet<NodeId>>,
    run: Option<Running<'_>>,
) -> ProjectAnalysis {
    let (silent, silence) = invocation.silenced();
    let silent = Arc::new(silent);
    let compiler = Compiler::new(Arc::clone(&silent), Arc::clone(manifest), Arc::new(RelationCache::new()));
    let inspector = Inspector {
        invocation: &silent,
        manifest,
        compiler,
        silence,
        run,
        depth,
        knowledge: Knowledge::new(&silent, manifest),
        remembered: Remembered::read(&silent),
        hooks: Hooks::of(manifest),
        may_hold_more: silent.adapter.files().iter().any(|(_, file)| silent.system.exists(file)),
        made: made(manifest),
        done: RwLock::default(),
        rebuilt,
    };
    walk(&inspector, wanted);
    inspector.remembered.keep(&*invocation.system);
    inspector.knowledge.keep();
    let done = inspector.done.into_inner().unwrap_or_else(PoisonError::into_inner);
    ProjectAnalysis::from_map(done)
}

/// The relations that nodes make, by identifier in small letters.
fn made(manifest: &Manifest) -> BTreeMap<String, Vec<RelationName>> {
    let mut made: BTreeMap<String, Vec<RelationName>> = BTreeMap::new();
    for relation in manifest.nodes.values().filter_map(|node| node.relation.as_ref()) {
        let identifier = relation.identifier.as_deref().unwrap_or_default().to_lowercase();
        made.entry(identifier).or_default().push(relation.clone());
    }
    made
}

/// Adds what is wrong with the entries of the properties files. What they say of a generic test
/// is told in place of what is wrong with the query that the test becomes.
fn hold_to_expectations(
    analysis: &mut ProjectAnalysis,
    invocation: &Arc<Invocation>,
    manifest: &Arc<Manifest>,
    selected: &BTreeSet<NodeId>,
) {
    let expectations = Expectations::new(invocation, manifest);
    let known = &*analysis;
    let examined: Vec<(NodeId, Vec<Diagnostic>)> = selected
        .par_iter()
        .filter_map(|id| Some((id.clone(), expectations.examine(manifest.node(id)?, known))))
        .filter(|(_, told)| !told.is_empty())
        .collect();
    expectations.keep(&*invocation.system);
    for (id, told) in examined {
        let is_generic = manifest
            .node(&id)
            .is_some_and(|node| node.resource_type == ResourceType::Test && node.entry().is_some());
        analysis.change(&id, |node: &mut NodeAnalysis| {
            let is_wrong = told.iter().any(Diagnostic::is_error);
            if is_generic && is_wrong {
                node.diagnostics.clear();
            }
            node.diagnostics.extend(told);
            if is_wrong {
                node.standing = Standing::Wrong;
            }
        });
    }
}

/// The diagnostics of the selected nodes, each thing once: what several nodes have from one
/// place is told of the first, with a note of the others.
fn told(
    files: &Files,
    manifest: &Manifest,
    analysis: &ProjectAnalysis,
    selected: &BTreeSet<NodeId>,
) -> Vec<Diagnostic> {
    type Key = (Option<(String, u32, u32)>, crate::diagnostic::Code, String);
    let place = |span: Span| (files.get(span.file).path().to_owned(), span.start, span.end);
    let mut all: BTreeMap<Key, (Diagnostic, Vec<String>)> = BTreeMap::new();
    for node in analysis.nodes().filter(|node| selected.contains(&node.id)) {
        let name = manifest.node(&node.id).map_or_else(String::new, crate::manifest::Node::versioned_name);
        for diagnostic in &node.diagnostics {
            let key = (diagnostic.span().map(place), diagnostic.code(), diagnostic.message().to_owned());
            let (_, names) = all.entry(key).or_insert_with(|| (diagnostic.clone(), Vec::new()));
            if names.last() != Some(&name) {
                names.push(name.clone());
            }
        }
    }
    all.into_values().map(|(diagnostic, names)| with_others(diagnostic, &names)).collect()
}

/// Names the nodes that have the same from one macro.
fn with_others(diagnostic: Diagnostic, names: &[String]) -> Diagnostic {
    // An ephemeral model is a part of what reads it: nothing to tell.
    let (Some((_, others)), false) = (names.split_first(), diagnostic.trace().is_empty()) else {
        return diagnostic;
    };
    if others.is_empty() {
        return diagnostic;
    }
    let shown: Vec<String> = others.iter().take(3).map(|name| format!("`{name}`")).collect();
    let more = match others.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    diagnostic.note(format!("the same in {}{more}", shown.join(", ")))
}
