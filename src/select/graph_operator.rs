use std::collections::BTreeSet;

use crate::manifest::{Manifest, NodeId};

/// How far a criterion reaches over the graph from the nodes it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphOperator {
    /// `+x`, `2+x`: what it depends on, so many steps away (`None`: all the way).
    Parents(Option<usize>),
    /// `x+`, `x+2`: what depends on it.
    Children(Option<usize>),
    /// `@x`: what depends on it, and all that those need.
    ChildrensParents,
}

impl GraphOperator {
    /// The nodes that `named` reaches, without promise about `named` itself.
    #[must_use]
    pub fn reach(self, manifest: &Manifest, named: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
        match self {
            Self::Parents(depth) => manifest.graph.ancestors_of(named, depth),
            Self::Children(depth) => manifest.graph.descendants_of(named, depth),
            Self::ChildrensParents => {
                let mut family = manifest.graph.descendants_of(named, None);
                family.extend(named.iter().cloned());
                let parents = manifest.graph.ancestors_of(&family, None);
                family.extend(parents);
                family
            }
        }
    }
}
