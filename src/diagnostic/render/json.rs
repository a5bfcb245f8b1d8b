use serde_json::{Map, Value, json};

use crate::diagnostic::{Diagnostic, Severity};
use crate::text::{Files, Span};

/// An object with `code`, `severity`, `message`, the place (`path`, `line`, `column`,
/// `end_line`, `end_column`; null where there is none), `labels` (every place with what
/// is to be seen there), `trace`, `notes` and `help`. Lines and columns count from 1,
/// columns in characters; the end is the first character behind the place.
#[must_use]
pub fn json(diagnostic: &Diagnostic, files: &Files) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("code", diagnostic.code().name().into());
    put("severity", severity(diagnostic.severity()).into());
    put("message", diagnostic.message().into());
    for (key, value) in place(diagnostic.span(), files) {
        put(key, value);
    }
    let labels = diagnostic.labels().iter().map(|label| {
        let mut object: Map<_, _> = with_names(place(Some(label.span), files));
        object.insert("text".to_owned(), label.text.as_str().into());
        Value::Object(object)
    });
    put("labels", labels.collect());
    let trace = diagnostic.trace().iter().map(|frame| {
        let at = frame.call.map(|call| {
            let file = files.get(call.file);
            (file.path().to_owned(), file.line_column(call.start as usize))
        });
        json!({
            "macro": frame.name,
            "path": at.as_ref().map(|(path, _)| path),
            "line": at.as_ref().map(|(_, place)| place.line),
            "column": at.as_ref().map(|(_, place)| place.column),
        })
    });
    put("trace", trace.collect());
    put("notes", diagnostic.notes().into());
    put("help", diagnostic.help_text().into());
    Value::Object(object)
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn place(span: Option<Span>, files: &Files) -> [(&'static str, Value); 5] {
    let file = span.map(|span| files.get(span.file));
    let at = |offset: Option<u32>| Some(file.as_ref()?.line_column(offset? as usize));
    let start = at(span.map(|span| span.start));
    let end = at(span.map(|span| span.end));
    [
        ("path", file.as_ref().map(|file| file.path()).into()),
        ("line", start.map(|place| place.line).into()),
        ("column", start.map(|place| place.column).into()),
        ("end_line", end.map(|place| place.line).into()),
        ("end_column", end.map(|place| place.column).into()),
    ]
}

fn with_names<const N: usize>(entries: [(&'static str, Value); N]) -> Map<String, Value> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::text::Frame;

    #[test]
    fn columns_are_characters_and_missing_places_null() {
        let files = Files::new();
        let file = files.add("models/주문.sql", "-- 주문 목록\nselect 금액 from t\n");
        let start = file.text().find("금액").unwrap_or_default();
        let span = Span::new(file.id(), start, start + "금액".len());
        let diagnostic = Diagnostic::new(Code::UndefinedName, "no `금액`")
            .label(span, "here")
            .called_from(Frame { name: "shop.m".to_owned(), call: Some(span) })
            .help("look");
        assert_eq!(
            json(&diagnostic, &files),
            json!({
                "code": "undefined-name", "severity": "error", "message": "no `금액`",
                "path": "models/주문.sql", "line": 2, "column": 8, "end_line": 2, "end_column": 10,
                "labels": [{
                    "path": "models/주문.sql", "line": 2, "column": 8, "end_line": 2, "end_column": 10,
                    "text": "here",
                }],
                "trace": [{"macro": "shop.m", "path": "models/주문.sql", "line": 2, "column": 8}],
                "notes": [], "help": "look",
            })
        );
        let bare = json(&Diagnostic::new(Code::NoNodesSelected, "nothing"), &files);
        assert_eq!(bare["path"], Value::Null);
        assert_eq!(bare["severity"], "warning");
        assert_eq!(bare["help"], Value::Null);
    }
}
