use std::collections::HashMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::scope::Relation;
use crate::sql::DataType;
use crate::sql::tree::{JoinKind, TextRange};

/// What rules of the project ask of a query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// In the order they are written, those in subqueries too.
    pub ctes: Vec<CteFact>,
    pub stars: Vec<StarFact>,
    pub joins: Vec<JoinFact>,
    /// Columns of inputs that anything that comes out depends on, its rows too: input and
    /// name, in order.
    pub input_columns: Vec<(usize, String)>,
}

/// A common table expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CteFact {
    pub name: String,
    /// Its name, where it is defined.
    pub at: TextRange,
    /// How often a FROM names it.
    pub uses: usize,
    /// Whether the result depends on it: not when only unused CTEs name it.
    pub is_live: bool,
    /// Its columns, each with what wrote it and whether the result depends on it.
    pub columns: Vec<CteColumn>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CteColumn {
    pub name: String,
    /// A star has many.
    pub at: TextRange,
    pub is_used: bool,
}

/// A star in a select list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StarFact {
    pub at: TextRange,
    /// Whether it stands in the select list whose columns come out.
    pub is_outermost: bool,
    /// The inputs that it takes from directly, by number.
    pub inputs: Vec<usize>,
}

/// A join, or a comma in FROM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JoinFact {
    /// The right side.
    pub at: TextRange,
    /// `None` for a comma.
    pub kind: Option<JoinKind>,
    /// Whether ON, USING or NATURAL stands there. Relations after a comma may be joined by WHERE:
    /// [`is_connected`](Self::is_connected) tells.
    pub has_condition: bool,
    /// Whether a condition names columns of both sides, WHERE counted; also true of what has a
    /// reason to be without: laterals, table functions, subqueries of one row.
    pub is_connected: bool,
    pub compared: Vec<Compared>,
}

/// Two columns that a join's condition says are equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    pub left: TextRange,
    pub left_type: Option<DataType>,
    pub right: TextRange,
    pub right_type: Option<DataType>,
}

/// Facts while they are gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub stars: Vec<StarFact>,
    pub joins: Vec<JoinFact>,
    /// Those whose scope is still open.
    pub open_joins: Vec<super::connect::OpenJoin>,
    /// What the FROM of a CTE's own SELECT names, by CTE.
    pub reads: HashMap<usize, Vec<(String, Rc<Relation>)>>,
}
