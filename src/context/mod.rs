//! What a template can see, one struct a phase.
//!
//! [`Invocation`] is what is the same for every template of a run. [`ParseContext`]
//! records what a template asks for, [`CompileContext`] answers with relations, and
//! [`RunContext`] adds what materializations need. [`MacroNamespace`] finds macros by
//! the rules of dbt. Each function family has a file of its own.
//!
//! All three are one object, a `Scope`, that finds a name when it is asked for: macros
//! first, then the names of the phase (`names`), then those of every phase (`common`).
//! What templates ask of the warehouse goes over a `Wire`, which adds the query comment,
//! keeps a record, and tells errors at the template (`blame`).

mod adapter_value;
mod agate;
mod agate_column;
mod agate_order;
mod agate_row;
mod answers;
mod arguments;
mod batch;
mod blame;
mod column;
mod common;
mod compile;
mod constraints;
mod config;
mod dispatch;
mod doc;
mod exceptions;
mod external_location;
mod external_versions;
mod flags;
mod function;
mod functions;
mod graph;
mod inputs;
mod invocation;
mod log;
mod modules;
mod names;
mod namespace;
mod node_fields;
mod node_value;
mod notes;
mod parse;
mod query_comment;
mod refs;
mod relation;
mod relation_cache;
mod relation_class;
mod relations;
mod response;
mod results;
mod run;
mod run_results;
mod scope;
mod seeds;
mod set;
mod supposition;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod testing;
mod unit_test;
mod validation;
mod values;
mod wire;
mod yaml_text;

pub use agate::rows_of;
pub use batch::Batch;
pub use blame::users_origin;
pub use compile::CompileContext;
pub use flags::flag;
pub use invocation::{Invocation, LogLevel, LogSink, Silence};
pub use namespace::MacroNamespace;
pub use notes::{Asked, Notes, Watch};
pub use parse::{ParseContext, Recorded, Subject};
pub use refs::missing_version;
pub use relation::{RelationValue, external_text};
pub use relation_cache::{Listing, RelationCache};
pub use run::{RunContext, RunHandle, SharedConnection};
pub use run_results::RunResult;
pub use supposition::Supposition;
