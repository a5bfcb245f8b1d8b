use crate::sql::{DataType, Dialect};

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::analyze) enum FunctionKind {
    Scalar,
    /// Of many rows one; with OVER a window function.
    Aggregate,
    /// Only with OVER.
    Window,
    /// Only in FROM.
    Table,
}

/// The kind of a function, in any case of letters; `None` for one that is not known.
pub(in crate::analyze) fn find(_dialect: Dialect, _name: &str) -> Option<FunctionKind> {
    None
}

/// Whether the argument at that place (from 0) of a function is a word of its grammar and no
/// column, when it is written as a plain name: `day` in `dateadd(day, 1, x)`.
pub(in crate::analyze) fn is_keyword_argument(_dialect: Dialect, _name: &str, _place: usize) -> bool {
    false
}

/// The type of a word that is called without parentheses: `current_date`. `None` for what is
/// no such word.
pub(in crate::analyze) fn bare_word(_dialect: Dialect, _name: &str) -> Option<Option<DataType>> {
    None
}
