use serde_json::{Map, Value};

/// The warehouse a profile names, rendered: the chosen entry of its `outputs`.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub profile_name: String,
    /// `dev`.
    pub name: String,
    /// The kind of warehouse: `duckdb`.
    pub kind: String,
    pub database: String,
    pub schema: String,
    /// At least 1.
    pub threads: usize,
    /// All keys of the entry.
    pub keys: Map<String, Value>,
}
