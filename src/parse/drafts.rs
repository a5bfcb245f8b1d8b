use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::config::{ConfigStack, Configured, Level, check};
use super::contracts;
use super::functions;
use super::macros::has_extension;
use super::microbatch;
use super::naming;
use super::parser::Parser;
use super::placed::trimmed;
use super::properties::{Patch, Renderer, folders, path_below};
use crate::context::{ParseContext, Recorded, Subject};
use crate::diagnostic::{Checked, Code, Diagnostic, WarningName, suggest};
use crate::jinja::{self, Call, CertainCall, Parsed};
use crate::manifest::{
    DataTest, FunctionRef, Language, MacroId, MetricRef, Model, Node, NodeId, NodeKind, Ref, ResourceType,
    SourceRef, version_text,
};
use crate::project::{FileKind, ProjectFile};
use crate::python::{self, PythonCall, PythonFunction};
use crate::text::{FileId, SourceFile, Span};

/// What a node is, before its configuration is known.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub kind: ResourceType,
    pub unique_id: String,
    pub name: String,
    pub package: String,
    pub path: String,
    pub original_file_path: String,
    pub fqn: Vec<String>,
    pub file: FileId,
    pub body: Span,
    pub raw_code: Arc<str>,
    /// Of a versioned model.
    pub version: Option<Value>,
}

impl Identity {
    /// Of a node that is a file of its own.
    fn of_file(kind: ResourceType, file: &ProjectFile) -> Self {
        let path = path_below(file).to_owned();
        let base = path.rsplit_once('/').map_or(path.as_str(), |(_, base)| base);
        let name = base.rsplit_once('.').map_or(base, |(stem, _)| stem).to_owned();
        let mut fqn = vec![file.package.clone()];
        fqn.extend(folders(file));
        fqn.push(name.clone());
        let body = trimmed(file.source.text(), file.source.span());
        Self {
            kind,
            unique_id: format!("{}.{}.{name}", kind.name(), file.package),
            name,
            package: file.package.clone(),
            path,
            original_file_path: file.path.clone(),
            fqn,
            file: file.source.id(),
            body,
            raw_code: Arc::from(file.source.slice(body)),
            version: None,
        }
    }

    /// dbt puts analyses below a folder of that name, in their fully qualified name only where
    /// the flag does not say better.
    /// See <https://docs.getdbt.com/reference/global-configs/behavior-changes>.
    fn set_apart(&mut self, is_corrected: Option<&Value>) {
        self.path = format!("analysis/{}", self.path);
        if is_corrected != Some(&Value::Bool(true)) {
            self.fqn.insert(1, "analysis".to_owned());
        }
    }

    /// Makes it a version of the model `name`: `model.shop.orders.v2`.
    fn take_version(&mut self, name: &str, version: &Value) {
        let text = version_text(version);
        self.unique_id = format!("{}.{}.{name}.v{text}", self.kind.name(), self.package);
        self.fqn.pop();
        self.fqn.extend([name.to_owned(), format!("v{text}")]);
        name.clone_into(&mut self.name);
        self.version = Some(version.clone());
    }

    /// What templates see of the node while it is parsed.
    pub(super) fn subject(&self, parser: &Parser<'_>, configured: &Configured) -> Subject {
        let target = &parser.invocation.target;
        let own = |key: &str, default: &str| configured.config.text(key).unwrap_or(default).to_owned();
        Subject {
            package: self.package.clone(),
            name: self.name.clone(),
            unique_id: self.unique_id.clone(),
            resource_type: self.kind,
            path: self.path.clone(),
            original_file_path: self.original_file_path.clone(),
            fqn: self.fqn.clone(),
            raw_code: Arc::clone(&self.raw_code),
            database: own("database", &target.database),
            schema: target.schema.clone(),
            alias: own("alias", &self.name),
            config: configured.config.values().clone(),
            test_kwargs: Map::new(),
            version: self.version.clone(),
            place: Some(self.body),
        }
    }

