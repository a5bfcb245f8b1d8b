//! xform, a SQL transformation compiler.
//!
//! The modules are rooms in the order of `ARCHITECTURE.md`: a room uses only rooms above
//! it, and `tests/layering.rs` sees to it. Each begins with a page that says what it
//! holds.

// Ground.
pub mod text;
pub mod diagnostic;
pub mod system;
// Languages.
pub mod yaml;
pub mod sql;
pub mod jinja;
pub mod python;
pub mod builtin;
pub mod format;
// Nouns.
pub mod project;
pub mod install;
pub mod manifest;
pub mod adapter;
pub mod analyze;
// Compiler.
pub mod context;
pub mod parse;
pub mod artifact;
pub mod state;
pub mod select;
pub mod compile;
pub mod check;
pub mod lineage;
pub mod rules;
pub mod plan;
pub mod session;
// Runtime.
pub mod materialize;
pub mod execute;
// Doors.
pub mod docs;
pub mod command;
pub mod terminal;
pub mod cli;
