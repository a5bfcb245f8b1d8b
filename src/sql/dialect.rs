/// A dialect of SQL: how it quotes, folds and calls things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    DuckDb,
}

impl Dialect {
    /// The character around a quoted identifier.
    #[must_use]
    pub fn quote_character(self) -> char {
        match self {
            Dialect::DuckDb => '"',
        }
    }
}
