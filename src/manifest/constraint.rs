use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Ref, SourceRef};
use crate::text::Span;

/// What a constraint demands of rows.
/// See <https://docs.getdbt.com/reference/resource-properties/constraints>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConstraintKind {
    NotNull,
    Check,
    Unique,
    PrimaryKey,
    ForeignKey,
    /// Whatever the warehouse makes of its expression.
    Custom,
}

impl ConstraintKind {
    pub const ALL: [Self; 6] =
        [Self::NotNull, Self::Check, Self::Unique, Self::PrimaryKey, Self::ForeignKey, Self::Custom];

    /// As written in YAML: `not_null`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotNull => "not_null",
            Self::Check => "check",
            Self::Unique => "unique",
            Self::PrimaryKey => "primary_key",
            Self::ForeignKey => "foreign_key",
            Self::Custom => "custom",
        }
    }

    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What the `to` of a foreign key calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ForeignKeyTarget {
    Ref(Ref),
    Source(SourceRef),
}

/// A constraint on a column or on a whole table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    pub kind: ConstraintKind,
    pub name: Option<String>,
    pub expression: Option<String>,
    pub warn_unenforced: bool,
    pub warn_unsupported: bool,
    /// What a foreign key points to: as written, `ref('users')`, and once refs are resolved the
    /// relation's name.
    pub to: Option<String>,
    /// The call in `to`.
    pub target: Option<ForeignKeyTarget>,
    pub to_columns: Vec<String>,
    /// Of a constraint on a whole table; empty on a column.
    pub columns: Vec<String>,
    pub on_column: bool,
    pub span: Span,
}

impl Constraint {
    /// As in `manifest.json`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut value = json!({
            "type": self.kind.name(),
            "name": self.name,
            "expression": self.expression,
            "warn_unenforced": self.warn_unenforced,
            "warn_unsupported": self.warn_unsupported,
            "to": self.to,
            "to_columns": self.to_columns,
        });
        if !self.on_column {
            value["columns"] = json!(self.columns);
        }
        value
    }

    /// All of a column or table.
    #[must_use]
    pub fn list_json(constraints: &[Self]) -> Value {
        constraints.iter().map(Self::to_json).collect()
    }
}
