//! Files to [`Manifest`](crate::manifest::Manifest).
//!
//! 1. [`load_macros`] carves every macro of every package out of its files, so that there
//!    is an engine to render with.
//! 2. [`parse`] reads the properties files (`properties`) and the configuration trees of
//!    the project files (`config`),
//! 3. renders every SQL file in parse mode to hear `config()`, `ref()` and `source()`
//!    (`drafts`), with the configuration it inherits,
//! 4. makes nodes of sources, exposures, hooks and the data tests that properties ask for,
//! 5. finds for each `ref` and `source` the node it means (`resolve`), and
//! 6. looks at the whole: names twice, circles, descriptions of nothing (`check`).
//!
//! Bad input stops none of this: what is wrong is told, and the manifest holds the rest.

mod cache;
mod catalogs;
mod certain_test;
mod check;
mod config;
mod contracts;
mod csv;
mod docs;
mod deprecations;
mod drafts;
mod exposures;
mod freshness;
mod functions;
mod generic_tests;
mod hooks;
mod macros;
mod microbatch;
mod naming;
mod overrides;
mod parser;
mod placed;
mod properties;
mod resolve;
mod semantic;
mod snapshots;
mod sources;
mod test_name;
#[cfg(test)]
mod tests;
mod unit_tests;

pub use drafts::place_calls;
pub use macros::{MacroTable, load_macros};
pub use parser::parse;
pub use resolve::add_node;
