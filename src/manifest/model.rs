use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Constraint;
use crate::sql::RelationName;
use crate::text::Span;

/// What a model is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    #[default]
    Sql,
    Python,
}

impl Language {
    /// As in artifacts: `sql`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::Python => "python",
        }
    }
}

/// What only a model has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub language: Language,
    /// Of a versioned model: a number or a text, as written.
    /// See <https://docs.getdbt.com/reference/resource-properties/versions>.
    #[serde(with = "crate::text::kept_json")]
    pub version: Option<Value>,
    #[serde(with = "crate::text::kept_json")]
    pub latest_version: Option<Value>,
    /// RFC 3339.
    pub deprecation_date: Option<String>,
    /// Of the whole table; those of columns are in its columns.
    /// See <https://docs.getdbt.com/reference/resource-properties/constraints>.
    pub constraints: Vec<Constraint>,
    /// The columns that tell rows apart, from constraints or, without any, from tests.
    pub primary_key: Vec<String>,
    /// SHA-256 of the contract, where one is enforced.
    pub contract_checksum: Option<String>,
    /// The view that always shows the latest version, where this is it and one is wanted.
    /// See <https://docs.getdbt.com/reference/resource-configs/latest_version_pointer>.
    pub latest_version_pointer: Option<RelationName>,
    /// Where its deprecation date was written.
    pub deprecation_span: Option<Span>,
    /// Makes the model a time spine of the semantic layer; as written.
    #[serde(with = "crate::text::kept_json")]
    pub time_spine: Option<Value>,
}
