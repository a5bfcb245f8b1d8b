use serde_json::{Map, Value};

use crate::text::Span;

/// A model run on given rows, and the rows expected of it.
/// See <https://docs.getdbt.com/docs/build/unit-tests>.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitTest {
    /// The name of the model it tests.
    pub model: String,
    pub given: Vec<UnitTestInput>,
    pub expect: UnitTestRows,
    /// `macros`, `vars` and `env_vars` to take in place of the project's, as written.
    pub overrides: Map<String, Value>,
    /// The entry of the properties file.
    pub span: Span,
}

/// The rows that stand in for one input of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitTestInput {
    /// As written: `ref('orders')`, `source('raw', 'orders')` or `this`.
    pub input: String,
    pub span: Span,
    pub rows: UnitTestRows,
}

/// Rows as a unit test gives them.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitTestRows {
    pub format: UnitTestFormat,
    /// A list of mappings, or a text in CSV or SQL; null when none are given.
    pub rows: Value,
    /// The name of the file that holds them, in place of `rows`.
    pub fixture: Option<String>,
    pub span: Span,
}

/// How those rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnitTestFormat {
    #[default]
    Dict,
    Csv,
    Sql,
}
