use std::fmt;

use super::{Error, ErrorKind, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::text::{Frame, Span};

/// What travels inside of a minijinja error.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// `return(value)` on its way to the macro it leaves.
    Return(Value),
    Raised(Box<Raised>),
    /// The operand of that number of an operator is undefined; its name is in the source.
    UndefinedOperand(usize),
}

/// A diagnostic on its way out of macros.
#[derive(Clone, Debug)]
pub(super) struct Raised {
    pub(super) diagnostic: Diagnostic,
    /// A second place that explains, for when the first is known.
    pub(super) also: Option<(Span, &'static str)>,
    /// Macro calls passed so far, innermost first.
    pub(super) frames: Vec<Frame>,
    /// The macro just left, as `package.name`: its call is the next place met.
    pub(super) left: Option<String>,
    /// Whether the diagnostic tells its place and the calls itself.
    pub(super) is_told: bool,
}

impl Raised {
    pub(super) fn new(diagnostic: Diagnostic) -> Self {
        Self { diagnostic, also: None, frames: Vec::new(), left: None, is_told: false }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Return(_) => f.write_str("return outside of a macro"),
            Failure::Raised(raised) => raised.diagnostic.fmt(f),
            Failure::UndefinedOperand(_) => f.write_str("an operand is undefined"),
        }
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// As an error of minijinja.
    pub(super) fn into_error(self) -> Error {
        Error::new(ErrorKind::InvalidOperation, self.to_string()).with_source(self)
    }

    /// What an error carries, also where minijinja wrapped it.
    pub(super) fn of(error: &Error) -> Option<&Self> {
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            if let Some(failure) = cause.downcast_ref::<Self>() {
                return Some(failure);
            }
            source = cause.source();
        }
        None
    }
}

/// An error for minijinja that carries a diagnostic: context functions return it, and
/// the engine gives the diagnostic back with the place of the call and the macro calls
/// around it added.
#[must_use]
pub fn raise(diagnostic: Diagnostic) -> Error {
    Failure::Raised(Box::new(Raised::new(diagnostic))).into_error()
}

/// As [`raise`], for a diagnostic whose place is told by those who know better: neither
/// the place of the call nor the macro calls around it are added.
#[must_use]
pub fn raise_told(diagnostic: Diagnostic) -> Error {
    Failure::Raised(Box::new(Raised { is_told: true, ..Raised::new(diagnostic) })).into_error()
}

/// `return(value)`: makes the macro that is running give this value.
#[must_use]
pub fn return_value(value: Value) -> Error {
    Failure::Return(value).into_error()
}

/// As [`raise`], with a second place that explains.
pub(super) fn raise_also(diagnostic: Diagnostic, also: Option<(Span, &'static str)>) -> Error {
    Failure::Raised(Box::new(Raised { also, ..Raised::new(diagnostic) })).into_error()
}

/// An error while rendering, without help.
pub(super) fn fail(message: impl Into<String>) -> Error {
    raise(Diagnostic::error(Code::JinjaError, message))
}

/// A method or filter was given something else than it takes.
pub(super) fn wrong_arguments(function: &str, takes: &str) -> Error {
    raise(Diagnostic::error(Code::InvalidArguments, format!("`{function}` takes {takes}")))
}
