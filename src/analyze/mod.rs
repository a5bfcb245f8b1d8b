//! What a query means: which relations it reads, which columns come out, of which types and
//! made from what. Knows SQL and schemas, no nodes and no templates.
//!
//! [`analyze`] takes a query's tree and what is known of the relations around it
//! ([`Relations`]), and gives an [`Analysis`]: the columns that come out with their types and
//! lineage, the problems found, and what could not be known. Nothing here guesses: a relation
//! of which nothing is known makes what is read from it unknown, never wrong.

#[allow(clippy::module_inception)]
mod analysis;
mod analyze;
mod bind_query;
mod bind_select;
mod connect;
mod difference;
mod expr;
mod facts;
mod fields;
mod flow;
mod from;
mod functions;
mod lineage;
mod naming;
mod pivot;
mod problems;
mod relations;
mod resolver;
mod schema;
mod scope;
mod set_operation;
mod star;
mod table_function;
mod types;
#[cfg(test)]
mod tests;

pub use analysis::{Analysis, Input, OutputColumn, Problem, Unknown};
pub use analyze::analyze;
pub use difference::{Change, RowChange, Version, difference, is_same_text};
pub use facts::{Compared, CteColumn, CteFact, Facts, JoinFact, StarFact};
pub use lineage::{ColumnUse, How};
pub use relations::{Found, Known, Relations};
pub use schema::{Column, Schema};
