use crate::analyze::{Column, Schema};
use crate::check::arbiter::Arbiter;
use crate::manifest::Node;
use crate::sql::DataType;
use crate::text::Span;

/// The columns that a properties file lists for a node.
pub(super) struct Declared {
    pub columns: Vec<DeclaredColumn>,
    /// Whether every column has a type: then the list is taken for all there are. A list of
    /// columns that are only described or tested names some.
    pub is_complete: bool,
}

pub(super) struct DeclaredColumn {
    pub name: String,
    pub data_type: Option<DataType>,
    /// The type as it is written.
    pub written: Option<String>,
    pub span: Option<Span>,
}

impl Declared {
    pub fn of(node: &Node, arbiter: &Arbiter) -> Self {
        let columns: Vec<DeclaredColumn> = node
            .columns
            .values()
            .map(|column| DeclaredColumn {
                name: column.name.clone(),
                data_type: column.data_type.as_deref().and_then(|written| arbiter.data_type(written)),
                written: column.data_type.clone().filter(|written| !written.trim().is_empty()),
                span: column.span,
            })
            .collect();
        let is_complete = !columns.is_empty() && columns.iter().all(|column| column.written.is_some());
        Self { columns, is_complete }
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    pub fn schema(&self) -> Schema {
        let column = |column: &DeclaredColumn| Column::new(column.name.as_str(), column.data_type.clone());
        Schema { columns: self.columns.iter().map(column).collect(), is_complete: self.is_complete }
    }
}
