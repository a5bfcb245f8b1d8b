//! A query as a tree, the same for every dialect.
//!
//! Made from a text by [`parse_query`](super::parse_query), whichever parser understood
//! it, and read by everything that asks what a query means. Where dialects write one thing
//! in many ways (`x::int`, `cast(x as int)`; `extract(year from d)`, `date_part('year', d)`)
//! the tree has one: conversions are [`ExprKind::Cast`], functions with a grammar of their
//! own are [`Call`]s with plain arguments. What has no place of its own is
//! [`ExprKind::Other`], whose parts are still expressions: nothing that names a column is
//! ever dropped. Every [`Name`] and [`Expr`] has the bytes it was written at.
//!
//! [`Node::walk`] and the `for_each` methods of [`Query`] and [`Expr`] go through a tree. Who
//! goes through it another way does so with [`deep`].

mod expr;
mod from_item;
mod name;
mod query;
mod visit;

pub use expr::{
    Argument, BinaryOp, Branch, Call, Case, ColumnsPattern, Expr, ExprKind, FrameBound, Lambda, Literal,
    OrderKey, UnaryOp, Window, WindowSpec,
};
pub use from_item::{Alias, FromItem, Join, JoinCondition, JoinKind, Pivot, PivotOn, TableFunction, Unpivot};
pub use name::{Name, TextRange};
pub use query::{Body, Cte, Distinct, GroupBy, Query, Select, SelectItem, SetOperation, SetOperator, Star};
pub use visit::{Node, deep};