    /// The node with what its configuration says, named as if no macro named it.
    pub(super) fn node(&self, parser: &Parser<'_>, configured: &Configured, kind: NodeKind) -> Node {
        let target = &parser.invocation.target;
        let config = configured.config.clone();
        let map = |key: &str| match config.get(key) {
            Some(Value::Object(map)) => map.clone(),
            _ => Map::new(),
        };
        Node {
            id: NodeId::new(&self.unique_id),
            path: self.path.clone(),
            original_file_path: self.original_file_path.clone(),
            fqn: self.fqn.clone(),
            file: self.file,
            raw_code: Arc::clone(&self.raw_code),
            database: target.database.clone(),
            schema: target.schema.clone(),
            meta: map("meta"),
            tags: config.tags().into_iter().map(str::to_owned).collect(),
            docs: map("docs"),
            group: config.text("group").map(str::to_owned),
            unrendered_config: configured.written.clone(),
            config,
            created_at: parser.created_at(),
            ..Node::new(self.kind, &self.package, &self.name, self.body, kind)
        }
    }
}

/// What the node is that a file of that kind is, if it is one.
pub(super) fn kind_of(kind: FileKind) -> Option<ResourceType> {
    Some(match kind {
        FileKind::Model => ResourceType::Model,
        FileKind::Seed => ResourceType::Seed,
        FileKind::Test => ResourceType::Test,
        FileKind::Analysis => ResourceType::Analysis,
        FileKind::Function => ResourceType::Function,
        _ => return None,
    })
}

/// The node that a file is, if it is one: a model, seed, singular test or analysis.
pub(super) fn draft_file(parser: &Parser<'_>, file: &ProjectFile) -> Checked<Option<Node>> {
    let Some(kind) = kind_of(file.kind) else { return Checked::ok(None) };
    let mut identity = Identity::of_file(kind, file);
    if kind == ResourceType::Analysis {
        identity.set_apart(parser.invocation.flags.behaviour.get("require_corrected_analysis_fqns"));
    }
    let patch = parser.patch(kind, &identity.package, &identity.name);
    if let Some((patch, version)) = patch.and_then(|patch| Some((patch, patch.version.as_ref()?))) {
        identity.take_version(&patch.name.value, &version.version);
    }
    let mut diagnostics: Vec<Diagnostic> = bad_name(parser, &identity).into_iter().collect();
    let mut stack = ConfigStack::new(parser.configs, kind, &identity.package, &identity.fqn);
    if let Some(patch) = patch {
        stack.properties(&patch.config);
        stack.properties(&patch.version_config);
    }
    let draft = match kind {
        ResourceType::Function if has_extension(&file.path, "py") => {
            functions::python(parser, &identity, &stack, patch, &mut diagnostics)
        }
        ResourceType::Seed => seed(parser, file, &identity, &stack, patch, &mut diagnostics),
        ResourceType::Model if has_extension(&file.path, "py") => {
            python(parser, file, &identity, stack, patch, &mut diagnostics)
        }
        _ => sql(parser, file, &identity, stack, patch, &mut diagnostics).0,
    };
    Checked::new(Some(draft), diagnostics)
}

/// A name that cannot be written in a selection. (Dots can: projects use them.)
fn bad_name(parser: &Parser<'_>, identity: &Identity) -> Option<Diagnostic> {
    let bad = if identity.name.is_empty() {
        "is empty"
    } else if identity.name.contains(char::is_whitespace) {
        "has a space in it"
    } else {
        return None;
    };
    let kind = identity.kind.name();
    let message = format!("the name of the {kind} `{}` {bad}", identity.name);
    // See <https://docs.getdbt.com/reference/global-configs/behavior-changes>.
    let behaviour = &parser.invocation.flags.behaviour;
    let is_old = behaviour.get("require_resource_names_without_spaces") == Some(&false.into());
    let told = if is_old && !identity.name.is_empty() {
        Diagnostic::deprecation(WarningName::ResourceNamesWithSpacesDeprecation, message)
    } else {
        Diagnostic::new(Code::InvalidName, message)
    };
    Some(
        told.label(Span::start_of(identity.file), format!("the name of the file is that of the {kind}"))
            .help("use letters, digits and underscores; `alias` gives the relation any name"),
    )
}

