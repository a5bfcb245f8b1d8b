use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;

use super::arguments::{error, split};
use super::external_location::said;
use super::function::pure;
use super::inputs::Inputs;
use super::relation::RelationValue;
use super::relations::Relations;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::jinja::{Error, State, Value, raise, to_json};
use crate::manifest::{
    Found, FunctionRef, Lookup, Manifest, MetricRef, Node, NodeId, Ref, ResourceType, SourceRef, version_text,
};
use crate::sql::{Dialect, RelationName};

/// Reads the arguments of `ref(name)`, `ref(package, name)`, with `v=` or `version=`.
pub(super) fn read_ref(args: &[Value]) -> Result<Ref, Error> {
    let (positional, keywords) = split(args);
    let wrong = |message: &str| {
        raise(error(message).help("it is called as `ref('name')` or `ref('package', 'name')`"))
    };
    let text = |value: &Value| {
        let found = super::arguments::describe(value);
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| wrong(&format!("`ref` takes names as text, not {found}")))
    };
    let (package, name) = match positional {
        [name] => (None, text(name)?),
        [package, name] => (Some(text(package)?), text(name)?),
        [] => return Err(wrong("`ref` was given no name")),
        more => return Err(wrong(&format!("`ref` takes one or two names, and was given {}", more.len()))),
    };
    let mut version = None;
    for (keyword, value) in keywords {
        match keyword.as_str() {
            "v" | "version" if value.is_none() => {}
            "v" | "version" => version = Some(to_json(&value)),
            _ => return Err(wrong(&format!("`ref` has no argument `{keyword}`"))),
        }
    }
    Ok(Ref { package, name, version, span: None })
}

/// Reads the arguments of `function(name)` or `function(package, name)`.
pub(super) fn read_function(args: &[Value]) -> Result<FunctionRef, Error> {
    let wrong = |message: String| {
        raise(error(message).help("it is called as `function('name')` or `function('package', 'name')`"))
    };
    let (positional, keywords) = split(args);
    if let Some((keyword, _)) = keywords.first() {
        return Err(wrong(format!("`function` has no argument `{keyword}`")));
    }
    let texts: Option<Vec<&str>> = positional.iter().map(Value::as_str).collect();
    match texts.as_deref() {
        Some([name]) => Ok(FunctionRef { package: None, name: (*name).to_owned(), span: None }),
        Some([package, name]) => {
            Ok(FunctionRef { package: Some((*package).to_owned()), name: (*name).to_owned(), span: None })
        }
        Some(given) => {
            Err(wrong(format!("`function` takes one or two names, and was given {}", given.len())))
        }
        None => Err(wrong("`function` takes names as text".to_owned())),
    }
}

/// Reads the arguments of `source(source, table)`.
pub(super) fn read_source(args: &[Value]) -> Result<SourceRef, Error> {
    let wrong = |message: String| raise(error(message).help("it is called as `source('source', 'table')`"));
    let (positional, keywords) = split(args);
    match (positional, keywords.first()) {
        (_, Some((name, _))) => Err(wrong(format!("`source` has no argument `{name}`"))),
        ([source, table], None) => match (source.as_str(), table.as_str()) {
            (Some(source), Some(table)) => {
                Ok(SourceRef { source: source.to_owned(), table: table.to_owned(), span: None })
            }
            _ => Err(wrong("`source` takes two names as text".to_owned())),
        },
        (given, None) => Err(wrong(format!(
            "`source` takes two names, a source and a table, and was given {}",
            given.len()
        ))),
    }
}

/// Reads the arguments of `metric(name)` and `metric(package, name)`.
pub(super) fn read_metric(args: &[Value]) -> Result<MetricRef, Error> {
    let (positional, keywords) = split(args);
    let texts: Option<Vec<&str>> = positional.iter().map(Value::as_str).collect();
    let (package, name) = match (texts.as_deref(), keywords.is_empty()) {
        (Some([name]), true) => (None, *name),
        (Some([package, name]), true) => (Some((*package).to_owned()), *name),
        _ => {
            return Err(raise(
                error("`metric` takes the name of a metric as text")
                    .help("it is called as `metric('name')` or `metric('package', 'name')`"),
            ));
        }
    };
    Ok(MetricRef { package, name: name.to_owned(), span: None })
}

/// `metric()` in a template that is compiled: the name of the metric, which was found when the
/// project was parsed.
pub(super) fn metric() -> Value {
    pure("metric", |args| Ok(Value::from(read_metric(args)?.name)))
}

/// Answers `ref` and `source` while a node is compiled or run.
pub(super) struct Refs {
    manifest: Arc<Manifest>,
    node: NodeId,
    /// How to find out what there is, and the package whose template is rendered.
    relations: Relations,
    dialect: Dialect,
    inputs: Inputs,
    ephemeral: Mutex<Vec<NodeId>>,
}

impl fmt::Debug for Refs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<refs of {}>", self.node)
    }
}

