use crate::sql::tree::{Name, Query};
use crate::sql::{DataType, Dialect};

/// What typing asks the scope it stands in.
pub(in crate::analyze) trait Environment {
    fn dialect(&self) -> Dialect;

    /// The type of a column by its parts as written, a lambda's parameters among them; `None`
    /// when it is not known or not there (which the scope has complained about already).
    fn column(&self, path: &[Name]) -> Option<DataType>;

    /// The types of the columns a query inside of an expression gives; `None` when they are
    /// not known.
    fn subquery(&self, query: &Query) -> Option<Vec<Option<DataType>>>;
}
