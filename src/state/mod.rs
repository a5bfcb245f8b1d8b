//! What was true last time.
//!
//! A folder that holds the artifacts of an earlier invocation (`--state DIR`) is a
//! [`Previous`]: its files are read when something first asks for them, so that a folder without
//! a manifest is an error only where a manifest is needed. The functions beside it answer those
//! who cannot go on without one ([`compared_manifest`], [`deferred_manifest`], …), and
//! [`deferral`] finds what the earlier run built of today's nodes.
//! See <https://docs.getdbt.com/reference/node-selection/configure-state>.

mod defer;
mod needed;
mod previous;

pub use defer::deferral;
pub use needed::{compared_manifest, compared_run_results, compared_sources, deferred_manifest};
pub use previous::Previous;
