use crate::sql::tree::{Name, Query};
use crate::sql::{DataType, Dialect};

/// What typing asks the scope it stands in.
pub(in crate::analyze) trait Environment {
    fn dialect(&self) -> Dialect;

    /// The type of a column by its parts as written; `None` when it is not known or not there
    /// (which the scope has complained about already). Parameters of lambdas are not asked for.
    fn column(&self, path: &[Name]) -> Option<DataType>;

    /// The types of the columns a query inside of an expression gives; `None` when they are
    /// not known.
    fn subquery(&self, query: &Query) -> Option<Vec<Option<DataType>>>;

    /// Which column a path means, the same for every way to write it; `None` when it is not
    /// known, so that nothing is said of it.
    fn identity(&self, _path: &[Name]) -> Option<Identity> {
        None
    }
}

/// Which column a path means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::analyze) enum Identity {
    /// A column of the relation in FROM with that number, counted from 0 through commas and
    /// joins, by its folded name. A field of a struct in it is the column it stands in.
    Local {
        relation: usize,
        column: String,
        /// Whether the relation is a table, which may have a primary key.
        has_keys: bool,
    },
    /// A column of a query around this one: the same for all rows here.
    Outer,
}
