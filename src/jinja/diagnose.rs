use std::ops::Range;
use std::sync::Arc;

use super::expression::{Expression, ExpressionKind};
use super::expression_parser::ExpressionParser;
use super::failure::{Failure, Raised};
use super::lowered::Lowered;
use super::session::Session;
use super::store::MacroSource;
use super::token::{Closing, tokenize};
use super::{Error, ErrorKind, Value};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::text::{Frame, Span};

/// Of a long row of calls the innermost are kept, and the outermost.
const FRAMES: usize = 16;

/// An error of a render as a diagnostic.
pub(super) fn diagnose(error: &Error, session: &Session) -> Diagnostic {
    let Raised { diagnostic, frames, .. } = raised(error, session);
    let told = frames.into_iter().fold(diagnostic, Diagnostic::called_from);
    told.led_out(|file| session.store.is_library(file))
}

/// An error on its way out of a macro.
pub(super) fn leave(error: &Error, name: &str, session: &Session) -> Error {
    let mut raised = raised(error, session);
    raised.left = Some(name.to_owned());
    Failure::Raised(Box::new(raised)).into_error()
}

/// What an error says, with its own place told.
fn raised(error: &Error, session: &Session) -> Raised {
    let error = unwrapped(error);
    let at = At::of(error, session);
    let span = at.as_ref().and_then(At::span);
    match Failure::of(error) {
        Some(Failure::Raised(raised)) => placed((**raised).clone(), span),
        Some(Failure::Return(_)) => {
            let diagnostic = Diagnostic::error(Code::JinjaError, "`return` outside of a macro");
            Raised::new(diagnostic.also(span, "").help("`return` leaves a macro and gives its value"))
        }
        Some(Failure::UndefinedOperand(operand)) => {
            Raised::new(undefined_operand(*operand, at.as_ref(), session))
        }
        None => Raised::new(plain(error, at.as_ref(), session)),
    }
}

/// The place an error is about: minijinja wraps errors of imports.
fn unwrapped(error: &Error) -> &Error {
    let mut error = error;
    while matches!(error.kind(), ErrorKind::BadInclude | ErrorKind::EvalBlock) {
        let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<Error>());
        match cause {
            Some(cause) => error = cause,
            None => break,
        }
    }
    error
}

fn placed(mut raised: Raised, span: Option<Span>) -> Raised {
    if raised.is_told {
        return raised;
    }
    let left = raised.left.take();
    if raised.diagnostic.span().is_none() {
        // What went wrong before a macro began is told at its call.
        raised.diagnostic = raised.diagnostic.also(span, "");
    } else if let Some(name) = left {
        if raised.frames.len() >= FRAMES {
            raised.frames.remove(FRAMES / 2);
        }
        raised.frames.push(Frame { name, call: span });
    }
    if let Some((span, text)) = raised.also.take() {
        raised.diagnostic = raised.diagnostic.label(span, text);
    }
    raised
}

/// Where an error happened.
struct At {
    template: Template,
    /// Bytes of the template's source.
    range: Range<usize>,
}

enum Template {
    Rendered(Arc<Lowered>),
    Macro(Arc<MacroSource>),
}

impl Template {
    fn lowered(&self) -> &Lowered {
        match self {
            Template::Rendered(lowered) => lowered,
            Template::Macro(source) => &source.lowered,
        }
    }
}

impl At {
    fn of(error: &Error, session: &Session) -> Option<Self> {
        let name = error.name()?;
        let template = if name == &*session.template.name {
            Template::Rendered(Arc::clone(&session.template))
        } else {
            Template::Macro(session.store.of_template(name)?)
        };
        let lowered = template.lowered();
        let range = match error.range() {
            Some(range) => lowered.source_range(&range),
            None => lowered.source_range(&line(&lowered.text, error.line()?)),
        };
        Some(Self { template, range })
    }

    fn span(&self) -> Option<Span> {
        self.template.lowered().place.span(self.range.clone())
    }

    /// A part of the place.
    fn part(&self, range: &Range<usize>) -> Option<Span> {
        self.template.lowered().place.span(range.clone())
    }

    fn text(&self) -> &str {
        self.template.lowered().source.get(self.range.clone()).unwrap_or_default()
    }

    fn slice(&self, range: &Range<usize>) -> &str {
        self.template.lowered().source.get(range.clone()).unwrap_or_default()
    }

    /// The expression that stands there.
    fn expression(&self) -> Option<Expression> {
        let source = self.template.lowered().source.get(..self.range.end)?;
        let (tokens, end) = tokenize(source, self.range.start, Closing::End, &(0..0)).ok()?;
        let mut parser = ExpressionParser::new(source, &tokens, end);
        let expression = parser.tuple().ok()?;
        parser.finish().ok()?;
        Some(expression)
    }
}

