use serde::{Deserialize, Serialize};

use super::{Column, ColumnUse, Facts, Schema};
use crate::diagnostic::Code;
use crate::sql::tree::TextRange;
use crate::sql::{DataType, RelationName};

/// What is to be known of a query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The relations it reads, each once, in the order they were met.
    pub inputs: Vec<Input>,
    /// The columns that come out, in order.
    pub columns: Vec<OutputColumn>,
    /// Whether these are all columns: not when a star takes from a relation that is unknown.
    pub is_complete: bool,
    /// Columns that decide which rows come out, how they are grouped and ordered: each once a
    /// [`How`](super::How) and column.
    pub row_uses: Vec<ColumnUse>,
    pub problems: Vec<Problem>,
    pub unknowns: Vec<Unknown>,
    pub facts: Facts,
}

/// A relation that is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// As found; the parts as written where it is not known.
    pub relation: RelationName,
    /// Whether its columns are known.
    pub is_known: bool,
    /// Where it was first named.
    pub at: TextRange,
}

/// A column that comes out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputColumn {
    pub name: String,
    /// Whether the query says the name. Of an expression without an alias the engine makes one
    /// up, and ours may be another.
    pub is_named: bool,
    /// `None` when it cannot be told.
    pub data_type: Option<DataType>,
    /// The item of the select list that wrote it; several have the place of one star.
    pub at: TextRange,
    /// What it is made of, through all CTEs and subqueries, each once; in order.
    pub made_of: Vec<ColumnUse>,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub code: Code,
    /// One phrase, names in backticks.
    pub message: String,
    pub at: TextRange,
    /// What is said under the place.
    pub label: String,
    /// Other places in the query, with what is said there.
    pub also: Vec<(TextRange, String)>,
    pub help: Option<String>,
}

/// Something that could not be known, so that nothing is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    pub at: TextRange,
    pub why: String,
}

impl Analysis {
    /// The columns that come out, as a schema for who reads them.
    #[must_use]
    pub fn schema(&self) -> Schema {
        let column = |column: &OutputColumn| Column::new(column.name.as_str(), column.data_type.clone());
        Schema { columns: self.columns.iter().map(column).collect(), is_complete: self.is_complete }
    }
}
