//! What is another meaning: two versions of a query compared.
//!
//! [`difference`] brings both queries to a normal form: CTEs, subqueries and views of names are
//! taken away, stars spread, and every column and every set of rows becomes a [`Term`](terms)
//! that is kept once. Terms that mean the same are one term then, so comparing is comparing
//! numbers, and a query that uses one CTE twenty times is no larger than its text. What comes out
//! is a list of [`Change`]s; an empty one says that both surely give the same rows and columns.
//!
//! Sound, not complete: whatever the normal form has no place for is compared as it is written,
//! so that in doubt there is a change.

mod change;
mod columns;
#[allow(clippy::module_inception)]
mod difference;
mod expr;
mod from;
mod functions;
mod lower;
mod resolve;
mod rows;
mod select;
mod terms;
#[cfg(test)]
mod tests;
mod words;

pub use change::{Change, RowChange};
pub use difference::{Version, difference, is_same_text};
