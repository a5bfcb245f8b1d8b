use super::{Name, Query, Star, TextRange};
use crate::sql::DataType;

/// An expression and the bytes it was written at.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub at: TextRange,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `a`, `t.a`, `s.t.a`, and `t.a.field`: which part is what, only the scope can tell.
    Column(Vec<Name>),
    Literal(Literal),
    Call(Box<Call>),
    Cast {
        expr: Box<Expr>,
        to: DataType,
        to_at: TextRange,
        is_try: bool,
    },
    Unary {
        op: UnaryOp,
        expr: Box<Expr>,
    },
    Binary {
        left: Box<Expr>,
        op: BinaryOp,
        right: Box<Expr>,
    },
    Between {
        expr: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        is_negated: bool,
    },
    InList {
        expr: Box<Expr>,
        list: Vec<Expr>,
        is_negated: bool,
    },
    InSubquery {
        expr: Box<Expr>,
        query: Box<Query>,
        is_negated: bool,
    },
    /// `IS NULL`, `IS NOT NULL`.
    IsNull {
        expr: Box<Expr>,
        is_negated: bool,
    },
    /// LIKE, ILIKE, SIMILAR TO, GLOB, RLIKE: the operator in small letters.
    Like {
        expr: Box<Expr>,
        operator: String,
        pattern: Box<Expr>,
        is_negated: bool,
    },
    Case(Box<Case>),
    /// A query that gives one value.
    Subquery(Box<Query>),
    Exists {
        query: Box<Query>,
        is_negated: bool,
    },
    /// `x = ANY (query)`, `x > ALL (query)`.
    Quantified {
        expr: Box<Expr>,
        op: BinaryOp,
        query: Box<Query>,
    },
    /// `(expr).field`, `expr['field']` of a struct, Snowflake's `expr:field`.
    Field {
        expr: Box<Expr>,
        field: Name,
    },
    /// `expr[index]`, `expr[from:to]`: a slice has two or three indices, NULL for what is not said.
    Index {
        expr: Box<Expr>,
        indices: Vec<Expr>,
    },
    List(Vec<Expr>),
    Struct(Vec<(Name, Expr)>),
    Map(Vec<(Expr, Expr)>),
    /// `(a, b)`.
    Row(Vec<Expr>),
    Lambda(Box<Lambda>),
    /// DuckDB's `COLUMNS(…)`: an expression that stands for many.
    Columns(ColumnsPattern),
    /// `?`, `$1`, `:name`, `@name`.
    Parameter(String),
    /// What the tree has no place for: its name and the expressions in it.
    Other {
        what: String,
        parts: Vec<Expr>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    String(String),
    /// `DATE '2024-01-01'`, `INTERVAL 1 DAY`, `X'ff'`: the type and the text.
    Typed(DataType, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Not,
    Minus,
    Plus,
    /// `~`.
    BitNot,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `IS NOT DISTINCT FROM`, `<=>`.
    Same,
    /// `IS DISTINCT FROM`.
    Different,
    Add,
    Subtract,
    Multiply,
    Divide,
    /// `//`, `DIV`.
    IntegerDivide,
    Modulo,
    Power,
    /// `||`.
    Concat,
    /// Any other, as written: `->>`, `&`, `@>`.
    Other(String),
}

impl BinaryOp {
    /// Whether it compares, so that its sides must have types that can be compared.
    #[must_use]
    pub fn is_comparison(&self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Less
                | Self::LessOrEqual
                | Self::Greater
                | Self::GreaterOrEqual
                | Self::Same
                | Self::Different
        )
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub operand: Option<Expr>,
    pub branches: Vec<Branch>,
    pub otherwise: Option<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    pub when: Expr,
    pub then: Expr,
}

/// A call of a function, scalar, aggregate or window.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub name: Vec<Name>,
    pub arguments: Vec<Argument>,
    pub is_distinct: bool,
    /// ORDER BY inside the parentheses, and WITHIN GROUP.
    pub order_by: Vec<OrderKey>,
    /// `FILTER (WHERE …)`.
    pub filter: Option<Expr>,
    pub over: Option<Window>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    Expr(Expr),
    /// `name := value`, `name => value`.
    Named(Name, Expr),
    /// `count(*)`, `count(t.*)`, BigQuery's `array_agg(* …)`.
    Star(Star),
    /// A query in place of an argument: `ARRAY(select …)`.
    Query(Box<Query>),
}

/// `expr ASC NULLS LAST`.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderKey {
    pub expr: Expr,
    pub is_descending: bool,
    pub nulls_first: Option<bool>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Window {
    /// `OVER name`.
    Named(Name),
    Spec(Box<WindowSpec>),
}

/// `(base PARTITION BY … ORDER BY … ROWS …)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowSpec {
    pub base: Option<Name>,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<OrderKey>,
    /// `rows`, `range` or `groups`, with its bounds.
    pub frame: Option<(String, Vec<FrameBound>)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FrameBound {
    CurrentRow,
    /// None is UNBOUNDED.
    Preceding(Option<Expr>),
    Following(Option<Expr>),
}

/// `x -> body`, `(x, y) -> body`; list comprehensions too, their filter and list being parts
/// of the call they are an argument of (`list_transform`, `list_filter`).
#[derive(Clone, Debug, PartialEq)]
pub struct Lambda {
    pub parameters: Vec<Name>,
    pub body: Expr,
}

/// The argument of `COLUMNS(…)`.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnsPattern {
    /// `COLUMNS(*)`, `COLUMNS(t.* EXCLUDE (a))`.
    Star(Star),
    /// `COLUMNS('a|b')`, a regular expression that has to be found in a name.
    Regex(String),
    /// `COLUMNS(['a', 'b'])`.
    Names(Vec<Name>),
    /// `COLUMNS(c -> c like 'a%')`.
    Lambda(Box<Lambda>),
}

impl Expr {
    #[must_use]
    pub fn new(kind: ExprKind, at: TextRange) -> Self {
        Self { kind, at }
    }
}