/// The bytes of a line, counted from 1.
fn line(text: &str, number: usize) -> Range<usize> {
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index + 1 == number {
            return start..start + line.trim_end().len();
        }
        start += line.len();
    }
    start..text.len()
}

/// An error that minijinja itself made.
fn plain(error: &Error, at: Option<&At>, session: &Session) -> Diagnostic {
    let detail = error.detail().unwrap_or_default();
    let span = at.and_then(At::span);
    let simple = |code, message: String| Diagnostic::error(code, message).also(span, "");
    if detail == "recursion limit exceeded" {
        return simple(Code::RecursionLimit, "macros or loops nest without end".to_owned())
            .help("what calls itself needs a condition under which it stops");
    }
    match error.kind() {
        ErrorKind::SyntaxError => simple(Code::JinjaSyntax, detail.to_owned()),
        ErrorKind::UnknownFunction => {
            let name = detail.strip_suffix(" is unknown").unwrap_or(detail);
            let called = at.and_then(At::expression);
            let place = called.as_ref().and_then(callee).and_then(|(function, _)| at?.part(&function.at));
            missing_function(name, place.or(span), session)
        }
        ErrorKind::UnknownMethod => unknown_method(detail, at, session),
        ErrorKind::UndefinedError => undefined_base(at, session),
        ErrorKind::UnknownFilter | ErrorKind::UnknownTest => unknown_filter(error, at),
        ErrorKind::TooManyArguments | ErrorKind::MissingArgument => {
            let what = if error.kind() == ErrorKind::MissingArgument {
                "misses an argument"
            } else {
                "got too many arguments"
            };
            let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
            let name = at.and_then(|at| Some(callee(&at.expression()?)?.1));
            let name = name.map_or_else(|| "this call".to_owned(), |name| format!("`{name}`"));
            simple(Code::InvalidArguments, format!("{name} {what}{detail}"))
        }
        ErrorKind::InvalidOperation if detail.contains("undefined is not callable") => {
            uncallable(at, session)
        }
        ErrorKind::InvalidOperation if detail.ends_with("is not callable") => {
            let called = at.and_then(At::expression);
            let name = called.as_ref().and_then(callee).map(|(_, name)| format!("`{name}`"));
            let what = name.unwrap_or_else(|| "this value".to_owned());
            simple(Code::JinjaError, format!("{what} cannot be called")).help("it is not a macro or function")
        }
        kind => {
            let message = if detail.is_empty() { kind.to_string() } else { detail.to_owned() };
            simple(Code::JinjaError, message)
        }
    }
}

/// The function of a call, or the value a filter works on, and its name.
fn callee(expression: &Expression) -> Option<(&Expression, String)> {
    match &expression.kind {
        ExpressionKind::Call(function, _) => Some((function, function.dotted_name()?)),
        ExpressionKind::Filter(_, name, _) => Some((expression, name.name.clone())),
        _ => None,
    }
}

/// A call of a name that nothing defines.
fn missing_function(name: &str, span: Option<Span>, session: &Session) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::MissingMacro, format!("there is no macro or function `{name}`"))
        .also(span, "");
    let known = known_names(session);
    match suggest::similar("macro", name, known.iter().map(String::as_str)) {
        Some(help) => diagnostic.help(help),
        None => diagnostic.help("check the spelling, and that the package it comes from is installed"),
    }
}

