use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::NodeId;
use crate::text::Span;

/// A model run on given rows, and the rows expected of it.
/// See <https://docs.getdbt.com/docs/build/unit-tests>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitTest {
    /// What is tested, as written: the name of a model, or of a macro.
    pub model: String,
    pub subject: Subject,
    pub given: Vec<UnitTestInput>,
    pub expect: UnitTestRows,
    /// Whether the table is compared that the model or snapshot leaves behind, not the
    /// rows its query gives.
    pub expects_table: bool,
    /// `macros`, `vars` and `env_vars` to take in place of the project's, as written.
    #[serde(with = "crate::text::kept_json")]
    pub overrides: Option<Map<String, Value>>,
    /// `include` and `exclude`, as written.
    #[serde(with = "crate::text::kept_json")]
    pub versions: Option<Value>,
    /// Of the model, when it has versions.
    #[serde(with = "crate::text::kept_json")]
    pub version: Option<Value>,
    /// The entry of the properties file.
    pub span: Span,
}

/// What a unit test is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Subject {
    /// A model or snapshot.
    Node(NodeId),
    /// A macro, called with arguments by place and by name.
    Macro {
        package: String,
        name: String,
        #[serde(with = "crate::text::kept_json")]
        arguments: Vec<Value>,
        #[serde(with = "crate::text::kept_json")]
        keywords: Map<String, Value>,
    },
}

/// The rows that stand in for one input of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitTestInput {
    /// As written: `ref('orders')`, `source('raw', 'orders')` or `this`.
    pub input: String,
    pub stands_for: StandsFor,
    pub span: Span,
    pub rows: UnitTestRows,
}

/// What given rows are taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StandsFor {
    /// The model itself, as it was before.
    This,
    Node(NodeId),
}

/// Rows as a unit test gives them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitTestRows {
    pub format: UnitTestFormat,
    /// A list of mappings, or a text in SQL; of a macro's test also the value it returns.
    /// Rows that were written as CSV are mappings of texts; an empty cell is null.
    #[serde(with = "crate::text::kept_json")]
    pub rows: Value,
    /// The name of the file that held them.
    pub fixture: Option<String>,
    /// Where the rows are written: in a properties file, or a fixture file.
    pub span: Span,
}

/// How those rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnitTestFormat {
    #[default]
    Dict,
    Csv,
    Sql,
    /// Not rows: what a macro returns.
    Value,
}

impl UnitTestFormat {
    /// As written: `dict`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dict => "dict",
            Self::Csv => "csv",
            Self::Sql => "sql",
            Self::Value => "value",
        }
    }
}
