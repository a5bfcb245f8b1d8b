use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use minijinja::value::from_args;

use super::diagnose::leave;
use super::failure::{Failure, raise_also};
use super::mark::Mark;
use super::mutable::{dict_value, tuple_value};
use super::session::{Session, imported, session_of};
use super::store::MacroSource;
use super::template_tree::Uses;
use super::{Error, Kwargs, Object, ObjectRepr, State, Value};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::text::Span;

/// A macro as templates see it: called, it gives what the macro returned, or its text.
#[derive(Debug)]
pub(super) struct Macro(pub(super) Arc<MacroSource>);

impl Object for Macro {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "name" | "__name__" => self.0.qualified_name.split_once('.').map(|(_, name)| Value::from(name)),
            _ => None,
        }
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let source = &*self.0;
        let arguments = bind(&source.signature(), args)?;
        let called = imported(state, source)?;
        let session = session_of(state);
        if let Some(session) = &session {
            note_call(session, state.name(), &source.qualified_name);
            if !source.is_library {
                session.called_users_macro.store(true, Ordering::Relaxed);
            }
        }
        match stacker::maybe_grow(256 * 1024, 4 * 1024 * 1024, || called.call(state, &arguments)) {
            Ok(text) if session.as_ref().is_some_and(|session| session.is_traced) => {
                let mark = Mark::Macro { template: source.index };
                Ok(Value::from(mark.around(text.as_str().unwrap_or_default())))
            }
            Ok(text) => Ok(text),
            Err(error) => match (Failure::of(&error), session) {
                (Some(Failure::Return(value)), _) => Ok(value.clone()),
                (_, Some(session)) => Err(leave(&error, &source.qualified_name, &session)),
                (_, None) => Err(error),
            },
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}>", self.0.qualified_name)
    }
}

/// Notes macros that the rendered template calls itself.
fn note_call(session: &Session, caller: &str, name: &str) {
    if caller == &*session.template.name {
        let called = &mut session.notes().called;
        if called.iter().all(|other| other != name) {
            called.push(name.to_owned());
        }
    }
}

/// What a macro can be called with.
pub(super) struct Signature<'a> {
    /// As messages call it.
    pub(super) name: &'a str,
    /// Names of the parameters, and whether they have a default.
    pub(super) parameters: Vec<(&'a str, bool)>,
    pub(super) uses: Uses,
    /// Where it is defined.
    pub(super) defined: Option<Span>,
}

impl MacroSource {
    fn signature(&self) -> Signature<'_> {
        let parameters = self.header.parameters.iter();
        Signature {
            name: &self.qualified_name,
            parameters: parameters.map(|own| (own.name.name.as_str(), own.default.is_some())).collect(),
            uses: self.header.uses,
            defined: self.place().span(self.header.name.at.clone()).filter(|_| !self.is_library),
        }
    }
}

/// The arguments as the macro's parameters want them, by Python's rules: what is not
/// given is undefined, what is too much goes to `varargs` and `kwargs` if the macro uses
/// them (<https://jinja.palletsprojects.com/en/stable/templates/#macros>).
pub(super) fn bind(own: &Signature<'_>, args: &[Value]) -> Result<Vec<Value>, Error> {
    let (positional, keywords): (&[Value], Kwargs) = from_args(args)?;
    let Signature { parameters, uses, .. } = own;
    let mut values = vec![Value::UNDEFINED; parameters.len()];
    let (given, more) = positional.split_at(positional.len().min(parameters.len()));
    values[..given.len()].clone_from_slice(given);
    if !more.is_empty() && !uses.varargs {
        let takes = match parameters.len() {
            0 => "no arguments".to_owned(),
            1 => "at most 1 argument".to_owned(),
            count => format!("at most {count} arguments"),
        };
        let were = if positional.len() == 1 { "was" } else { "were" };
        return Err(own.wrong(&format!("takes {takes}, {} {were} given", positional.len())));
    }
    let mut named = Vec::new();
    let mut caller = None;
    let names: Vec<&str> = keywords.args().collect();
    for name in names {
        let value: Value = keywords.peek(name)?;
        match parameters.iter().position(|(parameter, _)| *parameter == name) {
            Some(at) if at < given.len() => {
                return Err(own.wrong(&format!("got two values for its parameter `{name}`")));
            }
            Some(at) => values[at] = value,
            None if name == "caller" && uses.caller => caller = Some(value),
            None if uses.kwargs => named.push((Value::from(name), value)),
            None if name == "caller" => {
                return Err(own.wrong("was called with a block, but does not use `caller()`"));
            }
            None => return Err(own.unknown_keyword(name)),
        }
    }
    let is_own = |name: &str| parameters.iter().any(|(parameter, _)| *parameter == name);
    if uses.varargs && !is_own("varargs") {
        values.push(tuple_value(more.to_vec()));
    }
    if uses.kwargs && !is_own("kwargs") {
        values.push(dict_value(named));
    }
    if let Some(caller) = caller {
        values.push(Value::from(Kwargs::from_iter([("caller", caller)])));
    }
    Ok(values)
}

