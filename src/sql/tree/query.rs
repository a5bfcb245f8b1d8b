use super::{Expr, FromItem, Name, OrderKey, TextRange, Window};

/// A query with all that stands around its body.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub ctes: Vec<Cte>,
    pub is_recursive: bool,
    pub body: Body,
    pub order_by: Vec<OrderKey>,
    /// `ORDER BY ALL`.
    pub orders_by_all: bool,
    /// Expressions of LIMIT, OFFSET and FETCH.
    pub limit: Vec<Expr>,
    pub at: TextRange,
}

/// `name (columns) AS (query)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Cte {
    pub name: Name,
    pub columns: Vec<Name>,
    pub query: Query,
    pub at: TextRange,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    Select(Box<Select>),
    SetOperation(Box<SetOperation>),
    /// Rows of expressions.
    Values(Vec<Vec<Expr>>),
    /// A query in parentheses.
    Query(Box<Query>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOperator {
    Union,
    Intersect,
    Except,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SetOperation {
    pub operator: SetOperator,
    pub is_all: bool,
    /// Columns are matched by name and not by place (`UNION BY NAME`).
    pub by_name: bool,
    pub left: Body,
    pub right: Body,
    pub at: TextRange,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Distinct {
    #[default]
    No,
    Yes,
    On(Vec<Expr>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum GroupBy {
    #[default]
    No,
    /// `GROUP BY ALL`.
    All,
    /// The keys; of GROUPING SETS, CUBE and ROLLUP all that stand in them. A number that
    /// counts columns of the result is a literal, as written.
    Keys(Vec<Expr>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    pub distinct: Distinct,
    pub items: Vec<SelectItem>,
    /// Separated by commas; empty when there is no FROM.
    pub from: Vec<FromItem>,
    pub filter: Option<Expr>,
    pub group_by: GroupBy,
    pub having: Option<Expr>,
    pub qualify: Option<Expr>,
    /// `WINDOW name AS (…)`.
    pub windows: Vec<(Name, Window)>,
    /// Hierarchical queries: START WITH and CONNECT BY.
    pub connect_by: Vec<Expr>,
    pub at: TextRange,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SelectItem {
    Expr { expr: Expr, alias: Option<Name> },
    Star(Star),
}

/// `t.* EXCLUDE (a) REPLACE (x AS b) RENAME (c AS d)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Star {
    /// The relation, or an expression's struct field by field (`t.point.*`).
    pub qualifier: Vec<Name>,
    pub exclude: Vec<Name>,
    pub replace: Vec<(Expr, Name)>,
    pub rename: Vec<(Name, Name)>,
    /// `* LIKE 'a%'` and its kind: the operator (`like`, `ilike`, `similar to`, `glob`; with
    /// `not ` before it) and the pattern.
    pub pattern: Option<(String, String)>,
    pub at: TextRange,
}

impl Query {
    /// How many levels a tree has at most: what nests deeper is no query, and long chains of one
    /// operator are balanced, so that the tree can be walked, copied and dropped on any stack.
    pub const MAX_DEPTH: usize = 1000;
}
