//! YAML with a span on every value, and typed reading with "did you mean".
//!
//! [`parse`] gives a [`Yaml`] tree as PyYAML (YAML 1.1) would read it: dbt projects rely
//! on `yes`, `on`, `010`, `1_000`, merge keys and aliases.

mod parse;
mod value;

pub use parse::parse;
pub use value::{Mapping, Yaml, YamlKind};
