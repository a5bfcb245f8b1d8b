use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};

use super::compile::Executing;
use super::relation::RelationValue;
use super::scope::Scope;
use super::values::list;
use super::wire::Wire;
use super::{Batch, Invocation, RelationCache};
use crate::adapter::{Connection, Relation, Response, Rows};
use crate::diagnostic::Diagnostic;
use crate::jinja::{Value, from_json, tuple_value};
use crate::manifest::{Manifest, Node, NodeId};
use crate::text::{SourceMap, Span};

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
    /// Whether a statement had to give way to another transaction.
    pub met_conflict: bool,
}

/// What a materialization, hook or operation sees: all of a compile context, and
/// `sql`, `compiled_code`, `pre_hooks`, `post_hooks`, `statement` results, `write`.
#[derive(Debug)]
pub struct RunContext {
    scope: Arc<Scope>,
    wire: Arc<Wire>,
}

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
        compiled: Option<(Arc<str>, SourceMap)>,
    ) -> Self {
        Self::of_batch(invocation, manifest, node, cache, connection, compiled, None)
    }

    /// As [`new`](RunContext::new), for a part of a microbatch model: only the first runs
    /// hooks before, and the last hooks after.
    #[must_use]
    pub fn of_batch(
        invocation: &Arc<Invocation>,
        manifest: &Arc<Manifest>,
        node: &NodeId,
        cache: &Arc<RelationCache>,
        connection: SharedConnection,
        compiled: Option<(Arc<str>, SourceMap)>,
        batch: Option<&Batch>,
    ) -> Self {
        let found = manifest.node(node);
        // An operation has no text: what it calls tells its own place.
        let has_place = |node: &&Node| !node.raw_code.is_empty() || node.unit_test().is_some();
        let fallback = found.filter(has_place).map(fallback);
        let code = compiled.as_ref().map(|(code, _)| Arc::clone(code));
        let node_id = found.map(|node| node.id.to_string());
        let wire = Arc::new(Wire::for_running(invocation, node_id, connection, fallback, compiled));
        let executing = Executing { manifest, node, cache, compiled_code: code.clone(), batch };
        let hooks = |key: &str| {
            let hooks = found.and_then(|node| node.config.get(key)).cloned();
            hooks.unwrap_or_else(|| json!([]))
        };
        let is_first = batch.is_none_or(|batch| batch.is_first);
        let is_last = batch.is_none_or(|batch| batch.is_last);
        let before: Json = if is_first { hooks("pre-hook") } else { json!([]) };
        let after: Json = if is_last { hooks("post-hook") } else { json!([]) };
        let (scope, _) = executing.scope(&wire, |scope| {
            let deferred = invocation.deferral.get().and_then(|deferral| deferral.relations.get(node));
            let deferred = deferred.map(|deferred| Relation { name: deferred.name.clone(), kind: None });
            let deferred = deferred.map(|relation| RelationValue::new(relation).into_value());
            scope.set("defer_relation", deferred.unwrap_or_default());
            scope.set("sql", Value::from(code.clone()));
            scope.set("compiled_code", Value::from(code));
            scope.set_lazy("pre_hooks", move || from_json(&before));
            scope.set_lazy("post_hooks", move || from_json(&after));
            let (manifest, invocation) = (Arc::clone(manifest), Arc::clone(invocation));
            scope.set_lazy("database_schemas", move || {
                let pair = |(database, schema): (&str, &str)| {
                    tuple_value(vec![Value::from(database), Value::from(schema)])
                };
                list(schemas(&manifest, &invocation).into_iter().map(pair).collect())
            });
            let (manifest, invocation) = (executing.manifest.clone(), wire.invocation.clone());
            scope.set_lazy("schemas", move || {
                let mut names: Vec<&str> =
                    schemas(&manifest, &invocation).into_iter().map(|(_, schema)| schema).collect();
                names.dedup();
                list(names.into_iter().map(Value::from).collect())
            });
        });
        if let Some(test) = found.and_then(Node::unit_test) {
            scope.add("unit_test_expected", super::unit_test::expected(test));
        }
        Self { scope, wire }
    }

    /// With one more name, or another value for one: `results` for on-run-end hooks.
    #[must_use]
    pub fn with(self, name: &str, value: Value) -> Self {
        self.scope.add(name, value);
        self
    }

    #[must_use]
    pub fn value(&self) -> Value {
        self.scope.value()
    }

    /// Runs a statement as templates do (query comment, record, log), with an error of
    /// the warehouse told through `map` at the template that wrote the text.
    ///
    /// # Errors
    /// The warehouse refuses it.
    pub fn execute(&self, sql: &str, map: &SourceMap) -> Result<Response, Diagnostic> {
        self.wire.execute_mapped(sql, map)
    }

    /// As [`execute`](RunContext::execute), with the rows.
    ///
    /// # Errors
    /// The warehouse refuses it.
    pub fn query(&self, sql: &str, map: &SourceMap) -> Result<Rows, Diagnostic> {
        self.wire.query_mapped(sql, map)
    }

    /// As [`query`](RunContext::query), for a text that no template wrote and an answer that is
    /// read whatever types it comes in: counts and truth values may come as texts.
    ///
    /// # Errors
    /// The warehouse refuses it.
    pub fn query_untyped(&self, sql: &str) -> Result<Rows, Diagnostic> {
        self.wire.query_untyped(sql)
    }

    /// Ends the transaction that statements have left open, if any: commits it when
    /// all went well, else rolls it back.
    ///
    /// # Errors
    /// The warehouse refuses, as on a conflict.
    pub fn finish(&self, is_success: bool) -> Result<(), Diagnostic> {
        self.wire.end(is_success)
    }

    /// What happened so far.
    #[must_use]
    pub fn handle(&self) -> RunHandle {
        self.wire.handle()
    }

    /// The names it offers beside macros, in order.
    #[cfg(test)]
    pub(super) fn names(&self) -> Vec<String> {
        self.scope.names().into_iter().map(str::to_owned).collect()
    }
}

/// Where to point when the place of an error is not known: the start of what the user
/// wrote for the node.
fn fallback(node: &Node) -> Span {
    match node.data_test() {
        Some(_) => node.place(),
        None => node.place().part(0..0),
    }
}

/// Database and schema of all that the command builds, each once, in order.
fn schemas<'a>(manifest: &'a Manifest, invocation: &Invocation) -> Vec<(&'a str, &'a str)> {
    let selected = invocation.selected_resources.get();
    let is_selected =
        |node: &&Node| selected.is_none_or(|selected| selected.iter().any(|id| id == node.id.as_str()));
    let built = manifest.nodes.values().filter(is_selected);
    let built = built.filter(|node| node.resource_type.is_refable() && !node.is_ephemeral());
    let mut schemas: Vec<_> = built.map(|node| (node.database.as_str(), node.schema.as_str())).collect();
    schemas.sort_unstable();
    schemas.dedup();
    schemas
}
