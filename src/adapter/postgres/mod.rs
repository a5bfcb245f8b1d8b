//! Postgres over its own protocol.
//!
//! Every thread has a session of its own; a session that the server ended is opened again for the
//! next statement outside of a transaction. Results are read in their text form, which is how
//! the server itself prints every type, and become Arrow arrays.

mod adapter;
mod ahead;
mod connection;
mod error;
mod pgpass;
mod profile;
mod response;
mod seed;
mod session;
mod tls;
mod types;

pub use adapter::PostgresAdapter;
