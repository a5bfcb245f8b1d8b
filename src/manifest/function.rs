use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Language;
use crate::text::Span;

/// A user-defined function of the warehouse.
/// See <https://docs.getdbt.com/docs/build/udfs>.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Function {
    pub language: Language,
    /// In order: each a mapping of `name`, `data_type`, `description`, `default_value`.
    #[serde(with = "crate::text::kept_json")]
    pub arguments: Vec<Value>,
    /// A mapping of `data_type` and `description`; null where nothing describes the function.
    #[serde(with = "crate::text::kept_json")]
    pub returns: Value,
}

/// A `function()` call: `function('package', 'name')`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionRef {
    pub package: Option<String>,
    pub name: String,
    /// Where it was written, when it could be told.
    pub span: Option<Span>,
}
