use std::collections::BTreeMap;
use std::ops::Range;

use super::Targets;
use super::mark::{Mark, MarkKind, flat, without};
use super::sql::sql_marks;
use crate::jinja::{Part, PartKind, parts, scan};
use crate::sql::Dialect;
use crate::text::Files;

/// Words of Jinja itself, and the names of tags. In order.
const WORDS: [&str; 36] = [
    "and",
    "block",
    "break",
    "call",
    "continue",
    "data_test",
    "do",
    "docs",
    "elif",
    "else",
    "endblock",
    "endcall",
    "enddata_test",
    "enddocs",
    "endfilter",
    "endfor",
    "endif",
    "endmacro",
    "endmaterialization",
    "endset",
    "endsnapshot",
    "endtest",
    "filter",
    "for",
    "if",
    "in",
    "is",
    "macro",
    "materialization",
    "not",
    "or",
    "set",
    "snapshot",
    "test",
    "true",
    "with",
];

/// The rest of [`WORDS`].
const MORE: [&str; 6] = ["False", "None", "True", "endwith", "false", "none"];

/// The marks of SQL with Jinja in it. `targets` knows what calls mean.
pub(in super::super) fn template(text: &str, dialect: Dialect, targets: &Targets<'_, '_>) -> Vec<i64> {
    let files = Files::new();
    let file = files.add("", text);
    // What cannot be cut into tags is marked as if it had none.
    let parts = parts(&file).unwrap_or_default();
    let mut calls = BTreeMap::new();
    for call in scan(&file, file.span()) {
        let range = call.span.range();
        if let Some(target) = targets.node(&call) {
            calls.insert(range.start, Mark::to(range, MarkKind::Node, target));
        } else if text[range.start..].starts_with(&call.function)
            && let Some(target) = targets.macro_named(&call.function)
        {
            let name = range.start..range.start + call.function.len();
            calls.insert(name.start, Mark::to(name, MarkKind::Macro, target));
        }
    }
    let cuts: Vec<Range<usize>> =
        parts.iter().filter(|part| part.kind != PartKind::Text).map(|part| part.range.clone()).collect();
    let mut marks = Vec::new();
    for mark in sql_marks(&masked(text, &parts), dialect, &[]) {
        // A word that Jinja writes a part of is no keyword.
        let is_cut = without(mark.range.clone(), &cuts) != [mark.range.clone()];
        if is_cut && !matches!(mark.kind, MarkKind::String | MarkKind::Comment) {
            continue;
        }
        let pieces = without(mark.range, &cuts).into_iter();
        marks.extend(pieces.map(|range| Mark::new(range, mark.kind)));
    }
    for part in &parts {
        match part.kind {
            PartKind::Text | PartKind::Raw => {}
            PartKind::Comment => marks.push(Mark::new(part.range.clone(), MarkKind::Comment)),
            _ => {
                marks.push(Mark::new(part.range.start..part.inner.start, MarkKind::Jinja));
                inside(text, part.inner.clone(), &calls, &mut marks);
                marks.push(Mark::new(part.inner.end..part.range.end, MarkKind::Jinja));
            }
        }
    }
    flat(text, marks)
}

/// The text with letters in place of outputs and spaces in place of all other Jinja, byte for byte.
fn masked(text: &str, parts: &[Part]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for part in parts.iter().filter(|part| part.kind != PartKind::Text) {
        masked.push_str(&text[at..part.range.start]);
        let letter = if part.kind == PartKind::Output { 'x' } else { ' ' };
        masked.extend(std::iter::repeat_n(letter, part.range.len()));
        at = part.range.end;
    }
    masked.push_str(&text[at..]);
    masked
}

/// The marks of what stands between the marks of a tag.
fn inside(text: &str, range: Range<usize>, calls: &BTreeMap<usize, Mark>, marks: &mut Vec<Mark>) {
    let mut at = range.start;
    let mut follows_dot = false;
    while at < range.end {
        if let Some(call) = calls.get(&at).filter(|call| call.range.end <= range.end) {
            marks.push(call.clone());
            at = call.range.end;
            continue;
        }
        let rest = &text[at..range.end];
        let Some(first) = rest.chars().next() else { break };
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let word_end = || rest.find(|letter: char| !is_word(letter)).unwrap_or(rest.len());
        let (length, kind) = match first {
            '\'' | '"' => (string(rest, first), Some(MarkKind::String)),
            '0'..='9' if !follows_dot => {
                let end = rest.find(|letter: char| !(is_word(letter) || letter == '.')).unwrap_or(rest.len());
                (end, Some(MarkKind::Number))
            }
            letter if is_word(letter) => {
                let end = word_end();
                let word = &rest[..end];
                let is_own = WORDS.binary_search(&word).is_ok() || MORE.binary_search(&word).is_ok();
                let kind = match (is_own && !follows_dot, rest[end..].starts_with('(')) {
                    (true, _) => Some(MarkKind::Jinja),
                    (false, true) => Some(MarkKind::Function),
                    (false, false) => None,
                };
                (end, kind)
            }
            letter => (letter.len_utf8(), None),
        };
        marks.extend(kind.map(|kind| Mark::new(at..at + length, kind)));
        if !first.is_whitespace() {
            follows_dot = first == '.';
        }
        at += length;
    }
}

/// Length of the string that the text begins with.
fn string(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else if letter == quote {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(WORDS.is_sorted());
        assert!(MORE.is_sorted());
    }
}
