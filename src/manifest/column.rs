use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Constraint;
use crate::text::Span;

/// A column as a properties file declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub description: String,
    /// The doc blocks that the description holds, in order.
    pub doc_blocks: Vec<String>,
    pub data_type: Option<String>,
    /// Whether its name is to be written in quotes; `None` leaves it to the warehouse.
    pub quote: Option<bool>,
    #[serde(with = "crate::text::kept_json")]
    pub meta: Map<String, Value>,
    pub tags: Vec<String>,
    pub constraints: Vec<Constraint>,
    /// Other keys of the column's entry and of its `config`.
    #[serde(with = "crate::text::kept_json")]
    pub extra: Map<String, Value>,
    pub span: Option<Span>,
}
