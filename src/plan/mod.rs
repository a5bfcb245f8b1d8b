//! What will happen, in what order, and why. Plain data.
//!
//! A [`Plan`] is made from a selection and the manifest's graph: a [`Task`] for every
//! node that something is to be done for, with an [`Action`], a [`Reason`], and the tasks
//! it has to wait for. Deciding needs no warehouse, so plans are tested without one.

#[allow(clippy::module_inception)]
mod plan;
mod batches;
mod task;

pub use batches::{Moments, batches};
pub use plan::{Plan, Purpose};
pub use task::{Action, BatchesLeft, Reason, Task};
