//! The columns of the project as one graph, and what can be told by walking it.
//!
//! [`ColumnGraph`] is made from a [`ProjectAnalysis`](crate::check::ProjectAnalysis): every
//! column of every node, what it is made of and what is made of it, and which columns decide
//! which rows a node has. [`reach`] says what a change of one node comes to everywhere below it.

mod column_graph;
mod inherited;
mod names;
mod open_lineage;
mod own_lineage;
mod reach;
#[cfg(test)]
mod tests;
mod tree;

pub use column_graph::{ColumnEdge, ColumnGraph, ColumnId, RowEdge};
pub use inherited::{ImpliedTest, Inherited, InheritedDescription, description};
pub use names::{Names, NodeOrColumn};
pub use open_lineage::OpenLineage;
pub use reach::{Reached, Touched, Whole, along, reach};
pub use tree::{Branch, Reach, Trees, lines};
