//! The project checked before anything runs.
//!
//! [`check`] compiles every selected node and all that it stands on without a warehouse, in
//! the order of the graph; finds for each what its parents' columns are; lets the dialect's
//! judge bind the query where there is one ([`Binder`](crate::adapter::Binder)) and our own
//! [`analyze`](crate::analyze) where not; and leads what is wrong back through the source map
//! to the line of the template that wrote it. What comes out is a [`ProjectAnalysis`], which
//! lineage, rules and documentation are made from, and diagnostics.

mod expectations;
mod knowledge;
mod node_analysis;
mod project_analysis;

pub use expectations::examine;
pub use knowledge::Knowledge;
pub use node_analysis::{NodeAnalysis, Standing};
pub use project_analysis::ProjectAnalysis;
