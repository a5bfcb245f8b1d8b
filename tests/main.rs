//! The one Rust test binary: DuckDB is linked once.

#![allow(clippy::disallowed_methods, reason = "tests look at the disk and the environment from outside")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cases;
mod cli;
mod docs;
mod layering;
mod lineage;
mod parse_cache;
mod projects;
mod services;
mod test_project;
