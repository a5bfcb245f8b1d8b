//! The only door to disk, environment, clock and child processes.
//!
//! Stages are given a `&dyn` [`System`]; [`OsSystem`] is the real one, [`MemorySystem`]
//! holds a project in memory for tests.

mod env_file;
mod memory;
mod child;
mod os;
#[allow(clippy::module_inception)]
mod system;

pub use memory::MemorySystem;
pub use os::OsSystem;
pub use system::{Call, Entry, Ran, Script, System};
