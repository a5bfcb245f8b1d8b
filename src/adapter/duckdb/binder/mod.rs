//! DuckDB as the judge of queries, over empty relations in a database in memory.
//!
//! The [`Courtroom`] is that database: it has the catalogs, settings and extensions that the
//! profile asks for as far as they can be had without the network, and is shared by the
//! binders of an adapter, so that a relation is declared once. [`DuckDbBinder`] asks it with
//! `DESCRIBE`, which binds a query and runs nothing; `refusal` reads what it says when it
//! refuses, and `Words` finds the place in the text.

#[allow(clippy::module_inception)]
mod binder;
mod courtroom;
mod refusal;
#[cfg(test)]
mod tests;

pub(super) use binder::DuckDbBinder;
pub(super) use courtroom::Courtroom;
