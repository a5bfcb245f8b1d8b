use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value as Json};

use super::adapter_value::AdapterValue;
use super::config::{Config, read_config};
use super::doc::doc;
use super::graph::Graph;
use super::names::{Offer, add_common};
use super::node_fields::subject_fields;
use super::refs::{read_function, read_metric, read_ref, read_source};
use super::relation::RelationValue;
use super::scope::Scope;
use super::{Invocation, function::pure};
use crate::adapter::Relation;
use crate::jinja::{CertainCall, LENIENT, Value, from_json};
use crate::manifest::{Doc, FunctionRef, MetricRef, Ref, ResourceType, SourceRef};
use crate::sql::RelationName;
use crate::text::Span;

/// What is known of a node before it is parsed: what `model`, `this` and `config` can
/// show at parse time.
#[derive(Clone, Debug)]
pub struct Subject {
    pub package: String,
    pub name: String,
    pub unique_id: String,
    pub resource_type: ResourceType,
    pub path: String,
    pub original_file_path: String,
    pub fqn: Vec<String>,
    pub raw_code: Arc<str>,
    pub database: String,
    pub schema: String,
    pub alias: String,
    /// Configuration from the project file and properties.
    pub config: Map<String, Json>,
    /// Of a generic test: the arguments of its call, texts in them unrendered. The template
    /// sees them rendered, as `_dbt_generic_test_kwargs`.
    pub test_kwargs: Map<String, Json>,
    /// Of a versioned model.
    pub version: Option<Json>,
    /// Where errors in texts that are rendered within are told.
    pub place: Option<Span>,
}

/// What a template asked for while it was rendered in parse mode.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// The arguments of each `config()` call, in order.
    pub configs: Vec<Map<String, Json>>,
    pub refs: Vec<Ref>,
    pub sources: Vec<SourceRef>,
    pub functions: Vec<FunctionRef>,
    pub metrics: Vec<MetricRef>,
}

impl Recorded {
    /// What a template asks for that does nothing but make these calls: the same as if it were
    /// rendered. `None` where a call is of another function than `ref`, `source` and `config`, or
    /// would fail. That the names mean these functions is for the caller to know
    /// ([`MacroNamespace::leaves`](super::MacroNamespace::leaves)).
    #[must_use]
    pub fn of_calls(calls: &[CertainCall]) -> Option<Self> {
        let mut recorded = Self::default();
        for CertainCall { function, arguments } in calls {
            match function.as_str() {
                "ref" => recorded.refs.push(read_ref(arguments).ok()?),
                "source" => recorded.sources.push(read_source(arguments).ok()?),
                "config" => recorded.configs.push(read_config(arguments).ok()?),
                _ => return None,
            }
        }
        Some(recorded)
    }

    /// The same, and behind it what was asked for later.
    pub fn extend(&mut self, later: Self) {
        self.configs.extend(later.configs);
        self.refs.extend(later.refs);
        self.sources.extend(later.sources);
        self.functions.extend(later.functions);
        self.metrics.extend(later.metrics);
    }
}

/// What a template sees while the project is parsed: `execute` is false, `ref` and
/// `source` are remembered, nothing asks the warehouse.
#[derive(Debug)]
pub struct ParseContext {
    scope: Arc<Scope>,
    config: Arc<Config>,
    calls: Arc<Mutex<Calls>>,
}

#[derive(Debug, Default)]
struct Calls {
    refs: Vec<Ref>,
    sources: Vec<SourceRef>,
    functions: Vec<FunctionRef>,
    metrics: Vec<MetricRef>,
}

