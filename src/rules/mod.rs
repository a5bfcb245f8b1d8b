//! Rules of the project: what is no error, and yet surely or probably not what was meant.
//!
//! Each rule is one file with one function, and has one line in [`RULES`]. It looks at one
//! node, at what [`check`](crate::check) found of it (the facts of its query) and at the columns
//! of the project, and says what it finds as diagnostics of its own code. [`lint`] asks all rules
//! that are on of the selected nodes of the root project. [`Levels`] says which are on: those
//! that are surely mistakes are from the start, the others where the project file says so. A
//! comment `-- xform: ignore unused-cte` at the place, or `meta` of the node, silences one.

mod cartesian_join;
mod dead_model;
mod hard_coded_relation;
mod ignored;
mod join_type_mismatch;
mod levels;
mod lint;
mod missing_primary_key_test;
mod rule;
mod select_star;
mod source_outside_staging;
mod subject;
mod undocumented_model;
mod unused_column;
mod unused_cte;
mod words;

pub use levels::{Level, Levels};
pub use lint::lint;
pub use rule::{RULES, Rule};