/// `a.b()` where `a` has no `b`.
fn unknown_method(detail: &str, at: Option<&At>, session: &Session) -> Diagnostic {
    let span = at.and_then(At::span);
    let expression = at.and_then(At::expression);
    let parts = expression.as_ref().and_then(|expression| match &expression.kind {
        ExpressionKind::Call(function, _) => match &function.kind {
            ExpressionKind::Attribute(base, name) => Some((base, name)),
            _ => None,
        },
        _ => None,
    });
    let (Some((base, name)), Some(at)) = (parts, at) else {
        return Diagnostic::error(Code::JinjaError, detail.to_owned()).also(span, "");
    };
    let place = at.part(&name.at);
    let base_text = at.slice(&base.at);
    if session.store.has_package(base_text) {
        let message = format!("the package `{base_text}` has no macro `{}`", name.name);
        let names = session.store.names(Some(base_text));
        let help = suggest::similar("macro", &name.name, names.iter().map(String::as_str));
        return Diagnostic::error(Code::MissingMacro, message).also(place, "").help(help);
    }
    if detail.starts_with("undefined ") {
        let dotted = format!("{base_text}.{}", name.name);
        return match &base.kind {
            ExpressionKind::Name(package) => {
                let message = format!("`{dotted}` is called, but nothing is named `{package}`");
                let known = known_names(session);
                let similar = suggest::similar("name", package, known.iter().map(String::as_str));
                let help = similar.unwrap_or_else(|| {
                    format!("if `{package}` is a package, is it listed in `packages.yml` and installed?")
                });
                Diagnostic::error(Code::MissingMacro, message).also(at.part(&base.at), "").help(help)
            }
            _ => undefined(base_text, at.part(&base.at), session),
        };
    }
    let kind = detail.split(" has no method").next().unwrap_or("value");
    let kind = match kind {
        "none" => "`none`".to_owned(),
        "string" => "a text".to_owned(),
        "number" => "a number".to_owned(),
        "sequence" => "a list".to_owned(),
        "map" => "this mapping".to_owned(),
        _ => format!("`{base_text}`"),
    };
    Diagnostic::error(Code::JinjaError, format!("{kind} has no method `{}`", name.name)).also(place, "")
}

/// A lookup in something undefined.
fn undefined_base(at: Option<&At>, session: &Session) -> Diagnostic {
    let expression = at.and_then(At::expression);
    let base = expression.as_ref().and_then(|expression| match &expression.kind {
        ExpressionKind::Attribute(base, _)
        | ExpressionKind::Item(base, _)
        | ExpressionKind::Slice(base, _)
        | ExpressionKind::Filter(Some(base), ..)
        | ExpressionKind::Test(base, ..) => Some(base),
        _ => None,
    });
    match (base, at) {
        (Some(base), Some(at)) => undefined(at.slice(&base.at), at.part(&base.at), session),
        (None, Some(at)) if !at.text().is_empty() => undefined(at.text(), at.span(), session),
        _ => Diagnostic::error(Code::UndefinedName, "a value is undefined").also(at.and_then(At::span), ""),
    }
}

fn undefined_operand(operand: usize, at: Option<&At>, session: &Session) -> Diagnostic {
    let expression = at.and_then(At::expression);
    let mut operands = Vec::new();
    if let Some(expression) = &expression {
        expression.each_part(|part| operands.push(part));
    }
    match (operands.get(operand), at) {
        (Some(operand), Some(at)) => undefined(at.slice(&operand.at), at.part(&operand.at), session),
        _ => undefined_base(at, session),
    }
}

/// A call of something undefined.
fn uncallable(at: Option<&At>, session: &Session) -> Diagnostic {
    let expression = at.and_then(At::expression);
    let function = expression.as_ref().and_then(callee);
    match (function, at) {
        (Some((function, name)), Some(at)) => missing_function(&name, at.part(&function.at), session),
        _ => Diagnostic::error(Code::UndefinedName, "what is called here is undefined")
            .also(at.and_then(At::span), ""),
    }
}

fn undefined(name: &str, span: Option<Span>, session: &Session) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(Code::UndefinedName, format!("`{name}` is not defined")).also(span, "");
    let known = known_names(session);
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_name {
        diagnostic.help(suggest::similar("name", name, known.iter().map(String::as_str)))
    } else {
        diagnostic
    }
}

fn unknown_filter(error: &Error, at: Option<&At>) -> Diagnostic {
    let is_filter = error.kind() == ErrorKind::UnknownFilter;
    let (noun, known): (_, &[&str]) =
        if is_filter { ("filter", &super::filters::NAMES) } else { ("test", &super::checks::NAMES) };
    let detail = error.detail().unwrap_or_default();
    let name = detail.trim_start_matches(noun).trim_end_matches("is unknown").trim();
    let expression = at.and_then(At::expression);
    let place = expression.as_ref().and_then(|expression| match &expression.kind {
        ExpressionKind::Filter(_, name, _) | ExpressionKind::Test(_, name, _) => at?.part(&name.at),
        _ => None,
    });
    let message = if name.is_empty() {
        format!("there is no {noun} of this name")
    } else {
        format!("there is no {noun} `{name}`")
    };
    Diagnostic::error(Code::JinjaError, message)
        .also(place.or_else(|| at.and_then(At::span)), "")
        .help(suggest::similar(noun, name, known.iter().copied()))
}

/// Names that the template could have meant.
fn known_names(session: &Session) -> Vec<String> {
    let own = session.context.try_iter().into_iter().flatten();
    let mut names: Vec<String> = own.filter_map(|name: Value| name.as_str().map(str::to_owned)).collect();
    names.extend(session.store.names(None));
    names
}
