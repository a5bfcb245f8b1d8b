use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::cache::{Digest, Digester};
use super::certain_test::certain_test;
use super::config::{ConfigStack, Level, check};
use super::drafts::{Identity, finish, hear, rendered};
use super::parser::Parser;
use super::properties::{ColumnEntry, Origin, Properties, TestEntry};
use super::sources;
use super::test_name::{TestName, literal, test_hash};
use crate::context::{ParseContext, Recorded};
use crate::diagnostic::{Checked, Code, Diagnostic, WarningName, suggest};
use crate::manifest::{DataTest, MacroId, Node, NodeId, NodeKind, ResourceType, TestMetadata, version_text};
use crate::sql::Ident;
use crate::text::Span;

/// A generic test that an entry asks for, and what it is on.
#[derive(Clone, Debug)]
pub(super) struct TestRequest<'a> {
    entry: &'a TestEntry,
    origin: &'a Origin,
    target: Target,
    column: Option<&'a ColumnEntry>,
    quote_columns: bool,
}

/// What a test is on.
#[derive(Clone, Debug)]
struct Target {
    id: NodeId,
    is_enabled: bool,
    group: Option<String>,
    version: Option<Value>,
    /// As in names of tests: `orders`, `raw_orders`.
    name: String,
    /// As in a template: `ref('orders')`.
    call: String,
    /// `models.orders`
    file_key: String,
    is_source: bool,
}

/// The tests of one entry.
pub(super) struct TestRequests<'a> {
    origin: &'a Origin,
    target: Target,
    quote_columns: bool,
    tests: &'a [TestEntry],
    columns: &'a [ColumnEntry],
    /// Of the entry with all that it says.
    entry: Option<Digest>,
}

/// All generic tests that properties ask for, of nodes that are there.
pub(super) fn requests<'a>(
    parser: &Parser<'a>,
    properties: &'a Properties,
    drafts: &[Node],
) -> Vec<TestRequests<'a>> {
    let nodes: BTreeMap<&str, &Node> = drafts.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut requests = Vec::new();
    for patch in parser.patches.values() {
        let kind = patch.kind.name();
        let name = &patch.name.value;
        let version = patch.version.as_ref().map(|version| version_text(&version.version));
        let id = match &version {
            Some(version) => format!("{kind}.{}.{name}.v{version}", patch.origin.package),
            None => format!("{kind}.{}.{name}", patch.origin.package),
        };
        // As in dbt, an entry in the wrong place describes nothing, but what it asks of the
        // node of that name is tested.
        let elsewhere = || {
            let kinds = [ResourceType::Model, ResourceType::Seed, ResourceType::Snapshot];
            let mut ids = kinds.iter().map(|kind| format!("{}.{}.{name}", kind.name(), patch.origin.package));
            ids.find_map(|id| nodes.get(id.as_str()))
        };
        let Some(node) = nodes.get(id.as_str()).or_else(elsewhere) else {
            continue;
        };
        let target = Target {
            id: node.id.clone(),
            is_enabled: node.config.is_enabled(),
            group: node.group.clone(),
            name: patch.suffixed_name(),
            call: match &version {
                Some(version) => format!("ref('{name}', version='{version}')"),
                None => format!("ref('{name}')"),
            },
            version: patch.version.as_ref().map(|version| version.version.clone()),
            file_key: format!("{kind}s.{name}"),
            is_source: false,
        };
        requests.push(TestRequests {
            origin: &patch.origin,
            target,
            quote_columns: patch.quote_columns,
            tests: &patch.tests,
            columns: &patch.columns,
            entry: patch.digest,
        });
    }
    for source in &properties.sources {
        for table in &source.tables {
            let Some(node) = nodes.get(sources::unique_id(source, table).as_str()) else { continue };
            let (name, table_name) = (&source.name.value, &table.name.value);
            let target = Target {
                id: node.id.clone(),
                is_enabled: node.config.is_enabled(),
                group: None,
                version: None,
                name: format!("{name}_{table_name}"),
                call: format!("source('{name}', '{table_name}')"),
                file_key: format!("sources.{name}"),
                is_source: true,
            };
            let quote_columns = table.common.quote_columns.or(source.common.quote_columns);
            requests.push(TestRequests {
                origin: &source.origin,
                target,
                quote_columns: quote_columns.unwrap_or_default(),
                tests: &table.tests,
                columns: &table.columns,
                entry: source.digest,
            });
        }
    }
    requests.retain(TestRequests::is_any);
    requests
}

impl<'a> TestRequests<'a> {
    fn is_any(&self) -> bool {
        !self.tests.is_empty() || self.columns.iter().any(|column| !column.tests.is_empty())
    }

