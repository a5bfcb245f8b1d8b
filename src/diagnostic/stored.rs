use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Code, Diagnostic, Label, Severity, WarningName};
use crate::text::{Files, Frame, SourceFile, Span};

/// A diagnostic as it is kept in a file, its places told by paths in place of the numbers that
/// files have in one run.
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
    path: String,
    start: usize,
    end: usize,
}

impl Place {
    fn of(span: Span, files: &Files) -> Self {
        let range = span.range();
        Self { path: files.get(span.file).path().to_owned(), start: range.start, end: range.end }
    }

    fn found(&self, find: &mut dyn FnMut(&str) -> Option<Arc<SourceFile>>) -> Option<Span> {
        let file = find(&self.path)?;
        file.text().get(self.start..self.end)?;
        Some(Span::new(file.id(), self.start, self.end))
    }
}

const SEVERITIES: [(Severity, &str); 3] =
    [(Severity::Note, "note"), (Severity::Warning, "warning"), (Severity::Error, "error")];

impl StoredDiagnostic {
    /// `files` holds the texts it points into.
    #[must_use]
    pub fn of(diagnostic: &Diagnostic, files: &Files) -> Self {
        let inner = &diagnostic.0;
        let severity = SEVERITIES.iter().find(|(severity, _)| *severity == inner.severity);
        Self {
            code: inner.code.name().to_owned(),
            severity: severity.map_or("error", |(_, name)| name).to_owned(),
            message: inner.message.clone(),
            labels: inner
                .labels
                .iter()
                .map(|label| (Place::of(label.span, files), label.text.clone()))
                .collect(),
            trace: inner
                .trace
                .iter()
                .map(|frame| (frame.name.clone(), frame.call.map(|call| Place::of(call, files))))
                .collect(),
            notes: inner.notes.clone(),
            help: inner.help.clone(),
            warning: inner.warning.map(|name| name.name().to_owned()),
            said: inner.said.clone(),
            facts: inner.facts.clone(),
        }
    }

    /// The diagnostic again; `find` gives the file shown under a path. `None` when a file is gone
    /// or is too short, or when another version of xform kept it.
    pub fn restored(&self, mut find: impl FnMut(&str) -> Option<Arc<SourceFile>>) -> Option<Diagnostic> {
        let find: &mut dyn FnMut(&str) -> Option<Arc<SourceFile>> = &mut find;
        let severity = SEVERITIES.iter().find(|(_, name)| *name == self.severity)?.0;
        let mut told =
            Diagnostic::new(Code::find(&self.code)?, self.message.as_str()).with_severity(severity);
        for (place, text) in &self.labels {
            told.0.labels.push(Label { span: place.found(find)?, text: text.clone() });
        }
        for (name, call) in &self.trace {
            let call = match call {
                Some(place) => Some(place.found(find)?),
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
        let text = serde_json::to_string(&StoredDiagnostic::of(&told, &files)).unwrap();
        let stored: StoredDiagnostic = serde_json::from_str(&text).unwrap();
        let again = stored.restored(|path| files.find(path));
        assert_eq!(again, Some(told));
        // A file that is gone, and one that has become shorter, inside of a letter.
        assert_eq!(stored.restored(|_| None), None);
        let shorter = Files::new();
        shorter.add("models/주문.sql", "select 금");
        assert_eq!(stored.restored(|path| shorter.find(path)), None);
    }
}
