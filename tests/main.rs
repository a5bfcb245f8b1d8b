//! The one Rust test binary: DuckDB is linked once.

mod cases;
mod cli;
mod layering;
mod test_project;
