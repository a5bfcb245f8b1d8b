use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::config::ConfigStack;
use super::drafts::{Identity, checksum};
use super::parser::Parser;
use super::placed::template_place;
use super::properties::{InputEntry, Properties, RowsEntry, SubjectEntry, UnitTestEntry};
use super::{check, csv};
use crate::context::ParseContext;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{
    Found, MacroId, Manifest, Node, NodeKind, ResourceType, StandsFor, Subject, UnitTest, UnitTestFormat,
    UnitTestInput, UnitTestRows, version_text,
};
use crate::project::{FileKind, ProjectFile, ProjectFiles};
use crate::text::{Span, Spanned};
use crate::yaml::{Yaml, YamlKind};

/// Adds the unit tests of the project and its packages to a manifest in which all else is
/// resolved. A test of a model with versions becomes one for each of them.
pub(super) fn add(
    parser: &Parser<'_>,
    files: &ProjectFiles,
    properties: &Properties,
    manifest: &mut Manifest,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let (fixtures, doubles) = Fixtures::new(files);
    diagnostics.extend(doubles);
    let mut made: Vec<Node> = Vec::new();
    for entry in &properties.unit_tests {
        let drafting = Drafting { parser, manifest, files, fixtures: &fixtures, entry };
        made.extend(drafting.nodes(&mut diagnostics));
    }
    for node in made {
        let (id, is_enabled) = (node.id.clone(), node.config.is_enabled());
        let place = if is_enabled { &mut manifest.nodes } else { &mut manifest.disabled };
        match place.get(&id) {
            Some(first) if is_enabled => {
                let name = &node.name;
                diagnostics.push(check::duplicate("unit test", name, node.body, first.body));
            }
            Some(_) => {}
            None => {
                place.insert(id, node);
            }
        }
    }
    diagnostics
}

/// The files of `tests/fixtures`, by package, name and ending.
struct Fixtures<'a>(BTreeMap<(&'a str, &'a str, &'a str), &'a ProjectFile>);

impl<'a> Fixtures<'a> {
    fn new(files: &'a ProjectFiles) -> (Self, Vec<Diagnostic>) {
        let mut found: BTreeMap<_, &ProjectFile> = BTreeMap::new();
        let mut diagnostics = Vec::new();
        for file in files.files.iter().filter(|file| file.kind == FileKind::Fixture) {
            let base = file.path.rsplit_once('/').map_or(file.path.as_str(), |(_, base)| base);
            let Some((stem, ending)) = base.rsplit_once('.') else { continue };
            let key = (file.package.as_str(), stem, ending);
            match found.get(&key) {
                Some(first) => {
                    let message = format!("there are two fixtures named `{base}`");
                    diagnostics.push(
                        Diagnostic::new(Code::DuplicateName, message)
                            .label(Span::start_of(file.source.id()), "the second")
                            .also(Span::start_of(first.source.id()), "the first")
                            .help("rename one of them: unit tests name fixtures without their folder"),
                    );
                }
                None => {
                    found.insert(key, file);
                }
            }
        }
        (Self(found), diagnostics)
    }
}

/// One entry on its way to nodes.
struct Drafting<'a> {
    parser: &'a Parser<'a>,
    manifest: &'a Manifest,
    files: &'a ProjectFiles,
    fixtures: &'a Fixtures<'a>,
    entry: &'a UnitTestEntry,
}

