//! What is promised or asked of columns outside of queries: contracts, data tests, unit tests,
//! declared columns.

#[allow(clippy::module_inception)]
mod expectations;

pub use expectations::examine;
