use std::sync::Arc;

use crate::analyze::Known;
use crate::context::Invocation;
use crate::manifest::{Manifest, Node};

/// The columns of sources, seeds and Python models, from what can be had without a warehouse:
/// the properties files, the data files themselves, and what was seen at the last connection.
pub struct Knowledge {
    _invocation: Arc<Invocation>,
}

impl Knowledge {
    #[must_use]
    pub fn new(invocation: &Arc<Invocation>, _manifest: &Manifest) -> Self {
        Self { _invocation: Arc::clone(invocation) }
    }

    /// What is known of the relation of a node that has no query in SQL.
    #[must_use]
    pub fn of(&self, node: &Node) -> Known {
        Known::Nothing(format!("the columns of `{}` are not declared", node.name))
    }
}
