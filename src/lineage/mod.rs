//! The columns of the project as one graph, and what can be told by walking it.
//!
//! [`ColumnGraph`] is made from a [`ProjectAnalysis`](crate::check::ProjectAnalysis): every
//! column of every node, what it is made of and what is made of it, and which columns decide
//! which rows a node has. [`reach`] says what a change of one node comes to everywhere below it.

mod column_graph;
mod reach;
#[cfg(test)]
mod tests;

pub use column_graph::{ColumnEdge, ColumnGraph, ColumnId, RowEdge};
pub use reach::{Reached, Touched, Whole, along, reach};
