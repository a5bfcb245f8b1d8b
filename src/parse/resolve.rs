use std::collections::{BTreeSet, VecDeque};

use super::parser::Parser;
use crate::context::missing_version;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::jinja::{Call, scan};
use crate::manifest::{
    Found, MacroId, Manifest, Metric, Node, NodeId, NodeKind, Ref, ResourceType, SourceRef, version_text,
};
use crate::project::Package;
use crate::text::{Files, Frame, Span};

/// Finds for each ref and source of each enabled node the node it means: `depends_on`, refs
/// first, in order of first call.
///
/// A data test that needs a disabled node is disabled without a word; one that needs a node
/// that is not there is disabled with a warning, as in dbt. For other nodes both are
/// errors.
pub(super) fn resolve(parser: &Parser<'_>, manifest: &mut Manifest) -> Vec<Diagnostic> {
    let mut nodes = std::mem::take(&mut manifest.nodes);
    let mut diagnostics = Vec::new();
    let resolver = Resolver { packages: parser.packages, manifest, files: &parser.invocation.files };
    let mut off = Vec::new();
    for node in nodes.values_mut() {
        let resolved = resolver.resolve(node);
        diagnostics.extend(resolved.diagnostics);
        node.depends_on = resolved.parents;
        if resolved.is_off {
            off.push(node.id.clone());
        }
    }
    for id in off {
        if let Some(node) = nodes.remove(&id) {
            manifest.disabled.insert(id, node);
        }
    }
    manifest.nodes = nodes;
    diagnostics.extend(forbidden_refs(parser.packages, manifest));
    diagnostics
}

/// Adds a node that came after the project was parsed, such as a template given on the
/// command line: its refs and sources are resolved like any other's.
///
/// # Errors
/// A ref or source names nothing that can be used.
pub fn add_node(
    manifest: &mut Manifest,
    files: &Files,
    packages: &[Package],
    mut node: Node,
) -> Result<(), Vec<Diagnostic>> {
    let resolved = Resolver { packages, manifest, files }.resolve(&node);
    if !resolved.diagnostics.is_empty() {
        return Err(resolved.diagnostics);
    }
    node.depends_on = resolved.parents;
    manifest.nodes.insert(node.id.clone(), node);
    manifest.reindex();
    Ok(())
}

/// Where a node calls for one of its parents.
pub(super) fn place_of_call(node: &Node, parent: &Node) -> Span {
    let version = parent.version();
    let is_it = |one: &&Ref, exactly: bool| {
        one.name == parent.name && (!exactly || one.version.as_ref().map(version_text) == version)
    };
    let named = node
        .refs
        .iter()
        .find(|one| is_it(one, true))
        .or_else(|| node.refs.iter().find(|one| is_it(one, false)));
    let by_ref = named.and_then(|one| one.span);
    let by_source = || {
        let source = &parent.source()?.source_name;
        node.sources.iter().find(|one| one.table == parent.name && one.source == *source)?.span
    };
    let by_metric = || node.metrics.iter().find(|one| one.name == parent.name).and_then(|one| one.span);
    by_ref.or_else(by_source).or_else(by_metric).unwrap_or_else(|| start(node))
}

fn start(node: &Node) -> Span {
    let test = node.data_test().map(|test| test.span);
    test.or_else(|| node.entry()).unwrap_or(node.body).part(0..0)
}

fn is_text(argument: Option<&serde_json::Value>, text: &str) -> bool {
    argument.and_then(serde_json::Value::as_str) == Some(text)
}

struct Resolver<'a> {
    packages: &'a [Package],
    /// Without its nodes, which are being resolved: the lookup is what counts.
    manifest: &'a Manifest,
    files: &'a Files,
}

#[derive(Default)]
struct Resolved {
    parents: Vec<NodeId>,
    is_off: bool,
    diagnostics: Vec<Diagnostic>,
}

