use std::ops::Range;

use crate::sql::tree::TextRange;
use crate::sql::{Dialect, Ident, Lexeme, Scanner};

/// A query cut into the pieces that mean something, to find places in it.
pub(super) struct Words<'a> {
    text: &'a str,
    words: Vec<(Lexeme, Range<usize>)>,
}

impl<'a> Words<'a> {
    pub fn new(text: &'a str) -> Self {
        let words = Scanner::new(text, Dialect::DuckDb)
            .filter(|(lexeme, _)| !matches!(lexeme, Lexeme::Space | Lexeme::Comment))
            .collect();
        Self { text, words }
    }

    pub fn len(&self) -> usize {
        self.words.len()
    }

    pub fn text(&self, index: usize) -> &'a str {
        self.words.get(index).map_or("", |(_, range)| &self.text[range.clone()])
    }

    pub fn range(&self, index: usize) -> TextRange {
        self.words.get(index).map_or_else(|| self.end(), |(_, range)| range.clone().into())
    }

    /// Behind the last word.
    pub fn end(&self) -> TextRange {
        let end = self.words.last().map_or(0, |(_, range)| range.end);
        TextRange::new(end, end)
    }

    /// The word that begins at a byte.
    pub fn starting(&self, at: usize) -> Option<usize> {
        self.words.binary_search_by_key(&at, |(_, range)| range.start).ok()
    }

    /// Whether a word is a keyword or a name without quotes, in whatever case.
    pub fn is(&self, index: usize, word: &str) -> bool {
        self.words.get(index).is_some_and(|(lexeme, range)| {
            *lexeme == Lexeme::Word && self.text[range.clone()].eq_ignore_ascii_case(word)
        })
    }

    /// Whether a word is this name, in quotes or not.
    pub fn is_name(&self, index: usize, name: &str) -> bool {
        let folded = |text: &str| text.to_lowercase() == name.to_lowercase();
        match self.words.get(index) {
            Some((Lexeme::Word, range)) => folded(&self.text[range.clone()]),
            Some((Lexeme::QuotedName, range)) => Ident::unquoted(&self.text[range.clone()], Dialect::DuckDb)
                .is_some_and(|ident| folded(ident.as_str())),
            _ => false,
        }
    }

    /// Whether a keyword or function of this name stands anywhere.
    pub fn contains(&self, word: &str) -> bool {
        (0..self.len()).any(|index| self.is(index, word))
    }

    /// The one place from `from` on where a name stands, if there is just one.
    pub fn only(&self, name: &str, from: usize) -> Option<usize> {
        let mut places = (from..self.len()).filter(|index| self.is_name(*index, name));
        let place = places.next()?;
        places.next().is_none().then_some(place)
    }

    /// The last word of a name with dots that begins with the word `index`.
    pub fn chain_end(&self, index: usize) -> usize {
        let mut end = index;
        while self.text(end + 1) == "." && end + 2 < self.len() {
            end += 2;
        }
        end
    }

    /// Whether there is a null that may be a value: not that of `is null` and `not null`.
    pub fn has_null_value(&self) -> bool {
        (0..self.len()).any(|index| {
            let is_test = index > 0 && (self.is(index - 1, "is") || self.is(index - 1, "not"));
            (self.is(index, "null") && !is_test) || (self.text(index) == "[" && self.text(index + 1) == "]")
        })
    }

    pub fn lexeme(&self, index: usize) -> Option<Lexeme> {
        self.words.get(index).map(|(lexeme, _)| *lexeme)
    }

    /// The first word that begins at a byte or behind it.
    pub fn from(&self, at: usize) -> usize {
        self.words.partition_point(|(_, range)| range.start < at)
    }

    /// The whole operator that begins with the symbol `index`: signs that touch.
    pub fn symbol(&self, index: usize) -> TextRange {
        let mut range = self.range(index);
        let is_sign =
            |index: usize| "+-*/%<>=~!@^&|#:?".contains(self.text(index)) && !self.text(index).is_empty();
        let mut next = index + 1;
        while is_sign(index) && is_sign(next) && self.range(next).start == range.end {
            range = range.to(self.range(next));
            next += 1;
        }
        range
    }

    /// Whether a word is one of the grammar's that stand for functions of other names.
    pub fn is_grammar(&self, index: usize) -> bool {
        const GRAMMAR: &[&str] = &[
            "between",
            "collate",
            "extract",
            "glob",
            "ilike",
            "in",
            "like",
            "not",
            "overlay",
            "position",
            "similar",
            "substring",
            "trim",
        ];
        GRAMMAR.iter().any(|word| self.is(index, word))
    }

    /// Whether the query may read files.
    pub fn reads_files(&self) -> bool {
        (0..self.len()).any(|index| {
            let word = self.text(index).to_ascii_lowercase();
            let is_read = word.starts_with("read_") || word.ends_with("_scan") || word.starts_with("sniff_");
            let is_named = self.lexeme(index) == Some(Lexeme::String)
                && index > 0
                && (self.is(index - 1, "from") || self.is(index - 1, "join") || self.text(index - 1) == ",");
            (is_read && self.text(index + 1) == "(") || is_named
        })
    }

    /// Whether a function of this name is called.
    pub fn calls(&self, function: &str) -> bool {
        (0..self.len()).any(|index| self.is(index, function) && self.text(index + 1) == "(")
    }

    /// The first parameter: `?`, `$1`, `$name`.
    pub fn parameter(&self) -> Option<usize> {
        (0..self.len()).find(|index| {
            self.text(*index) == "?"
                || (self.lexeme(*index) == Some(Lexeme::Word) && self.text(*index).starts_with('$'))
        })
    }

    fn only_where(&self, is_meant: impl Fn(usize) -> bool) -> Option<usize> {
        let mut places = (0..self.len()).filter(|index| is_meant(*index));
        let place = places.next()?;
        places.next().is_none().then_some(place)
    }

    /// The one place where a word, sign or string stands, if there is just one.
    pub fn only_text(&self, text: &str) -> Option<usize> {
        self.only_where(|index| self.text(index).eq_ignore_ascii_case(text))
    }

    /// The first of two words that stand together just once.
    pub fn only_pair(&self, first: &str, second: &str) -> Option<usize> {
        self.only_where(|index| self.is(index, first) && self.is(index + 1, second))
    }

    /// UNION, INTERSECT or EXCEPT, if there is just one.
    pub fn only_set_operator(&self) -> Option<usize> {
        self.only_where(|index| ["union", "intersect", "except"].iter().any(|word| self.is(index, word)))
    }

    /// The first number above `most` from a word on.
    pub fn number_above(&self, from: usize, most: u64) -> Option<usize> {
        (from..self.len()).find(|index| self.text(*index).parse().is_ok_and(|number: u64| number > most))
    }

    /// The second place where a name stands by itself and not in front of a dot or behind one.
    pub fn second_definition(&self, name: &str) -> Option<usize> {
        (0..self.len())
            .filter(|index| self.is_name(*index, name) && self.text(index + 1) != ".")
            .filter(|index| *index == 0 || self.text(index - 1) != ".")
            .nth(1)
    }

    /// For each word the bracket that it stands in, and for each bracket its partner.
    pub fn brackets(&self) -> (Vec<Option<usize>>, Vec<Option<usize>>) {
        let (mut inside, mut partners) = (vec![None; self.len()], vec![None; self.len()]);
        let mut open: Vec<usize> = Vec::new();
        for index in 0..self.len() {
            let is_symbol = self.lexeme(index) == Some(Lexeme::Symbol);
            match self.text(index) {
                "(" | "[" | "{" if is_symbol => {
                    inside[index] = open.last().copied();
                    open.push(index);
                }
                ")" | "]" | "}" if is_symbol => {
                    if let Some(opener) = open.pop() {
                        partners[opener] = Some(index);
                        partners[index] = Some(opener);
                    }
                    inside[index] = open.last().copied();
                }
                _ => inside[index] = open.last().copied(),
            }
        }
        (inside, partners)
    }
}
