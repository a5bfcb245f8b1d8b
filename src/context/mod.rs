//! What a template can see, one struct a phase.
//!
//! [`Invocation`] is what is the same for every template of a run. [`ParseContext`]
//! records what a template asks for, [`CompileContext`] answers with relations, and
//! [`RunContext`] adds what materializations need. [`MacroNamespace`] finds macros by
//! the rules of dbt. Each function family has a file of its own.

mod compile;
mod invocation;
mod namespace;
mod parse;
mod relation_cache;
mod run;

pub use compile::CompileContext;
pub use invocation::{Invocation, LogLevel, LogSink};
pub use namespace::MacroNamespace;
pub use parse::{ParseContext, Recorded, Subject};
pub use relation_cache::{Listing, RelationCache};
pub use run::{RunContext, RunHandle, SharedConnection};
