use std::collections::{BTreeSet, btree_set};

use crate::manifest::NodeId;

/// The nodes that a command is about, in order of id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    nodes: BTreeSet<NodeId>,
}

impl Selection {
    #[must_use]
    pub fn contains(&self, id: &NodeId) -> bool {
        self.nodes.contains(id)
    }

    pub fn iter(&self) -> btree_set::Iter<'_, NodeId> {
        self.nodes.iter()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

impl FromIterator<NodeId> for Selection {
    fn from_iter<I: IntoIterator<Item = NodeId>>(ids: I) -> Self {
        Self { nodes: ids.into_iter().collect() }
    }
}

impl<'a> IntoIterator for &'a Selection {
    type Item = &'a NodeId;
    type IntoIter = btree_set::Iter<'a, NodeId>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
