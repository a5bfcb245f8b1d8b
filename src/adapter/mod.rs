//! A warehouse behind two small traits, [`Adapter`] and [`Connection`].
//!
//! Rust speaks the wire, SQL speaks the dialect: an adapter connects, runs statements,
//! and maps types and errors at the edge. How to create a table or list relations is a
//! macro in `builtin/<warehouse>/`. What differs between warehouses is asked of
//! [`Capabilities`]; only the files of a warehouse name it.

#[allow(clippy::module_inception)]
mod adapter;
mod batches;
mod binder;
mod capabilities;
mod cell;
mod connection;
mod csv;
pub mod duckdb;
mod error;
mod offline;
pub mod postgres;
mod relation;
mod rows;
mod value;
mod warehouse;

pub use adapter::{Adapter, ListedColumn, TableSize};
pub use batches::Batches;
pub use binder::{Binder, Refusal, RefusalKind};
pub use capabilities::Capabilities;
pub use cell::Cell;
pub use connection::{Canceller, Connection, Response, SeedFile, Transaction};
pub use error::{AdapterError, ErrorKind};
pub use offline::unconnected;
pub use relation::{Relation, RelationType};
pub use rows::Rows;
pub use warehouse::for_target;
