use super::AdapterError;
use crate::sql::tree::{Query, TextRange};
use crate::sql::{DataType, RelationName};

/// A warehouse's own judge of queries, with no data: it knows relations by their columns alone,
/// reaches no network, runs nothing, and reads of the user's files at most the columns.
pub trait Binder: Send {
    /// Makes a relation known, empty and in place of one with the same name, to all binders
    /// of the adapter. Columns are names and types.
    ///
    /// # Errors
    /// A type is not one of the warehouse's, or there are no columns.
    fn declare(
        &mut self,
        relation: &RelationName,
        columns: &[(String, DataType)],
    ) -> Result<(), AdapterError>;

    /// The columns that a query gives, under the names that a relation made of it has: where
    /// the warehouse renames the second of two columns of one name, it is renamed here.
    ///
    /// # Errors
    /// What the warehouse would refuse it for.
    fn bind(&mut self, sql: &str) -> Result<Vec<(String, DataType)>, Refusal>;

    /// Whether a name, folded, may be that of a relation or schema which is there without having
    /// been declared.
    fn may_hold(&self, _name: &str) -> bool {
        true
    }

    /// The type that a column of a query has in a table made of it. Other than in a view, a
    /// column of nothing but null has to become of some type.
    fn stored(&self, data_type: &DataType) -> DataType {
        data_type.clone()
    }

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
    /// Where in the query the fault is: the name or word that is wrong, empty at the end of
    /// what was written when something is missing there.
    pub at: Option<TextRange>,
    /// The name that is wrong, where there is one.
    pub name: Option<String>,
    /// Names that the warehouse thinks were meant, best first; of a function with wrong
    /// arguments the forms that it has.
    pub candidates: Vec<String>,
}

impl Refusal {
    #[must_use]
    pub fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), at: None, name: None, candidates: Vec::new() }
    }

    #[must_use]
    pub fn at(mut self, at: TextRange) -> Self {
        self.at = Some(at);
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    Syntax,
    /// A column, or a field of a struct.
    UnknownColumn,
    /// A table, or the name of one in FROM that a column is said to be of.
    UnknownRelation,
    UnknownFunction,
    UnknownType,
    AmbiguousName,
    /// No form of the function or operator takes arguments of these types.
    WrongArguments,
    /// Types that do not go together: in a comparison, a set operation, a cast.
    TypeMismatch,
    /// Numbers of columns that have to be the same and are not: of a set operation, of VALUES,
    /// of an alias, of a query in the place of one value.
    ColumnCount,
    /// A column that is neither grouped nor aggregated.
    Ungrouped,
    /// An aggregate or a window function where none may stand.
    MisplacedAggregate,
    DuplicateColumn,
    /// It needs what a judge without data does not have: an extension, a file, a setting.
    CannotTell,
    Other,
}
