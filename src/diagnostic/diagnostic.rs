use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Code, Label, WarningName};
use crate::text::{FileId, Frame, Origin, Span};

/// How bad it is. `Error` stops the node or the run, `Warning` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    Note,
    Warning,
    Error,
}

/// One thing to tell the user. One pointer wide, so it is cheap in a `Result`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic(pub(super) Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Inner {
    pub(super) code: Code,
    pub(super) severity: Severity,
    pub(super) message: String,
    pub(super) labels: Vec<Label>,
    pub(super) trace: Vec<Frame>,
    pub(super) notes: Vec<String>,
    pub(super) help: Option<String>,
    pub(super) warning: Option<WarningName>,
    pub(super) said: Option<String>,
    #[serde(with = "crate::text::kept_json")]
    pub(super) facts: Map<String, Value>,
}

impl Diagnostic {
    /// A diagnostic at the level the code's table gives it. `message` is one lowercase
    /// phrase with names in backticks.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            severity: code.severity(),
            message: message.into(),
            labels: Vec::new(),
            trace: Vec::new(),
            notes: Vec::new(),
            help: None,
            warning: None,
            said: None,
            facts: Map::new(),
        }))
    }

    /// An error whatever the code's own level.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, message).with_severity(Severity::Error)
    }

    /// A warning whatever the code's own level.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, message).with_severity(Severity::Warning)
    }

    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.0.severity = severity;
        self
    }

    /// Where to look, when it is the first; `text` may be empty.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.0.labels.push(Label { span, text: text.into() });
        self
    }

    /// A second place that explains; does nothing without a place.
    #[must_use]
    pub fn also(self, span: impl Into<Option<Span>>, text: impl Into<String>) -> Self {
        match span.into() {
            Some(span) => self.label(span, text),
            None => self,
        }
    }

    /// Points at where a piece of compiled text came from, with the macro calls that
    /// led there.
    #[must_use]
    pub fn at_origin(mut self, origin: &Origin, text: impl Into<String>) -> Self {
        self.0.labels.insert(0, Label { span: origin.span, text: text.into() });
        if self.0.trace.is_empty() {
            self.0.trace = origin.trace.to_vec();
        }
        self
    }

    /// Adds a macro call around those already there: calls are added inside out.
    #[must_use]
    pub fn called_from(mut self, frame: Frame) -> Self {
        self.0.trace.push(frame);
        self
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.0.notes.push(note.into());
        self
    }

    /// What to do next; a `None` leaves the help as it is.
    #[must_use]
    pub fn help(mut self, help: impl MaybeText) -> Self {
        if let Some(help) = help.text() {
            self.0.help = Some(help);
        }
        self
    }

    /// Moves what points into `file` to the place `to`: for texts that xform wrote itself,
    /// to the place of the user's that asked for them.
    #[must_use]
    pub fn relocated(mut self, file: FileId, to: Span) -> Self {
        let mut is_told = false;
        self.0.labels.retain_mut(|label| {
            let is_moved = label.span.file == file;
            if is_moved {
                label.span = to;
            }
            !(is_moved && std::mem::replace(&mut is_told, true))
        });
        for call in self.0.trace.iter_mut().filter_map(|frame| frame.call.as_mut()) {
            if call.file == file {
                *call = to;
            }
        }
        self
    }

    /// Moves the first place out of files that the user did not write: to the nearest
    /// macro call around it that stands in one of the user's.
    #[must_use]
    pub fn led_out(mut self, is_hidden: impl Fn(FileId) -> bool) -> Self {
        let calls = self.0.trace.iter().filter_map(|frame| frame.call);
        let call = calls.into_iter().find(|call| !is_hidden(call.file));
        if let (Some(first), Some(call)) = (self.0.labels.first_mut(), call)
            && is_hidden(first.span.file)
        {
            *first = Label { span: call, text: String::new() };
        }
        self
    }

    /// A warning that something will stop working in a later dbt.
    #[must_use]
    pub fn deprecation(name: WarningName, message: impl Into<String>) -> Self {
        Self::warning(Code::Deprecated, message).stands_for(name)
    }

    /// Says which of dbt's warnings it is, where that is not the one of its code.
    #[must_use]
    pub fn stands_for(mut self, name: WarningName) -> Self {
        self.0.warning = Some(name);
        self
    }

    /// The words that tools look for in dbt's log, where they are not the message.
    #[must_use]
    pub fn said(mut self, words: impl Into<String>) -> Self {
        self.0.said = Some(words.into());
        self
    }

    /// A value that tools read in the data of dbt's event.
    #[must_use]
    pub fn fact(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.facts.insert(key.to_owned(), value.into());
        self
    }

    /// Which of dbt's warnings it is; `None` for errors, and for advice that dbt does not give.
    #[must_use]
    pub fn warning_name(&self) -> Option<WarningName> {
        self.0.warning.or_else(|| self.0.code.warning_name())
    }

    /// The words for dbt's log: those of [`Diagnostic::said`], else the message.
    #[must_use]
    pub fn words(&self) -> &str {
        self.0.said.as_deref().unwrap_or(&self.0.message)
    }

    /// The data for dbt's event.
    #[must_use]
    pub fn facts(&self) -> &Map<String, Value> {
        &self.0.facts
    }

    /// Without the macro calls that led there.
    #[must_use]
    pub fn without_trace(mut self) -> Self {
        self.0.trace.clear();
        self
    }

    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    #[must_use]
    pub fn severity(&self) -> Severity {
        self.0.severity
    }

    #[must_use]
    pub fn is_error(&self) -> bool {
        self.0.severity == Severity::Error
    }

    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    #[must_use]
    pub fn labels(&self) -> &[Label] {
        &self.0.labels
    }

    /// Macro calls that led to the place, innermost first.
    #[must_use]
    pub fn trace(&self) -> &[Frame] {
        &self.0.trace
    }

    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.0.notes
    }

    #[must_use]
    pub fn help_text(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// Where to look first.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.0.labels.first().map(|label| label.span)
    }
}

/// A text, or perhaps none: what [`Diagnostic::help`] takes.
pub trait MaybeText {
    fn text(self) -> Option<String>;
}

impl MaybeText for &str {
    fn text(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl MaybeText for String {
    fn text(self) -> Option<String> {
        Some(self)
    }
}

impl<T: MaybeText> MaybeText for Option<T> {
    fn text(self) -> Option<String> {
        self.and_then(MaybeText::text)
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Diagnostic {}
