//! What was true last time.
//!
//! A folder that holds the artifacts of an earlier invocation (`--state DIR`) is a
//! [`Previous`]: its files are read when something first asks for them, so that a folder without
//! a manifest is an error only where a manifest is needed. The functions beside it answer those
//! who cannot go on without one ([`compared_manifest`], [`deferred_manifest`], …), and
//! [`deferral`] finds what the earlier run built of today's nodes.
//! See <https://docs.getdbt.com/reference/node-selection/configure-state>.

mod broken_contracts;
mod change;
mod compare;
mod compare_configs;
mod compare_macros;
mod compare_nodes;
mod defer;
mod needed;
mod previous;
mod words;

pub use broken_contracts::broken_contracts;
pub use change::{Aspect, Change};
pub use compare::{Comparison, Standing};
pub use defer::deferral;
pub use needed::{compared_manifest, compared_run_results, compared_sources, deferred_manifest};
pub use previous::Previous;