impl Resolver<'_> {
    fn resolve(&self, node: &Node) -> Resolved {
        let mut resolved = Resolved::default();
        let lookup = &self.manifest.lookup;
        let root = self.manifest.project.as_str();
        for one in &node.refs {
            let (span, trace) = self.place(node, one.span, &|call| {
                call.function == "ref"
                    && call.arguments.last().is_some_and(|name| is_text(name.as_ref(), &one.name))
            });
            let found = lookup.find_ref(root, &node.package, one);
            let missing =
                || trace.iter().cloned().fold(self.no_such_node(one, span), Diagnostic::called_from);
            Self::take(node, found, &one.name, span, missing, &mut resolved);
        }
        for one in &node.sources {
            let (span, trace) = self.place(node, one.span, &|call| {
                call.function == "source"
                    && call.arguments.last().is_some_and(|table| is_text(table.as_ref(), &one.table))
            });
            let found = lookup.find_source(root, &node.package, &one.source, &one.table);
            let name = format!("{}.{}", one.source, one.table);
            let missing =
                || trace.iter().cloned().fold(self.no_such_source(one, span), Diagnostic::called_from);
            Self::take(node, found, &name, span, missing, &mut resolved);
        }
        for one in &node.functions {
            let (span, trace) = self.place(node, one.span, &|call| {
                call.function == "function"
                    && call.arguments.last().is_some_and(|name| is_text(name.as_ref(), &one.name))
            });
            let found = lookup.find_function(root, &node.package, one.package.as_deref(), &one.name);
            let missing = || {
                let message = format!("there is no function named `{}`", one.name);
                let help = suggest::similar("function", &one.name, lookup.function_names());
                let help = help
                    .unwrap_or_else(|| "functions are named after their files in `functions/`".to_owned());
                let error = Diagnostic::new(Code::UnresolvedRef, message).label(span, "").help(help);
                trace.iter().cloned().fold(error, Diagnostic::called_from)
            };
            Self::take(node, found, &one.name, span, missing, &mut resolved);
        }
        if let NodeKind::Metric(metric) = &node.kind {
            self.measures(node, metric, &mut resolved);
        }
        for one in &node.metrics {
            let (span, _) = self.place(node, one.span, &|call| {
                call.function == "metric"
                    && call.arguments.last().is_some_and(|name| is_text(name.as_ref(), &one.name))
            });
            let found = lookup.find_metric(root, &node.package, one.package.as_deref(), &one.name);
            let missing =
                || no_such("metric", Code::UnresolvedMetric, &one.name, lookup.metric_names(), span);
            Self::take(node, found, &one.name, span, missing, &mut resolved);
        }
        if node.resource_type == ResourceType::Exposure {
            // As dbt has them; what is of one kind stays in order.
            resolved.parents.sort_by_key(|id| !id.as_str().starts_with("source."));
        }
        resolved
    }

    /// The semantic models whose measures a metric is made of, and that whose column it
    /// aggregates.
    fn measures(&self, node: &Node, metric: &Metric, resolved: &mut Resolved) {
        let lookup = &self.manifest.lookup;
        let root = self.manifest.project.as_str();
        for one in &metric.measures {
            let span = one.span.unwrap_or_else(|| start(node));
            let found = lookup.find_measure(root, &node.package, &one.name);
            let missing =
                || no_such("measure", Code::UnresolvedMeasure, &one.name, lookup.measure_names(), span);
            Self::take(node, found, &one.name, span, missing, resolved);
        }
        if let Some(name) = &metric.semantic_model {
            let span = node.body;
            let found = lookup.find_semantic_model(root, &node.package, name);
            let missing =
                || no_such("semantic model", Code::UnresolvedMeasure, name, std::iter::empty(), span);
            Self::take(node, found, name, span, missing, resolved);
        }
    }

    /// Where a ref or source was written: in the template, else in a macro that it calls,
    /// with the calls that lead there, innermost first.
    fn place(&self, node: &Node, span: Option<Span>, is_it: &dyn Fn(&Call) -> bool) -> (Span, Vec<Frame>) {
        if let Some(span) = span {
            return (span, Vec::new());
        }
        let mut seen = BTreeSet::new();
        let mut queue: VecDeque<(&MacroId, Span, Vec<Frame>)> =
            node.depends_on_macros.iter().map(|id| (id, node.body, Vec::new())).collect();
        while let Some((id, caller, above)) = queue.pop_front() {
            let Some(one) = self.manifest.macros.get(id).filter(|_| seen.insert(id)) else { continue };
            let short = one.name.rsplit_once("__").map_or(one.name.as_str(), |(_, name)| name);
            let is_call = |call: &Call| {
                let name = call.function.rsplit('.').next().unwrap_or_default();
                name == one.name || name == short
            };
            let call = scan(&self.files.get(caller.file), caller).into_iter().find(is_call);
            let frame = Frame { name: one.qualified_name(), call: call.map(|call| call.span) };
            let trace: Vec<Frame> = std::iter::once(frame).chain(above).collect();
            let calls = scan(&self.files.get(one.span.file), one.span);
            if let Some(found) = calls.iter().find(|call| is_it(call)) {
                return (found.argument_spans.last().copied().unwrap_or(found.span), trace);
            }
            queue.extend(one.depends_on_macros.iter().map(|callee| (callee, one.span, trace.clone())));
        }
        (start(node), Vec::new())
    }

    fn take(
        node: &Node,
        found: Found,
        name: &str,
        span: Span,
        missing: impl Fn() -> Diagnostic,
        resolved: &mut Resolved,
    ) {
        let is_test = node.resource_type == ResourceType::Test;
        match found {
            Found::Node(id) => {
                if !resolved.parents.contains(&id) {
                    resolved.parents.push(id);
                }
            }
            Found::Disabled(_) if is_test => resolved.is_off = true,
            Found::Disabled(id) => resolved.diagnostics.push(
                Diagnostic::new(Code::DisabledRef, format!("`{name}` is disabled"))
                    .label(span, format!("`{id}` has `enabled: false`"))
                    .help(format!("enable `{name}`, or disable `{}` as well", node.name)),
            ),
            Found::Ambiguous(ids) => resolved.diagnostics.push(ambiguous(name, &ids, span)),
            Found::Nothing if is_test => {
                resolved.is_off = true;
                let warning = missing().with_severity(crate::diagnostic::Severity::Warning);
                resolved.diagnostics.push(warning.note(format!("the test `{}` is left out", node.name)));
            }
            Found::Nothing => resolved.diagnostics.push(missing()),
        }
    }

    fn no_such_node(&self, one: &Ref, span: Span) -> Diagnostic {
        let lookup = &self.manifest.lookup;
        let packages = || self.packages.iter().map(Package::name);
        if let Some(package) = &one.package
            && packages().all(|known| known != package)
        {
            let message = format!("there is no package named `{package}`");
            return Diagnostic::new(Code::UnresolvedRef, message).label(span, "").help(
                suggest::similar("package", package, packages())
                    .unwrap_or_else(|| "is it in packages.yml?".to_owned()),
            );
        }
        if let Some(version) = &one.version {
            let (message, help) = missing_version(lookup, &one.name, version);
            return Diagnostic::new(Code::UnresolvedRef, message).label(span, "").help(help);
        }
        let message = match &one.package {
            Some(package) => format!("there is no model named `{}` in the package `{package}`", one.name),
            None => format!("there is no model named `{}`", one.name),
        };
        let as_source = lookup.source_names().find(|(_, table)| *table == one.name);
        let help = suggest::similar("model", &one.name, lookup.ref_names())
            .or_else(|| {
                as_source.map(|(source, table)| format!("a source has it: `source('{source}', '{table}')`"))
            })
            .unwrap_or_else(|| "models and seeds are named after their files, without the folder".to_owned());
        Diagnostic::new(Code::UnresolvedRef, message).label(span, "").help(help)
    }

    fn no_such_source(&self, one: &SourceRef, span: Span) -> Diagnostic {
        let lookup = &self.manifest.lookup;
        let is_source = lookup.source_names().any(|(source, _)| source == one.source);
        let message = if is_source {
            format!("the source `{}` has no table named `{}`", one.source, one.table)
        } else {
            format!("there is no source named `{}`", one.source)
        };
        let help = if is_source {
            let tables = lookup.source_names().filter(|(source, _)| *source == one.source);
            suggest::similar("table", &one.table, tables.map(|(_, table)| table))
        } else {
            suggest::similar("source", &one.source, lookup.source_names().map(|(source, _)| source))
        };
        Diagnostic::new(Code::UnresolvedSource, message)
            .label(span, "")
            .help(help.unwrap_or_else(|| "declare it under `sources:` in a properties file".to_owned()))
    }
}

