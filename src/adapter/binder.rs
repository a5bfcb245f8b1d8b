use super::AdapterError;
use crate::sql::tree::Query;
use crate::sql::{DataType, RelationName};

/// A warehouse's own judge of queries, with no data: it knows relations by their columns alone,
/// reaches no network, runs nothing, and reads of the user's files at most the columns.
pub trait Binder: Send {
    /// Makes a relation known, empty and in place of one with the same name. Columns are names
    /// and types.
    ///
    /// # Errors
    /// A type is not one of the warehouse's.
    fn declare(
        &mut self,
        relation: &RelationName,
        columns: &[(String, DataType)],
    ) -> Result<(), AdapterError>;

    /// The columns that a query gives.
    ///
    /// # Errors
    /// What the warehouse would refuse it for.
    fn bind(&mut self, sql: &str) -> Result<Vec<(String, DataType)>, Refusal>;

    /// The tree of a query that only the warehouse's own parser reads.
    ///
    /// # Errors
    /// It is no query, or holds what the tree cannot be made of.
    fn tree(&mut self, sql: &str) -> Result<Query, Refusal>;
}

/// Why a query was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub kind: RefusalKind,
    /// The warehouse's words.
    pub message: String,
    /// Byte of the query where it says the fault is.
    pub at: Option<usize>,
    /// The name that is wrong, where there is one.
    pub name: Option<String>,
    /// Names that the warehouse thinks were meant, best first.
    pub candidates: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    Syntax,
    UnknownColumn,
    UnknownRelation,
    UnknownFunction,
    UnknownType,
    AmbiguousName,
    /// No form of the function takes arguments of these types.
    WrongArguments,
    /// Types that do not go together: in a comparison, a set operation, a cast.
    TypeMismatch,
    /// A column that is neither grouped nor aggregated, an aggregate where none may stand.
    Ungrouped,
    DuplicateColumn,
    /// It needs what a judge without data does not have: an extension, a file, a setting.
    CannotTell,
    Other,
}
