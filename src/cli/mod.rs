//! Arguments in, exit code out.
//!
//! [`Args`] is the command line, with dbt's names for what dbt has too; [`run`] reads it,
//! calls the command, and gives the exit code: 0 all well, 1 a node or test failed, 2 the
//! project or the command line could not be understood.

mod args;
mod door;
mod global_args;
mod kept;
mod noted;
mod retry;
mod input_args;
mod run;
mod selection_args;
mod stacks;

pub use args::{Args, Command};
pub use global_args::GlobalArgs;
pub use run::run;
pub use selection_args::SelectionArgs;
