use serde::{Deserialize, Serialize};

use super::{Diagnostic, Severity};

/// A value and the diagnostics met on the way to it. Bad input is not failure: the
/// value holds whatever could be understood.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[must_use]
pub struct Checked<T> {
    pub value: T,
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Checked<T> {
    /// A value about which there is nothing to say.
    pub fn ok(value: T) -> Self {
        Self { value, diagnostics: Vec::new() }
    }

    pub fn new(value: T, diagnostics: Vec<Diagnostic>) -> Self {
        Self { value, diagnostics }
    }

    /// Whether any of the diagnostics is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    /// The value, with the diagnostics moved to the end of `sink`.
    pub fn drain_into(self, sink: &mut Vec<Diagnostic>) -> T {
        sink.extend(self.diagnostics);
        self.value
    }

    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Checked<U> {
        Checked { value: convert(self.value), diagnostics: self.diagnostics }
    }
}
