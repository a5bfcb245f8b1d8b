//! DuckDB, the engine in our own process.
//!
//! [`DuckDbAdapter`] opens the database when the first connection is asked for; all
//! connections share it. When the adapter and its connections are gone, DuckDB folds its
//! log into the file and gives up the lock. Keys of the profile are those of dbt-duckdb.
//!
//! DuckDB tells its errors as JSON (setting `errors_as_json`), with the byte of the
//! statement and the names it would have known; `error` reads that. Types that Rust has no
//! word for are cast to text by DuckDB itself.

mod adapter;
mod binder;
mod connection;
mod crew;
mod error;
mod filesystem;
mod hidden;
mod keywords;
mod lookout;
mod profile;
mod retries;
mod secret;
mod seed;
#[cfg(test)]
mod seed_tests;
#[cfg(test)]
mod tests;
mod tree;
mod value;
mod words;

pub use adapter::DuckDbAdapter;
