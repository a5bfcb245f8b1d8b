//! Which nodes: dbt's selection grammar and its evaluation.
//!
//! [`select`] takes what the command line said ([`Criteria`]) and gives the nodes that are
//! meant ([`Selection`]), in what there is to select from and to compare with
//! ([`Surroundings`]). On the way each word becomes a [`Criterion`]: a [`Method`] with its
//! value and [`GraphOperator`]s around it. Methods are in `method/`, one a file; which
//! tests come along with the nodes they test is in `indirect`. The named [`Selectors`] of
//! `selectors.yml` are [`Definition`]s of the same words, read by `definition_reader`.
//! See <https://docs.getdbt.com/reference/node-selection/syntax>.

mod criteria;
mod criterion;
mod definition;
mod definition_reader;
mod evaluate;
mod graph_operator;
mod indirect;
mod method;
mod pattern;
mod selection;
mod selectors;
mod surroundings;
#[cfg(test)]
mod tests;

pub use criteria::{Criteria, IndirectSelection};
pub use criterion::Criterion;
pub use definition::{Definition, Term};
pub use evaluate::select;
pub use graph_operator::GraphOperator;
pub use method::Method;
pub use pattern::Pattern;
pub use selection::Selection;
pub use selectors::{Selector, Selectors};
pub use surroundings::Surroundings;
