use std::collections::HashSet;

use super::expectations::Scene;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Node, NodeId};

/// Columns that a properties file describes and the node does not have. Of sources this is
/// told where their columns are looked for, of contracts and data tests with these.
pub(super) fn examine(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let node = scene.node;
    if node.columns.is_empty() || node.source().is_some() || node.has_enforced_contract() {
        return Vec::new();
    }
    let Some(columns) = scene.own_columns() else { return Vec::new() };
    // With a dot in it, a name is that of a field of a column.
    let missing =
        node.columns.values().filter(|column| !columns.has(&column.name) && !column.name.contains('.'));
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let tested = tested_columns(scene, &node.id);
    let missing = missing.into_iter().filter(|column| !tested.contains(&column.name.to_lowercase()));
    let warn = |column: &crate::manifest::Column| {
        let message = format!("`{}` is described and not a column of `{}`", column.name, node.search_name());
        Diagnostic::warning(Code::UnmatchedColumn, message)
            .label(column.span.unwrap_or_else(|| place(node)), "")
            .help(columns.help(&column.name))
    };
    missing.map(warn).collect()
}

fn place(node: &Node) -> crate::text::Span {
    node.patch.unwrap_or_else(|| node.place())
}

/// The columns that data tests are on, folded.
fn tested_columns(scene: &Scene<'_>, on: &NodeId) -> HashSet<String> {
    let manifest = scene.manifest();
    let children = manifest.graph.children(on);
    let tests = children.iter().filter_map(|id| manifest.node(id)?.data_test());
    let on_it = tests.filter(|test| test.attached_node.as_ref() == Some(on));
    on_it.filter_map(|test| test.column_name.as_ref()).map(|name| name.to_lowercase()).collect()
}
