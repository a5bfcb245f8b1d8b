use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use minijinja::{Environment, OutputSpan, OutputSpanKind, State, UndefinedBehavior};

use super::callable::Macro;
use super::carve::{Block, BlockKind};
use super::diagnose::diagnose;
use super::expression_parser::ExpressionParser;
use super::failure::Failure;
use super::lower::{MacroTags, Marks, lower_entry, lower_expression, lower_macro, lower_template};
use super::lowered::{Lowered, Place};
use super::parsed::Parsed;
use super::pieces::{Piece, Pieces};
use super::session::{Root, Session};
use super::store::{MacroSource, Store};
use super::syntax_error::SyntaxError;
use super::template_parser::{header, parse};
use super::template_tree::{Header, Node, Uses};
use super::{Rendered, Value, checks, filters, methods, operators, python, session, trace};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::text::{FileId, Origin, Segment, SourceFile, SourceMap, Span};

/// How deep macros and loops may nest, in minijinja's count: a macro call costs about six.
const RECURSION_LIMIT: usize = 3_000;

/// How often renders may begin within renders.
const RENDERS: usize = 40;

/// How long, in bytes, a text may be that is kept lowered and compiled: longer ones are rarely met
/// twice.
const LONGEST_COMMON: usize = 200;

/// Stack for a render: minijinja compiles long rows of `elif` by recursion.
const STACK: usize = 8 * 1024 * 1024;

thread_local! {
    static RENDERING: Cell<usize> = const { Cell::new(0) };
}

/// All macros of all packages, compiled on first use, and the rules of dbt's Jinja.
/// Built once, then shared by threads.
///
/// Undefined names are lenient as in Jinja2: they print as nothing, and only looking
/// into them or calling them is an error. Where the context has [`LENIENT`](super::LENIENT)
/// set, that is none either.
#[derive(Debug)]
pub struct Engine {
    store: Arc<Store>,
    environment: Environment<'static>,
    lenient: Environment<'static>,
    traced: Environment<'static>,
}

/// A part of a file, lowered and ready to render. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Template {
    lowered: Arc<Lowered>,
    part: Range<usize>,
}

/// What a render gave.
struct Output {
    text: String,
    spans: Vec<OutputSpan>,
    session: Arc<Session>,
}

impl Engine {
    #[must_use]
    pub fn new() -> Self {
        let store = Arc::new(Store::default());
        Self {
            environment: environment(&store, UndefinedBehavior::Lenient, false),
            lenient: environment(&store, UndefinedBehavior::Chainable, false),
            traced: environment(&store, UndefinedBehavior::Lenient, true),
            store,
        }
    }

    /// Whether a template that was rendered so far let chance decide (`random`), so that another
    /// time it may give another text.
    #[must_use]
    pub fn has_thrown_dice(&self) -> bool {
        self.store.has_thrown_dice()
    }

