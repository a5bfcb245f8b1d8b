use std::sync::Arc;

use super::Reason;
use crate::analyze::{Analysis, Schema};
use crate::compile::Compiled;
use crate::diagnostic::Diagnostic;
use crate::manifest::NodeId;
use crate::sql::tree::TextRange;
use crate::text::Span;

/// How far a node could be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is wrong, and everything is known.
    Well,
    /// Something is wrong: there are diagnostics.
    Wrong,
    /// Nothing is known to be wrong; why not all could be known.
    Unknown(Vec<Reason>),
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
    /// What is wrong with it, as it is seen from this node; another may have the same.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the warehouse is sure to refuse it once its parents are built: it is wrong, and
    /// every relation it reads is exactly known.
    pub is_sure_to_fail: bool,
    /// Where a user reads which columns there are.
    pub listed_at: Option<Listed>,
}

/// Where columns are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    InFile(Span),
    /// In the compiled SQL: it is followed to the templates when somebody asks.
    InQuery(TextRange),
}

impl NodeAnalysis {
    /// A node of which nothing is known, and nothing is wrong.
    #[must_use]
    pub fn new(id: &NodeId) -> Self {
        Self {
            id: id.clone(),
            standing: Standing::Well,
            schema: None,
            analysis: None,
            inputs: Vec::new(),
            compiled: None,
            diagnostics: Vec::new(),
            is_sure_to_fail: false,
            listed_at: None,
        }
    }

    /// The same, with one reason more why it is not wholly known; what is wrong stays wrong.
    #[must_use]
    pub fn unknown(mut self, reason: Reason) -> Self {
        match &mut self.standing {
            Standing::Well => self.standing = Standing::Unknown(vec![reason]),
            Standing::Unknown(reasons) if !reasons.contains(&reason) => reasons.push(reason),
            Standing::Unknown(_) | Standing::Wrong => {}
        }
        self
    }
}