impl Refs {
    pub(super) fn new(
        manifest: &Arc<Manifest>,
        node: &NodeId,
        relations: Relations,
        dialect: Dialect,
        inputs: Inputs,
    ) -> Self {
        Self {
            manifest: Arc::clone(manifest),
            node: node.clone(),
            relations,
            dialect,
            inputs,
            ephemeral: Mutex::default(),
        }
    }

    /// The ephemeral models asked for, in order of first call.
    pub(super) fn ephemeral(&self) -> Vec<NodeId> {
        self.ephemeral.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn find_ref(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let call = read_ref(args)?;
        let lookup = &self.manifest.lookup;
        let found = lookup.find_ref(&self.manifest.project, &self.relations.package, &call);
        let shown = match &call.package {
            Some(package) => format!("{package}.{}", call.name),
            None => call.name.clone(),
        };
        let node = match found {
            Found::Node(id) => self.manifest.node(&id),
            Found::Disabled(id) => return Err(disabled(&shown, &id)),
            Found::Ambiguous(ids) => return Err(ambiguous(&shown, &ids)),
            Found::Nothing => None,
        };
        let Some(node) = node else {
            let (message, help) = match &call.version {
                Some(version) => missing_version(lookup, &call.name, version),
                None => {
                    let similar = suggest::similar("model", &call.name, lookup.ref_names());
                    (format!("there is no model named `{shown}`"), similar)
                }
            };
            return Err(raise(Diagnostic::error(Code::UnresolvedRef, message).help(help)));
        };
        self.check_known(node, &format!("ref('{}')", call.name))?;
        if node.is_ephemeral() {
            if self.is_operation() {
                let message =
                    format!("`{shown}` is ephemeral: there is no relation that an operation could read");
                return Err(raise(Diagnostic::error(Code::UnresolvedRef, message)));
            }
            self.note_ephemeral(node);
        }
        let name = match self.deferred(state, node)? {
            Some(deferred) => deferred,
            None => self.name_of(node),
        };
        Ok(self.relation_of(node, name))
    }

    /// A node as this one reads it: whole, or a part of it.
    fn relation_of(&self, node: &Node, name: RelationName) -> Value {
        let part = self.inputs.part_of(node);
        RelationValue::of_node(node, name).limited_to(part).into_value()
    }

    /// What an earlier run built in place of a node, where that is meant: of the node there is
    /// nothing here, or it is not to be looked at (`--favor-state`).
    /// See <https://docs.getdbt.com/reference/node-selection/defer>.
    fn deferred(&self, state: &mut State<'_, '_>, node: &Node) -> Result<Option<RelationName>, Error> {
        let wire = &self.relations.wire;
        let deferral = wire.invocation.deferral.get().filter(|deferral| deferral.answers_refs);
        let Some(deferred) = deferral.and_then(|deferral| deferral.relations.get(&node.id)) else {
            return Ok(None);
        };
        if node.is_ephemeral() {
            return Ok(None);
        }
        if !deferred.is_favored {
            // What there is can change until it is the node's turn: nobody answers before.
            wire.with_connection(|_| Ok(())).map_err(raise)?;
            let name = self.name_of(node);
            let part = |part: &Option<String>| part.clone().unwrap_or_default();
            let (schema, identifier) = (part(&name.schema), part(&name.identifier));
            if self.relations.find(state, name.database.as_deref(), &schema, &identifier)?.is_some() {
                return Ok(None);
            }
        }
        Ok(Some(deferred.name.clone()))
    }

    pub(super) fn find_source(&self, args: &[Value]) -> Result<Value, Error> {
        let call = read_source(args)?;
        let shown = format!("{}.{}", call.source, call.table);
        let lookup = &self.manifest.lookup;
        let found =
            lookup.find_source(&self.manifest.project, &self.relations.package, &call.source, &call.table);
        let node = match found {
            Found::Node(id) => self.manifest.node(&id),
            Found::Disabled(id) => return Err(disabled(&shown, &id)),
            Found::Ambiguous(ids) => return Err(ambiguous(&shown, &ids)),
            Found::Nothing => None,
        };
        let Some(node) = node else {
            let message = format!("there is no source named `{shown}`");
            let known: Vec<String> =
                lookup.source_names().map(|(source, table)| format!("{source}.{table}")).collect();
            let similar = suggest::similar("source", &shown, known.iter().map(String::as_str));
            return Err(raise(Diagnostic::error(Code::UnresolvedSource, message).help(similar)));
        };
        self.check_known(node, &format!("source('{}', '{}')", call.source, call.table))?;
        if node.is_ephemeral() {
            // Rows of a unit test stand in for it.
            self.note_ephemeral(node);
        } else if let Some(plugin) = self.plugin_of(node) {
            return Err(raise(without_plugins(&shown, plugin)));
        }
        Ok(self.relation_of(node, self.name_of(node)))
    }

    /// The Python plugin of dbt-duckdb that a source is to be read by, if nothing else is said.
    /// See <https://github.com/duckdb/dbt-duckdb#using-plugins>.
    fn plugin_of<'a>(&self, node: &'a Node) -> Option<&'a str> {
        let capabilities = self.relations.wire.invocation.adapter.capabilities();
        let has_location = node.source().is_some_and(|source| source.external_location.is_some());
        if !capabilities.reads_files || has_location {
            return None;
        }
        said(node, "plugin")
    }

    pub(super) fn find_function(&self, args: &[Value]) -> Result<Value, Error> {
        let call = read_function(args)?;
        let lookup = &self.manifest.lookup;
        let package = call.package.as_deref();
        let shown = package.map_or(call.name.clone(), |package| format!("{package}.{}", call.name));
        let node = match lookup.find_function(
            &self.manifest.project,
            &self.relations.package,
            package,
            &call.name,
        ) {
            Found::Node(id) => self.manifest.node(&id),
            Found::Disabled(id) => return Err(disabled(&shown, &id)),
            Found::Ambiguous(ids) => return Err(ambiguous(&shown, &ids)),
            Found::Nothing => None,
        };
        let Some(node) = node else {
            let message = format!("there is no function named `{shown}`");
            let similar = suggest::similar("function", &call.name, lookup.function_names());
            return Err(raise(Diagnostic::error(Code::UnresolvedRef, message).help(similar)));
        };
        self.check_known(node, &format!("function('{}')", call.name))?;
        Ok(RelationValue::of_node(node, self.name_of(node)).into_value())
    }

    fn note_ephemeral(&self, node: &Node) {
        let mut ephemeral = self.ephemeral.lock().unwrap_or_else(PoisonError::into_inner);
        if !ephemeral.contains(&node.id) {
            ephemeral.push(node.id.clone());
        }
    }

    /// The name of a node's relation.
    pub(super) fn name_of(&self, node: &Node) -> RelationName {
        node.relation.clone().unwrap_or_else(|| {
            let identifier = node.source().map_or(&node.alias, |source| &source.identifier);
            RelationName::new(self.dialect, &node.database, &node.schema, identifier)
        })
    }

    fn is_operation(&self) -> bool {
        let node = self.manifest.node(&self.node);
        node.is_none_or(|node| node.resource_type == ResourceType::Operation)
    }

    /// What a node depends on is found out while the project is parsed; a call that was
    /// not made then would read what may not be built yet.
    fn check_known(&self, found: &Node, call: &str) -> Result<(), Error> {
        let Some(node) = self.manifest.node(&self.node) else { return Ok(()) };
        if self.is_operation() || found.id == node.id || node.depends_on.contains(&found.id) {
            return Ok(());
        }
        let code = if found.source().is_some() { Code::UnresolvedSource } else { Code::UnresolvedRef };
        let message =
            format!("`{}` calls `{call}` only when it runs, too late to be built after it", node.name);
        let help = format!("say it where it is always seen: `-- depends_on: {{{{ {call} }}}}`");
        Err(raise(Diagnostic::error(code, message).help(help)))
    }
}

