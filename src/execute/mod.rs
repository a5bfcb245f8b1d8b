//! Making it so: the ready queue, the worker threads, and the events that tell of them.
//!
//! The [`Executor`] takes a plan through: schemas are created, `on-run-start` hooks run,
//! worker threads take tasks from the [`ReadyQueue`] as their parents end, and
//! `on-run-end` hooks close. It knows no terminal: it sends [`Event`]s to a [`Reporter`].
//! What became of each node is a [`NodeResult`]; a [`Stop`] ends the run early.

mod batch_board;
mod event;
mod executor;
mod microbatch;
mod node_result;
mod ready_queue;
mod run_results;
mod sources;
mod stop;
mod test_batches;
mod worker;

pub use batch_board::BatchTurn;
pub use event::{Event, News, Reporter, ReporterLog};
pub use executor::{Executor, Finished, RunOptions, connect, connection_failed};
pub use node_result::{BatchResults, NodeResult, Status, Timing};
pub use ready_queue::{Next, ReadyQueue};
pub use run_results::run_results_json;
pub use sources::sources_json;
pub use stop::Stop;
