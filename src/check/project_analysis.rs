use std::collections::BTreeMap;
use std::sync::Arc;

use super::NodeAnalysis;
use crate::manifest::NodeId;

/// What is known of every node that was checked, and of those they stand on.
#[derive(Clone, Debug, Default)]
pub struct ProjectAnalysis {
    nodes: BTreeMap<NodeId, Arc<NodeAnalysis>>,
}

impl ProjectAnalysis {
    #[must_use]
    pub fn new(nodes: impl IntoIterator<Item = NodeAnalysis>) -> Self {
        Self { nodes: nodes.into_iter().map(|node| (node.id.clone(), Arc::new(node))).collect() }
    }

    pub(super) fn from_map(nodes: BTreeMap<NodeId, Arc<NodeAnalysis>>) -> Self {
        Self { nodes }
    }

    /// Changes what is known of a node, if it is there.
    pub(super) fn change(&mut self, id: &NodeId, change: impl FnOnce(&mut NodeAnalysis)) {
        if let Some(node) = self.nodes.get_mut(id) {
            change(Arc::make_mut(node));
        }
    }

    #[must_use]
    pub fn node(&self, id: &NodeId) -> Option<&Arc<NodeAnalysis>> {
        self.nodes.get(id)
    }

    /// All of them, in order of id.
    pub fn nodes(&self) -> impl Iterator<Item = &Arc<NodeAnalysis>> {
        self.nodes.values()
    }
}
