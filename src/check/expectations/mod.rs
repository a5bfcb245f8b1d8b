//! What is promised or asked of columns outside of queries: contracts, data tests, unit tests,
//! declared columns, configurations, semantic models.
//!
//! [`Expectations`] holds them against the columns that checking found. Nodes whose columns are
//! not known to the last are passed over in silence. `places` finds in the properties files
//! where it was written: they are read again, but only when there is something to tell.

mod columns;
mod configured;
mod constraints;
mod contract;
mod data_tests;
mod declared;
#[allow(clippy::module_inception)]
mod expectations;
mod places;
mod semantic;
mod unit_tests;

pub use expectations::Expectations;