    /// Takes in the macros, tests and materializations among the blocks of a file, under
    /// their [`macro_name`](Block::macro_name). Syntax errors are told when found here,
    /// so that all of a project's are told at once.
    ///
    /// A file whose path begins with `<` is xform's own: what goes wrong in its macros is
    /// told at the call that led there.
    pub fn add_macros(&mut self, file: &SourceFile, package: &str, blocks: &[Block]) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        if file.path().starts_with('<') {
            self.store.add_library(file.id());
        }
        for block in blocks {
            if matches!(block.kind, BlockKind::Snapshot | BlockKind::Docs) {
                continue;
            }
            if let Err(error) = self.add_macro(file, package, block) {
                diagnostics.push(error.in_file(file.id()));
            }
        }
        diagnostics
    }

    /// Whether macros of xform's own were taken in from that file: no user wrote it.
    #[must_use]
    pub fn is_library(&self, file: FileId) -> bool {
        self.store.is_library(file)
    }

    fn add_macro(&self, file: &SourceFile, package: &str, block: &Block) -> Result<(), SyntaxError> {
        let source = file.shared_text();
        let body = block.body.range();
        let whole = block.span.range();
        let (head, mut header) = read_header(&source, whole.start..body.start, block)?;
        let nodes = parse(&source, body.clone())?;
        header.uses = Uses::of(&nodes);
        let tags = MacroTags { head, end: end_tag(&source, body.end..whole.end) };
        let name = block.macro_name();
        let is_library = self.is_library(file.id());
        self.store.add(package, &name, |index| {
            let qualified_name = format!("{package}.{name}");
            let template = Arc::from(format!("{index}:{qualified_name}"));
            let place = Place::File(file.id());
            let lowered = lower_macro(template, &source, place, &header, &tags, &nodes, Marks::None);
            MacroSource { index, qualified_name, header, tags, body, lowered, is_library }
        });
        Ok(())
    }

    /// The macro as a value that templates can call; the same value in every render.
    #[must_use]
    pub fn macro_value(&self, package: &str, name: &str) -> Option<Value> {
        self.store.find(package, name).map(|source| Value::from_object(Macro(source)))
    }

    /// Lowers and compiles a part of a file.
    ///
    /// # Errors
    /// It is not well-formed Jinja (`jinja-syntax`, at the place).
    pub fn template(&self, file: &SourceFile, part: Span) -> Result<Template, Diagnostic> {
        let text = file.text();
        if part.range() != (0..text.len()) || text.len() > LONGEST_COMMON {
            return Ok(self.template_of(&Parsed::new(file, part)?));
        }
        // Short whole files are those of generic tests: few texts, many places.
        let name = format!("text:{text}");
        let lowered = match self.store.common(&name, Place::File(file.id())) {
            Some(common) => common,
            None => self.store.share(lower_parsed(Arc::from(name), &Parsed::new(file, part)?)),
        };
        Ok(Template { lowered: Arc::new(lowered), part: part.range() })
    }

    /// Lowers what was read of a file.
    #[must_use]
    pub fn template_of(&self, parsed: &Parsed<'_>) -> Template {
        let Parsed { file, part, .. } = parsed;
        let name = Arc::from(format!("{}#{}", file.path(), part.start));
        Template { lowered: Arc::new(lower_parsed(name, parsed)), part: part.clone() }
    }

    /// Renders. `context` is a mapping (an object that answers `get_value`, if there is
    /// much in it) of all names the template sees: functions, values, and the macros by
    /// bare name and by package. Bare names inside macros are looked up in it as well.
    ///
    /// # Errors
    /// Anything that goes wrong, as a diagnostic at the place in the user's file, with
    /// the macro calls that led there.
    pub fn render(&self, template: &Template, context: &Value) -> Result<Rendered, Diagnostic> {
        let session = self.session(&template.lowered, context);
        let Output { text, spans, session } = self.run(session)?;
        let macros_called = std::mem::take(&mut session.notes().called);
        let called_users_macro = session.called_users_macro.load(Ordering::Relaxed);
        let source_map = source_map(&template.lowered, &spans);
        Ok(Rendered { text, source_map, macros_called, called_users_macro })
    }

    /// The exact source map of a text that [`render`](Engine::render) gave, also inside
    /// macros: renders once more with markers. `None` where that does not give the same text.
    ///
    /// Functions of the context are called once more, and may be given texts with
    /// markers in them: not for a template that asks the warehouse.
    #[must_use]
    pub fn trace(&self, template: &Template, context: &Value, rendered: &str) -> Option<SourceMap> {
        let plain = &template.lowered;
        let nodes = parse(&plain.source, template.part.clone()).ok()?;
        let marks = Marks::Template(trace::RENDERED);
        let marked = lower_template(Arc::clone(&plain.name), &plain.source, plain.place, &nodes, marks);
        let mut session = self.session(&Arc::new(marked), context);
        session.is_traced = true;
        let Output { text, .. } = self.run(session).ok()?;
        let (stripped, map) = trace::unmark(&text, plain, &self.store)?;
        (stripped == rendered).then_some(map)
    }

    /// Calls a macro: what it `return`ed, or else its text.
    ///
    /// # Errors
    /// As [`render`](Engine::render); a macro that is not there is `missing-macro`.
    pub fn call(
        &self,
        package: &str,
        name: &str,
        arguments: &[Value],
        keywords: &[(&str, Value)],
        context: &Value,
    ) -> Result<Value, Diagnostic> {
        let Some(called) = self.macro_value(package, name) else {
            let names = self.store.names(Some(package));
            return Err(Diagnostic::error(
                Code::MissingMacro,
                format!("there is no macro `{package}.{name}`"),
            )
            .help(suggest::similar("macro", name, names.iter().map(String::as_str))));
        };
        let keywords = keywords.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let lowered = self.store.common("call", Place::Nowhere);
        let lowered = lowered.unwrap_or_else(|| self.store.share(lower_entry(Arc::from("call"))));
        let mut session = self.session(&Arc::new(lowered), context);
        session.entry =
            Some(Value::from_object(session::Entry { called, arguments: arguments.to_vec(), keywords }));
        self.result(session)
    }

    /// Renders a short text such as a YAML value: a single expression gives its value,
    /// anything else text. `at` is where the text was written.
    ///
    /// # Errors
    /// As [`render`](Engine::render).
    pub fn evaluate(&self, text: &str, at: Span, context: &Value) -> Result<Value, Diagnostic> {
        self.value_of(text, at, context).map_err(|stopped| stopped.diagnostic)
    }

    /// As [`evaluate`](Engine::evaluate), for a text that may `return()` a value as macros do.
    ///
    /// # Errors
    /// As [`render`](Engine::render).
    pub fn evaluate_macro(&self, text: &str, at: Span, context: &Value) -> Result<Value, Diagnostic> {
        self.value_of(text, at, context).or_else(|stopped| stopped.returned.ok_or(stopped.diagnostic))
    }

    fn value_of(&self, text: &str, at: Span, context: &Value) -> Result<Value, Box<Left>> {
        if !["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)) {
            return Ok(Value::from(text));
        }
        let (lowered, is_single) = self.lowered_value(text, place_of(text, at))?;
        let mut session = self.session(&Arc::new(lowered), context);
        session.is_native = true;
        let output = self.run_left(session)?;
        if is_single {
            let session = output.session;
            let mut notes = session.notes();
            let result = notes.result.take().unwrap_or(Value::UNDEFINED);
            return match notes.unread.take() {
                Some((unread, message)) if unread == result => {
                    Err(Diagnostic::error(Code::JinjaError, message).label(at, "").into())
                }
                _ => Ok(result),
            };
        }
        Ok(Value::from(output.text))
    }

    /// A short text ready to render, and whether it is a single expression.
    fn lowered_value(&self, text: &str, place: Place) -> Result<(Lowered, bool), Diagnostic> {
        let name = format!("value:{text}");
        let is_short = text.len() <= LONGEST_COMMON;
        if let Some(common) = self.store.common(&name, place).filter(|_| is_short) {
            return Ok((common, true));
        }
        let source: Arc<str> = Arc::from(text);
        let nodes = parse(text, 0..text.len()).map_err(|error| error.placed(place))?;
        let single = match nodes.as_slice() {
            [Node::Output { value, .. }] => Some(value),
            [Node::Output { value, .. }, Node::Data(rest)] if &text[rest.clone()] == "\n" => Some(value),
            _ => None,
        };
        Ok(match single {
            Some(value) => {
                let lowered = lower_expression(Arc::from(name), &source, place, value);
                (if is_short { self.store.share(lowered) } else { lowered }, true)
            }
            None => (lower_template(Arc::from("value"), &source, place, &nodes, Marks::None), false),
        })
    }

    /// Renders a short text, such as the SQL of a hook, for what it calls: the macros, as
    /// [`Rendered::macros_called`] names them. `at` is where the text was written.
    ///
    /// # Errors
    /// As [`render`](Engine::render).
    pub fn macros_of(&self, text: &str, at: Span, context: &Value) -> Result<Vec<String>, Diagnostic> {
        let place = place_of(text, at);
        let nodes = parse(text, 0..text.len()).map_err(|error| error.placed(place))?;
        let lowered = lower_template(Arc::from("value"), &Arc::from(text), place, &nodes, Marks::None);
        let Output { session, .. } = self.run(self.session(&Arc::new(lowered), context))?;
        Ok(std::mem::take(&mut session.notes().called).into_iter().collect())
    }

    fn session(&self, template: &Arc<Lowered>, context: &Value) -> Session {
        Session::new(Arc::clone(&self.store), Arc::clone(template), context.clone())
    }

    /// Renders for what `xform_result` is given.
    fn result(&self, session: Session) -> Result<Value, Diagnostic> {
        let session = self.run(session)?.session;
        let result = session.notes().result.take();
        Ok(result.unwrap_or(Value::UNDEFINED))
    }

    fn run(&self, session: Session) -> Result<Output, Diagnostic> {
        self.run_left(session).map_err(|stopped| stopped.diagnostic)
    }

    fn run_left(&self, session: Session) -> Result<Output, Box<Left>> {
        let depth = RENDERING.get();
        if depth >= RENDERS {
            let error = Diagnostic::error(Code::RecursionLimit, "templates render each other without end");
            let help = "look for a function that renders a template which calls that function again";
            return Err(error.help(help).into());
        }
        RENDERING.set(depth + 1);
        let result = stacker::maybe_grow(STACK / 2, STACK, || self.run_here(session));
        RENDERING.set(depth);
        result
    }

    fn run_here(&self, session: Session) -> Result<Output, Box<Left>> {
        let environment = match (session.is_traced, session.is_lenient) {
            (true, _) => &self.traced,
            (_, true) => &self.lenient,
            _ => &self.environment,
        };
        let session = Arc::new(session);
        let root = Value::from_object(Root(Arc::clone(&session)));
        let lowered = &session.template;
        let template = match lowered.is_common {
            true => environment.get_template(&lowered.name),
            false => environment.template_from_named_str(&lowered.name, &lowered.text),
        };
        let rendered = template.and_then(|template| template.render_with_spans(root));
        match rendered {
            Ok((text, spans)) => Ok(Output { text, spans, session }),
            Err(error) => {
                let returned = match Failure::of(&error) {
                    Some(Failure::Return(value)) => Some(value.clone()),
                    _ => None,
                };
                Err(Box::new(Left { diagnostic: diagnose(&error, &session), returned }))
            }
        }
    }
}

