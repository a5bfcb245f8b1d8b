use std::collections::BTreeSet;

use super::IndirectSelection;
use crate::manifest::{Manifest, NodeId, ResourceType};

/// Nodes that are selected, and tests that will be if what else they need is selected too.
#[derive(Clone, Debug, Default)]
pub(super) struct Bundle {
    pub direct: BTreeSet<NodeId>,
    pub waiting: BTreeSet<NodeId>,
}

impl Bundle {
    /// The nodes that a criterion names and the tests that come along with them.
    pub(super) fn new(manifest: &Manifest, named: BTreeSet<NodeId>, mode: IndirectSelection) -> Self {
        if mode == IndirectSelection::Empty {
            return Self { direct: named, waiting: BTreeSet::new() };
        }
        let at_hand = at_hand(manifest, &named, mode);
        let mut bundle = Self { direct: named, waiting: BTreeSet::new() };
        for child in manifest.graph.descendants_of(&bundle.direct, Some(1)) {
            if !is_test(manifest, &child) || bundle.direct.contains(&child) {
                continue;
            }
            if mode == IndirectSelection::Eager || has_all_parents(manifest, &child, &at_hand) {
                bundle.direct.insert(child)
            } else {
                bundle.waiting.insert(child)
            };
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
        self.waiting.retain(|id| !other.direct.contains(id) && !other.waiting.contains(id));
        self
    }

    /// Takes in the waiting tests that now have all they need.
    pub(super) fn settled(mut self, manifest: &Manifest, mode: IndirectSelection) -> Self {
        if matches!(mode, IndirectSelection::Cautious | IndirectSelection::Buildable) {
            let at_hand = at_hand(manifest, &self.direct, mode);
            let waiting = self.waiting.iter();
            let ready: Vec<_> =
                waiting.filter(|test| has_all_parents(manifest, test, &at_hand)).cloned().collect();
            self.direct.extend(ready);
        }
        self
    }
}

/// What a test may stand on when `selected` is selected.
fn at_hand(manifest: &Manifest, selected: &BTreeSet<NodeId>, mode: IndirectSelection) -> BTreeSet<NodeId> {
    let mut at_hand = selected.clone();
    if mode == IndirectSelection::Buildable {
        at_hand.extend(manifest.graph.ancestors_of(selected, Some(1)));
        let sources = manifest.nodes.values().filter(|node| node.resource_type == ResourceType::Source);
        at_hand.extend(sources.map(|node| node.id.clone()));
    }
    at_hand
}

fn is_test(manifest: &Manifest, id: &NodeId) -> bool {
    manifest.node(id).is_some_and(|node| node.resource_type == ResourceType::Test)
}

fn has_all_parents(manifest: &Manifest, test: &NodeId, at_hand: &BTreeSet<NodeId>) -> bool {
    manifest.node(test).is_some_and(|test| test.depends_on.iter().all(|parent| at_hand.contains(parent)))
}