/// An error about a part of the semantic layer that is not there.
fn no_such<'a>(
    kind: &str,
    code: Code,
    name: &str,
    known: impl Iterator<Item = &'a str>,
    span: Span,
) -> Diagnostic {
    Diagnostic::new(code, format!("there is no {kind} named `{name}`")).label(span, "").help(
        suggest::similar(kind, name, known)
            .unwrap_or_else(|| format!("declare the {kind} in a properties file, or correct its name")),
    )
}

fn ambiguous(name: &str, ids: &[NodeId], span: Span) -> Diagnostic {
    let all: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    let example = ids.last().and_then(|id| id.as_str().split('.').nth(1)).unwrap_or("package");
    Diagnostic::new(Code::AmbiguousName, format!("several packages have a `{name}`"))
        .label(span, "")
        .note(format!("they are {}", all.join(", ")))
        .help(format!("name the package: `ref('{example}', '{name}')`"))
}

/// Errors where a node asks for a model that is not for it: a private one of another group, or
/// one of a package that keeps all but its public models to itself.
/// See <https://docs.getdbt.com/reference/resource-configs/access>.
fn forbidden_refs(packages: &[Package], manifest: &Manifest) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for node in manifest.nodes.values() {
        for parent in node.depends_on.iter().filter_map(|id| manifest.node(id)) {
            diagnostics.extend(forbidden(packages, manifest, node, parent));
        }
    }
    diagnostics
}

fn forbidden(packages: &[Package], manifest: &Manifest, node: &Node, parent: &Node) -> Option<Diagnostic> {
    if parent.resource_type != ResourceType::Model || node.resource_type == ResourceType::SqlOperation {
        return None;
    }
    let access = parent.config.text("access").unwrap_or("protected").to_lowercase();
    let owner = packages.iter().find(|package| package.name() == parent.package);
    let is_closed = parent.package != manifest.project
        && parent.package != node.package
        && owner.is_some_and(|package| package.config.restrict_access);
    let (reason, help) = match access.as_str() {
        "private" if node.group.is_none() || node.group != parent.group => {
            let group = match &parent.group {
                Some(group) => format!("it is private to the group `{group}`"),
                None => "it is private, and in no group".to_owned(),
            };
            (group, format!("make it `access: protected`, or put `{}` into its group", node.name))
        }
        "private" | "protected" if is_closed => (
            format!("it is {access}, and the package `{}` restricts access", parent.package),
            "use a model of the package that has `access: public`".to_owned(),
        ),
        _ => return None,
    };
    let message = format!("`{}` may not refer to `{}`", node.id, parent.id);
    let place = place_of_call(node, parent);
    Some(Diagnostic::new(Code::PrivateRef, message).label(place, reason).help(help))
}
