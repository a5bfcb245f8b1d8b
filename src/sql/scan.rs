use std::ops::Range;

use super::Dialect;

/// What a piece of SQL text is, as far as its letters tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lexeme {
    Space,
    /// `-- …` up to the end of the line, or `/* … */`.
    Comment,
    /// A string in quotes or between dollars.
    String,
    /// A name in quotes.
    QuotedName,
    /// A keyword, a name or a number.
    Word,
    /// One character of punctuation.
    Symbol,
}

/// Cuts SQL text into lexemes that together are the whole text. It never fails: what is
/// left open (a string, a comment) goes on to the end, so that text no parser takes can
/// still be cut at its statements.
///
/// Comments nest and strings between dollars exist, as in
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html>, which DuckDB follows.
/// Backslashes escape in strings of `BigQuery`, Spark and Snowflake; `BigQuery` has strings in
/// three quotes and comments after `#`
/// (<https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical>), Snowflake comments
/// after `//` (<https://docs.snowflake.com/en/sql-reference/sql/comment>).
#[derive(Clone, Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
}

impl<'a> Scanner<'a> {
    #[must_use]
    pub fn new(text: &'a str, dialect: Dialect) -> Self {
        Self { text, at: 0, dialect }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Length of what lies before the first `end` of `text`, that included.
    fn through(text: &str, end: &str) -> usize {
        text.find(end).map_or(text.len(), |at| at + end.len())
    }

    /// Length of the quoted piece that `text` begins with; a doubled quote stands for
    /// itself, and so does one after a backslash if `has_escapes`.
    fn quoted(text: &str, quote: char, has_escapes: bool) -> usize {
        let mut characters = text.char_indices().skip(1).peekable();
        while let Some((at, character)) = characters.next() {
            if character == '\\' && has_escapes {
                characters.next();
            } else if character == quote {
                if characters.peek().is_some_and(|(_, next)| *next == quote) {
                    characters.next();
                } else {
                    return at + quote.len_utf8();
                }
            }
        }
        text.len()
    }

    /// Length of the string that `text` begins with.
    fn string(&self, text: &str, quote: char) -> usize {
        let three = if quote == '"' { "\"\"\"" } else { "'''" };
        if self.dialect == Dialect::BigQuery && text.starts_with(three) {
            return Self::in_three(text, three);
        }
        let has_escapes = matches!(
            self.dialect,
            Dialect::BigQuery | Dialect::Spark | Dialect::Databricks | Dialect::Snowflake
        );
        Self::quoted(text, quote, has_escapes)
    }

    /// Length of the string in three quotes that `text` begins with.
    fn in_three(text: &str, quotes: &str) -> usize {
        let bytes = text.as_bytes();
        let mut at = quotes.len();
        while at < bytes.len() {
            if bytes[at] == b'\\' {
                at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8);
            } else if bytes[at..].starts_with(quotes.as_bytes()) {
                return at + quotes.len();
            } else {
                at += 1;
            }
        }
        text.len()
    }

    /// Whether a quotation mark begins a string, and not a name.
    fn has_double_quoted_strings(&self) -> bool {
        matches!(self.dialect, Dialect::BigQuery | Dialect::Spark | Dialect::Databricks)
    }

    fn block_comment(text: &str) -> usize {
        let bytes = text.as_bytes();
        let (mut at, mut depth) = (0, 0_usize);
        while at < bytes.len() {
            match bytes.get(at..at + 2) {
                Some(b"/*") => (depth, at) = (depth + 1, at + 2),
                Some(b"*/") => {
                    (depth, at) = (depth - 1, at + 2);
                    if depth == 0 {
                        return at;
                    }
                }
                _ => at += 1,
            }
        }
        text.len()
    }

    /// Length of a string between dollars (`$$…$$`, `$tag$…$tag$`), if `text` begins one.
    fn dollar_string(text: &str) -> Option<usize> {
        let tag_end = text[1..].find(|c: char| !is_word(c) || c == '$')? + 1;
        let is_tag = text[tag_end..].starts_with('$') && !text[1..].starts_with(|c: char| c.is_ascii_digit());
        let tag = is_tag.then(|| &text[..=tag_end])?;
        Some(tag.len() + Self::through(&text[tag.len()..], tag))
    }

