//! What is known of relations that no query of the project makes: sources, seeds and models
//! in Python, and what the warehouse held when xform was last connected.
//!
//! [`Knowledge`] puts together what the properties files declare (`declared`), what the data
//! files hold (`files`, `seeds`) and what was seen in the warehouse (`seen`). Where they
//! contradict each other, what is really there counts and the declaration is told to be wrong
//! (`merge`).

mod declared;
mod files;
#[allow(clippy::module_inception)]
mod knowledge;
mod merge;
mod remote;
mod seeds;
mod seen;

pub use knowledge::Knowledge;
pub(super) use knowledge::names;
