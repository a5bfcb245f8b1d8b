use serde::{Deserialize, Serialize};

use super::{Argument, Expr, Name, Query, SelectItem, TextRange};

/// `AS name (columns)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    pub name: Name,
    pub columns: Vec<Name>,
}

/// What stands in FROM.
#[derive(Clone, Debug, PartialEq)]
pub enum FromItem {
    Table {
        name: Vec<Name>,
        alias: Option<Alias>,
        at: TextRange,
    },
    Subquery {
        query: Box<Query>,
        alias: Option<Alias>,
        is_lateral: bool,
        at: TextRange,
    },
    Function(Box<TableFunction>),
    Join(Box<Join>),
    Pivot(Box<Pivot>),
    Unpivot(Box<Unpivot>),
    /// A join in parentheses with an alias of its own.
    Aliased {
        item: Box<FromItem>,
        alias: Alias,
        at: TextRange,
    },
}

/// `UNNEST(x) WITH ORDINALITY AS u (a, n)`, `read_parquet('…')`, `LATERAL FLATTEN(…)`,
/// `LATERAL VIEW explode(x) t AS a`. It sees the columns of what stands before it.
#[derive(Clone, Debug, PartialEq)]
pub struct TableFunction {
    pub name: Vec<Name>,
    pub arguments: Vec<Argument>,
    pub alias: Option<Alias>,
    /// Adds a column that counts: `ORDINALITY`, BigQuery's `WITH OFFSET`, with its name.
    pub ordinality: Option<Name>,
    pub at: TextRange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
    /// Only columns of the left side come out.
    Semi,
    /// Only columns of the left side come out.
    Anti,
    /// Row by row, in order.
    Positional,
}

#[derive(Clone, Debug, PartialEq)]
pub enum JoinCondition {
    None,
    On(Expr),
    Using(Vec<Name>),
    Natural,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    pub kind: JoinKind,
    pub is_asof: bool,
    pub left: FromItem,
    pub right: FromItem,
    pub condition: JoinCondition,
    pub at: TextRange,
}

/// Rows become columns: one for each value of `on` (and aggregate).
#[derive(Clone, Debug, PartialEq)]
pub struct Pivot {
    pub input: FromItem,
    /// What is computed, with the alias it has.
    pub aggregates: Vec<SelectItem>,
    pub on: Vec<PivotOn>,
    /// Columns that stay; all that are not used when not said.
    pub group_by: Option<Vec<Expr>>,
    pub alias: Option<Alias>,
    pub at: TextRange,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PivotOn {
    pub expr: Expr,
    /// The values that become columns, with aliases; `None` when the data decides.
    pub values: Option<Vec<(Expr, Option<Name>)>>,
}

/// Columns become rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Unpivot {
    pub input: FromItem,
    /// The columns made, more than one when columns are taken in groups.
    pub values: Vec<Name>,
    /// The column that says which input column a row came from.
    pub name: Name,
    /// Groups of input columns, as wide as `values`, with aliases; expressions of DuckDB may be
    /// patterns ([`ExprKind::Columns`](super::ExprKind::Columns)).
    pub columns: Vec<(Vec<Expr>, Option<Name>)>,
    pub include_nulls: bool,
    pub alias: Option<Alias>,
    pub at: TextRange,
}

impl FromItem {
    /// The bytes it was written at.
    #[must_use]
    pub fn at(&self) -> TextRange {
        match self {
            FromItem::Table { at, .. } | FromItem::Subquery { at, .. } | FromItem::Aliased { at, .. } => *at,
            FromItem::Function(function) => function.at,
            FromItem::Join(join) => join.at,
            FromItem::Pivot(pivot) => pivot.at,
            FromItem::Unpivot(unpivot) => unpivot.at,
        }
    }
}
