use std::sync::Arc;

use super::{Invocation, RelationCache, SharedConnection};
use crate::jinja::Value;
use crate::manifest::{Manifest, NodeId};

/// What a template sees while it is compiled: `execute` is true, `ref` and `source` give
/// relations, `run_query` asks the warehouse over the connection, if there is one.
#[derive(Debug)]
pub struct CompileContext {}

impl CompileContext {
    /// `connection` is `None` where nothing may be asked of the warehouse; a template
    /// that asks all the same fails with a diagnostic that says so.
    #[must_use]
    pub fn new(
        invocation: &Arc<Invocation>,
        manifest: &Arc<Manifest>,
        node: &NodeId,
        cache: &Arc<RelationCache>,
        connection: Option<SharedConnection>,
    ) -> Self {
        let _ = (invocation, manifest, node, cache, connection);
        todo!()
    }

    /// With one more name, or another value for one: a generic test's
    /// `_dbt_generic_test_kwargs`.
    #[must_use]
    pub fn with(self, name: &str, value: Value) -> Self {
        let _ = (name, value);
        todo!()
    }

    #[must_use]
    pub fn value(&self) -> Value {
        todo!()
    }

    /// The ephemeral models that `ref` was asked for, in order of first call; each was
    /// answered with the name of its CTE, `__dbt__cte__<name>`.
    #[must_use]
    pub fn ephemeral_refs(&self) -> Vec<NodeId> {
        todo!()
    }

    /// Whether the warehouse was asked anything.
    #[must_use]
    pub fn asked_warehouse(&self) -> bool {
        todo!()
    }
}
