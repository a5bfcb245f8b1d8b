use crate::sql::Dialect;
use crate::sql::tree::{Query, TextRange};

/// Why a text is no query, or none that this parser understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// One phrase in small letters.
    pub message: String,
    /// Where reading stopped.
    pub at: TextRange,
}

/// Reads one query (SELECT, VALUES, set operations, WITH around them; a semicolon at the end
/// is allowed) in the grammar of `dialect`.
///
/// # Errors
/// The text is not one query, or has a construct the parser does not know. Of a dialect whose
/// engine is at hand ([`Binder`](crate::adapter::Binder)), the engine has the last word.
pub fn parse_query(_text: &str, _dialect: Dialect) -> Result<Query, SyntaxError> {
    Err(SyntaxError { message: "queries cannot be read yet".to_owned(), at: TextRange::default() })
}
