use std::fmt;
use std::sync::Arc;

use minijinja::value::from_args;

use super::diagnose::leave;
use super::failure::{Failure, raise_also};
use super::mark::Mark;
use super::mutable::{dict_value, tuple_value};
use super::session::{Session, imported, session_of};
use super::store::MacroSource;
use super::{Error, Kwargs, Object, ObjectRepr, State, Value};
use crate::diagnostic::{Code, Diagnostic, suggest};

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
        let arguments = bind(source, args)?;
        let called = imported(state, source)?;
        let session = session_of(state);
        if let Some(session) = &session {
            note_call(session, state.name(), &source.qualified_name);
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

/// The arguments as the macro's parameters want them, by Python's rules: what is not
/// given is undefined, what is too much goes to `varargs` and `kwargs` if the macro uses
/// them (<https://jinja.palletsprojects.com/en/stable/templates/#macros>).
fn bind(source: &MacroSource, args: &[Value]) -> Result<Vec<Value>, Error> {
    let (positional, keywords): (&[Value], Kwargs) = from_args(args)?;
    let parameters = &source.header.parameters;
    let uses = source.header.uses;
    let mut values = vec![Value::UNDEFINED; parameters.len()];
    let (own, more) = positional.split_at(positional.len().min(parameters.len()));
    values[..own.len()].clone_from_slice(own);
    if !more.is_empty() && !uses.varargs {
        let count = parameters.len();
        let takes = match count {
            0 => "no arguments".to_owned(),
            1 => "at most 1 argument".to_owned(),
            count => format!("at most {count} arguments"),
        };
        return Err(wrong(source, &format!("takes {takes}, {} were given", positional.len())));
    }
    let mut named = Vec::new();
    let mut caller = None;
    let names: Vec<&str> = keywords.args().collect();
    for name in names {
        let value: Value = keywords.peek(name)?;
        match parameters.iter().position(|parameter| parameter.name.name == name) {
            Some(at) if at < own.len() => {
                return Err(wrong(source, &format!("got two values for its parameter `{name}`")));
            }
            Some(at) => values[at] = value,
            None if name == "caller" && uses.caller => caller = Some(value),
            None if uses.kwargs => named.push((Value::from(name), value)),
            None if name == "caller" => {
                return Err(wrong(source, "was called with a block, but does not use `caller()`"));
            }
            None => return Err(unknown_keyword(source, name)),
        }
    }
    let is_own = |name: &str| parameters.iter().any(|parameter| parameter.name.name == name);
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

fn wrong(source: &MacroSource, what: &str) -> Error {
    complain(source, what, parameters(source))
}

fn complain(source: &MacroSource, what: &str, help: String) -> Error {
    let message = format!("the macro `{}` {what}", source.qualified_name);
    let defined = source.place().span(source.header.name.at.clone());
    let diagnostic = Diagnostic::error(Code::InvalidArguments, message).help(help);
    raise_also(diagnostic, defined.map(|span| (span, "the macro is defined here")))
}

fn unknown_keyword(source: &MacroSource, name: &str) -> Error {
    let own = source.header.parameters.iter().map(|parameter| parameter.name.name.as_str());
    let similar = suggest::similar("parameter", name, own).unwrap_or_else(|| parameters(source));
    complain(source, &format!("has no parameter `{name}`"), similar)
}

fn parameters(source: &MacroSource) -> String {
    let names: Vec<String> = source
        .header
        .parameters
        .iter()
        .map(|parameter| {
            let name = &parameter.name.name;
            if parameter.default.is_some() { format!("`{name}` (optional)") } else { format!("`{name}`") }
        })
        .collect();
    if names.is_empty() {
        return "it has no parameters".to_owned();
    }
    format!("its parameters are {}", names.join(", "))
}
