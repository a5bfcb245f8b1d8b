use serde_json::Value;

use crate::adapter::duckdb::words::Words;
use crate::sql::tree::{Name, TextRange};
use crate::sql::{Dialect, Ident, Lexeme};

/// Where things stand in the text.
pub(super) struct Places<'a> {
    pub text: &'a str,
    pub words: Words<'a>,
    inside: Vec<Option<usize>>,
    partners: Vec<Option<usize>>,
}

/// Words that a query begins with.
const QUERY: &[&str] =
    &["select", "with", "from", "values", "table", "pivot", "unpivot", "describe", "summarize", "show"];

impl<'a> Places<'a> {
    pub fn new(text: &'a str) -> Self {
        let words = Words::new(text);
        let (inside, partners) = words.brackets();
        Self { text, words, inside, partners }
    }

    pub fn slice(&self, at: TextRange) -> &'a str {
        self.text.get(at.range()).unwrap_or_default()
    }

    /// The word at which a part of the JSON is said to begin.
    pub fn start(&self, json: &Value) -> Option<usize> {
        let at = usize::try_from(json.get("query_location")?.as_u64()?).ok()?;
        self.words.starting(at)
    }

    /// The first word from a byte on.
    pub fn word_from(&self, byte: usize) -> usize {
        self.words.from(byte)
    }

    pub fn partner(&self, index: usize) -> Option<usize> {
        self.partners.get(index).copied().flatten()
    }

    /// The bracket that a word stands in.
    pub fn opener(&self, index: usize) -> Option<usize> {
        self.inside.get(index).copied().flatten()
    }

    /// The call around an argument: name, brackets and all between.
    pub fn around(&self, argument: TextRange) -> Option<(usize, TextRange)> {
        let opener = self.opener(self.word_from(argument.start))?;
        let name = opener.checked_sub(1)?;
        let close = self.partner(opener)?;
        Some((name, self.words.range(name).to(self.words.range(close))))
    }

    /// A range with the brackets directly around it, if these stand there.
    pub fn bracketed(&self, at: TextRange, open: &str) -> TextRange {
        let first = self.word_from(at.start);
        match self.opener(first) {
            Some(opener) if self.words.text(opener) == open => {
                let close = self.partner(opener).map_or(at, |close| self.words.range(close));
                self.words.range(opener).to(close)
            }
            _ => at,
        }
    }

    /// The query that a word stands in, without the brackets around it.
    pub fn query_around(&self, index: usize) -> TextRange {
        let mut at = self.opener(index);
        while let Some(opener) = at {
            let begins = QUERY.iter().any(|word| self.words.is(opener + 1, word));
            if begins && let Some(close) = self.partner(opener) {
                return self.words.range(opener + 1).to(self.words.range(close.saturating_sub(1)));
            }
            at = self.opener(opener);
        }
        self.whole()
    }

    /// The whole text, without the semicolon at the end.
    pub fn whole(&self) -> TextRange {
        let mut last = self.words.len().saturating_sub(1);
        while last > 0 && self.words.text(last) == ";" {
            last -= 1;
        }
        self.words.range(0).to(self.words.range(last))
    }

    /// The first word in a part of the JSON that has a place.
    pub fn first_in(&self, json: &Value) -> Option<usize> {
        let own = self.start(json).filter(|_| json.get("class").is_none_or(|class| class != "STAR"));
        let inner = match json {
            Value::Object(fields) => fields.values().filter_map(|value| self.first_in(value)).min(),
            Value::Array(items) => items.iter().filter_map(|value| self.first_in(value)).min(),
            _ => None,
        };
        own.into_iter().chain(inner).min()
    }

    /// A word as the part of a name; `text` when DuckDB made it.
    pub fn name_at(&self, index: usize, text: &str) -> Name {
        let at = self.words.range(index);
        match self.words.lexeme(index) {
            Some(Lexeme::QuotedName) => {
                let unquoted = Ident::unquoted(self.slice(at), Dialect::DuckDb);
                let text = unquoted.map_or_else(|| text.to_owned(), |ident| ident.as_str().to_owned());
                Name { text, is_quoted: true, at }
            }
            Some(Lexeme::String) => Name { text: text.to_owned(), is_quoted: true, at },
            _ => Name { text: text.to_owned(), is_quoted: false, at },
        }
    }

    /// A name of several parts that begins with a word.
    pub fn path_at(&self, first: usize, parts: &[&str]) -> Vec<Name> {
        let mut index = first;
        let mut path = Vec::with_capacity(parts.len());
        for part in parts {
            if self.words.is_name(index, part) || self.words.lexeme(index) == Some(Lexeme::String) {
                path.push(self.name_at(index, part));
                index += 2;
            } else {
                let name = Name { text: (*part).to_owned(), is_quoted: false, at: self.words.range(first) };
                path.push(name);
            }
        }
        path
    }

    /// A name somewhere behind a word; at that word when it is not found.
    pub fn name_after(&self, from: usize, text: &str) -> Name {
        match (from..self.words.len()).find(|index| self.words.is_name(*index, text)) {
            Some(index) => self.name_at(index, text),
            None => Name { text: text.to_owned(), is_quoted: false, at: self.words.range(from) },
        }
    }

    /// The name that an alias has: behind what it is for, or before it with a colon.
    pub fn alias(&self, of: TextRange, text: &str) -> Name {
        let mut next = self.word_from(of.end);
        // Brackets around what it is for are no part of its place.
        while self.words.text(next) == ")" && !self.words.is_name(next, text) {
            next += 1;
        }
        if self.words.is(next, "as") {
            next += 1;
        }
        if self.words.is_name(next, text) || self.words.lexeme(next) == Some(Lexeme::String) {
            return self.name_at(next, text);
        }
        let first = self.word_from(of.start);
        let before = (0..first).rev().find(|index| self.words.text(*index) != "(");
        match before {
            Some(colon) if [":", "="].contains(&self.words.text(colon)) || self.words.text(colon) == ">" => {
                let name = (0..colon).rev().find(|index| self.words.is_name(*index, text));
                name.map_or_else(|| self.synthetic(text, of), |index| self.name_at(index, text))
            }
            _ => self.synthetic(text, of),
        }
    }

    #[allow(clippy::unused_self)]
    pub fn synthetic(&self, text: &str, at: TextRange) -> Name {
        Name { text: text.to_owned(), is_quoted: false, at }
    }

    /// A number, with its point and exponent.
    pub fn number_at(&self, index: usize) -> TextRange {
        let start = self.words.range(index).start;
        let rest = self.text.get(start..).unwrap_or_default();
        let mut end = 0;
        let mut last = ' ';
        for letter in rest.chars() {
            let is_sign = matches!(letter, '-' | '+') && (end == 0 || matches!(last, 'e' | 'E'));
            let is_space = letter == ' ' && matches!(last, '-' | '+');
            if !(letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_') || is_sign || is_space) {
                break;
            }
            last = letter;
            end += letter.len_utf8();
        }
        TextRange::new(start, start + end)
    }

    /// Where a type that begins with a word ends: words, brackets with sizes, `[]`.
    pub fn type_end(&self, first: usize) -> usize {
        let mut index = first;
        while self.words.text(index + 1) == "." {
            index += 2;
        }
        for (word, next) in [("double", "precision"), ("character", "varying"), ("bit", "varying")] {
            if self.words.is(index, word) && self.words.is(index + 1, next) {
                index += 1;
            }
        }
        if self.words.text(index + 1) == "(" {
            index = self.partner(index + 1).unwrap_or(index);
        }
        if (self.words.is(index + 1, "with") || self.words.is(index + 1, "without"))
            && self.words.is(index + 2, "time")
        {
            index += 3;
        }
        while self.words.text(index + 1) == "[" {
            index = self.partner(index + 1).unwrap_or(index + 1);
        }
        index
    }
}
