use std::ops::Range;

use super::Dialect;
use super::scan::{Lexeme, Scanner};
use super::split::without_last_semicolon;

/// A query with common table expressions put before its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithCtes {
    pub text: String,
    /// Where in the query the new text went in (a byte of the old text), and its length.
    /// `None` when there was nothing to put in.
    pub inserted: Option<(usize, usize)>,
    /// For each expression, the bytes of the new text that hold its SQL.
    pub bodies: Vec<Range<usize>>,
}

/// Puts `ctes` (name as it is to be written, SQL) before the query `sql`. They come first,
/// so that the query's own expressions can read them; a query that begins with `with` or
/// `with recursive` gets them into that clause.
///
/// A body ends with a line of its own, so a comment at its end hides nothing.
#[must_use]
pub fn with_ctes(sql: &str, ctes: &[(String, String)], dialect: Dialect) -> WithCtes {
    if ctes.is_empty() {
        return WithCtes { text: sql.to_owned(), inserted: None, bodies: Vec::new() };
    }
    let (at, is_merged) = place(sql, dialect);
    let mut text = sql[..at].to_owned();
    text.push_str(if is_merged { " " } else { "with " });
    let mut bodies = Vec::with_capacity(ctes.len());
    let mut separator = "";
    for (name, body) in ctes {
        text.push_str(separator);
        text.push_str(name);
        text.push_str(" as (\n");
        let start = text.len();
        text.push_str(without_last_semicolon(body, dialect));
        bodies.push(start..text.len());
        text.push_str("\n)");
        separator = ", ";
    }
    text.push_str(if is_merged { "," } else { " " });
    let inserted = Some((at, text.len() - at));
    text.push_str(&sql[at..]);
    WithCtes { text, inserted, bodies }
}

/// Where expressions go into `sql`, and whether it has a `with` for them already. One
/// inside parentheses is not the query's own: `(with … select …) union …`.
fn place(sql: &str, dialect: Dialect) -> (usize, bool) {
    let mut code = Scanner::new(sql, dialect)
        .filter(|(lexeme, _)| !matches!(lexeme, Lexeme::Space | Lexeme::Comment))
        .peekable();
    let is = |range: &Range<usize>, word: &str| sql[range.clone()].eq_ignore_ascii_case(word);
    match code.next() {
        None => (0, false),
        Some((Lexeme::Word, with)) if is(&with, "with") => match code.peek() {
            Some((Lexeme::Word, recursive)) if is(recursive, "recursive") => (recursive.end, true),
            _ => (with.end, true),
        },
        // Before its comments: as dbt, of which tools compare the text.
        Some(_) => (sql.len() - sql.trim_start().len(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Files, Origin, Segment, SourceMap};

    fn ctes() -> Vec<(String, String)> {
        vec![("__dbt__cte__a".into(), "select 1 as 값 -- x".into()), ("b".into(), "select 2; ".into())]
    }

    fn text(sql: &str) -> String {
        with_ctes(sql, &ctes(), Dialect::DuckDb).text
    }

    const NEW: &str = "__dbt__cte__a as (\nselect 1 as 값 -- x\n), b as (\nselect 2\n)";

    #[test]
    fn a_query_without_with_gets_one_before_its_comments() {
        assert_eq!(
            text("\n-- with x\n/* with */ select *"),
            format!("\nwith {NEW} -- with x\n/* with */ select *")
        );
        assert_eq!(
            text("(with x as (select 1) select 1)"),
            format!("with {NEW} (with x as (select 1) select 1)")
        );
        assert_eq!(text("\"with\""), format!("with {NEW} \"with\""));
    }

    #[test]
    fn a_query_with_with_takes_them_in() {
        assert_eq!(
            text("/* a */ WITH x as (select 1) select 1"),
            format!("/* a */ WITH {NEW}, x as (select 1) select 1")
        );
        assert_eq!(
            text("with -- c\nRecursive x as (select 1) select 1"),
            format!("with -- c\nRecursive {NEW}, x as (select 1) select 1")
        );
        assert_eq!(text("with x as (select 1) select 1").matches("with").count(), 1);
    }

    #[test]
    fn nothing_to_put_in_changes_nothing() {
        let same = with_ctes("select 1;", &[], Dialect::DuckDb);
        assert_eq!((same.text.as_str(), same.inserted), ("select 1;", None));
    }

    #[test]
    fn ranges_lead_back_to_the_query_and_to_the_bodies() {
        let sql = "with 주문 as (select amout from t) select 1";
        let made = with_ctes(sql, &ctes(), Dialect::DuckDb);
        assert_eq!(&made.text[made.bodies[0].clone()], "select 1 as 값 -- x");
        assert_eq!(&made.text[made.bodies[1].clone()], "select 2");
        let file = Files::new().add("a.sql", sql);
        let origin = Origin { span: file.span(), is_copied: true, trace: std::sync::Arc::from([]) };
        let (at, length) = made.inserted.unwrap();
        let map = SourceMap::new(vec![Segment { output: 0..sql.len(), origin }]).spliced(at..at, length);
        let found = made.text.find("amout").unwrap();
        assert_eq!(file.slice(map.origin(found..found + 5).unwrap().span), "amout");
    }
}