/// Why a render came to no end.
struct Left {
    diagnostic: Diagnostic,
    /// What `return()` was given, outside of any macro.
    returned: Option<Value>,
}

impl From<Diagnostic> for Box<Left> {
    /// A failure that no `return()` has caused.
    fn from(diagnostic: Diagnostic) -> Self {
        Box::new(Left { diagnostic, returned: None })
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

fn environment(store: &Arc<Store>, undefined: UndefinedBehavior, is_traced: bool) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(undefined);
    env.set_recursion_limit(RECURSION_LIMIT);
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    env.set_formatter(|out, _state, value| {
        if session::is_undefined(value) {
            return Ok(());
        }
        match value.as_str() {
            Some(text) => out.write_str(text)?,
            None => out.write_str(&python::text(value))?,
        }
        Ok(())
    });
    let (store, chance) = (Arc::clone(store), Arc::clone(store));
    env.set_loader(move |name| {
        if let Some(common) = store.common(name, Place::Nowhere) {
            return Ok(Some(common.text));
        }
        let Some(source) = store.of_template(name) else { return Ok(None) };
        Ok(if is_traced { source.marked() } else { Some(source.lowered.text.clone()) })
    });
    session::install(&mut env);
    operators::install(&mut env);
    filters::install(&mut env);
    let dice = Arc::clone(&chance);
    env.add_filter("random", move |state: &mut State, value: &Value| {
        dice.throw_dice();
        state.lookup(session::CHANCE);
        minijinja_contrib::filters::random(state, value)
    });
    checks::install(&mut env);
    methods::install(&mut env);
    trace::install(&mut env);
    env
}

/// The template of what was read of a file.
fn lower_parsed(name: Arc<str>, parsed: &Parsed<'_>) -> Lowered {
    let Parsed { file, nodes, .. } = parsed;
    lower_template(name, &file.shared_text(), Place::File(file.id()), nodes, Marks::None)
}

/// Where a tag opens and where it closes.
type Marked = (Range<usize>, Range<usize>);

/// The header tag of a macro: its marks, and what it declares.
fn read_header(source: &str, tag: Range<usize>, block: &Block) -> Result<(Marked, Header), SyntaxError> {
    let Some(Ok(Piece::Tag { open, tokens, close })) = Pieces::new(source, tag.clone()).next() else {
        return Err(SyntaxError::new(tag, "the header of this block cannot be read"));
    };
    let marks = (open, close.clone());
    let mut parser = ExpressionParser::new(source, &tokens, close);
    let keyword = parser.identifier("the name of a tag")?;
    let header = if keyword.name == "materialization" {
        Header { name: parser.identifier("a name")?, parameters: Vec::new(), uses: Uses::default() }
    } else {
        header(&mut parser)?
    };
    debug_assert_eq!(header.name.name, block.name.value);
    Ok((marks, header))
}

/// The marks of the tag that ends a block.
fn end_tag(source: &str, tag: Range<usize>) -> (Range<usize>, Range<usize>) {
    match Pieces::new(source, tag.clone()).next() {
        Some(Ok(Piece::Tag { open, close, .. })) => (open, close),
        _ => (tag.start..tag.start + 2, tag.end - 2..tag.end),
    }
}

/// A text that is as long as its place stands there as it is, also between quotes.
fn place_of(text: &str, at: Span) -> Place {
    if at.len() == text.len() {
        Place::Part(at)
    } else if at.len() == text.len() + 2 {
        Place::Part(at.part(1..text.len() + 1))
    } else {
        Place::Within(at)
    }
}

fn source_map(lowered: &Lowered, spans: &[OutputSpan]) -> SourceMap {
    let nothing: Arc<[_]> = Arc::from([]);
    let segment = |span: &OutputSpan| {
        let is_copied = span.kind() == OutputSpanKind::Raw;
        let range = span.source_range();
        let found = if is_copied { lowered.copied_span(&range) } else { lowered.span(&range) };
        let origin = Origin { span: found?, is_copied, trace: Arc::clone(&nothing) };
        Some(Segment { output: span.output_range(), origin })
    };
    SourceMap::new(spans.iter().filter_map(segment).collect())
}
