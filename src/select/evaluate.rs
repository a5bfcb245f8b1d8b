use std::collections::BTreeSet;

use super::indirect::Bundle;
use super::{Criteria, Criterion, IndirectSelection, Selection};
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::manifest::{Manifest, Node, NodeId, ResourceType};
use crate::state::Previous;

/// The nodes that the criteria mean: the union of the words of `select` (the parts of a
/// word between commas intersect), without the union of those of `exclude`, of the
/// wanted resource types. Hooks of the project are never among them.
///
/// `previous` is what the `state:`, `result:` and `source_status:` methods compare with.
///
/// Words that cannot be understood are errors and select nothing; a word that matches
/// nothing is a warning.
pub fn select(manifest: &Manifest, criteria: &Criteria, previous: Option<&Previous>) -> Checked<Selection> {
    let _ = previous;
    let mut diagnostics = Vec::new();
    let included = if criteria.select.is_empty() {
        let direct = selectable(manifest).map(|node| node.id.clone()).collect();
        Bundle { direct, waiting: BTreeSet::new() }
    } else {
        union(manifest, &criteria.select, criteria.indirect, &mut diagnostics)
    };
    let excluded = union(manifest, &criteria.exclude, IndirectSelection::Eager, &mut diagnostics);
    let chosen = included.without(&excluded).settled(manifest, criteria.indirect);
    let selection = chosen
        .direct
        .into_iter()
        .filter(|id| manifest.node(id).is_some_and(|node| is_wanted(node.resource_type, criteria)))
        .collect();
    Checked::new(selection, diagnostics)
}

fn is_wanted(kind: ResourceType, criteria: &Criteria) -> bool {
    (criteria.resource_types.is_empty() || criteria.resource_types.contains(&kind))
        && !criteria.exclude_resource_types.contains(&kind)
}

fn selectable(manifest: &Manifest) -> impl Iterator<Item = &Node> {
    manifest.nodes.values().filter(|node| is_selectable(node))
}

fn is_selectable(node: &Node) -> bool {
    !matches!(node.resource_type, ResourceType::Operation | ResourceType::SqlOperation)
}

fn union(
    manifest: &Manifest,
    arguments: &[String],
    mode: IndirectSelection,
    diagnostics: &mut Vec<Diagnostic>,
) -> Bundle {
    let mut all = Bundle::default();
    for word in arguments.iter().flat_map(|argument| argument.split_whitespace()) {
        match intersection(manifest, word, mode) {
            Ok((bundle, warning)) => {
                all = all.or(bundle);
                diagnostics.extend(warning);
            }
            Err(error) => diagnostics.push(error),
        }
    }
    all.settled(manifest, mode)
}

/// One word with the parts between its commas, and what to say when it matches nothing.
fn intersection(
    manifest: &Manifest,
    word: &str,
    mode: IndirectSelection,
) -> Result<(Bundle, Option<Diagnostic>), Diagnostic> {
    let mut parts: Vec<(Criterion, Bundle)> = Vec::new();
    for part in word.split(',') {
        let criterion = Criterion::parse(part).map_err(|error| {
            if part == word { error } else { error.note(format!("it is a part of `{word}`")) }
        })?;
        let bundle = Bundle::new(manifest, reach(manifest, &criterion), mode);
        parts.push((criterion, bundle));
    }
    let first_empty = parts.iter().position(|(_, bundle)| bundle.direct.is_empty());
    let criteria: Vec<Criterion> = parts.iter().map(|(criterion, _)| criterion.clone()).collect();
    let bundle = parts.into_iter().map(|(_, bundle)| bundle).reduce(|all, next| all.and(&next));
    let bundle = bundle.unwrap_or_default().settled(manifest, mode);
    let warning = bundle
        .direct
        .is_empty()
        .then(|| nothing(manifest, word, first_empty.and_then(|at| criteria.get(at)), criteria.len()));
    Ok((bundle, warning))
}

/// The nodes that a criterion names, and those its operators reach.
fn reach(manifest: &Manifest, criterion: &Criterion) -> BTreeSet<NodeId> {
    let named: BTreeSet<NodeId> = selectable(manifest)
        .filter(|node| criterion.method.matches(manifest, node))
        .map(|node| node.id.clone())
        .collect();
    let mut all = named.clone();
    for operator in &criterion.operators {
        all.extend(operator.reach(manifest, &named));
    }
    all.retain(|id| manifest.node(id).is_some_and(is_selectable));
    all
}

/// `word` matches nothing; `empty` is the part of it that matches nothing by itself.
fn nothing(manifest: &Manifest, word: &str, empty: Option<&Criterion>, parts: usize) -> Diagnostic {
    let message = format!("The selection criterion '{word}' does not match any enabled nodes");
    let mut warning = Diagnostic::new(Code::NoNodesSelected, message);
    let Some(criterion) = empty else {
        return warning.note("each of its parts matches something, but no node matches all of them");
    };
    if parts > 1 {
        warning = warning.note(format!("it is `{}` that matches nothing", criterion.raw));
    }
    let is_off = |node: &&Node| criterion.method.matches(manifest, node);
    if let Some(node) = manifest.disabled.values().find(is_off) {
        let kind = node.resource_type.name();
        return warning.help(format!("the {kind} `{}` is disabled: `enabled: false`", node.name));
    }
    warning.help(criterion.method.suggestion(manifest))
}
