use std::collections::BTreeMap;

use super::Targets;
use super::mark::{Mark, MarkKind, flat};
use crate::python::{PythonFunction, read};
use crate::text::Files;

/// <https://docs.python.org/3/reference/lexical_analysis.html#keywords>, in order.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// The marks of a model in Python; of its calls `dbt.ref()` and `dbt.source()` lead to nodes.
pub(in super::super) fn python(text: &str, targets: &Targets<'_, '_>) -> Vec<i64> {
    let files = Files::new();
    let file = files.add("", text);
    let mut calls = BTreeMap::new();
    for call in read(&file).value {
        let function = match call.function {
            PythonFunction::Ref => "ref",
            PythonFunction::Source => "source",
            PythonFunction::Config | PythonFunction::ConfigGet => continue,
        };
        let texts: Option<Vec<&str>> = call.arguments.iter().map(|argument| argument.as_str()).collect();
        let version = call.keywords.get("v").or_else(|| call.keywords.get("version"));
        let target = texts.and_then(|texts| targets.named(function, &texts, version));
        if let Some(target) = target {
            calls.insert(call.span.range().start, Mark::to(call.span.range(), MarkKind::Node, target));
        }
    }
    flat(text, marks(text, &calls))
}

fn marks(text: &str, calls: &BTreeMap<usize, Mark>) -> Vec<Mark> {
    let mut marks = Vec::new();
    let (mut at, mut follows_dot) = (0, false);
    while let Some(first) = text[at..].chars().next() {
        if let Some(call) = calls.get(&at) {
            marks.push(call.clone());
            at = call.range.end;
            continue;
        }
        let rest = &text[at..];
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let word = &rest[..rest.find(|letter: char| !is_word(letter)).unwrap_or(rest.len())];
        let (length, kind) = match first {
            '#' => (rest.find('\n').unwrap_or(rest.len()), Some(MarkKind::Comment)),
            '\'' | '"' => (string(rest, first), Some(MarkKind::String)),
            '0'..='9' if !follows_dot => (word.len(), Some(MarkKind::Number)),
            letter if is_word(letter) => {
                let is_own = !follows_dot && KEYWORDS.binary_search(&word).is_ok();
                let is_called = rest[word.len()..].starts_with('(');
                let kind = is_own.then_some(MarkKind::Keyword);
                (word.len(), kind.or(is_called.then_some(MarkKind::Function)))
            }
            letter => (letter.len_utf8(), None),
        };
        marks.extend(kind.map(|kind| Mark::new(at..at + length, kind)));
        follows_dot = first == '.';
        at += length;
    }
    marks
}

/// Length of the string that the text begins with, in one or three quotes.
fn string(text: &str, quote: char) -> usize {
    let three: String = std::iter::repeat_n(quote, 3).collect();
    let is_long = text.starts_with(&three);
    let mut at = if is_long { 3 } else { 1 };
    while let Some(letter) = text[at..].chars().next() {
        if letter == '\\' {
            at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8);
        } else if is_long && text[at..].starts_with(&three) {
            return at + 3;
        } else if !is_long && (letter == quote || letter == '\n') {
            return at + usize::from(letter == quote);
        } else {
            at += letter.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::super::mark::shown;
    use super::*;

    #[test]
    fn python_is_marked() {
        assert!(KEYWORDS.is_sorted());
        let text =
            "def model(dbt, session):\n    \"\"\"차 🍵 \"x\" \"\"\"\n    return df.is_x(1, 'it\\'s')  # 끝";
        let shown: Vec<(String, i64)> = shown(text, &flat(text, marks(text, &BTreeMap::new())))
            .into_iter()
            .map(|(text, kind, _)| (text, kind))
            .collect();
        let expected = [
            ("def", 1),
            ("model", 5),
            ("\"\"\"차 🍵 \"x\" \"\"\"", 2),
            ("return", 1),
            ("is_x", 5),
            ("1", 3),
            ("'it\\'s'", 2),
            ("# 끝", 4),
        ];
        assert_eq!(shown, expected.map(|(text, kind)| (text.to_owned(), kind)));
    }
}
