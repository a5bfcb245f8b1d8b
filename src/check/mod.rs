//! The project checked before anything runs.
//!
//! [`check`] compiles every selected node and all that it stands on without a warehouse, in
//! the order of the graph; finds for each what its parents' columns are; lets the dialect's
//! judge bind the query where there is one ([`Binder`](crate::adapter::Binder)) and our own
//! [`analyze`](crate::analyze) where not; and leads what is wrong back through the source map
//! to the line of the template that wrote it. What comes out is a [`ProjectAnalysis`], which
//! lineage, rules and documentation are made from, and diagnostics.
//!
//! `walk` hands out nodes, `inspect` looks at one, `understand` is the pure part of that:
//! SQL and schemas in, columns and problems out. A model that asks whether its relation is
//! there is looked at both ways.

mod arbiter;
#[allow(clippy::module_inception)]
mod check;
mod confirm;
mod earlier;
mod expectations;
mod hooks;
mod inspect;
mod judge;
mod judged;
mod looked_into;
mod knowledge;
mod node_analysis;
mod place;
mod plain_test;
mod project_analysis;
mod reason;
mod remembered;
mod refused;
mod snapshot;
mod summary;
#[cfg(test)]
mod tests;
mod undeclared;
mod understand;
mod walk;

pub use check::{check, check_before_building, check_compiled};
pub use earlier::{Earlier, Rendition, earlier};
pub use expectations::Expectations;
pub use knowledge::Knowledge;
pub use node_analysis::{Listed, NodeAnalysis, Standing};
pub use place::Placing;
pub use project_analysis::ProjectAnalysis;
pub use reason::{Reason, ReasonKind};
pub use summary::{Summary, is_checked};
