//! What is known of relations that no query of the project makes: sources and seeds.

#[allow(clippy::module_inception)]
mod knowledge;

pub use knowledge::Knowledge;
