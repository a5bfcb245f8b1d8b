use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ignored::is_ignored;
use super::subject::{Project, Subject};
use super::{Levels, RULES};
use crate::check::ProjectAnalysis;
use crate::context::Invocation;
use crate::diagnostic::Diagnostic;
use crate::manifest::{Manifest, NodeId};

/// What the rules say of the selected nodes of the root project, each thing once, in order of
/// place. Takes time in proportion to what is known of the project.
#[must_use]
pub fn lint(
    invocation: &Arc<Invocation>,
    manifest: &Arc<Manifest>,
    analysis: &ProjectAnalysis,
    selected: &BTreeSet<NodeId>,
    levels: &Levels,
) -> Vec<Diagnostic> {
    let project = Project {
        invocation,
        manifest,
        analysis,
        graph: OnceCell::new(),
        live: OnceCell::new(),
        inherited: OnceCell::new(),
    };
    let mut all = BTreeMap::new();
    let nodes = selected.iter().filter_map(|id| manifest.node(id));
    for node in nodes.filter(|node| node.package == invocation.root_package) {
        let subject =
            Subject { project: &project, node, known: analysis.node(&node.id).map(|known| &**known) };
        for rule in RULES {
            let Some(severity) = levels.of(rule.code).severity() else { continue };
            for told in (rule.look)(&subject) {
                if is_ignored(&told, node, &invocation.files) {
                    continue;
                }
                let place = told
                    .span()
                    .map(|span| (invocation.files.get(span.file).path().to_owned(), span.start, span.end));
                let key = (place, told.code(), told.message().to_owned());
                all.entry(key).or_insert_with(|| told.with_severity(severity));
            }
        }
    }
    all.into_values().collect()
}
