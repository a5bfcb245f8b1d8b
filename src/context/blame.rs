//! Where in the user's files a warehouse's complaint about a statement belongs.

use std::ops::Range;

use crate::adapter::{AdapterError, ErrorKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::text::{Origin, SourceMap, Span};

use super::MacroNamespace;

/// A text of the project that a statement holds, and its map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) map: &'a SourceMap,
}

/// The diagnostic for an error of the warehouse. `statement` is the text that `error`
/// counts positions in. Where the error lies in a text that a template wrote, its label is
/// in that template; otherwise the label is `fallback`, and a note shows the line of the
/// statement.
pub(super) fn blame(
    error: &AdapterError,
    statement: &str,
    source: Option<Source<'_>>,
    fallback: Option<Span>,
    macros: &MacroNamespace,
) -> Diagnostic {
    let diagnostic = Diagnostic::error(code(error.kind), error.message.trim());
    let diagnostic = error.notes.iter().fold(diagnostic, Diagnostic::note).help(help(error));
    let Some(position) = error.position.filter(|position| *position <= statement.len()) else {
        let is_own = source.is_some_and(|source| statement.contains(source.text.trim()));
        let diagnostic = diagnostic.also(fallback, "");
        return if is_own || statement.is_empty() {
            diagnostic
        } else {
            diagnostic.note(first_line(statement))
        };
    };
    let place = word_at(statement, position);
    let origin = source.and_then(|source| origin_of(statement, &place, source));
    match origin {
        Some(origin) => diagnostic.at_origin(&users_origin(origin, macros), ""),
        None => diagnostic.also(fallback, "").note(line_note(statement, position)),
    }
}

/// What to do next: what the adapter says, else the names the warehouse has.
pub(super) fn help(error: &AdapterError) -> Option<String> {
    let candidates = error.candidates.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let nearest = (!candidates.is_empty()).then(|| format!("names like it that are there: {candidates}"));
    error.help.clone().or(nearest)
}

fn code(kind: ErrorKind) -> Code {
    match kind {
        ErrorKind::Connection => Code::ConnectionFailed,
        ErrorKind::Locked => Code::DatabaseLocked,
        ErrorKind::Statement | ErrorKind::Conflict => Code::DatabaseError,
        ErrorKind::Cancelled => Code::Cancelled,
        ErrorKind::Seed => Code::InvalidCsv,
        ErrorKind::NotSupported => Code::NotSupported,
    }
}

/// The word that begins at a byte, or one character.
fn word_at(text: &str, position: usize) -> Range<usize> {
    let mut start = position.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let rest = &text[start..];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let length = match rest.chars().next() {
        Some('"') => rest[1..].find('"').map_or(1, |end| end + 2),
        Some(first) if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        Some(first) => first.len_utf8(),
        None => 0,
    };
    start..start + length
}

/// Where a place of the statement comes from: the text may stand in it anywhere, and
/// more than once.
fn origin_of(statement: &str, place: &Range<usize>, source: Source<'_>) -> Option<Origin> {
    let text = source.text.trim();
    if text.is_empty() {
        return None;
    }
    let trimmed = source.text.len() - source.text.trim_start().len();
    let (at, _) = statement
        .match_indices(text)
        .find(|(at, text)| *at <= place.start && place.start <= at + text.len())?;
    // The end of a text is told at its last byte.
    let last = at + text.len() - text.chars().next_back().map_or(1, char::len_utf8);
    let start = place.start.min(last) - at + trimmed;
    let end = place.end.min(at + text.len()) - at + trimmed;
    source.map.origin(start..end.max(start))
}

/// The nearest place that is not in a built-in macro: the call of that macro, or the
/// call around it.
#[must_use]
pub fn users_origin(mut origin: Origin, macros: &MacroNamespace) -> Origin {
    while let Some((first, rest)) = origin.trace.split_first() {
        let package = first.name.split('.').next().unwrap_or_default();
        let (true, Some(call)) = (macros.is_builtin(package), first.call) else { break };
        origin = Origin { span: call, is_copied: false, trace: rest.into() };
    }
    origin
}

