use std::ops::Range;

use super::mark::{Mark, MarkKind, flat};
use crate::format::lexemes;
use crate::sql::{Dialect, Lexeme};

/// Words that are shown as keywords wherever they stand without a dot before them. In order.
const KEYWORDS: [&str; 118] = [
    "all",
    "alter",
    "and",
    "anti",
    "any",
    "array",
    "as",
    "asc",
    "asof",
    "between",
    "bigint",
    "boolean",
    "by",
    "case",
    "cast",
    "collate",
    "commit",
    "create",
    "cross",
    "cube",
    "current",
    "date",
    "decimal",
    "delete",
    "desc",
    "describe",
    "distinct",
    "double",
    "drop",
    "else",
    "end",
    "escape",
    "except",
    "exclude",
    "exists",
    "false",
    "fetch",
    "filter",
    "first",
    "float",
    "following",
    "for",
    "from",
    "full",
    "group",
    "grouping",
    "having",
    "if",
    "ignore",
    "ilike",
    "in",
    "inner",
    "insert",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "last",
    "lateral",
    "left",
    "like",
    "limit",
    "materialized",
    "merge",
    "natural",
    "not",
    "null",
    "nulls",
    "numeric",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "pivot",
    "positional",
    "preceding",
    "qualify",
    "range",
    "recursive",
    "replace",
    "respect",
    "right",
    "rollback",
    "rollup",
    "row",
    "rows",
    "sample",
    "select",
    "semi",
    "set",
    "sets",
    "similar",
    "table",
    "tablesample",
    "text",
    "then",
    "time",
    "timestamp",
    "to",
    "true",
    "truncate",
    "unbounded",
    "union",
    "unnest",
    "unpivot",
    "update",
    "using",
    "values",
    "varchar",
    "view",
    "when",
    "where",
];

/// The rest of [`KEYWORDS`].
const MORE: [&str; 4] = ["window", "with", "within", "without"];

/// Keywords that keep being so before a bracket; others are functions there: `left(name, 2)`.
const BEFORE_BRACKETS: [&str; 38] = [
    "all",
    "and",
    "any",
    "as",
    "between",
    "by",
    "case",
    "cast",
    "distinct",
    "else",
    "except",
    "exclude",
    "exists",
    "filter",
    "from",
    "group",
    "having",
    "ilike",
    "in",
    "intersect",
    "is",
    "join",
    "like",
    "limit",
    "materialized",
    "not",
    "on",
    "or",
    "order",
    "over",
    "pivot",
    "qualify",
    "select",
    "sets",
    "then",
    "union",
    "unpivot",
    "using",
];

/// The rest of [`BEFORE_BRACKETS`].
const MORE_BEFORE_BRACKETS: [&str; 5] = ["values", "when", "where", "with", "within"];

/// The longest keyword.
const LONGEST: usize = 12;

/// The marks of plain SQL. `relations` are the texts of the names of nodes' relations, with their
/// numbers.
pub(in super::super) fn sql(text: &str, dialect: Dialect, relations: &[(String, usize)]) -> Vec<i64> {
    flat(text, sql_marks(text, dialect, relations))
}

/// The marks of SQL, in order.
pub(super) fn sql_marks(text: &str, dialect: Dialect, relations: &[(String, usize)]) -> Vec<Mark> {
    let all = lexemes(text, dialect);
    let mut marks = Vec::new();
    let mut follows_dot = false;
    let mut at = 0;
    while let Some((lexeme, range)) = all.get(at).cloned() {
        at += 1;
        let is_name = matches!(lexeme, Lexeme::Word | Lexeme::QuotedName) && !follows_dot;
        if let Some((end, target)) = is_name.then(|| relation_at(text, &range, relations)).flatten() {
            while all.get(at).is_some_and(|(_, next)| next.start < end) {
                at += 1;
            }
            marks.push(Mark::to(range.start..end, MarkKind::Node, target));
            follows_dot = false;
            continue;
        }
        let kind = match lexeme {
            Lexeme::Comment => Some(MarkKind::Comment),
            Lexeme::String => Some(MarkKind::String),
            Lexeme::Word if !follows_dot => word(text, &range),
            Lexeme::Word if text[range.end..].starts_with('(') => Some(MarkKind::Function),
            Lexeme::Word | Lexeme::Space | Lexeme::QuotedName | Lexeme::Symbol => None,
        };
        marks.extend(kind.map(|kind| Mark::new(range.clone(), kind)));
        if !matches!(lexeme, Lexeme::Space | Lexeme::Comment) {
            follows_dot = &text[range] == ".";
        }
    }
    marks
}