    fn word(text: &str) -> usize {
        text.find(|c: char| !is_word(c)).unwrap_or(text.len())
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

impl Iterator for Scanner<'_> {
    type Item = (Lexeme, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest();
        let mut characters = rest.chars();
        let first = characters.next()?;
        let second = characters.next();
        let (lexeme, length) = match (first, second) {
            (c, _) if c.is_whitespace() => {
                (Lexeme::Space, rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()))
            }
            ('-', Some('-')) => (Lexeme::Comment, rest.find(['\n', '\r']).unwrap_or(rest.len())),
            ('/', Some('*')) => (Lexeme::Comment, Self::block_comment(rest)),
            ('/', Some('/')) if self.dialect == Dialect::Snowflake => {
                (Lexeme::Comment, rest.find(['\n', '\r']).unwrap_or(rest.len()))
            }
            ('#', _) if self.dialect == Dialect::BigQuery => {
                (Lexeme::Comment, rest.find(['\n', '\r']).unwrap_or(rest.len()))
            }
            ('\'', _) => (Lexeme::String, self.string(rest, '\'')),
            ('"', _) if self.has_double_quoted_strings() => (Lexeme::String, self.string(rest, '"')),
            ('e' | 'E', Some('\'')) => (Lexeme::String, 1 + Self::quoted(&rest[1..], '\'', true)),
            ('$', _) => match Self::dollar_string(rest) {
                Some(length) => (Lexeme::String, length),
                None => (Lexeme::Word, Self::word(rest)),
            },
            (c, _) if c == self.dialect.quote_character() => {
                (Lexeme::QuotedName, Self::quoted(rest, c, false))
            }
            (c, _) if is_word(c) => (Lexeme::Word, Self::word(rest)),
            (c, _) => (Lexeme::Symbol, c.len_utf8()),
        };
        let range = self.at..self.at + length;
        self.at = range.end;
        Some((lexeme, range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Vec<(Lexeme, &str)> {
        let scanned: Vec<_> = Scanner::new(text, Dialect::DuckDb)
            .filter(|(lexeme, _)| *lexeme != Lexeme::Space)
            .map(|(lexeme, range)| (lexeme, &text[range]))
            .collect();
        let whole: String = Scanner::new(text, Dialect::DuckDb).map(|(_, range)| &text[range]).collect();
        assert_eq!(whole, text);
        scanned
    }

    #[test]
    fn strings_names_and_comments_are_whole() {
        use Lexeme::{Comment, QuotedName, String, Symbol, Word};
        assert_eq!(
            scan("select 'it''s;', E'\\';' --;\n, \"a\"\";b\" /* /* ; */ */, $$;$$, $주$;$$$주$, a$b$c, $1"),
            [
                (Word, "select"),
                (String, "'it''s;'"),
                (Symbol, ","),
                (String, "E'\\';'"),
                (Comment, "--;"),
                (Symbol, ","),
                (QuotedName, "\"a\"\";b\""),
                (Comment, "/* /* ; */ */"),
                (Symbol, ","),
                (String, "$$;$$"),
                (Symbol, ","),
                (String, "$주$;$$$주$"),
                (Symbol, ","),
                (Word, "a$b$c"),
                (Symbol, ","),
                (Word, "$1"),
            ]
        );
    }

    #[test]
    fn dialects_have_strings_and_comments_of_their_own() {
        use Lexeme::{Comment, QuotedName, String, Symbol, Word};
        let scan = |text: &'static str, dialect| -> Vec<(Lexeme, &str)> {
            Scanner::new(text, dialect)
                .filter(|(lexeme, _)| *lexeme != Lexeme::Space)
                .map(|(lexeme, range)| (lexeme, &text[range]))
                .collect()
        };
        assert_eq!(
            scan("'it\\'s' \"a'b\" '''주 ' \\''' x''' `a\"b` # c\n1", Dialect::BigQuery),
            [
                (String, "'it\\'s'"),
                (String, "\"a'b\""),
                (String, "'''주 ' \\''' x'''"),
                (QuotedName, "`a\"b`"),
                (Comment, "# c"),
                (Word, "1"),
            ]
        );
        assert_eq!(
            scan("'a\\'b' // 'c\n\"d\"", Dialect::Snowflake),
            [(String, "'a\\'b'"), (Comment, "// 'c"), (QuotedName, "\"d\""),]
        );
        assert_eq!(scan("'a\\'//", Dialect::DuckDb), [(String, "'a\\'"), (Symbol, "/"), (Symbol, "/")]);
    }

    #[test]
    fn what_is_left_open_goes_on_to_the_end() {
        for text in ["'주문; x", "\"a", "/* /* */ ;", "$a$ ; $b$", "E'\\", "$", "$a", "-- x", "e'"] {
            assert_eq!(scan(text).len(), 1, "{text}");
        }
    }
}
