use std::collections::BTreeMap;

use super::ColumnGraph;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{Manifest, Node, NodeId, NodeKind, ResourceType};

/// Nodes by the names people write: `orders`, `orders.v2`, `raw.orders` of a source,
/// `package.orders`, or a unique id.
pub struct Names<'a> {
    manifest: &'a Manifest,
    by_name: BTreeMap<String, Vec<&'a NodeId>>,
}

/// A node, or one column of it, that was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeOrColumn {
    pub node: NodeId,
    /// As the relation has it.
    pub column: Option<String>,
}

impl<'a> Names<'a> {
    #[must_use]
    pub fn new(manifest: &'a Manifest) -> Self {
        let mut by_name: BTreeMap<String, Vec<&NodeId>> = BTreeMap::new();
        for node in manifest.nodes.values().filter(|node| is_named(node)) {
            let name = node.search_name();
            let mut names = vec![format!("{}.{name}", node.package), node.id.to_string(), name];
            if is_latest(node) {
                names.extend([format!("{}.{}", node.package, node.name), node.name.clone()]);
            }
            names.sort_unstable();
            names.dedup();
            for name in names {
                by_name.entry(name).or_default().push(&node.id);
            }
        }
        Self { manifest, by_name }
    }

    /// The shortest name that means just this node.
    #[must_use]
    pub fn shown(&self, id: &NodeId) -> String {
        let Some(node) = self.manifest.node(id) else { return id.to_string() };
        let name = node.search_name();
        match node.resource_type {
            ResourceType::Exposure | ResourceType::Metric | ResourceType::SemanticModel => {
                format!("{} {name}", node.resource_type.name().replace('_', " "))
            }
            _ if self.by_name.get(&name).is_some_and(|found| found.len() > 1) => {
                format!("{}.{name}", node.package)
            }
            _ => name,
        }
    }

    /// The node, or column, that a text names: the longest part of it that names a node, and the
    /// rest as a column.
    ///
    /// # Errors
    /// There is no such node (`unknown-relation`) or column (`unknown-column`), or there are
    /// several (`invalid-usage`).
    pub fn find(&self, text: &str, graph: &ColumnGraph) -> Result<NodeOrColumn, Diagnostic> {
        let ends: Vec<usize> = text.match_indices('.').map(|(at, _)| at).collect();
        let splits = ends.iter().rev().map(|at| (&text[..*at], Some(&text[at + 1..])));
        for (name, column) in std::iter::once((text, None)).chain(splits) {
            let Some(found) = self.by_name.get(name) else { continue };
            let node = self.one(name, found)?;
            return match column {
                None => Ok(NodeOrColumn { node, column: None }),
                Some(column) => self.column(node, column, graph),
            };
        }
        let names = self.by_name.keys().map(String::as_str).filter(|name| !name.starts_with("source."));
        let head = text.split_once('.').map_or(text, |(head, _)| head);
        let help = suggest::similar("node", text, names.clone())
            .or_else(|| suggest::similar("node", head, names))
            .unwrap_or_else(|| "`xform ls --output name` lists all".to_owned());
        let message = format!("there is no model, seed, snapshot, source or exposure named `{text}`");
        Err(Diagnostic::error(Code::UnknownRelation, message).help(help))
    }

    /// The one that is meant: among several the project's own.
    fn one(&self, name: &str, found: &[&'a NodeId]) -> Result<NodeId, Diagnostic> {
        let is_own =
            |id: &&&NodeId| self.manifest.node(id).is_some_and(|node| node.package == self.manifest.project);
        let own: Vec<_> = found.iter().filter(is_own).collect();
        match (found, own.as_slice()) {
            ([one], _) => Ok((*one).clone()),
            (_, [one]) => Ok((**one).clone()),
            _ => {
                let ids: Vec<String> = found.iter().map(|id| format!("`{id}`")).collect();
                let message = format!("`{name}` is the name of several nodes");
                Err(Diagnostic::error(Code::InvalidUsage, message)
                    .help(format!("name one of {}", ids.join(", "))))
            }
        }
    }

    fn column(&self, node: NodeId, column: &str, graph: &ColumnGraph) -> Result<NodeOrColumn, Diagnostic> {
        if let Some(found) = graph.find(&node, column) {
            let column = Some(graph.name(found).to_owned());
            return Ok(NodeOrColumn { node, column });
        }
        let names = || graph.columns(&node).iter().map(|column| graph.name(*column));
        let shown = self.shown(&node);
        let message = format!("`{shown}` has no column `{column}`");
        let help = suggest::similar("column", column, names()).unwrap_or_else(|| {
            let listed: Vec<String> = names().take(20).map(|name| format!("`{name}`")).collect();
            if listed.is_empty() {
                format!("no columns of `{shown}` are known; `xform check --debug` says why")
            } else {
                format!("its columns are {}", listed.join(", "))
            }
        });
        Err(Diagnostic::error(Code::UnknownColumn, message).help(help))
    }
}

/// Whether a node has columns, or ends a lineage.
fn is_named(node: &Node) -> bool {
    matches!(
        node.kind,
        NodeKind::Model(_)
            | NodeKind::Seed { .. }
            | NodeKind::Snapshot
            | NodeKind::Source(_)
            | NodeKind::Exposure(_)
    )
}

/// Whether the bare name of a versioned model means this version.
fn is_latest(node: &Node) -> bool {
    node.version().is_some_and(|version| {
        let latest = node.model().and_then(|model| model.latest_version.as_ref());
        latest.map(crate::manifest::version_text) == Some(version)
    })
}
