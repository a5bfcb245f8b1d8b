use std::collections::BTreeMap;

use super::NodeId;
use crate::sql::RelationName;

/// What an earlier run built of the nodes of this project, to stand in for what is not
/// built here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deferral {
    /// By node; ephemeral models have none.
    pub relations: BTreeMap<NodeId, Deferred>,
    /// Whether `ref()` may give them (`--defer`); `clone` only copies them.
    pub answers_refs: bool,
}

/// The relation of one node in the earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deferred {
    pub name: RelationName,
    /// It is meant even where the node is built here too: `--favor-state`, and the command
    /// does not select the node.
    pub is_favored: bool,
}
