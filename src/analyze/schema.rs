use serde::{Deserialize, Serialize};

use crate::sql::DataType;

/// A column as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Column {
    /// In the letters it has in the warehouse.
    pub name: String,
    /// `None` when the type is not known.
    pub data_type: Option<DataType>,
}

/// The columns of a relation, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Schema {
    pub columns: Vec<Column>,
    /// Whether these are all. A list that may go on proves that a column is there, and never
    /// that one is not.
    pub is_complete: bool,
}

impl Schema {
    /// All columns of a relation.
    #[must_use]
    pub fn complete(columns: Vec<Column>) -> Self {
        Self { columns, is_complete: true }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Whether every column is known, with its type.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.is_complete && self.columns.iter().all(|column| column.data_type.is_some())
    }
}

impl Column {
    #[must_use]
    pub fn new(name: impl Into<String>, data_type: Option<DataType>) -> Self {
        Self { name: name.into(), data_type }
    }
}
