//! YAML with a span on every value, and typed reading with "did you mean".
//!
//! [`parse`] gives a [`Yaml`] tree as PyYAML (YAML 1.1) would read it: dbt projects rely
//! on `yes`, `on`, `010`, `1_000`, merge keys and aliases. A [`Reader`] takes typed values
//! out of a mapping and tells of the keys that nobody asked for. [`parse_value`] reads a
//! text that is in no file.

mod from_yaml;
mod parse;
mod scalar;
mod syntax_error;
mod value;

pub use from_yaml::{FromYaml, Reader};
pub use parse::{parse, parse_value};
pub use value::{Mapping, Yaml, YamlKind};
