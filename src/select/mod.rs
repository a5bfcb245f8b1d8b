//! Which nodes: dbt's selection grammar and its evaluation.
//!
//! [`select`] takes what the command line said ([`Criteria`]) and gives the nodes that are
//! meant ([`Selection`]). On the way each word becomes a [`Criterion`]: a [`Method`] with its
//! value and [`GraphOperator`]s around it. Methods are in `method/`, one a file; which
//! tests come along with the nodes they test is in `indirect`.
//! See <https://docs.getdbt.com/reference/node-selection/syntax>.

mod criteria;
mod criterion;
mod evaluate;
mod graph_operator;
mod indirect;
mod method;
mod pattern;
mod selection;
#[cfg(test)]
mod tests;

pub use criteria::{Criteria, IndirectSelection};
pub use criterion::Criterion;
pub use evaluate::select;
pub use graph_operator::GraphOperator;
pub use method::Method;
pub use pattern::Pattern;
pub use selection::Selection;
