//! dbt's Jinja on stock minijinja. The only door to minijinja.
//!
//! *Carve* ([`carve`]) finds the blocks of a file, *scan* ([`scan`]) lists calls with
//! literal arguments, *lower* rewrites what minijinja lacks, and the [`Engine`] renders.
//! Rooms further down use the values and errors re-exported here.

mod carve;
mod engine;
mod rendered;
mod scan;

pub use carve::{Block, BlockKind, Parameter, carve};
pub use engine::{Engine, Template, raise};
pub use rendered::Rendered;
pub use scan::{Call, scan};

pub use minijinja::value::{Enumerator, Kwargs, Object, ObjectRepr, Rest, Value, ValueKind};
pub use minijinja::{Error, ErrorKind, State};
