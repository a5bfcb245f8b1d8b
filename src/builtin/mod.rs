//! The library of macros that every project has: materializations, generic tests,
//! cross-database functions, naming, all in SQL.
//!
//! Two packages, as their users know them: `dbt` holds what is common (each macro
//! dispatches to `<warehouse>__name`, else to `default__name` beside it), and
//! `dbt_<warehouse>`, one folder each, holds what is different there. Names, parameters
//! and results are those of dbt's documentation
//! (<https://docs.getdbt.com/reference/dbt-jinja-functions>), because projects call and
//! override them; everything behind the names is ours. Helpers that are not in dbt are called
//! as `dbt.name`, so that no macro of a project takes their place by accident. [`FILES`] is
//! all there is.

mod files;
#[cfg(test)]
mod library_tests;

pub use files::{BuiltinFile, FILES};