impl Signature<'_> {
    fn wrong(&self, what: &str) -> Error {
        self.complain(what, self.described())
    }

    fn complain(&self, what: &str, help: String) -> Error {
        let message = format!("the macro `{}` {what}", self.name);
        let diagnostic = Diagnostic::error(Code::InvalidArguments, message).help(help);
        raise_also(diagnostic, self.defined.map(|span| (span, "the macro is defined here")))
    }

    fn unknown_keyword(&self, name: &str) -> Error {
        let own = self.parameters.iter().map(|(parameter, _)| *parameter);
        let similar = suggest::similar("parameter", name, own).unwrap_or_else(|| self.described());
        self.complain(&format!("has no parameter `{name}`"), similar)
    }

    fn described(&self) -> String {
        let name = |(name, is_optional): &(&str, bool)| {
            if *is_optional { format!("`{name}` (optional)") } else { format!("`{name}`") }
        };
        let names: Vec<String> = self.parameters.iter().map(name).collect();
        match names.as_slice() {
            [] => "it has no parameters".to_owned(),
            [only] => format!("its parameter is {only}"),
            _ => format!("its parameters are {}", names.join(", ")),
        }
    }
}

/// A macro that a template defines for itself, with arguments as Python's.
#[derive(Debug)]
struct LocalMacro {
    called: Value,
    name: String,
    /// Names, and whether they have a default.
    parameters: Vec<(String, bool)>,
    uses: Uses,
}

/// `xform_local(macro, name, 'a,b=', uses)`: see [`LocalMacro`].
pub(super) fn local(called: Value, name: String, parameters: &str, uses: &str) -> Value {
    let parameter = |text: &str| match text.strip_suffix('=') {
        Some(name) => (name.to_owned(), true),
        None => (text.to_owned(), false),
    };
    Value::from_object(LocalMacro {
        called,
        name,
        parameters: parameters.split(',').filter(|name| !name.is_empty()).map(parameter).collect(),
        uses: Uses {
            varargs: uses.contains('v'),
            kwargs: uses.contains('k'),
            caller: uses.contains('c'),
            ..Uses::default()
        },
    })
}

impl Object for LocalMacro {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str()? == "name").then(|| Value::from(self.name.as_str()))
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let parameters =
            self.parameters.iter().map(|(name, is_optional)| (name.as_str(), *is_optional)).collect();
        let signature = Signature { name: &self.name, parameters, uses: self.uses, defined: None };
        let arguments = bind(&signature, args)?;
        let result = stacker::maybe_grow(256 * 1024, 4 * 1024 * 1024, || self.called.call(state, &arguments));
        result.map_err(|error| match (Failure::of(&error), session_of(state)) {
            (Some(Failure::Return(_)), _) | (_, None) => error,
            (_, Some(session)) => leave(&error, &self.name, &session),
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}>", self.name)
    }
}
