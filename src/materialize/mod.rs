//! From node to relation.
//!
//! Materializations are macros, found by name ([`Materialization`]), so that a project or
//! package can override or add one. [`model`] and [`seed`](model) run one, [`data_test`]
//! counts failures (several of one relation by one query: [`TestBatch`]), [`unit_test`] compares rows, [`hook`] and [`operation`] run what projects ask for around a run,
//! [`preview`] fetches a query's first rows. All take a [`Job`] and give an [`Outcome`].

mod clone;
mod data_test;
mod freshness;
mod job;
mod materialization;
mod model;
mod operation;
mod outcome;
mod preview;
mod python;
mod row_diff;
mod schemas;
mod test_batch;
mod test_shape;
mod test_statements;
mod unit_test;

pub use clone::clone;
pub use data_test::{data_test, passed_test};
pub use freshness::{Found as FreshnessFound, freshness};
pub use job::Job;
pub use materialization::Materialization;
pub use model::{is_incremental, model};
pub use operation::{hook, operation};
pub use outcome::{Outcome, Verdict};
pub use preview::preview;
pub use schemas::create_schemas;
pub use test_batch::TestBatch;
pub use test_shape::{Asks, TestShape};
pub use test_statements::TestStatements;
pub use unit_test::{clean_unit_test, prepare_unit_test, unit_test};