fn lock(calls: &Mutex<Calls>) -> MutexGuard<'_, Calls> {
    calls.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ParseContext {
    #[must_use]
    pub fn new(invocation: &Arc<Invocation>, subject: Subject) -> Self {
        let config = Arc::new(Config::parse(subject.config.clone()));
        let calls: Arc<Mutex<Calls>> = Arc::default();
        let dialect = invocation.adapter.dialect();
        let name = RelationName::new(dialect, &subject.database, &subject.schema, &subject.alias);
        // What `ref` means is not known yet, so it gives the node itself.
        let this = RelationValue::new(Relation { name, kind: None }).into_value();
        let (ref_calls, ref_gives) = (Arc::clone(&calls), this.clone());
        let (source_calls, source_gives) = (Arc::clone(&calls), this.clone());
        let (function_calls, function_gives) = (Arc::clone(&calls), this.clone());
        let offer = Offer {
            function: pure("function", move |args| {
                lock(&function_calls).functions.push(read_function(args)?);
                Ok(function_gives.clone())
            }),
            reference: pure("ref", move |args| {
                lock(&ref_calls).refs.push(read_ref(args)?);
                Ok(ref_gives.clone())
            }),
            source: pure("source", move |args| {
                lock(&source_calls).sources.push(read_source(args)?);
                Ok(source_gives.clone())
            }),
            metric: {
                let calls = Arc::clone(&calls);
                pure("metric", move |args| {
                    let call = read_metric(args)?;
                    let name = Value::from(call.name.as_str());
                    lock(&calls).metrics.push(call);
                    Ok(name)
                })
            },
            config: Value::from_dyn_object(Arc::clone(&config)),
            adapter: AdapterValue::parsing(invocation, &subject.package),
            graph: Graph::empty(),
            this,
            database: subject.database.clone(),
            schema: subject.schema.clone(),
            is_executing: false,
            place: subject.place,
            test_kwargs: subject.test_kwargs.clone(),
        };
        let package = subject.package.clone();
        let scope = Scope::build(invocation, &package, |scope, me| {
            add_common(scope, me, offer, None);
            scope.set(LENIENT, Value::from(true));
            scope.set_lazy("model", move || from_json(&subject_fields(&subject)));
        });
        Self { scope, config, calls }
    }

    /// The names, as the engine wants them.
    #[must_use]
    pub fn value(&self) -> Value {
        self.scope.value()
    }

    /// With one more name, or another value for one.
    #[must_use]
    pub fn with(self, name: &str, value: Value) -> Self {
        self.scope.add(name, value);
        self
    }

    /// As if a template had asked for this.
    pub fn hear(&self, recorded: Recorded) {
        self.config.add_calls(recorded.configs);
        let mut calls = lock(&self.calls);
        calls.refs.extend(recorded.refs);
        calls.sources.extend(recorded.sources);
        calls.functions.extend(recorded.functions);
        calls.metrics.extend(recorded.metrics);
    }

    /// What was asked for so far.
    #[must_use]
    pub fn recorded(&self) -> Recorded {
        let calls = lock(&self.calls);
        Recorded {
            configs: self.config.calls(),
            refs: calls.refs.clone(),
            sources: calls.sources.clone(),
            functions: calls.functions.clone(),
            metrics: calls.metrics.clone(),
        }
    }

    /// The names it offers beside macros, in order.
    #[cfg(test)]
    pub(super) fn names(&self) -> Vec<String> {
        self.scope.names().into_iter().map(str::to_owned).collect()
    }

    /// The names that values in YAML files see (`var`, `env_var`, `target` …, no macros):
    /// see <https://docs.getdbt.com/reference/dbt-jinja-functions>.
    #[must_use]
    pub fn for_properties(invocation: &Arc<Invocation>, package: &str) -> Value {
        Scope::build(invocation, package, |scope, _| scope.leave_out_macros()).value()
    }

    /// The same and `doc`, which descriptions see, and the ids of the doc blocks that calls of
    /// it found. `docs` is by `doc.package.name`, as in the manifest.
    #[must_use]
    pub fn for_description(
        invocation: &Arc<Invocation>,
        package: &str,
        docs: &Arc<BTreeMap<String, Doc>>,
    ) -> (Value, Arc<Mutex<Vec<String>>>) {
        let found = Arc::default();
        let doc = doc(docs, &invocation.root_package, package, &found);
        let scope = Scope::build(invocation, package, |scope, _| {
            scope.leave_out_macros();
            scope.set("doc", doc);
        });
        (scope.value(), found)
    }
}
