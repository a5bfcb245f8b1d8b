use std::ops::Range;

use super::lowered::Place;
use crate::diagnostic::{Code, Diagnostic};
use crate::text::FileId;

/// What is wrong with a template, at which bytes of the text that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    at: Range<usize>,
    message: String,
    help: Option<String>,
    /// A second place that explains.
    also: Option<(Range<usize>, String)>,
}

impl SyntaxError {
    pub(super) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { at, message: message.into(), help: None, also: None }))
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    pub(super) fn also(mut self, at: Range<usize>, text: impl Into<String>) -> Self {
        self.0.also = Some((at, text.into()));
        self
    }

    /// As a diagnostic about a file whose text was read.
    pub(super) fn in_file(self, file: FileId) -> Diagnostic {
        self.placed(Place::File(file))
    }

    /// As a diagnostic about a text that stands there.
    pub(super) fn placed(self, place: Place) -> Diagnostic {
        let Inner { at, message, help, also } = *self.0;
        let diagnostic = Diagnostic::error(Code::JinjaSyntax, message).also(place.span(at), "");
        let diagnostic = match also {
            Some((range, text)) => diagnostic.also(place.span(range), text),
            None => diagnostic,
        };
        diagnostic.help(help)
    }

    #[cfg(test)]
    pub(super) fn at(&self) -> Range<usize> {
        self.0.at.clone()
    }
}