impl Drafting<'_> {
    fn nodes(&self, diagnostics: &mut Vec<Diagnostic>) -> Vec<Node> {
        match &self.entry.subject {
            SubjectEntry::Model(name) => {
                let Some(models) = self.models(name, diagnostics) else { return Vec::new() };
                let drafts = models.into_iter().map(|model| self.of_model(model, diagnostics));
                drafts.collect::<Vec<_>>().into_iter().flatten().collect()
            }
            SubjectEntry::Macro(name, arguments) => {
                self.of_macro(name, arguments, diagnostics).into_iter().collect()
            }
        }
    }

    /// The model of that name, or its versions that the entry means; `None` with an error when
    /// there is none. A disabled model has no tests.
    fn models(&self, name: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<&Node>> {
        let package = &self.entry.origin.package;
        let kinds: &[ResourceType] = if self.entry.expects_table {
            &[ResourceType::Model, ResourceType::Snapshot]
        } else {
            &[ResourceType::Model]
        };
        let own = |node: &&Node| kinds.contains(&node.resource_type) && node.package == *package;
        let version_of = |node: &Node| node.model().and_then(|model| model.version.clone());
        let is_named = |node: &&Node| {
            node.name == name.value
                || version_of(node)
                    .is_some_and(|version| format!("{}.v{}", node.name, version_text(&version)) == name.value)
        };
        let found: Vec<&Node> = self.manifest.nodes.values().filter(own).filter(is_named).collect();
        if found.is_empty() {
            if self.manifest.disabled.values().any(|node| own(&node) && is_named(&node)) {
                return Some(Vec::new());
            }
            let known = self.manifest.nodes.values().filter(own).map(|node| node.name.as_str());
            let message =
                format!("there is no model `{}` for the unit test `{}`", name.value, self.entry.name.value);
            let snapshot = self
                .manifest
                .nodes
                .values()
                .any(|node| node.resource_type == ResourceType::Snapshot && node.name == name.value);
            let help = if snapshot {
                Some(
                    "it is a snapshot: what it leaves behind is tested with `result: table` under `expect`"
                        .to_owned(),
                )
            } else {
                suggest::similar("model", &name.value, known)
            };
            diagnostics.push(
                Diagnostic::new(Code::UnresolvedRef, message).label(name.span, "").help(
                    help.unwrap_or_else(|| "`model` is the name of a model of this project".to_owned()),
                ),
            );
            return None;
        }
        let Some(versions) = &self.entry.versions else { return Some(found) };
        Self::chosen(found, versions, diagnostics)
    }

    /// The versions that `versions: {include: …}` or `{exclude: …}` leaves.
    fn chosen<'n>(
        models: Vec<&'n Node>,
        versions: &Yaml,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Vec<&'n Node>> {
        let version = |node: &Node| {
            node.model().and_then(|model| model.version.as_ref()).map(version_text).unwrap_or_default()
        };
        let mut wrong = |place: Span, message: String| {
            diagnostics.push(
                Diagnostic::new(Code::InvalidConfig, message)
                    .label(place, "")
                    .help("write `versions: {include: [1, 2]}` or `versions: {exclude: [1]}`"),
            );
        };
        let entries = versions.as_mapping().map(|mapping| mapping.entries.as_slice());
        let Some([(key, list)]) = entries else {
            wrong(versions.place(), "`versions` must have one of `include` and `exclude`".to_owned());
            return None;
        };
        let named = match &list.kind {
            YamlKind::Sequence(items) => items.clone(),
            _ => vec![list.clone()],
        };
        let mut names = Vec::new();
        for item in &named {
            let name = item.scalar_text().unwrap_or_default();
            if !models.iter().any(|node| version(node) == name) {
                wrong(item.place(), format!("the model has no version `{name}`"));
                return None;
            }
            names.push(name);
        }
        let is_in = |node: &&Node| names.contains(&version(node));
        match key.value.as_str() {
            "include" => Some(models.into_iter().filter(is_in).collect()),
            "exclude" => Some(models.into_iter().filter(|node| !is_in(node)).collect()),
            other => {
                wrong(key.span, format!("`{other}` is neither `include` nor `exclude`"));
                None
            }
        }
    }

    fn of_model(&self, model: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
        let entry = self.entry;
        if model.config.materialized() == "incremental" && !entry.expects_table {
            let overridden =
                entry.overrides.as_ref().and_then(|all| all.get("macros")?.get("is_incremental"));
            if !overridden.is_some_and(Value::is_boolean) {
                let message = format!(
                    "the unit test `{}` must say whether the incremental model `{}` adds to a table",
                    entry.name.value, model.name
                );
                diagnostics.push(
                    Diagnostic::new(Code::InvalidConfig, message)
                        .label(entry.name.span, "Boolean override for 'is_incremental' must be provided")
                        .help("add `overrides: {macros: {is_incremental: true}}`, or `false`"),
                );
                return None;
            }
        }
        let mut inputs = Vec::new();
        for input in &entry.given {
            inputs.push(self.input(model, input, diagnostics)?);
        }
        let expect = self.rows(&entry.expect, "expected", diagnostics)?;
        let version = model.model().and_then(|model| model.version.clone());
        let test = UnitTest {
            model: model.name.clone(),
            subject: Subject::Node(model.id.clone()),
            given: inputs,
            expect,
            expects_table: entry.expects_table,
            overrides: entry.overrides.clone(),
            versions: entry.versions.as_ref().map(Yaml::to_json),
            version,
            span: entry.name.span,
        };
        let mut node = self.node(test, diagnostics);
        node.depends_on = vec![model.id.clone()];
        node.schema.clone_from(&model.schema);
        node.database.clone_from(&model.database);
        Some(node)
    }

    fn of_macro(
        &self,
        name: &Spanned<String>,
        arguments: &Value,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Node> {
        let macros = &self.parser.invocation.macros;
        let root = self.entry.origin.package.as_str();
        let found = match name.value.rsplit_once('.') {
            Some((namespace, short)) => macros.find_in(namespace, short).map(|package| (package, short)),
            None => macros.find(root, &name.value).map(|package| (package, name.value.as_str())),
        };
        let Some((package, short)) = found else {
            let message =
                format!("there is no macro `{}` for the unit test `{}`", name.value, self.entry.name.value);
            let known = macros.names_in(root).into_iter();
            diagnostics.push(
                Diagnostic::new(Code::MissingMacro, message).label(name.span, "").help(suggest::similar(
                    "macro",
                    &name.value,
                    known,
                )),
            );
            return None;
        };
        if let Some(input) = self.entry.given.first() {
            diagnostics.push(
                Diagnostic::new(Code::InvalidConfig, "the unit test of a macro takes no `given`")
                    .label(input.input.span, "")
                    .help("a macro gets its input by `args`"),
            );
            return None;
        }
        let expect = self.rows(&self.entry.expect, "expected", diagnostics)?;
        let (arguments, keywords) = match arguments {
            Value::Array(items) => (items.clone(), Map::new()),
            Value::Object(entries) => (Vec::new(), entries.clone()),
            _ => (Vec::new(), Map::new()),
        };
        let (package, short) = (package.to_owned(), short.to_owned());
        let called = MacroId::new(&package, &short);
        let test = UnitTest {
            model: short.clone(),
            subject: Subject::Macro { package, name: short, arguments, keywords },
            given: Vec::new(),
            expect,
            expects_table: false,
            overrides: self.entry.overrides.clone(),
            versions: None,
            version: None,
            span: self.entry.name.span,
        };
        let mut node = self.node(test, diagnostics);
        node.depends_on_macros = vec![called];
        Some(node)
    }

    fn node(&self, test: UnitTest, diagnostics: &mut Vec<Diagnostic>) -> Node {
        let Self { parser, entry, .. } = *self;
        let (package, name) = (&entry.origin.package, &entry.name.value);
        let version =
            test.version.as_ref().map(|version| format!("_v{}", version_text(version))).unwrap_or_default();
        let mut fqn = vec![package.clone()];
        fqn.extend(entry.origin.folders.iter().cloned());
        fqn.push(test.model.clone());
        fqn.push(name.clone());
        let mut stack = ConfigStack::new(parser.configs, ResourceType::UnitTest, package, &fqn);
        stack.properties(&entry.config);
        let configured = stack.resolve();
        let identity = Identity {
            kind: ResourceType::UnitTest,
            unique_id: format!("unit_test.{package}.{}.{name}{version}", test.model),
            name: name.clone(),
            package: package.clone(),
            path: entry.origin.path_below(),
            original_file_path: entry.origin.path.clone(),
            fqn,
            file: entry.origin.file,
            body: entry.name.span,
            raw_code: Arc::from(""),
            version: None,
        };
        let said = json!({
            "model": test.model,
            "given": test.given.iter().map(|input| json!([input.input, input.rows.rows])).collect::<Vec<_>>(),
            "expect": test.expect.rows,
            "overrides": test.overrides,
        });
        let mut node = identity.node(parser, &configured, NodeKind::UnitTest(Box::new(test)));
        node.checksum = checksum(&said.to_string());
        node.description = parser.description(package, entry.description.as_ref(), diagnostics);
        node.patch = Some(entry.name.span);
        node
    }

    fn input(
        &self,
        model: &Node,
        input: &InputEntry,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<UnitTestInput> {
        let stands_for = self.stands_for(model, input, diagnostics)?;
        let mut rows = if input.rows.rows.is_none() && input.rows.fixture.is_none() {
            self.rows_of_seed(&stands_for, input, diagnostics)?
        } else {
            self.rows(&input.rows, &input.input.value, diagnostics)?
        };
        if rows.format == UnitTestFormat::Sql && rows.fixture.is_none() {
            // So that an error in it is told at its very place.
            if let Some(yaml) = &input.rows.rows
                && let Some(sql) = yaml.as_text()
            {
                let files = &self.parser.invocation.files;
                rows.span = template_place(files, &Spanned::new(sql.to_owned(), yaml.span)).1;
            }
        }
        Some(UnitTestInput { input: input.input.value.clone(), stands_for, span: input.input.span, rows })
    }

    /// The node that an input names.
    fn stands_for(
        &self,
        model: &Node,
        input: &InputEntry,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<StandsFor> {
        let written = input.input.value.trim();
        if written == "this" {
            return Some(StandsFor::This);
        }
        let mut wrong = |code: Code, message: String, help: Option<String>| {
            let help = help.unwrap_or_else(|| {
                "an input is `ref('model')`, `source('source', 'table')` or `this`".to_owned()
            });
            diagnostics.push(Diagnostic::new(code, message).label(input.input.span, "").help(help));
        };
        let invocation = self.parser.invocation;
        let subject = Identity {
            kind: ResourceType::UnitTest,
            unique_id: String::new(),
            name: self.entry.name.value.clone(),
            package: model.package.clone(),
            path: String::new(),
            original_file_path: self.entry.origin.path.clone(),
            fqn: Vec::new(),
            file: self.entry.origin.file,
            body: input.input.span,
            raw_code: Arc::from(""),
            version: None,
        };
        let context = ParseContext::new(
            invocation,
            subject.subject(self.parser, &super::config::Configured::default()),
        );
        let evaluated =
            invocation.engine.evaluate(&format!("{{{{ {written} }}}}"), input.input.span, &context.value());
        let recorded = context.recorded();
        let lookup = &self.manifest.lookup;
        let root = &self.manifest.project;
        let (found, shown) = match (recorded.refs.as_slice(), recorded.sources.as_slice(), evaluated) {
            ([one], [], Ok(_)) => {
                (lookup.find_ref(root, &model.package, one), format!("the model `{}`", one.name))
            }
            ([], [one], Ok(_)) => (
                lookup.find_source(root, &model.package, &one.source, &one.table),
                format!("the source `{}.{}`", one.source, one.table),
            ),
            _ => {
                wrong(Code::InvalidConfig, format!("`{written}` is no input of a unit test"), None);
                return None;
            }
        };
        let id = match found {
            Found::Node(id) | Found::Disabled(id) => id,
            Found::Ambiguous(ids) => ids.into_iter().next()?,
            Found::Nothing => {
                let known: Vec<&str> = match recorded.refs.first() {
                    Some(_) => lookup.ref_names().collect(),
                    None => lookup.source_names().map(|(_, table)| table).collect(),
                };
                let name = recorded.refs.first().map_or_else(
                    || recorded.sources.first().map(|one| one.table.clone()).unwrap_or_default(),
                    |one| one.name.clone(),
                );
                wrong(
                    Code::UnresolvedRef,
                    format!(
                        "the unit test `{}` has rows for {shown}, which does not exist",
                        self.entry.name.value
                    ),
                    suggest::similar("name", &name, known),
                );
                return None;
            }
        };
        if !model.depends_on.contains(&id) {
            let message = format!(
                "the unit test `{}` has rows for {shown}, which `{}` does not depend on",
                self.entry.name.value, model.name
            );
            let parents = model.depends_on.iter().filter_map(|id| self.manifest.node(id));
            let parents: Vec<String> = parents.map(call).collect();
            let help = match parents.is_empty() {
                true => format!("`{}` depends on nothing", model.name),
                false => format!("its inputs are {}", parents.join(", ")),
            };
            diagnostics
                .push(Diagnostic::warning(Code::UnusedInput, message).label(input.input.span, "").help(help));
        }
        Some(StandsFor::Node(id))
    }

    /// A seed that is named without rows is taken as its file has it.
    fn rows_of_seed(
        &self,
        stands_for: &StandsFor,
        input: &InputEntry,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<UnitTestRows> {
        let seed = match stands_for {
            StandsFor::Node(id) => {
                self.manifest.node(id).filter(|node| node.resource_type == ResourceType::Seed)
            }
            StandsFor::This => None,
        };
        let Some(seed) = seed else {
            let message = format!(
                "the unit test `{}` gives no rows for `{}`",
                self.entry.name.value, input.input.value
            );
            diagnostics.push(
                Diagnostic::new(Code::InvalidConfig, message)
                    .label(input.input.span, "")
                    .help("add `rows`, or `rows: []` for none; only a seed may be named alone"),
            );
            return None;
        };
        let is_it = |file: &&ProjectFile| {
            file.kind == FileKind::Seed
                && file.package == seed.package
                && file.path == seed.original_file_path
        };
        let file = self.files.files.iter().find(is_it)?;
        let read = self.parser.invocation.system.read(&file.absolute_path);
        let delimiter = seed.config.text("delimiter").and_then(|text| text.chars().next()).unwrap_or(',');
        let rows = match read.map(String::from_utf8) {
            Ok(Ok(text)) => csv::rows(&text, delimiter).map_err(|(line, what)| format!("line {line} {what}")),
            Ok(Err(_)) => Err("it is not UTF-8".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        match rows {
            Ok(rows) => Some(UnitTestRows {
                format: UnitTestFormat::Dict,
                rows: Value::Array(rows),
                fixture: None,
                span: input.input.span,
            }),
            Err(what) => {
                let message = format!("the seed `{}` cannot be read for a unit test: {what}", seed.name);
                diagnostics.push(Diagnostic::new(Code::InvalidCsv, message).label(input.input.span, ""));
                None
            }
        }
    }

    /// Rows as they are written, or as a fixture has them; `of` is what they are of.
    fn rows(&self, entry: &RowsEntry, of: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<UnitTestRows> {
        let format = entry.format;
        let (written, span) = match (&entry.fixture, &entry.rows) {
            (Some(fixture), None) => {
                let file = self.fixture(fixture, format, diagnostics)?;
                let text = file.source.text().to_owned();
                (Value::String(text), file.source.span())
            }
            (Some(fixture), Some(_)) => {
                diagnostics.push(
                    Diagnostic::new(Code::InvalidConfig, "there are both `rows` and a `fixture`")
                        .label(fixture.span, format!("for {of}"))
                        .help("keep one of them"),
                );
                return None;
            }
            (None, Some(rows)) => (rows.to_json(), rows.place()),
            (None, None) => {
                let message = format!("`expect` of the unit test `{}` has no rows", self.entry.name.value);
                diagnostics.push(
                    Diagnostic::new(Code::InvalidConfig, message)
                        .label(entry.span.part(0..0), "")
                        .help("add `rows`, or `rows: []` where no row is expected"),
                );
                return None;
            }
        };
        let rows = match (format, &written) {
            (UnitTestFormat::Csv, Value::String(text)) => match csv::rows(text, ',') {
                Ok(rows) => Value::Array(rows),
                Err((line, what)) => {
                    let message = format!("line {line} of the rows for {of} {what}");
                    diagnostics.push(
                        Diagnostic::new(Code::InvalidCsv, message)
                            .label(span.part(0..0), "")
                            .help("put values with commas in double quotes"),
                    );
                    return None;
                }
            },
            _ => written,
        };
        let fixture = entry.fixture.as_ref().map(|fixture| fixture.value.clone());
        Some(UnitTestRows { format, rows, fixture, span })
    }

    fn fixture(
        &self,
        name: &Spanned<String>,
        format: UnitTestFormat,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<&ProjectFile> {
        let package = self.entry.origin.package.as_str();
        if let Some(file) = self.fixtures.0.get(&(package, name.value.as_str(), format.name())) {
            return Some(file);
        }
        let known = self.fixtures.0.keys().filter(|(owner, ..)| *owner == package);
        let known: Vec<(&str, &str)> = known.map(|(_, stem, ending)| (*stem, *ending)).collect();
        let other = known.iter().find(|(stem, _)| *stem == name.value);
        let (message, help) = match (format, other) {
            (UnitTestFormat::Dict | UnitTestFormat::Value, _) => (
                format!("the fixture `{}` is no list of mappings", name.value),
                "say `format: csv` or `format: sql` beside it".to_owned(),
            ),
            (_, Some((stem, ending))) => (
                format!("the fixture `{stem}.{ending}` is not in the format `{}`", format.name()),
                format!("say `format: {ending}`"),
            ),
            _ => (
                format!("there is no fixture `{}`", name.value),
                suggest::similar("fixture", &name.value, known.iter().map(|(stem, _)| *stem)).unwrap_or_else(
                    || format!("put it in `tests/fixtures/{}.{}`", name.value, format.name()),
                ),
            ),
        };
        diagnostics.push(Diagnostic::new(Code::InvalidConfig, message).label(name.span, "").help(help));
        None
    }
}

/// How a template would name a node.
fn call(node: &Node) -> String {
    match node.source() {
        Some(source) => format!("`source('{}', '{}')`", source.source_name, node.name),
        None => format!("`ref('{}')`", node.name),
    }
}
