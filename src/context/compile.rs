use std::sync::Arc;

use super::adapter_value::AdapterValue;
use super::config::Config;
use super::function::{function, pure};
use super::graph::Graph;
use super::inputs::Inputs;
use super::names::{Offer, add_common};
use super::node_value::NodeValue;
use super::refs::{self, Refs};
use super::relation::RelationValue;
use super::relations::Relations;
use super::scope::Scope;
use super::values::dict;
use super::wire::Wire;
use super::{Batch, Invocation, RelationCache, SharedConnection};
use crate::jinja::Value;
use crate::manifest::{Manifest, Node, NodeId, UnitTest};

/// What a template sees while it is compiled: `execute` is true, `ref` and `source` give
/// relations, `run_query` asks the warehouse over the connection, if there is one.
#[derive(Debug)]
pub struct CompileContext {
    scope: Arc<Scope>,
    refs: Arc<Refs>,
    wire: Arc<Wire>,
}

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
        Self::of_batch(invocation, manifest, node, cache, connection, None)
    }

    /// As [`new`](CompileContext::new), for a part of a microbatch model.
    #[must_use]
    pub fn of_batch(
        invocation: &Arc<Invocation>,
        manifest: &Arc<Manifest>,
        node: &NodeId,
        cache: &Arc<RelationCache>,
        connection: Option<SharedConnection>,
        batch: Option<&Batch>,
    ) -> Self {
        let node_id = manifest.node(node).map(|node| node.id.to_string());
        let wire = Arc::new(Wire::for_compiling(invocation, node_id, connection));
        let executing = Executing { manifest, node, cache, compiled_code: None, batch };
        let (scope, refs) = executing.scope(&wire, |_| ());
        Self { scope, refs, wire }
    }

    /// With one more name, or another value for one.
    #[must_use]
    pub fn with(self, name: &str, value: Value) -> Self {
        self.scope.add(name, value);
        self
    }

    /// With what a unit test has in place of the project's macros, variables and environment.
    #[must_use]
    pub fn overridden(self, test: &UnitTest) -> Self {
        self.scope.override_for(test);
        self
    }

    /// With the rows of another node for `this`.
    #[must_use]
    pub fn with_this(self, node: &Node) -> Self {
        let this = RelationValue::of_node(node, self.refs.name_of(node));
        self.with("this", this.into_value())
    }

    #[must_use]
    pub fn value(&self) -> Value {
        self.scope.value()
    }

    /// The ephemeral models that `ref` was asked for, in order of first call; each was
    /// answered with the name of its CTE, `__dbt__cte__<name>`.
    #[must_use]
    pub fn ephemeral_refs(&self) -> Vec<NodeId> {
        self.refs.ephemeral()
    }

    /// Whether the warehouse was asked anything.
    #[must_use]
    pub fn asked_warehouse(&self) -> bool {
        self.wire.has_asked()
    }

    /// Whether anything of the warehouse was told, by itself or from what is known or supposed of
    /// it, so that what was rendered may be another thing another time.
    #[must_use]
    pub fn looked_at_warehouse(&self) -> bool {
        self.wire.has_looked()
    }

    /// The names it offers beside macros, in order.
    #[cfg(test)]
    pub(super) fn names(&self) -> Vec<String> {
        self.scope.names().into_iter().map(str::to_owned).collect()
    }
}

/// What compiling and running a node have in common.
pub(super) struct Executing<'a> {
    pub(super) manifest: &'a Arc<Manifest>,
    /// A node of the manifest, or a name for what is none (`run-operation`).
    pub(super) node: &'a NodeId,
    pub(super) cache: &'a Arc<RelationCache>,
    pub(super) compiled_code: Option<Arc<str>>,
    /// The part of a microbatch model that is made.
    pub(super) batch: Option<&'a Batch>,
}

impl Executing<'_> {
    /// The names of the node, and those that `more` adds.
    pub(super) fn scope(&self, wire: &Arc<Wire>, more: impl FnOnce(&mut Scope)) -> (Arc<Scope>, Arc<Refs>) {
        let invocation = &wire.invocation;
        let node = self.manifest.node(self.node);
        let package = node.map_or(invocation.root_package.as_str(), |node| &node.package);
        let dialect = invocation.adapter.dialect();
        let inputs = Inputs::new(&invocation.flags, node, self.batch);
        let relations = || Relations {
            wire: Arc::clone(wire),
            cache: Arc::clone(self.cache),
            package: package.to_owned(),
        };
        let refs = Arc::new(Refs::new(self.manifest, self.node, relations(), dialect, inputs));
        let (for_ref, for_source, for_function) = (Arc::clone(&refs), Arc::clone(&refs), Arc::clone(&refs));
        let config = node.map(super::config::of_node).unwrap_or_default();
        let metadata = node.and_then(|node| node.data_test()?.metadata.as_ref());
        let offer = Offer {
            reference: function("ref", move |state, args| for_ref.find_ref(state, args)),
            function: pure("function", move |args| for_function.find_function(args)),
            source: pure("source", move |args| for_source.find_source(args)),
            metric: refs::metric(),
            config: Value::from_object(Config::execute(config)),
            adapter: AdapterValue::executing(relations()),
            graph: Graph::value(self.manifest),
            this: node
                .map_or(Value::from(()), |node| RelationValue::named(node, refs.name_of(node)).into_value()),
            database: node.map_or(&invocation.target.database, |node| &node.database).clone(),
            schema: node.map_or(&invocation.target.schema, |node| &node.schema).clone(),
            is_executing: true,
            place: node.map(Node::place),
            test_kwargs: metadata.map(|metadata| metadata.kwargs.clone()).unwrap_or_default(),
        };
        let model = node.map_or_else(
            || dict(Vec::<(&str, Value)>::new()),
            |node| NodeValue::value(self.manifest, &node.id, self.compiled_code.clone(), self.batch.copied()),
        );
        wire.set_names(comment_names(invocation, package, &model));
        let scope = Scope::build(invocation, package, |scope, me| {
            add_common(scope, me, offer, Some(wire));
            scope.set("model", model);
            if self.batch.is_some_and(|batch| batch.is_later) {
                scope.set("__xform_later_batch", Value::from(true));
            }
            more(scope);
        });
        (scope, refs)
    }
}

/// What the template of the query comment sees: macros, but nothing that would send a
/// statement, which would need a comment in turn.
fn comment_names(invocation: &Arc<Invocation>, package: &str, node: &Value) -> Value {
    let scope = Scope::build(invocation, package, |scope, _| {
        scope.set("node", node.clone());
        scope.set("connection_name", node.get_attr("unique_id").unwrap_or_else(|_| Value::from("master")));
        scope.set("return", super::names::return_function());
    });
    scope.value()
}
