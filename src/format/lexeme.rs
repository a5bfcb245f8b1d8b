use std::ops::Range;

use crate::sql::{Dialect, Lexeme, Scanner};

/// Operators of more than one character that are cut out of a row of such characters.
/// Longest first.
const OPERATORS: [&str; 36] = [
    "!~~*", "<=>", "->>", "#>>", "!~~", "~~*", "!~*", "||/", "<->", "<#>", "::", "||", "<=", ">=", "<>",
    "!=", "==", "->", "=>", ":=", "//", "**", "~~", "~*", "!~", "&&", "@>", "<@", "^@", "#>", "@@", "?|",
    "?&", "<<", ">>", "|>",
];

/// Characters that operators are made of.
fn is_operator(byte: u8) -> bool {
    matches!(
        byte,
        b'+' | b'-'
            | b'*'
            | b'/'
            | b'<'
            | b'>'
            | b'='
            | b'~'
            | b'!'
            | b'@'
            | b'#'
            | b'%'
            | b'^'
            | b'&'
            | b'|'
            | b'?'
            | b':'
    )
}

/// The lexemes of a text as the [`Scanner`] cuts it, but with numbers and operators whole.
#[must_use]
pub fn lexemes(text: &str, dialect: Dialect) -> Vec<(Lexeme, Range<usize>)> {
    let mut found: Vec<(Lexeme, Range<usize>)> = Vec::new();
    let mut raw = Scanner::new(text, dialect).peekable();
    while let Some((lexeme, mut range)) = raw.next() {
        if lexeme == Lexeme::Symbol && is_operator(text.as_bytes()[range.start]) {
            while let Some((_, next)) = raw.next_if(|(lexeme, next)| {
                *lexeme == Lexeme::Symbol && is_operator(text.as_bytes()[next.start])
            }) {
                range.end = next.end;
            }
            found.extend(operators(text, range).into_iter().map(|range| (Lexeme::Symbol, range)));
            continue;
        }
        let is_number = match lexeme {
            // `1.5`, but not the `1` of `t.1.a`.
            Lexeme::Word => {
                text.as_bytes()[range.start].is_ascii_digit()
                    && found.last().is_none_or(|(last, at)| {
                        *last != Lexeme::Symbol || !text[at.clone()].starts_with('.')
                    })
            }
            // `.5`, but not the `.5` of `t.5`.
            Lexeme::Symbol => {
                text[range.start..].starts_with('.')
                    && text[range.end..].starts_with(|c: char| c.is_ascii_digit())
                    && found.last().is_none_or(|(last, at)| {
                        matches!(last, Lexeme::Space | Lexeme::Comment)
                            || (*last == Lexeme::Symbol
                                && !text[at.clone()].starts_with([')', ']', '}', '.']))
                    })
            }
            _ => false,
        };
        if is_number {
            range.end = number_end(text, &range);
            while raw.next_if(|(_, next)| next.end <= range.end).is_some() {}
            found.push((Lexeme::Word, range));
        } else {
            found.push((lexeme, range));
        }
    }
    found
}

/// Where the number ends that begins with the word or the point at `range`.
fn number_end(text: &str, range: &Range<usize>) -> usize {
    let word = |from: usize| {
        let rest = &text[from..];
        from + rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(rest.len())
    };
    let mut end = word(range.end);
    if text[end..].starts_with('.') && !text[range.start..].starts_with('.') && !text[end..].starts_with("..")
    {
        end = word(end + 1);
    }
    let digits = &text[range.start..end];
    let is_cut_exponent = digits.ends_with(['e', 'E'])
        && !digits.starts_with("0x")
        && digits[..digits.len() - 1]
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_'));
    let rest = &text[end..];
    if is_cut_exponent && rest.starts_with(['+', '-']) && rest[1..].starts_with(|c: char| c.is_ascii_digit())
    {
        end = word(end + 1);
    }
    end
}

/// Cuts a row of operator characters into operators. A row that may be one operator of the
/// user's own stays whole.
fn operators(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let row = &text[range.clone()];
    if row.len() == 1 || OPERATORS.contains(&row) {
        return vec![range];
    }
    // <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-OPERATORS>:
    // only with one of these may an operator end in a sign.
    if row.contains(['~', '!', '@', '#', '%', '^', '&', '|', '?']) && !row.starts_with("||") {
        let known = OPERATORS.iter().find(|known| {
            row.strip_prefix(**known).is_some_and(|rest| matches!(rest, "-" | "+" | ":" | "::"))
        });
        if known.is_none() {
            return vec![range];
        }
    }
    let mut cut = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let rest = &text[at..range.end];
        let length = OPERATORS.iter().find(|known| rest.starts_with(**known)).map_or(1, |known| known.len());
        cut.push(at..at + length);
        at += length;
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        lexemes(text, Dialect::DuckDb)
            .into_iter()
            .filter(|(lexeme, _)| *lexeme != Lexeme::Space)
            .map(|(_, range)| &text[range])
            .collect()
    }

    #[test]
    fn numbers_are_whole() {
        assert_eq!(
            cut("1.5 .5 1e-5 1.e+3 1_000 0x1F t.1 a-1 1e 2e5-1 1.5.2"),
            [
                "1.5", ".5", "1e-5", "1.e+3", "1_000", "0x1F", "t", ".", "1", "a", "-", "1", "1e", "2e5",
                "-", "1", "1.5", ".", "2"
            ]
        );
    }

    #[test]
    fn operators_are_whole() {
        assert_eq!(
            cut("a=-1 b::int c->>'x' d||e f!~~*g h@-1 i<=-2 j#-k"),
            [
                "a", "=", "-", "1", "b", "::", "int", "c", "->>", "'x'", "d", "||", "e", "f", "!~~*", "g",
                "h", "@-", "1", "i", "<=", "-", "2", "j", "#-", "k"
            ]
        );
    }
}