/// What to say of a version that a model does not have: a message and a help line.
#[must_use]
pub fn missing_version(lookup: &Lookup, name: &str, version: &Json) -> (String, Option<String>) {
    let version = version_text(version);
    let known: Vec<String> = lookup.versions(name).map(|version| format!("`{version}`")).collect();
    if !known.is_empty() {
        let help = format!("its versions are {}", known.join(", "));
        return (format!("the model `{name}` has no version `{version}`"), Some(help));
    }
    if lookup.ref_names().any(|found| found == name) {
        let help = format!("leave the version out: `ref('{name}')`");
        return (format!("`{name}` is asked for in version `{version}`, and has no versions"), Some(help));
    }
    (format!("there is no model named `{name}`"), suggest::similar("model", name, lookup.ref_names()))
}

fn without_plugins(source: &str, plugin: &str) -> Diagnostic {
    let message = format!(
        "the source `{source}` is to be read by the plugin `{plugin}`: plugins are Python, which does not run here"
    );
    let help = match plugin {
        "delta" => {
            "load the extension `delta`, and give the source `external_location: \"delta_scan('PATH')\"`"
        }
        "iceberg" => {
            "load the extension `iceberg`, and give the source `external_location: \"iceberg_scan('PATH')\"`"
        }
        _ => "give the source an `external_location` that DuckDB reads, or load its table before",
    };
    Diagnostic::error(Code::NotSupported, message).help(help)
}

fn disabled(shown: &str, id: &NodeId) -> Error {
    let message = format!("`{shown}` is disabled");
    let help = format!("enable `{id}`, or do not refer to it");
    raise(Diagnostic::error(Code::DisabledRef, message).help(help))
}

fn ambiguous(shown: &str, ids: &[NodeId]) -> Error {
    let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    let message = format!("`{shown}` could mean {}", ids.join(" or "));
    let help = "name the package: `ref('package', 'name')`";
    raise(Diagnostic::error(Code::AmbiguousName, message).help(help))
}