fn seed(
    parser: &Parser<'_>,
    file: &ProjectFile,
    identity: &Identity,
    stack: &ConfigStack<'_>,
    patch: Option<&Patch>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Node {
    let configured = stack.resolve();
    let root = parser.package(&file.package).map(|package| package.root.display().to_string());
    let context = ParseContext::new(parser.invocation, identity.subject(parser, &configured));
    let context_value = || context.value();
    let kind = NodeKind::Seed { root_path: root.unwrap_or_default() };
    let macros = render_hooks(parser, &configured, &context_value, diagnostics);
    diagnostics.extend(refs_of_seed(identity, &configured, &context.recorded()));
    let mut node = identity.node(parser, &configured, kind);
    node.checksum.clone_from(&file.checksum);
    node.depends_on_macros = macros;
    finish(parser, &mut node, patch, &configured, &context_value, diagnostics);
    node
}

/// A model in Python: what it asks of dbt is read from its text.
fn python(
    parser: &Parser<'_>,
    file: &ProjectFile,
    identity: &Identity,
    mut stack: ConfigStack<'_>,
    patch: Option<&Patch>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Node {
    let Checked { value: calls, diagnostics: mut told } = python::read(&file.source);
    let mut recorded = Recorded::default();
    let what = format!("the model `{}`", identity.name);
    let table = Map::from_iter([("materialized".to_owned(), Value::from("table"))]);
    stack.call(Level::new(table, None));
    for call in calls {
        let span = call.span;
        match python_call(call) {
            PythonAsks::Ref(one) => recorded.refs.push(one),
            PythonAsks::Source(one) => recorded.sources.push(one),
            PythonAsks::Config(values) => {
                recorded.configs.push(values.clone());
                stack.call(check(identity.kind, &what, Level::new(values, Some(span)), &mut told));
            }
            PythonAsks::Nothing => {}
            PythonAsks::Wrong(error) => told.push(error),
        }
    }
    let configured = stack.resolve();
    let context = ParseContext::new(parser.invocation, identity.subject(parser, &configured));
    let context_value = || context.value();
    let hooks = render_hooks(parser, &configured, &context_value, &mut told);
    let model = Model { language: Language::Python, ..Model::default() };
    let mut node = identity.node(parser, &configured, NodeKind::Model(Box::new(model)));
    let of_hooks = context.recorded();
    recorded.refs.extend(of_hooks.refs);
    recorded.sources.extend(of_hooks.sources);
    node.unrendered_config =
        recorded.configs.iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
    node.checksum = checksum(&one_spaced(&node.raw_code));
    node.depends_on_macros = hooks;
    place_calls(&mut node, recorded, &[]);
    finish(parser, &mut node, patch, &configured, &context_value, &mut told);
    node.not_supported = no_rows(&node, &configured);
    if node.not_supported.is_none() {
        told.extend(unknown_materialization(parser, &node, &configured));
    }
    if node.config.is_enabled() {
        diagnostics.extend(told);
    }
    node
}

/// What a call in a model in Python asks for.
enum PythonAsks {
    Ref(Ref),
    Source(SourceRef),
    Config(Map<String, Value>),
    Nothing,
    Wrong(Diagnostic),
}

fn python_call(call: PythonCall) -> PythonAsks {
    let span = Some(call.span);
    let texts: Option<Vec<&str>> = call.arguments.iter().map(Value::as_str).collect();
    let wrong = |message: &str| {
        PythonAsks::Wrong(Diagnostic::new(Code::InvalidPython, message.to_owned()).label(call.span, ""))
    };
    match (call.function, texts.as_deref()) {
        (PythonFunction::Ref, Some([.., name])) if call.arguments.len() <= 2 => {
            let mut version = None;
            for (keyword, value) in &call.keywords {
                match keyword.as_str() {
                    "v" | "version" => version = Some(value.clone()).filter(|value| !value.is_null()),
                    _ => return wrong("`dbt.ref` takes no other keyword than `v` or `version`"),
                }
            }
            let package = call.arguments.first().filter(|_| call.arguments.len() == 2);
            let package = package.and_then(Value::as_str).map(str::to_owned);
            PythonAsks::Ref(Ref { package, name: (*name).to_owned(), version, span })
        }
        (PythonFunction::Ref, _) => wrong("`dbt.ref` takes the name of a model, or of a package and a model"),
        (PythonFunction::Source, Some([source, table])) => {
            PythonAsks::Source(SourceRef { source: (*source).to_owned(), table: (*table).to_owned(), span })
        }
        (PythonFunction::Source, _) => wrong("`dbt.source` takes the name of a source and of a table"),
        (PythonFunction::Config, _) if call.arguments.is_empty() => PythonAsks::Config(call.keywords),
        (PythonFunction::Config, _) => wrong("`dbt.config` takes keywords"),
        (PythonFunction::ConfigGet, _) => PythonAsks::Nothing,
    }
}

/// Why a model in Python cannot be built: nothing would keep its rows.
fn no_rows(node: &Node, configured: &Configured) -> Option<Diagnostic> {
    let kind = node.config.materialized();
    if !["view", "ephemeral", "materialized_view"].contains(&kind) {
        return None;
    }
    let message = format!("`{}` is written in Python, and cannot be materialized as `{kind}`", node.name);
    let place = configured.place("materialized").unwrap_or(node.body.part(0..0));
    Some(
        Diagnostic::new(Code::InvalidConfig, message)
            .label(place, "")
            .help("make it a `table` or `incremental`"),
    )
}

pub(super) fn sql(
    parser: &Parser<'_>,
    file: &ProjectFile,
    identity: &Identity,
    mut stack: ConfigStack<'_>,
    patch: Option<&Patch>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Node, Configured) {
    let inherited = stack.resolve();
    let mut told = Vec::new();
    let read = read(&file.source, identity.body, &mut told);
    let certain = certain(parser, &identity.package, read.as_ref());
    let made = OnceCell::new();
    let context = || {
        made.get_or_init(|| {
            let context = ParseContext::new(parser.invocation, identity.subject(parser, &inherited));
            context.hear(certain.clone().unwrap_or_default());
            context
        })
    };
    let context_value = || context().value();
    let mut heard = Heard { calls: calls_of(read.as_ref()), macros: Vec::new() };
    match &certain {
        None => heard.macros = hear_render(parser, read.as_ref(), context(), &mut told),
        Some(certain) if cfg!(debug_assertions) && told.is_empty() => {
            let subject = identity.subject(parser, &inherited);
            let rendered = rendered(parser, &file.source, identity.body, subject);
            debug_assert_eq!(rendered, Ok((certain.clone(), Vec::new())), "{}", identity.raw_code);
        }
        Some(_) => {}
    }
    let recorded_so_far = || {
        let certain = || certain.clone().unwrap_or_default();
        made.get().map_or_else(certain, ParseContext::recorded)
    };
    let recorded = recorded_so_far();
    let what = format!("the {} `{}`", identity.kind.name(), identity.name);
    for (at, values) in recorded.configs.iter().enumerate() {
        let call = heard.config_call(at, &recorded);
        let place = call.map_or(identity.body.part(0..0), |call| call.span);
        told.extend(conflict(&what, values, place));
        let mut level = Level::new(values.clone(), Some(place));
        for (key, source) in call.into_iter().flat_map(|call| &call.keyword_sources) {
            level.note_written(key, Value::from(source.as_str()));
        }
        stack.call(check(identity.kind, &what, level, &mut told));
    }
    let configured = stack.resolve();
    for called in render_hooks(parser, &configured, &context_value, &mut told) {
        if !heard.macros.contains(&called) {
            heard.macros.push(called);
        }
    }
    let recorded = recorded_so_far();
    let kind = match identity.kind {
        ResourceType::Model => NodeKind::Model(Box::default()),
        ResourceType::Snapshot => NodeKind::Snapshot,
        ResourceType::Function => NodeKind::Function(Box::new(functions::described(patch, Language::Sql))),
        ResourceType::Test => NodeKind::Test(Box::new(DataTest {
            metadata: None,
            column_name: None,
            attached_node: None,
            file_key_name: None,
            span: identity.body,
        })),
        _ => NodeKind::Analysis,
    };
    let mut node = identity.node(parser, &configured, kind);
    node.checksum = checksum(&one_spaced(&node.raw_code));
    node.depends_on_macros = heard.macros;
    place_calls(&mut node, recorded, &heard.calls);
    finish(parser, &mut node, patch, &configured, &context_value, &mut told);
    told.extend(microbatch::check(&node, &configured));
    told.extend(unknown_materialization(parser, &node, &configured));
    if node.config.is_enabled() {
        diagnostics.extend(told);
    }
    (node, configured)
}

/// What is the same for all nodes that become relations: description, columns, names. `context` is
/// asked for only where a macro has to be called.
pub(super) fn finish(
    parser: &Parser<'_>,
    node: &mut Node,
    patch: Option<&Patch>,
    configured: &Configured,
    context: &dyn Fn() -> jinja::Value,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if let Some(patch) = patch {
        (node.description, node.doc_blocks) =
            parser.documented(&node.package, patch.description.as_ref(), diagnostics);
        node.columns = parser.columns(&node.package, &patch.columns, diagnostics);
        if let NodeKind::Model(model) = &mut node.kind {
            model.time_spine.clone_from(&patch.time_spine);
        }
        node.patch = Some(patch.name.span);
        node.patch_path = Some(patch.origin.patch_path());
        if let NodeKind::Model(model) = &mut node.kind {
            take_patch(model, patch);
        }
    }
    diagnostics.extend(unknown_group(parser, node, configured));
    diagnostics.extend(public_ephemeral(node, configured));
    contracts::contract(parser, node, patch, configured, diagnostics);
    naming::name(parser, node, configured, context, diagnostics);
}

/// Gives a model what only models can be told.
fn take_patch(model: &mut Model, patch: &Patch) {
    if let Some(version) = &patch.version {
        model.version = Some(version.version.clone());
        model.latest_version = Some(version.latest.clone());
    }
    if let Some(date) = &patch.deprecation_date {
        model.deprecation_date = Some(date.value.clone());
        model.deprecation_span = Some(date.span);
    }
    model.constraints.clone_from(&patch.constraints);
}

/// An ephemeral model is no relation that others could be offered.
fn public_ephemeral(node: &Node, configured: &Configured) -> Option<Diagnostic> {
    let is_public = node.config.text("access").is_some_and(|access| access.eq_ignore_ascii_case("public"));
    if !node.is_ephemeral() || !is_public {
        return None;
    }
    let message = format!("`{}` is ephemeral and cannot be `access: public`", node.name);
    Some(
        Diagnostic::new(Code::InvalidConfig, message)
            .label(configured.place("access").unwrap_or(node.body.part(0..0)), "")
            .help("materialize it as a view or table, or make it `access: protected`"),
    )
}

fn unknown_group(parser: &Parser<'_>, node: &Node, configured: &Configured) -> Option<Diagnostic> {
    let group = node.config.text("group")?;
    if parser.groups.contains(group) {
        return None;
    }
    let message = format!("`{}` is in the group `{group}`, which is not declared", node.name);
    let place = configured.place("group").unwrap_or(node.body.part(0..0));
    Some(
        Diagnostic::new(Code::InvalidConfig, message).label(place, "").help(
            suggest::similar("group", group, parser.groups.iter().copied())
                .unwrap_or_else(|| "declare it under `groups:` in a properties file".to_owned()),
        ),
    )
}

/// A hook said under both spellings of its key.
fn conflict(what: &str, values: &Map<String, Value>, place: Span) -> Option<Diagnostic> {
    let pairs = [("pre_hook", "pre-hook"), ("post_hook", "post-hook")];
    let (one, other) = pairs.into_iter().find(|(a, b)| values.contains_key(*a) && values.contains_key(*b))?;
    let message = format!("{what} sets both `{one}` and `{other}`, which are one key");
    let help = "put all hooks into one list under one of them";
    Some(Diagnostic::new(Code::ConflictingConfig, message).label(place, "").help(help))
}

/// Seeds are loaded before all else: what their hooks refer to could not be built before.
fn refs_of_seed(identity: &Identity, configured: &Configured, recorded: &Recorded) -> Option<Diagnostic> {
    let call = match (recorded.refs.first(), recorded.sources.first()) {
        (Some(call), _) => format!("ref('{}')", call.name),
        (None, Some(call)) => format!("source('{}', '{}')", call.source, call.table),
        (None, None) => return None,
    };
    let message =
        format!("a hook of the seed `{}` calls `{call}`, which cannot be built before it", identity.name);
    let place = configured.place("pre-hook").or_else(|| configured.place("post-hook"));
    Some(
        Diagnostic::new(Code::InvalidConfig, message)
            .label(place.unwrap_or(identity.body.part(0..0)), "Seeds cannot depend on other nodes")
            .help("write the name of the relation, or do it in a hook of a model that refers to the seed"),
    )
}

/// What a template said while it was rendered in parse mode, besides what its context
/// recorded.
pub(super) struct Heard {
    pub calls: Vec<Call>,
    pub macros: Vec<MacroId>,
}

impl Heard {
    /// The `config()` call whose values were recorded at `index`.
    fn config_call(&self, index: usize, recorded: &Recorded) -> Option<&Call> {
        let calls: Vec<&Call> = self.calls.iter().filter(|call| call.function == "config").collect();
        let by_order = (calls.len() == recorded.configs.len()).then(|| calls.get(index)).flatten();
        let values = recorded.configs.get(index);
        let by_values = || {
            let has = |call: &Call, values: &Map<String, Value>| {
                !call.keywords.is_empty()
                    && call.keywords.iter().all(|(key, value)| values.get(key) == Some(value))
            };
            calls.iter().find(|call| values.is_some_and(|values| has(call, values)))
        };
        by_order.or_else(by_values).copied()
    }
}

/// A part of a file as a tree, if there is anything to render in it; what is not well-formed is
/// told.
fn read<'a>(file: &'a SourceFile, body: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Parsed<'a>> {
    if !Renderer::is_template(file.slice(body)) {
        return None;
    }
    Parsed::new(file, body).map_err(|diagnostic| diagnostics.push(diagnostic)).ok()
}

/// What rendering says of a template, to hold against what was certain without it.
pub(super) fn rendered(
    parser: &Parser<'_>,
    file: &SourceFile,
    body: Span,
    subject: Subject,
) -> Result<(Recorded, Vec<MacroId>), Vec<Diagnostic>> {
    let context = ParseContext::new(parser.invocation, subject);
    let mut told = Vec::new();
    let heard = hear(parser, file, body, &context, &mut told);
    if told.is_empty() { Ok((context.recorded(), heard.macros)) } else { Err(told) }
}

/// What a template of `package` asks for, where that is certain without rendering it.
fn certain(parser: &Parser<'_>, package: &str, read: Option<&Parsed<'_>>) -> Option<Recorded> {
    let Some(read) = read else { return Some(Recorded::default()) };
    let calls = read.certain_calls(0)?;
    recorded(parser, package, &calls)
}

/// What these calls ask for, where a template of `package` can mean nothing else by them.
pub(super) fn recorded(parser: &Parser<'_>, package: &str, calls: &[CertainCall]) -> Option<Recorded> {
    let macros = &parser.invocation.macros;
    let are_ours = calls.iter().all(|call| macros.leaves(package, &call.function));
    are_ours.then(|| Recorded::of_calls(calls)).flatten()
}

fn calls_of(read: Option<&Parsed<'_>>) -> Vec<Call> {
    read.map(Parsed::calls).unwrap_or_default()
}

/// Renders a part of a file in parse mode.
pub(super) fn hear(
    parser: &Parser<'_>,
    file: &SourceFile,
    body: Span,
    context: &ParseContext,
    diagnostics: &mut Vec<Diagnostic>,
) -> Heard {
    let read = read(file, body, diagnostics);
    Heard { macros: hear_render(parser, read.as_ref(), context, diagnostics), calls: calls_of(read.as_ref()) }
}

/// Renders what was read in parse mode; the macros that it calls.
fn hear_render(
    parser: &Parser<'_>,
    read: Option<&Parsed<'_>>,
    context: &ParseContext,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<MacroId> {
    let Some(read) = read else { return Vec::new() };
    let engine = &parser.invocation.engine;
    match engine.render(&engine.template_of(read), &context.value()) {
        Ok(rendered) => macro_ids(&rendered.macros_called).collect(),
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
            Vec::new()
        }
    }
}

/// Renders hooks to hear their refs: what they need is built before the node too. Gives the
/// macros they call.
pub(super) fn render_hooks(
    parser: &Parser<'_>,
    configured: &Configured,
    context: &dyn Fn() -> jinja::Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<MacroId> {
    let mut macros = Vec::new();
    for key in ["pre-hook", "post-hook"] {
        let hooks = configured.config.get(key).and_then(Value::as_array);
        for sql in hooks.into_iter().flatten().filter_map(|hook| hook.get("sql")?.as_str()) {
            let Some(place) = configured.place(key).filter(|_| Renderer::is_template(sql)) else { continue };
            match parser.invocation.engine.macros_of(sql, place, &context()) {
                Ok(called) => macros.extend(macro_ids(&called)),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
    }
    macros
}

/// The macros that a render called.
fn macro_ids(called: &[String]) -> impl Iterator<Item = MacroId> {
    called.iter().filter_map(|name| name.split_once('.')).map(|(package, name)| MacroId::new(package, name))
}

/// Gives a node what its template asked for, each with its place.
pub fn place_calls(node: &mut Node, recorded: Recorded, calls: &[Call]) {
    node.refs = recorded.refs.into_iter().map(|one| place_ref(one, calls)).collect();
    node.sources = recorded.sources.into_iter().map(|one| place_source(one, calls)).collect();
    node.functions = recorded.functions.into_iter().map(|one| place_function(one, calls)).collect();
    node.metrics = recorded.metrics.into_iter().map(|one| place_metric(one, calls)).collect();
}

/// The ref with the place of the first call that is just it.
fn place_ref(mut one: Ref, calls: &[Call]) -> Ref {
    let is_it = |call: &&Call| {
        let texts: Vec<Option<&str>> =
            call.arguments.iter().map(|argument| argument.as_ref().and_then(Value::as_str)).collect();
        let keyword =
            |name| call.keywords.iter().find(|(keyword, _)| *keyword == name).map(|(_, value)| value);
        let version = keyword("v").or_else(|| keyword("version"));
        matches!(call.function.as_str(), "ref" | "builtins.ref")
            && version.filter(|version| !version.is_null()).map(version_text)
                == one.version.as_ref().map(version_text)
            && match texts.as_slice() {
                [name] => one.package.is_none() && *name == Some(one.name.as_str()),
                [package, name] => *package == one.package.as_deref() && *name == Some(one.name.as_str()),
                _ => false,
            }
    };
    if one.span.is_none() {
        let call = calls.iter().find(is_it);
        one.span = call.map(|call| call.argument_spans.last().copied().unwrap_or(call.span));
    }
    one
}

/// The function with the place of the first call that names it.
fn place_function(mut one: FunctionRef, calls: &[Call]) -> FunctionRef {
    let is_it = |call: &&Call| {
        matches!(call.function.as_str(), "function" | "builtins.function")
            && call.arguments.last().and_then(Option::as_ref).and_then(Value::as_str) == Some(&one.name)
    };
    if one.span.is_none() {
        let call = calls.iter().find(is_it);
        one.span = call.map(|call| call.argument_spans.last().copied().unwrap_or(call.span));
    }
    one
}

fn place_source(mut one: SourceRef, calls: &[Call]) -> SourceRef {
    let is_it = |call: &&Call| {
        let texts: Vec<Option<&str>> =
            call.arguments.iter().map(|argument| argument.as_ref().and_then(Value::as_str)).collect();
        matches!(call.function.as_str(), "source" | "builtins.source")
            && texts == [Some(one.source.as_str()), Some(one.table.as_str())]
    };
    if one.span.is_none() {
        let call = calls.iter().find(is_it);
        one.span = call.map(|call| match call.argument_spans.as_slice() {
            [first, .., last] => first.to(*last),
            _ => call.span,
        });
    }
    one
}

/// The metric with the place of the first call that names it.
fn place_metric(mut one: MetricRef, calls: &[Call]) -> MetricRef {
    let is_it = |call: &&Call| {
        let last = call.arguments.last().and_then(|argument| argument.as_ref()?.as_str());
        call.function == "metric" && last == Some(one.name.as_str())
    };
    if one.span.is_none() {
        let call = calls.iter().find(is_it);
        one.span = call.map(|call| call.argument_spans.last().copied().unwrap_or(call.span));
    }
    one
}

/// The text with every run of white space as one space: dbt 1.12 hashes templates so, and a
/// change of the layout alone is none.
pub(super) fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// SHA-256, in hexadecimal.
pub(super) fn checksum(text: &str) -> String {
    use std::fmt::Write;

    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether a macro materializes nodes of this kind.
fn has_materialization(parser: &Parser<'_>, kind: &str) -> bool {
    let macros = &parser.invocation.macros;
    let is_known =
        |suffix: &str| macros.packages_with(&format!("materialization_{kind}_{suffix}")).next().is_some();
    parser.invocation.adapter.dialect().macro_prefixes().iter().any(|suffix| is_known(suffix))
}

/// An error when a model is materialized in a way that no macro knows.
fn unknown_materialization(parser: &Parser<'_>, node: &Node, configured: &Configured) -> Option<Diagnostic> {
    let kind = node.config.materialized();
    if node.resource_type != ResourceType::Model || kind == "ephemeral" {
        return None;
    }
    if has_materialization(parser, kind) {
        return None;
    }
    let adapter = parser.invocation.adapter.name();
    let place = configured.place("materialized").unwrap_or(node.body.part(0..0));
    let message = format!("there is no materialization `{kind}` for {adapter}");
    let known = materializations(parser);
    Some(Diagnostic::new(Code::InvalidConfig, message).label(place, "").help(
        suggest::similar("materialization", kind, known.iter().map(String::as_str)).unwrap_or_else(|| {
            let all = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
            format!("there are {}", all.join(", "))
        }),
    ))
}

/// The materializations of models that there are for a warehouse, by name.
fn materializations(parser: &Parser<'_>) -> BTreeSet<String> {
    let mut known = BTreeSet::from(["ephemeral".to_owned()]);
    for package in parser.packages {
        for name in parser.invocation.macros.names_in(package.name()) {
            let Some(rest) = name.strip_prefix("materialization_") else { continue };
            let mut suffixes = parser.invocation.adapter.dialect().macro_prefixes().iter();
            let name = suffixes.find_map(|suffix| rest.strip_suffix(suffix)?.strip_suffix('_'));
            known.extend(name.filter(|name| !["seed", "test", "snapshot"].contains(name)).map(str::to_owned));
        }
    }
    known
}
