use std::collections::BTreeMap;

use serde_json::Value;

use super::change::{Aspect, Change};
use super::compare_macros::ChangedMacros;
use super::compare_nodes::changes;
use crate::artifact::node_json;
use crate::manifest::{Manifest, NodeId};

/// What a node is in view of an earlier manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The earlier manifest has no node of that id.
    New,
    /// It has, and what it says is not the same; each way in which it is not.
    Modified(Vec<Change>),
    Unmodified,
}

impl Standing {
    /// Whether the node is new or changed in that aspect.
    #[must_use]
    pub fn is_modified_in(&self, aspect: Aspect) -> bool {
        match self {
            Self::New => true,
            Self::Modified(changes) => changes.iter().any(|change| change.aspect == aspect),
            Self::Unmodified => false,
        }
    }

    /// Why, in words, such as "its body"; empty when unmodified.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        match self {
            Self::New => vec!["it is new".to_owned()],
            Self::Modified(changes) => changes.iter().map(|change| change.what.clone()).collect(),
            Self::Unmodified => Vec::new(),
        }
    }
}

/// Every enabled node held against an earlier manifest.
///
/// What an environment makes of the same files is no change: names of databases and schemas,
/// and configs, are compared as they are written; SQL and macros by their words; seeds by what
/// is in them.
/// See <https://docs.getdbt.com/reference/node-selection/methods#state>.
#[derive(Debug, Default)]
pub struct Comparison {
    standings: BTreeMap<NodeId, Standing>,
}

impl Comparison {
    /// `earlier` is a `manifest.json`, of xform or of dbt.
    #[must_use]
    pub fn new(earlier: &Value, manifest: &Manifest) -> Self {
        let macros = ChangedMacros::new(earlier, manifest);
        let standing = |id: &NodeId| {
            let node = manifest.node(id)?;
            let Some(old) = earlier_node(earlier, id) else { return Some((id.clone(), Standing::New)) };
            let mut changes = changes(node, old, &node_json(node));
            changes.extend(macros.of(node, old));
            let standing =
                if changes.is_empty() { Standing::Unmodified } else { Standing::Modified(changes) };
            Some((id.clone(), standing))
        };
        Self { standings: manifest.nodes.keys().filter_map(standing).collect() }
    }

    /// What a node is; [`Standing::New`] for one that is not of the manifest.
    #[must_use]
    pub fn standing(&self, id: &NodeId) -> &Standing {
        self.standings.get(id).unwrap_or(&Standing::New)
    }
}

/// The node of that id in any section of a manifest.
pub(super) fn earlier_node<'a>(earlier: &'a Value, id: &NodeId) -> Option<&'a Value> {
    let sections = [
        "nodes",
        "sources",
        "exposures",
        "metrics",
        "semantic_models",
        "saved_queries",
        "unit_tests",
        "functions",
    ];
    sections.iter().find_map(|section| earlier.get(section)?.get(id.as_str()))
}
