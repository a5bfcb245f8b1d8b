use std::collections::BTreeSet;

use super::IndirectSelection;
use crate::manifest::{Manifest, NodeId, ResourceType};

/// Nodes that are selected, and tests that will be if what else they need is selected too.
#[derive(Clone, Debug, Default)]
pub(super) struct Bundle {
    pub direct: BTreeSet<NodeId>,
    pub waiting: BTreeSet<Waiting>,
}

/// A data test that waits for its other parents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Waiting {
    test: NodeId,
    /// Whether parents of what is selected will do too.
    is_buildable: bool,
}

impl Bundle {
    /// The nodes that a criterion names and the tests that come along with them. Unit tests come
    /// with their model in every mode: they need nothing but what the model needs.
    pub(super) fn new(manifest: &Manifest, named: BTreeSet<NodeId>, mode: IndirectSelection) -> Self {
        let mut bundle = Self { direct: named, waiting: BTreeSet::new() };
        let children = manifest.graph.descendants_of(&bundle.direct, Some(1));
        let at_hand = at_hand(manifest, &bundle.direct, mode == IndirectSelection::Buildable);
        for child in children {
            let is_ready = match manifest.node(&child).map(|node| node.resource_type) {
                Some(ResourceType::UnitTest) => true,
                Some(ResourceType::Test) => match mode {
                    IndirectSelection::Empty => continue,
                    IndirectSelection::Eager => true,
                    IndirectSelection::Cautious | IndirectSelection::Buildable => {
                        has_all_parents(manifest, &child, &at_hand)
                    }
                },
                _ => continue,
            };
            if is_ready {
                bundle.direct.insert(child);
            } else if !bundle.direct.contains(&child) {
                let is_buildable = mode == IndirectSelection::Buildable;
                bundle.waiting.insert(Waiting { test: child, is_buildable });
            }
        }
        bundle
    }

    /// What both have.
    pub(super) fn and(self, other: &Self) -> Self {
        Self {
            direct: self.direct.intersection(&other.direct).cloned().collect(),
            waiting: self.waiting.intersection(&other.waiting).cloned().collect(),
        }
    }

    /// What either has.
    pub(super) fn or(mut self, other: Self) -> Self {
        self.direct.extend(other.direct);
        self.waiting.extend(other.waiting);
        self
    }

    /// What only this one has.
    pub(super) fn without(mut self, other: &Self) -> Self {
        self.direct.retain(|id| !other.direct.contains(id));
        self.waiting
            .retain(|waiting| !other.direct.contains(&waiting.test) && !other.waiting.contains(waiting));
        self
    }

    /// Takes in the waiting tests that now have all they need.
    pub(super) fn settled(mut self, manifest: &Manifest) -> Self {
        for is_buildable in [false, true] {
            if !self.waiting.iter().any(|waiting| waiting.is_buildable == is_buildable) {
                continue;
            }
            let at_hand = at_hand(manifest, &self.direct, is_buildable);
            let waiting = self.waiting.iter().filter(|waiting| waiting.is_buildable == is_buildable);
            let ready = waiting.filter(|waiting| has_all_parents(manifest, &waiting.test, &at_hand));
            self.direct.extend(ready.map(|waiting| waiting.test.clone()).collect::<Vec<_>>());
        }
        self
    }
}

/// What a test may stand on when `selected` is selected.
fn at_hand(manifest: &Manifest, selected: &BTreeSet<NodeId>, is_buildable: bool) -> BTreeSet<NodeId> {
    let mut at_hand = selected.clone();
    if is_buildable {
        at_hand.extend(manifest.graph.ancestors_of(selected, Some(1)));
        let sources = manifest.nodes.values().filter(|node| node.resource_type == ResourceType::Source);
        at_hand.extend(sources.map(|node| node.id.clone()));
    }
    at_hand
}

fn has_all_parents(manifest: &Manifest, test: &NodeId, at_hand: &BTreeSet<NodeId>) -> bool {
    manifest.node(test).is_some_and(|test| test.depends_on.iter().all(|parent| at_hand.contains(parent)))
}
