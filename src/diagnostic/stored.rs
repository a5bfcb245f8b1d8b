use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Code, Diagnostic, Label, Severity, WarningName};
use crate::text::{FileId, Files, Frame, SourceFile, Span};

/// The texts that kept diagnostics point into, in order of first use. Their numbers are not those
/// that files have in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFiles(Vec<StoredFile>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoredFile {
    path: String,
    text: Arc<str>,
    /// Only while diagnostics are being kept.
    #[serde(skip)]
    id: Option<FileId>,
}

impl StoredFiles {
    fn number(&mut self, id: FileId, files: &Files) -> usize {
        if let Some(known) = self.0.iter().position(|file| file.id == Some(id)) {
            return known;
        }
        let file = files.get(id);
        self.0.push(StoredFile { path: file.path().to_owned(), text: file.shared_text(), id: Some(id) });
        self.0.len() - 1
    }

    /// Takes them in among the files of this run, for [`StoredDiagnostic::restored`].
    #[must_use]
    pub fn restored(&self, files: &Files) -> Vec<Arc<SourceFile>> {
        self.0.iter().map(|file| files.add(file.path.as_str(), Arc::clone(&file.text))).collect()
    }
}

/// A diagnostic as it is kept in a file, its places in texts that are kept beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDiagnostic {
    code: String,
    severity: String,
    message: String,
    labels: Vec<(Place, String)>,
    trace: Vec<(String, Option<Place>)>,
    notes: Vec<String>,
    help: Option<String>,
    warning: Option<String>,
    said: Option<String>,
    facts: Map<String, Value>,
}

/// Bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    file: usize,
    start: usize,
    end: usize,
}

impl Place {
    fn of(span: Span, stored: &mut StoredFiles, files: &Files) -> Self {
        let range = span.range();
        Self { file: stored.number(span.file, files), start: range.start, end: range.end }
    }

    fn found(&self, files: &[Arc<SourceFile>]) -> Option<Span> {
        let file = files.get(self.file)?;
        file.text().get(self.start..self.end)?;
        Some(Span::new(file.id(), self.start, self.end))
    }
}

const SEVERITIES: [(Severity, &str); 3] =
    [(Severity::Note, "note"), (Severity::Warning, "warning"), (Severity::Error, "error")];

impl StoredDiagnostic {
    /// `files` holds the texts it points into; those texts are added to `stored`.
    #[must_use]
    pub fn of(diagnostic: &Diagnostic, stored: &mut StoredFiles, files: &Files) -> Self {
        let inner = &diagnostic.0;
        let mut place = |span| Place::of(span, stored, files);
        let severity = SEVERITIES.iter().find(|(severity, _)| *severity == inner.severity);
        Self {
            code: inner.code.name().to_owned(),
            severity: severity.map_or("error", |(_, name)| name).to_owned(),
            message: inner.message.clone(),
            labels: inner.labels.iter().map(|label| (place(label.span), label.text.clone())).collect(),
            trace: inner.trace.iter().map(|frame| (frame.name.clone(), frame.call.map(&mut place))).collect(),
            notes: inner.notes.clone(),
            help: inner.help.clone(),
            warning: inner.warning.map(|name| name.name().to_owned()),
            said: inner.said.clone(),
            facts: inner.facts.clone(),
        }
    }

    /// The diagnostic again, pointing into `files` (see [`StoredFiles::restored`]). `None` when a
    /// place is not there, or when another version of xform kept it.
    #[must_use]
    pub fn restored(&self, files: &[Arc<SourceFile>]) -> Option<Diagnostic> {
        let severity = SEVERITIES.iter().find(|(_, name)| *name == self.severity)?.0;
        let mut told =
            Diagnostic::new(Code::find(&self.code)?, self.message.as_str()).with_severity(severity);
        for (place, text) in &self.labels {
            told.0.labels.push(Label { span: place.found(files)?, text: text.clone() });
        }
        for (name, call) in &self.trace {
            let call = match call {
                Some(place) => Some(place.found(files)?),
                None => None,
            };
            told.0.trace.push(Frame { name: name.clone(), call });
        }
        told.0.notes.clone_from(&self.notes);
        told.0.help.clone_from(&self.help);
        told.0.warning = match &self.warning {
            Some(name) => Some(WarningName::find(name)?),
            None => None,
        };
        told.0.said.clone_from(&self.said);
        told.0.facts.clone_from(&self.facts);
        Some(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_comes_back_the_same_into_other_numbers() {
        let files = Files::new();
        files.add("other.sql", "");
        let (model, own) =
            (files.add("models/주문.sql", "select 금액 from t"), files.add("macros/m.sql", "m"));
        let told = Diagnostic::new(Code::UserWarning, "a `금액` is wrong")
            .label(model.span().part(7..13), "here")
            .called_from(Frame { name: "shop.m".to_owned(), call: Some(own.span()) })
            .called_from(Frame { name: "shop.n".to_owned(), call: None })
            .note("a note")
            .help("do this")
            .fact("key", 1)
            .said("Said")
            .stands_for(WarningName::JinjaLogWarning);
        let mut texts = StoredFiles::default();
        let stored = StoredDiagnostic::of(&told, &mut texts, &files);
        let text = serde_json::to_string(&(stored, texts)).unwrap();
        let (stored, texts): (StoredDiagnostic, StoredFiles) = serde_json::from_str(&text).unwrap();
        let others = Files::new();
        let again = stored.restored(&texts.restored(&others)).unwrap();
        assert_eq!(others.slice(again.span().unwrap()), "금액");
        let place = |span: Option<Span>, files: &Files| span.map(|span| files.location(span));
        assert_eq!(place(again.trace()[0].call, &others), place(told.trace()[0].call, &files));
        assert_eq!((again.message(), again.help_text()), (told.message(), told.help_text()));
        assert_eq!((again.notes(), again.facts(), again.words()), (told.notes(), told.facts(), told.words()));
        assert_eq!(again.warning_name(), told.warning_name());
        // Texts that are not those it was kept with.
        assert_eq!(stored.restored(&[]), None);
    }
}