/// The statement by its first line that says something.
fn first_line(statement: &str) -> String {
    let line = statement.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    format!("the statement: {line}")
}

fn line_note(statement: &str, position: usize) -> String {
    let before = statement.get(..position).unwrap_or(statement);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = statement[start..].find('\n').map_or(statement.len(), |at| start + at);
    format!("in line {} of the statement: {}", before.matches('\n').count() + 1, statement[start..end].trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Files, Frame, Segment};

    fn error(position: usize) -> AdapterError {
        AdapterError {
            position: Some(position),
            notes: Box::new(["Candidates: \"amount\"".to_owned()]),
            candidates: Box::new(["amount".to_owned()]),
            ..AdapterError::new(ErrorKind::Statement, "Binder Error: no such column")
        }
    }

    fn blamed(statement: &str, position: usize, files: &Files) -> Diagnostic {
        let file = files.find("models/a.sql").unwrap();
        let origin = Origin { span: file.span(), is_copied: true, trace: [].into() };
        let map = SourceMap::new(vec![Segment { output: 0..file.text().len(), origin }]);
        let source = Source { text: file.text(), map: &map };
        let fallback = Some(Span::start_of(file.id()));
        blame(&error(position), statement, Some(source), fallback, &MacroNamespace::default())
    }

    fn files() -> Files {
        let files = Files::new();
        files.add("models/a.sql", "\nselect amout, '원'\nfrom orders\n");
        files
    }

    #[test]
    fn an_error_inside_of_the_model_is_told_in_the_model() {
        let files = files();
        let statement = "create table t as (\nselect amout, '원'\nfrom orders\n)";
        let found = blamed(statement, statement.find("amout").unwrap(), &files);
        assert_eq!(found.span().map(|span| files.slice(span)).as_deref(), Some("amout"));
        assert_eq!(found.message(), "Binder Error: no such column");
        assert_eq!(found.notes(), ["Candidates: \"amount\""]);
        assert_eq!(found.help_text(), Some("names like it that are there: `amount`"));
        let found = blamed(statement, statement.find("orders").unwrap(), &files);
        assert_eq!(found.span().map(|span| files.slice(span)).as_deref(), Some("orders"));
    }

    #[test]
    fn an_error_elsewhere_is_told_at_the_file_with_its_line() {
        let files = files();
        let statement = "create table t as (\nselect amout, '원'\nfrom orders\n) witth x";
        let found = blamed(statement, statement.find("witth").unwrap(), &files);
        assert_eq!(found.span().map(|span| files.location(span)).as_deref(), Some("models/a.sql:1:1"));
        assert_eq!(found.notes()[1], "in line 4 of the statement: ) witth x");
        let beyond = blamed(statement, 9_999, &files);
        assert_eq!(beyond.span().map(|span| files.location(span)).as_deref(), Some("models/a.sql:1:1"));
        let nowhere = blame(
            &AdapterError::new(ErrorKind::Statement, "no"),
            "\ninsert into x\nvalues (1)",
            None,
            None,
            &MacroNamespace::default(),
        );
        assert_eq!(
            (nowhere.span(), nowhere.notes()),
            (None, &["the statement: insert into x".to_owned()][..])
        );
        let inside_a_letter = blamed("원", 1, &files);
        assert!(inside_a_letter.notes()[1].contains("line 1"));
    }

    #[test]
    fn built_in_macros_are_passed_over() {
        let files = files();
        let file = files.find("models/a.sql").unwrap();
        let frame = |name: &str, start| Frame {
            name: name.to_owned(),
            call: Some(file.span().part(start..start + 2)),
        };
        let trace = [frame("dbt.inner", 3), frame("shop.outer", 9)];
        let origin = Origin { span: Span::start_of(file.id()), is_copied: true, trace: trace.into() };
        let macros = MacroNamespace::of(&["dbt", "dbt_duckdb", "shop"], &[]);
        let found = users_origin(origin, &macros);
        assert_eq!((found.span.start, found.trace.len()), (3, 1));
    }
}
