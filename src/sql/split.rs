use std::ops::Range;

use super::Dialect;
use super::scan::{Lexeme, Scanner};

/// The statements of a text: cut at each `;` outside of strings, names and comments. Each
/// range begins at the statement's first word or sign and ends after its last; pieces of
/// nothing but space and comments are left out.
///
/// Comments before and after a statement belong to none.
#[must_use]
pub fn statements(text: &str, dialect: Dialect) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut current: Option<Range<usize>> = None;
    for (lexeme, range) in Scanner::new(text, dialect) {
        match lexeme {
            Lexeme::Space | Lexeme::Comment => {}
            Lexeme::Symbol if &text[range.clone()] == ";" => found.extend(current.take()),
            _ => current = Some(current.map_or(range.start, |current| current.start)..range.end),
        }
    }
    found.extend(current);
    found
}

/// Whether a text has no statement: nothing but space, comments and `;`.
#[must_use]
pub fn is_blank(text: &str, dialect: Dialect) -> bool {
    statements(text, dialect).is_empty()
}

/// The text without the semicolons that end it. Comments after them go too, those before
/// them stay. A `;` between two statements stays.
#[must_use]
pub fn without_last_semicolon(text: &str, dialect: Dialect) -> &str {
    let Some(last) = statements(text, dialect).pop() else { return text };
    let end = Scanner::new(&text[last.end..], dialect)
        .find(|(lexeme, range)| *lexeme == Lexeme::Symbol && text[last.end..][range.clone()].starts_with(';'))
        .map_or(text.len(), |(_, range)| last.end + range.start);
    &text[..end]
}

/// The first word of a text in lower case, past space, comments and `(`; empty when
/// something else comes first.
#[must_use]
pub fn first_word(text: &str, dialect: Dialect) -> String {
    for (lexeme, range) in Scanner::new(text, dialect) {
        match lexeme {
            Lexeme::Space | Lexeme::Comment => {}
            Lexeme::Symbol if &text[range.clone()] == "(" => {}
            Lexeme::Word => return text[range].to_lowercase(),
            _ => break,
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        statements(text, Dialect::DuckDb).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn statements_end_at_semicolons_that_are_code() {
        assert_eq!(
            split("-- 하나;\nselect ';' as \"a;b\" ; /* ; */ ;; insert into 주문 values ($$;$$) -- end;"),
            ["select ';' as \"a;b\"", "insert into 주문 values ($$;$$)"]
        );
        assert_eq!(split("select 'open; select 2"), ["select 'open; select 2"]);
        assert_eq!(split("select 1 /* in; side */ + 2"), ["select 1 /* in; side */ + 2"]);
    }

    #[test]
    fn space_and_comments_are_blank() {
        for text in ["", " \n", "-- select 1", "/* a; */ ; \n ;"] {
            assert!(is_blank(text, Dialect::DuckDb), "{text}");
        }
        assert!(!is_blank("/* a */ x", Dialect::DuckDb));
    }

    #[test]
    fn the_last_semicolon_goes() {
        let cut = |text| without_last_semicolon(text, Dialect::DuckDb);
        assert_eq!(cut("select 1 -- a;\n ; ; -- b"), "select 1 -- a;\n ");
        assert_eq!(cut("select 1 -- a;"), "select 1 -- a;");
        assert_eq!(cut("a; b;"), "a; b");
        assert_eq!(cut("-- only"), "-- only");
    }

    #[test]
    fn the_first_word_is_found_behind_parentheses() {
        assert_eq!(first_word("/* x */ ((Select 1))", Dialect::DuckDb), "select");
        assert_eq!(first_word("'a'", Dialect::DuckDb), "");
    }
}
