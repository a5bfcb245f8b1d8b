//! Making it so: the ready queue, the worker threads, and the events that tell of them.
//!
//! The executor knows no terminal: it sends [`Event`]s to a [`Reporter`].

mod event;
mod node_result;
mod run_results;

pub use event::{Event, Reporter};
pub use node_result::{NodeResult, Status, Timing};
pub use run_results::run_results_json;
