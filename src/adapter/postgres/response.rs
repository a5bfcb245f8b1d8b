use crate::adapter::Response;
use crate::sql::{Dialect, Lexeme, Scanner};

/// What the server said of a statement, in the words of its command tag: the driver hands on
/// nothing of it but the number.
/// See <https://www.postgresql.org/docs/current/protocol-message-formats.html>, `CommandComplete`.
pub(super) fn response(statement: &str, rows: u64) -> Response {
    let words = first_words(statement);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let counted = |tag: &str| Response { message: format!("{tag} {rows}"), rows_affected: Some(rows) };
    match words.as_slice() {
        ["SELECT" | "TABLE" | "VALUES" | "WITH", ..] => counted("SELECT"),
        ["INSERT", ..] => counted("INSERT 0"),
        ["UPDATE" | "DELETE" | "MERGE" | "FETCH" | "MOVE" | "COPY", ..] => counted(words[0]),
        ["CREATE", kind @ ..] => {
            let kind: Vec<&str> = kind
                .iter()
                .copied()
                .skip_while(|word| {
                    matches!(
                        *word,
                        "OR" | "REPLACE" | "TEMP" | "TEMPORARY" | "UNLOGGED" | "UNIQUE" | "LOCAL" | "GLOBAL"
                    )
                })
                .collect();
            match kind.as_slice() {
                ["TABLE", ..] if is_table_as(statement) => counted("SELECT"),
                ["MATERIALIZED", "VIEW", ..] if !has_word(statement, "NODATA") => counted("SELECT"),
                ["MATERIALIZED", ..] => plain("CREATE MATERIALIZED VIEW"),
                [kind, ..] => plain(&format!("CREATE {kind}")),
                [] => plain("CREATE"),
            }
        }
        ["DROP" | "ALTER" | "REFRESH", "MATERIALIZED", ..] => {
            plain(&format!("{} MATERIALIZED VIEW", words[0]))
        }
        ["DROP" | "ALTER" | "TRUNCATE", kind, ..] => {
            plain(&format!("{} {}", words[0], if words[0] == "TRUNCATE" { "TABLE" } else { kind }))
        }
        [first, ..] => plain(first),
        [] => plain("OK"),
    }
}

fn plain(message: &str) -> Response {
    Response { message: message.to_owned(), rows_affected: None }
}

/// The first words in capital letters, up to the first sign.
fn first_words(statement: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (lexeme, range) in Scanner::new(statement, Dialect::Postgres) {
        match lexeme {
            Lexeme::Space | Lexeme::Comment => {}
            Lexeme::Symbol if words.is_empty() && &statement[range.clone()] == "(" => {}
            Lexeme::Word if words.len() < 6 => words.push(statement[range].to_uppercase()),
            _ => break,
        }
    }
    words
}

/// Whether a `create table` has a query: `as` outside of parentheses.
fn is_table_as(statement: &str) -> bool {
    let mut depth = 0_i32;
    for (lexeme, range) in Scanner::new(statement, Dialect::Postgres) {
        match (lexeme, &statement[range]) {
            (Lexeme::Symbol, "(") => depth += 1,
            (Lexeme::Symbol, ")") => depth -= 1,
            (Lexeme::Word, word) if depth == 0 && word.eq_ignore_ascii_case("as") => return true,
            _ => {}
        }
    }
    false
}

/// `with no data` at the end, as one word.
fn has_word(statement: &str, word: &str) -> bool {
    let tail: String = statement.chars().rev().filter(|c| c.is_alphanumeric()).take(word.len()).collect();
    tail.chars().rev().collect::<String>().eq_ignore_ascii_case(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_those_of_the_server() {
        for (statement, message) in [
            ("/* x */ create table a.b as (select 1)", "SELECT 2"),
            ("create unlogged table b (a int default (1))", "CREATE TABLE"),
            ("create temporary table b as select 1 as c", "SELECT 2"),
            ("create or replace view v as select 1", "CREATE VIEW"),
            ("create materialized view v as select 1", "SELECT 2"),
            ("create materialized view v as select 1 with no data", "CREATE MATERIALIZED VIEW"),
            ("create unique index on t (a)", "CREATE INDEX"),
            ("insert into t select 1", "INSERT 0 2"),
            ("merge into t using s on true", "MERGE 2"),
            ("with a as (select 1) select * from a", "SELECT 2"),
            ("drop materialized view v", "DROP MATERIALIZED VIEW"),
            ("drop table if exists t", "DROP TABLE"),
            ("refresh materialized view v", "REFRESH MATERIALIZED VIEW"),
            ("truncate t", "TRUNCATE TABLE"),
            ("grant select on t to r", "GRANT"),
            ("", "OK"),
        ] {
            assert_eq!(response(statement, 2).message, message, "{statement}");
        }
    }
}
