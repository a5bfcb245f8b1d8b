use std::sync::{Arc, Mutex};

use crate::compile::Compiled;
use crate::context::{Batch, Invocation, RelationCache, RunContext, SharedConnection};
use crate::manifest::{Manifest, Node};

/// A node that is to be run, and all that is needed for it.
pub struct Job<'a> {
    pub invocation: &'a Arc<Invocation>,
    pub manifest: &'a Arc<Manifest>,
    pub cache: &'a Arc<RelationCache>,
    pub node: &'a Node,
    /// `None` for seeds.
    pub compiled: Option<&'a Compiled>,
    pub connection: SharedConnection,
    /// The part of a microbatch model that is made.
    pub batch: Option<Batch>,
    /// The SQL that ran, as `target/run/` keeps it; that of a failure, too.
    pub ran: Arc<Mutex<String>>,
}

impl<'a> Job<'a> {
    /// The same job, to be changed in parts.
    pub(super) fn copied(&self) -> Job<'a> {
        Job { connection: Arc::clone(&self.connection), ran: Arc::clone(&self.ran), ..*self }
    }

    /// What the node's materialization sees.
    pub(super) fn context(&self) -> RunContext {
        let compiled =
            self.compiled.map(|compiled| (Arc::clone(&compiled.code), compiled.source_map.clone()));
        RunContext::of_batch(
            self.invocation,
            self.manifest,
            &self.node.id,
            self.cache,
            Arc::clone(&self.connection),
            compiled,
            self.batch.as_ref(),
        )
    }
}
