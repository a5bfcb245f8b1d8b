//! The only door to disk, environment, clock and child processes.
//!
//! Stages are given a `&dyn` [`System`]; [`OsSystem`] is the real one, [`MemorySystem`]
//! holds a project in memory for tests, and [`RecordingSystem`] remembers what was asked
//! of another one, so that a command can tell that its answer would be the same again.

mod content_digest;
mod env_file;
mod file_stamp;
mod memory;
mod child;
mod os;
mod recording;
#[allow(clippy::module_inception)]
mod system;
mod variables;

pub use content_digest::ContentDigest;
pub use file_stamp::FileStamp;
pub use memory::MemorySystem;
pub use os::OsSystem;
pub use recording::{Recording, RecordingSystem, Standing};
pub use system::{Call, Entry, Make, Ran, Script, System};
pub use variables::Variables;