/// What a word is by itself and the bracket that may follow.
fn word(text: &str, range: &Range<usize>) -> Option<MarkKind> {
    let word = &text[range.clone()];
    if word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') {
        return Some(MarkKind::Number);
    }
    let lower = if word.len() <= LONGEST { word.to_ascii_lowercase() } else { String::new() };
    let is_in = |table: &[&str]| table.binary_search(&lower.as_str()).is_ok();
    let has_bracket = text[range.end..].starts_with('(');
    let is_keyword = is_in(&KEYWORDS) || is_in(&MORE);
    match (is_keyword, has_bracket) {
        (true, true) if !(is_in(&BEFORE_BRACKETS) || is_in(&MORE_BEFORE_BRACKETS)) => {
            Some(MarkKind::Function)
        }
        (true, _) => Some(MarkKind::Keyword),
        (false, true) => Some(MarkKind::Function),
        (false, false) => None,
    }
}

/// Where the longest name of a relation ends that begins at `range`, and its number.
fn relation_at(text: &str, range: &Range<usize>, relations: &[(String, usize)]) -> Option<(usize, usize)> {
    let rest = &text[range.start..];
    let is_whole = |name: &str| {
        let after = rest[name.len()..].chars().next();
        let ends_word = name.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let goes_on =
            after.is_some_and(|after| ends_word && (after.is_alphanumeric() || matches!(after, '_' | '$')));
        !goes_on
    };
    let found = relations.iter().filter(|(name, _)| rest.starts_with(name.as_str()) && is_whole(name));
    let (name, target) = found.max_by_key(|(name, _)| name.len())?;
    (name.len() >= range.len()).then(|| (range.start + name.len(), *target))
}

#[cfg(test)]
mod tests {
    use super::super::mark::shown;
    use super::*;

    #[test]
    fn tables_are_sorted() {
        for table in [&KEYWORDS[..], &MORE, &BEFORE_BRACKETS, &MORE_BEFORE_BRACKETS] {
            assert!(table.is_sorted(), "{table:?}");
            assert!(table.iter().all(|word| word.len() <= LONGEST));
        }
    }

    fn words(text: &str) -> Vec<(String, i64)> {
        let shown = shown(text, &sql(text, Dialect::DuckDb, &[]));
        shown.into_iter().map(|(text, kind, _)| (text, kind)).collect()
    }

    #[test]
    fn words_strings_and_numbers_are_told_apart() {
        let text = "SELECT sum(가격) AS \"select\", t.left, left('🍵', 1e-3) -- 끝";
        let expected =
            [("SELECT", 1), ("sum", 5), ("AS", 1), ("left", 5), ("'🍵'", 2), ("1e-3", 3), ("-- 끝", 4)];
        assert_eq!(words(text), expected.map(|(text, kind)| (text.to_owned(), kind)));
    }

    #[test]
    fn broken_sql_has_marks_too() {
        assert_eq!(words("select 'open"), [("select".to_owned(), 1), ("'open".to_owned(), 2)]);
        assert_eq!(words(")) from /* 주"), [("from".to_owned(), 1), ("/* 주".to_owned(), 4)]);
        assert_eq!(words(""), []);
    }

    #[test]
    fn names_of_relations_lead_to_their_nodes() {
        let relations = [
            ("\"dev\".\"main\".\"주문\"".to_owned(), 3),
            ("dev.main.a".to_owned(), 4),
            ("__dbt__cte__b".to_owned(), 5),
        ];
        let text = "from \"dev\".\"main\".\"주문\" o join dev.main.a on x.dev.main.a join dev.main.ab join __dbt__cte__b";
        let shown = shown(text, &sql(text, Dialect::DuckDb, &relations));
        let nodes: Vec<(&str, i64)> = shown
            .iter()
            .filter(|(_, kind, _)| *kind == 7)
            .map(|(text, _, target)| (text.as_str(), *target))
            .collect();
        assert_eq!(nodes, [("\"dev\".\"main\".\"주문\"", 3), ("dev.main.a", 4), ("__dbt__cte__b", 5)]);
    }
}
