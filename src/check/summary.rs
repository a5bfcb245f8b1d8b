use std::collections::{BTreeMap, BTreeSet};

use super::{ProjectAnalysis, ReasonKind, Standing};
use crate::manifest::{Manifest, NodeId, ResourceType};

/// How many nodes were checked, and how they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub checked: usize,
    pub well: usize,
    pub wrong: usize,
    pub unknown: usize,
    /// How many of the unknown ones have a reason of each kind first.
    pub reasons: BTreeMap<ReasonKind, usize>,
}

impl Summary {
    /// Counts what the selected nodes are of which there is something to check.
    #[must_use]
    pub fn new(analysis: &ProjectAnalysis, manifest: &Manifest, selected: &BTreeSet<NodeId>) -> Self {
        let mut summary = Self::default();
        for node in analysis.nodes().filter(|node| selected.contains(&node.id)) {
            if !manifest.node(&node.id).is_some_and(|node| is_checked(node.resource_type)) {
                continue;
            }
            summary.checked += 1;
            match &node.standing {
                Standing::Well => summary.well += 1,
                Standing::Wrong => summary.wrong += 1,
                Standing::Unknown(reasons) => {
                    summary.unknown += 1;
                    if let Some(first) = reasons.first() {
                        *summary.reasons.entry(first.kind).or_default() += 1;
                    }
                }
            }
        }
        summary
    }

    /// Why not all could be known, in one phrase; `None` when all could.
    #[must_use]
    pub fn why_unknown(&self) -> Option<String> {
        let nodes = if self.unknown == 1 { "node" } else { "nodes" };
        let reasons: Vec<String> = self.reasons.iter().map(|(kind, count)| kind.of(*count)).collect();
        (self.unknown > 0)
            .then(|| format!("{} {nodes} could not be checked wholly: {}", self.unknown, reasons.join(", ")))
    }
}

/// Whether something of a node is checked, so that it counts.
#[must_use]
pub fn is_checked(kind: ResourceType) -> bool {
    matches!(
        kind,
        ResourceType::Model
            | ResourceType::Snapshot
            | ResourceType::Analysis
            | ResourceType::Test
            | ResourceType::UnitTest
            | ResourceType::SqlOperation
    )
}
