//! One open project.
//!
//! A [`Session`] is what the commands, and later the editor, ask: the project read from
//! disk, its manifest, and what is the same for every template of the run. Opening one
//! reads every file and opens no warehouse.

#[allow(clippy::module_inception)]
mod session;

pub use session::{Session, new_invocation_id, unusable};
