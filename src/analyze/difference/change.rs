use std::fmt;

use crate::sql::DataType;

/// A change of meaning between two versions of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Added {
        column: String,
    },
    Removed {
        column: String,
    },
    /// The same expression under another name.
    Renamed {
        from: String,
        to: String,
    },
    Retyped {
        column: String,
        from: DataType,
        to: DataType,
    },
    /// The same name for another expression; both as they are written, where they are.
    Recomputed {
        column: String,
        from: Option<String>,
        to: Option<String>,
    },
    /// It stands in another place among the columns.
    Moved {
        column: String,
    },
    /// Which rows come out.
    Rows(RowChange),
    /// The rows are the same, and may come in another order.
    Reordered,
    /// It cannot be told what changed, or that nothing did; why.
    Unclear(String),
}

/// A change of which rows come out. Texts are as the query has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// Conditions of WHERE, HAVING, QUALIFY and inner joins.
    Filtered { added: Vec<String>, removed: Vec<String> },
    /// GROUP BY and DISTINCT; `None` is no grouping.
    Regrouped { from: Option<Vec<String>>, to: Option<Vec<String>> },
    /// Relations that are read in FROM and were not, or are no more.
    Joined { added: Vec<String>, removed: Vec<String> },
    /// The kind or the condition of an outer, semi, anti or as-of join.
    JoinedOtherwise { from: String, to: String },
    /// LIMIT, OFFSET, DISTINCT ON.
    Limited,
    /// Branches of a set operation, or its operator.
    Combined { added: usize, removed: usize },
    /// Anything else.
    Otherwise,
}

impl Change {
    /// Whether who reads the columns by name and type may stop working.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        matches!(self, Self::Removed { .. } | Self::Renamed { .. } | Self::Retyped { .. })
    }

    /// A word for it: `added`, `filtered`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Added { .. } => "added",
            Self::Removed { .. } => "removed",
            Self::Renamed { .. } => "renamed",
            Self::Retyped { .. } => "retyped",
            Self::Recomputed { .. } => "recomputed",
            Self::Moved { .. } => "moved",
            Self::Rows(RowChange::Filtered { .. }) => "filtered",
            Self::Rows(RowChange::Regrouped { .. }) => "regrouped",
            Self::Rows(RowChange::Joined { .. } | RowChange::JoinedOtherwise { .. }) => "joined",
            Self::Rows(RowChange::Limited) => "limited",
            Self::Rows(RowChange::Combined { .. }) => "combined",
            Self::Rows(RowChange::Otherwise) => "rows",
            Self::Reordered => "reordered",
            Self::Unclear(_) => "unclear",
        }
    }

    /// The columns it is about, by the names they have now, and had.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Added { column }
            | Self::Removed { column }
            | Self::Retyped { column, .. }
            | Self::Recomputed { column, .. }
            | Self::Moved { column } => vec![column],
            Self::Renamed { from, to } => vec![from, to],
            Self::Rows(_) | Self::Reordered | Self::Unclear(_) => Vec::new(),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added { column } => write!(f, "column `{column}` is new"),
            Self::Removed { column } => write!(f, "column `{column}` is gone"),
            Self::Renamed { from, to } => write!(f, "column `{from}` is now called `{to}`"),
            Self::Retyped { column, from, to } => {
                write!(f, "column `{column}` was of type {from} and is of type {to}")
            }
            Self::Recomputed { column, from: Some(from), to: Some(to) } if from != to => {
                write!(f, "column `{column}` was `{from}` and is `{to}`")
            }
            Self::Recomputed { column, .. } => write!(f, "column `{column}` is computed otherwise"),
            Self::Moved { column } => write!(f, "column `{column}` stands in another place"),
            Self::Rows(change) => change.fmt(f),
            Self::Reordered => f.write_str("the same rows may come in another order"),
            Self::Unclear(why) => write!(f, "it may mean something else: {why}"),
        }
    }
}

impl fmt::Display for RowChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list =
            |texts: &[String]| texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ");
        match self {
            Self::Filtered { added, removed } => {
                f.write_str("rows are filtered otherwise")?;
                match (added.as_slice(), removed.as_slice()) {
                    ([], []) => Ok(()),
                    (added, []) => write!(f, ": now only where {}", list(added)),
                    ([], removed) => write!(f, ": no longer only where {}", list(removed)),
                    (added, removed) => write!(f, ": {} in place of {}", list(added), list(removed)),
                }
            }
            Self::Regrouped { from, to } => {
                f.write_str("rows are grouped otherwise")?;
                match (from, to) {
                    (None, Some(to)) if to.is_empty() => f.write_str(": all are one now"),
                    (None, Some(to)) => write!(f, ": now one for each {}", list(to)),
                    (Some(from), None) if !from.is_empty() => {
                        write!(f, ": no longer one for each {}", list(from))
                    }
                    (Some(from), Some(to)) if !from.is_empty() && !to.is_empty() => {
                        write!(f, ": by {} in place of {}", list(to), list(from))
                    }
                    _ => Ok(()),
                }
            }
            Self::Joined { added, removed } => match (added.as_slice(), removed.as_slice()) {
                (added, []) => write!(f, "rows are joined with {}", list(added)),
                ([], removed) => write!(f, "rows are no longer joined with {}", list(removed)),
                (added, removed) => {
                    write!(f, "rows come from {} in place of {}", list(added), list(removed))
                }
            },
            Self::JoinedOtherwise { from, to } if from == to => f.write_str("rows are joined otherwise"),
            Self::JoinedOtherwise { from, to } => {
                write!(f, "rows are joined otherwise: {to} in place of {from}")
            }
            Self::Limited => f.write_str("rows are limited otherwise"),
            Self::Combined { added: 0, removed: 0 } => f.write_str("rows are combined otherwise"),
            Self::Combined { added, removed: 0 } => {
                write!(f, "rows of {added} more {} are among them", queries(*added))
            }
            Self::Combined { added: 0, removed } => {
                write!(f, "rows of {removed} {} are no longer among them", queries(*removed))
            }
            Self::Combined { .. } => f.write_str("rows are combined from other queries"),
            Self::Otherwise => f.write_str("other rows may come out"),
        }
    }
}

fn queries(count: usize) -> &'static str {
    if count == 1 { "query" } else { "queries" }
}
