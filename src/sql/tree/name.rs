use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::sql::{Dialect, Folding};

/// Bytes of the text that was parsed. Empty at 0 for what no text wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TextRange {
    pub start: usize,
    pub end: usize,
}

impl TextRange {
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// From the beginning of the one to the end of the other.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

impl From<Range<usize>> for TextRange {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// One part of a name as it was written, without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub text: String,
    pub is_quoted: bool,
    pub at: TextRange,
}

impl Name {
    /// The form in which names that mean the same are equal: `ORDERS` and `orders` are one
    /// name unless the dialect tells quoted names apart.
    #[must_use]
    pub fn folded(&self, dialect: Dialect) -> String {
        match dialect.folding() {
            Folding::Lower | Folding::Upper if self.is_quoted => self.text.clone(),
            Folding::Insensitive | Folding::Lower => self.text.to_lowercase(),
            Folding::Upper => self.text.to_uppercase(),
        }
    }
}
