use std::ops::Range;

use super::lowered::Place;
use crate::diagnostic::{Code, Diagnostic};
use crate::text::FileId;

/// What is wrong with a template, at which bytes of the text that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) at: Range<usize>,
    pub(super) message: String,
    /// Beside the place.
    pub(super) label: String,
    pub(super) help: Option<String>,
    /// A second place that explains.
    pub(super) also: Option<(Range<usize>, String)>,
}

impl SyntaxError {
    pub(super) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), label: String::new(), help: None, also: None }
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn also(mut self, at: Range<usize>, text: impl Into<String>) -> Self {
        self.also = Some((at, text.into()));
        self
    }

    /// As a diagnostic about a file whose text was read.
    pub(super) fn in_file(self, file: FileId) -> Diagnostic {
        self.placed(Place::File(file))
    }

    /// As a diagnostic about a text that stands there.
    pub(super) fn placed(self, place: Place) -> Diagnostic {
        let diagnostic =
            Diagnostic::error(Code::JinjaSyntax, self.message).also(place.span(self.at), self.label);
        let diagnostic = match self.also {
            Some((range, text)) => diagnostic.also(place.span(range), text),
            None => diagnostic,
        };
        diagnostic.help(self.help)
    }
}
