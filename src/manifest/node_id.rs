use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// dbt's `unique_id` of a node, as `model.shop.orders`. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(Arc<str>);

impl NodeId {
    #[must_use]
    pub fn new(unique_id: &str) -> Self {
        Self(Arc::from(unique_id))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
