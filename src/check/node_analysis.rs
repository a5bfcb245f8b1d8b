use std::sync::Arc;

use crate::analyze::{Analysis, Schema};
use crate::compile::Compiled;
use crate::manifest::NodeId;

/// How far a node could be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is wrong, and everything is known.
    Well,
    /// Something is wrong: there are diagnostics.
    Wrong,
    /// Nothing is known to be wrong; why not all could be known, one phrase each.
    Unknown(Vec<String>),
}

/// What is known of one node.
#[derive(Clone, Debug)]
pub struct NodeAnalysis {
    pub id: NodeId,
    pub standing: Standing,
    /// The columns of the relation it is or gives; `None` where nothing is known of them.
    pub schema: Option<Arc<Schema>>,
    /// Of nodes with a query that was understood. Its inputs are relations;
    /// [`inputs`](Self::inputs) says which nodes they are.
    pub analysis: Option<Arc<Analysis>>,
    /// For each of the analysis' inputs the node it is, if it is one.
    pub inputs: Vec<Option<NodeId>>,
    /// The SQL that was analyzed, with the map to the templates.
    pub compiled: Option<Arc<Compiled>>,
}