    /// Each test, those of the entry as a whole first.
    pub(super) fn each(&self) -> impl Iterator<Item = TestRequest<'a>> {
        let of_columns = self.columns.iter();
        let of_columns =
            of_columns.flat_map(|column| column.tests.iter().map(move |entry| (entry, Some(column))));
        let all = self.tests.iter().map(|entry| (entry, None)).chain(of_columns);
        all.map(|(entry, column)| TestRequest {
            entry,
            origin: self.origin,
            target: self.target.clone(),
            column,
            quote_columns: self.quote_columns,
        })
    }

    /// Of all that the tests are made of; `None` where that is not known.
    pub(super) fn digest(&self) -> Option<Digest> {
        let Target { id, is_enabled, group, version, name, call, file_key, is_source } = &self.target;
        let target = (id.as_str(), is_enabled, group, version, name, call, file_key, is_source);
        Some(Digester::new("tests").bytes(&self.entry?).text(&format!("{target:?}")).digest())
    }
}

impl TestRequest<'_> {
    /// The node of the test. Its template is a text of its own, not in any file: what goes
    /// wrong in it is told at the entry that asked for the test.
    pub(super) fn draft(&self, parser: &Parser<'_>) -> Checked<Option<Node>> {
        let mut diagnostics = Vec::new();
        let draft = self.build(parser, &mut diagnostics);
        let is_enabled = draft.as_ref().is_none_or(|node| node.config.is_enabled());
        if !is_enabled || !self.target.is_enabled {
            diagnostics.clear();
        }
        Checked::new(draft, diagnostics)
    }

    fn build(&self, parser: &Parser<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
        let written = self.entry.test.value.as_str();
        let (namespace, test) = match written.rsplit_once('.') {
            Some((namespace, test)) => (Some(namespace), test),
            None => (None, written),
        };
        if let Some(error) = self.unresolved(parser, namespace, test) {
            diagnostics.push(error);
            return None;
        }
        diagnostics.extend(self.misplaced_arguments(parser));
        let kwargs = self.kwargs(parser);
        let bytes = parser.invocation.adapter.dialect().identifier_bytes();
        let names = self.names(namespace, test, &kwargs, bytes);
        let what = format!("the test `{written}`");
        let mut own = self.entry.config.clone();
        if names.short != names.full && own.get("alias").is_none() {
            own.set("alias", Value::from(names.short.clone()), None);
        }
        let own = check(ResourceType::Test, &what, own, diagnostics);
        let identity = self.identity(parser, namespace, test, &names, &own, &kwargs);

        let mut stack =
            ConfigStack::new(parser.configs, ResourceType::Test, &identity.package, &identity.fqn);
        stack.call(own.clone());
        let file = parser.invocation.files.get(identity.file);
        let certain = certain_test(parser, &identity, (namespace, test), &own, &kwargs);
        let subject = || {
            let mut subject = identity.subject(parser, &stack.resolve());
            subject.test_kwargs.clone_from(&kwargs);
            subject.place = Some(self.entry.test.span);
            subject
        };
        let made = OnceCell::new();
        let context = || {
            made.get_or_init(|| {
                let context = ParseContext::new(parser.invocation, subject());
                context.hear(certain.clone().unwrap_or_default());
                context
            })
        };
        let mut told = Vec::new();
        let (recorded, macros) = match &certain {
            Some(certain) => {
                let called: Vec<MacroId> = self.called(parser, namespace, test).into_iter().collect();
                if cfg!(debug_assertions) {
                    let rendered = rendered(parser, &file, identity.body, subject());
                    debug_assert_eq!(rendered, Ok((certain.clone(), called.clone())), "{kwargs:?}");
                }
                (certain.clone(), called)
            }
            None => {
                let heard = hear(parser, &file, identity.body, context(), &mut told);
                (context().recorded(), heard.macros)
            }
        };
        let configured = self.configure(parser, &identity, &own, &recorded, &mut told);

        let metadata = TestMetadata {
            name: test.to_owned(),
            namespace: namespace.map(str::to_owned),
            kwargs: kwargs.clone(),
        };
        let kind = NodeKind::Test(Box::new(DataTest {
            column_name: self.column_name(parser),
            metadata: Some(metadata),
            attached_node: Some(self.target.id.clone()),
            file_key_name: Some(self.target.file_key.clone()),
            span: self.entry.test.span,
        }));
        let mut node = identity.node(parser, &configured, kind);
        node.depends_on_macros = macros;
        if let Some(called) = self.called(parser, namespace, test)
            && !node.depends_on_macros.contains(&called)
        {
            node.depends_on_macros.insert(0, called);
        }
        node.group = self.target.group.clone().or(node.group);
        let column_tags = self.column.map(|column| column.column.tags.as_slice()).unwrap_or_default();
        for tag in column_tags {
            if !node.tags.contains(tag) {
                node.tags.push(tag.clone());
            }
        }
        self.place(&mut node, recorded);
        let package = node.package.clone();
        (node.description, node.doc_blocks) =
            parser.documented(&package, self.entry.description.as_ref(), &mut told);
        finish(parser, &mut node, None, &configured, &|| context().value(), &mut told);
        let here = self.entry.test.span;
        diagnostics.extend(told.into_iter().map(|one| one.relocated(file.id(), here)));
        Some(node)
    }

    fn configure(
        &self,
        parser: &Parser<'_>,
        identity: &Identity,
        own: &Level,
        recorded: &Recorded,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> super::config::Configured {
        let mut stack =
            ConfigStack::new(parser.configs, ResourceType::Test, &identity.package, &identity.fqn);
        // The test's macro may configure, too; what the entry says lies over it.
        let what = format!("the test `{}`", self.entry.test.value);
        for values in &recorded.configs {
            let mut values = values.clone();
            values.retain(|key, _| own.get(key).is_none());
            let level = Level::new(values, Some(self.entry.test.span));
            stack.call(check(ResourceType::Test, &what, level, diagnostics));
        }
        stack.call(own.clone());
        stack.resolve()
    }

    /// The arguments of the call: the entry's, the column, and what the test is on.
    fn kwargs(&self, parser: &Parser<'_>) -> Map<String, Value> {
        let mut kwargs = self.entry.arguments.clone();
        if let Some(nested) = self.entry.nested.as_ref().filter(|_| !nests_arguments(parser)) {
            kwargs.retain(|name, _| !nested.value.contains_key(name));
            kwargs.insert("arguments".to_owned(), Value::Object(nested.value.clone()));
        }
        if let Some(name) = self.column_name(parser) {
            kwargs.insert("column_name".to_owned(), Value::from(name));
        }
        let model = format!("{{{{ get_where_subquery({}) }}}}", self.target.call);
        kwargs.insert("model".to_owned(), Value::from(model));
        kwargs
    }

    /// The deprecation of arguments that stand elsewhere than the project's behaviour flag says.
    /// See <https://docs.getdbt.com/reference/deprecations#missingargumentspropertyingenerictestdeprecation>.
    fn misplaced_arguments(&self, parser: &Parser<'_>) -> Option<Diagnostic> {
        let test = &self.entry.test.value;
        if nests_arguments(parser) {
            let (name, place) = self.entry.loose_argument()?;
            let message =
                format!("the argument `{name}` of the test `{test}` does not stand below `arguments:`");
            let described =
                format!("`{test}` defined on '{}' in package '{}'", self.target.name, self.origin.package);
            return Some(
                Diagnostic::deprecation(
                    WarningName::MissingArgumentsPropertyInGenericTestDeprecation,
                    message,
                )
                .fact("test_name", format!("{described} ({})", self.origin.path))
                .label(place, "")
                .help(format!("write `arguments:` and below it `{name}:`")),
            );
        }
        let nested = self.entry.nested.as_ref()?;
        let message = format!(
            "`arguments:` of the test `{test}` is one argument of this name, as the project's flags say"
        );
        Some(
            Diagnostic::deprecation(WarningName::ArgumentsPropertyInGenericTestDeprecation, message)
                .fact("test_name", test.as_str())
                .label(nested.span, "")
                .help("set the flag `require_generic_test_arguments_property` to true, or give the argument another name"),
        )
    }

    fn column_name(&self, parser: &Parser<'_>) -> Option<String> {
        let column = &self.column?.column;
        Some(if column.quote.unwrap_or(self.quote_columns) {
            Ident::new(column.name.as_str()).quoted(parser.invocation.adapter.dialect())
        } else {
            column.name.clone()
        })
    }

    fn names(
        &self,
        namespace: Option<&str>,
        test: &str,
        kwargs: &Map<String, Value>,
        bytes: Option<usize>,
    ) -> TestName {
        if let Some(name) = &self.entry.name {
            return TestName { full: name.clone(), short: name.clone() };
        }
        let test = if self.target.is_source { format!("source_{test}") } else { test.to_owned() };
        let test = namespace.map_or(test.clone(), |namespace| format!("{namespace}_{test}"));
        let mut arguments = kwargs.clone();
        arguments.shift_remove("model");
        TestName::new(&test, &self.target.name, &arguments, bytes)
    }

    fn identity(
        &self,
        parser: &Parser<'_>,
        namespace: Option<&str>,
        test: &str,
        names: &TestName,
        own: &Level,
        kwargs: &Map<String, Value>,
    ) -> Identity {
        let package = &self.origin.package;
        let callee = match namespace {
            Some(namespace) => format!("{namespace}.test_{test}"),
            None => format!("test_{test}"),
        };
        let mut raw_code = format!("{{{{ {callee}(**_dbt_generic_test_kwargs) }}}}");
        if !own.is_empty() {
            let settings: Vec<String> =
                own.settings.iter().map(|(key, setting)| written_setting(key, &setting.value)).collect();
            let _ = write!(raw_code, "{{{{ config({}) }}}}", settings.join(","));
        }
        let mut fqn = vec![package.clone()];
        fqn.extend(self.origin.folders.iter().cloned());
        fqn.push(names.full.clone());
        let raw_code: Arc<str> = Arc::from(raw_code);
        let file = parser.invocation.files.add(format!("{}.sql", names.short), Arc::clone(&raw_code));
        let hash = test_hash(&names.full, namespace, test, kwargs);
        Identity {
            kind: ResourceType::Test,
            unique_id: format!("test.{package}.{}.{hash}", names.full),
            name: names.full.clone(),
            package: package.clone(),
            path: format!("{}.sql", names.short),
            original_file_path: self.origin.path.clone(),
            fqn,
            file: file.id(),
            body: file.span(),
            raw_code,
            version: None,
        }
    }

    /// The macro that the test is.
    fn called(&self, parser: &Parser<'_>, namespace: Option<&str>, test: &str) -> Option<MacroId> {
        let macros = &parser.invocation.macros;
        let name = format!("test_{test}");
        let package = match namespace {
            Some(namespace) => macros.find_in(namespace, &name),
            None => macros.find(&self.origin.package, &name),
        };
        package.map(|package| MacroId::new(package, &name))
    }

    /// An error when there is no such generic test.
    fn unresolved(&self, parser: &Parser<'_>, namespace: Option<&str>, test: &str) -> Option<Diagnostic> {
        if self.called(parser, namespace, test).is_some() {
            return None;
        }
        let macros = &parser.invocation.macros;
        let written = &self.entry.test;
        let message = format!("there is no generic test named `{}`", written.value);
        let error = Diagnostic::new(Code::UnresolvedTest, message).label(written.span, "");
        if let Some(namespace) = namespace.filter(|namespace| !macros.is_package(namespace)) {
            let packages = parser.packages.iter().map(crate::project::Package::name);
            return Some(
                error.help(
                    suggest::similar("package", namespace, packages).unwrap_or_else(|| {
                        format!("there is no package `{namespace}`: is it in packages.yml?")
                    }),
                ),
            );
        }
        let elsewhere = macros.packages_with(&format!("test_{test}")).next();
        if let Some(package) = elsewhere {
            return Some(error.help(format!("the package `{package}` has one: write `{package}.{test}`")));
        }
        let mut known: Vec<String> = Vec::new();
        for package in parser.packages {
            let is_near = package.is_builtin || package.is_root || package.name() == self.origin.package;
            let prefix = if is_near { String::new() } else { format!("{}.", package.name()) };
            let tests = macros.names_in(package.name()).into_iter();
            known.extend(
                tests.filter_map(|name| name.strip_prefix("test_")).map(|name| format!("{prefix}{name}")),
            );
        }
        Some(
            error.help(
                suggest::similar("generic test", &written.value, known.iter().map(String::as_str))
                    .unwrap_or_else(|| {
                        format!("define it with `{{% test {test}(model) %}}` in `tests/generic`")
                    }),
            ),
        )
    }

    /// Gives refs and sources the place of the argument that holds them.
    fn place(&self, node: &mut Node, recorded: Recorded) {
        let place = |name: &str| -> Option<Span> {
            let holds = |key: &str| {
                self.entry.arguments.get(key).is_some_and(|value| value.to_string().contains(name))
            };
            let found = self.entry.argument_places.iter().find(|(key, _)| holds(key));
            Some(found.map_or(self.entry.test.span, |(_, span)| *span))
        };
        node.refs = recorded.refs;
        node.sources = recorded.sources;
        for one in &mut node.refs {
            one.span = place(&one.name);
            if self.target.version.as_ref().map(version_text) == one.version.as_ref().map(version_text) {
                one.version.clone_from(&self.target.version);
            }
        }
        for one in &mut node.sources {
            one.span = place(&one.table);
        }
    }
}

/// Whether what stands below `arguments:` are the arguments themselves.
/// See <https://docs.getdbt.com/reference/global-configs/behavior-changes>.
fn nests_arguments(parser: &Parser<'_>) -> bool {
    let flag = parser.invocation.flags.behaviour.get("require_generic_test_arguments_property");
    flag.and_then(Value::as_bool) != Some(false)
}

/// `key=value` as in a `config()` call.
fn written_setting(key: &str, value: &Value) -> String {
    match value {
        Value::String(text) => format!("{key}=\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        value => format!("{key}={}", literal(value)),
    }
}
