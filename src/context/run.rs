use std::sync::{Arc, Mutex};

use super::{Invocation, RelationCache};
use crate::adapter::{Connection, Response, Rows};
use crate::diagnostic::Diagnostic;
use crate::jinja::Value;
use crate::manifest::{Manifest, NodeId};
use crate::text::SourceMap;

/// A worker's connection; templates hold it only for the time of a call.
pub type SharedConnection = Arc<Mutex<Box<dyn Connection>>>;

/// What a materialization left behind for us to report, beside what it returned.
#[derive(Clone, Debug, Default)]
pub struct RunHandle {
    /// What `store_result('main', …)` or the statement named `main` was answered.
    pub response: Option<Response>,
    pub rows: Option<Rows>,
    /// Every statement sent, in order: what `target/run/` holds.
    pub statements: Vec<String>,
    /// The texts given to `write()`.
    pub written: Vec<String>,
}

/// What a materialization, hook or operation sees: all of a compile context, and
/// `sql`, `compiled_code`, `pre_hooks`, `post_hooks`, `statement` results, `write`.
#[derive(Debug)]
pub struct RunContext {}

impl RunContext {
    /// `compiled` is the node's compiled SQL with its map, so that an error of the
    /// warehouse in a statement that holds it is told at the template's line.
    #[must_use]
    pub fn new(
        invocation: &Arc<Invocation>,
        manifest: &Arc<Manifest>,
        node: &NodeId,
        cache: &Arc<RelationCache>,
        connection: SharedConnection,
        compiled: Option<(Arc<str>, Arc<SourceMap>)>,
    ) -> Self {
        let _ = (invocation, manifest, node, cache, connection, compiled);
        todo!()
    }

    /// With one more name, or another value for one: `results` for on-run-end hooks.
    #[must_use]
    pub fn with(self, name: &str, value: Value) -> Self {
        let _ = (name, value);
        todo!()
    }

    #[must_use]
    pub fn value(&self) -> Value {
        todo!()
    }

    /// Runs a statement as templates do (query comment, record, log), with an error of
    /// the warehouse told through `map` at the template that wrote the text.
    ///
    /// # Errors
    /// The warehouse refuses it.
    pub fn execute(&self, sql: &str, map: &SourceMap) -> Result<Response, Diagnostic> {
        let _ = (sql, map);
        todo!()
    }

    /// As [`execute`](RunContext::execute), with the rows.
    ///
    /// # Errors
    /// The warehouse refuses it.
    pub fn query(&self, sql: &str, map: &SourceMap) -> Result<Rows, Diagnostic> {
        let _ = (sql, map);
        todo!()
    }

    /// Ends the transaction that statements have left open, if any: commits it when
    /// all went well, else rolls it back.
    ///
    /// # Errors
    /// The warehouse refuses, as on a conflict.
    pub fn finish(&self, is_success: bool) -> Result<(), Diagnostic> {
        let _ = is_success;
        todo!()
    }

    /// What happened so far.
    #[must_use]
    pub fn handle(&self) -> RunHandle {
        todo!()
    }
}
