use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::{Graph, Lookup, Macro, MacroId, Node, NodeId};
use crate::text::Span;

/// A `{% docs %}` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doc {
    pub name: String,
    pub package: String,
    pub original_file_path: String,
    pub contents: String,
    pub span: Span,
}

/// A group of nodes with an owner.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub name: String,
    pub package: String,
    pub original_file_path: String,
    pub description: Option<String>,
    pub owner: serde_json::Map<String, serde_json::Value>,
    pub config: serde_json::Map<String, serde_json::Value>,
    pub span: Span,
}

/// Every node, macro and doc of a project and its packages, and the graph.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// The root project's name.
    pub project: String,
    /// Enabled nodes, in order of id.
    pub nodes: BTreeMap<NodeId, Node>,
    /// Nodes switched off by `enabled: false`.
    pub disabled: BTreeMap<NodeId, Node>,
    pub macros: BTreeMap<MacroId, Macro>,
    /// By `doc.package.name`.
    pub docs: BTreeMap<String, Doc>,
    /// By `group.package.name`.
    pub groups: BTreeMap<String, Group>,
    /// The selectors of the project, as `manifest.json` shows them, by name.
    pub selectors: serde_json::Map<String, serde_json::Value>,
    /// Names of the installed packages and of the project, with their search order for
    /// dispatch (`dispatch:` in the project file), in the order they are loaded.
    pub packages: IndexMap<String, Vec<String>>,
    pub graph: Graph,
    pub lookup: Lookup,
}

impl Manifest {
    /// The node of that id.
    #[must_use]
    pub fn node(&self, id: &NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }

    /// Makes graph and lookup anew from the nodes.
    pub fn reindex(&mut self) {
        self.lookup = Lookup::new(self.nodes.values(), self.disabled.values());
        self.graph = Graph::new(self.nodes.iter().map(|(id, node)| (id, node.depends_on.as_slice())));
    }
}
