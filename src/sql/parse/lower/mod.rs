//! From sqlparser's tree to ours.
//!
//! Everything is taken apart by value, children in the order of the text. Leaves (names and
//! literals) know their bytes; what is made of them finds its own among the tokens around
//! them. What has no leaf, as `[]`, is the next of its kind after the last leaf.

mod access;
mod call;
mod chain;
mod expr;
mod forms;
mod from;
#[allow(clippy::module_inception)]
mod lower;
mod pipe;
mod query;
mod select;

pub(super) use lower::Lower;
use lower::Lowered;
