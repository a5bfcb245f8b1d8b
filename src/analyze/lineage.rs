use serde::{Deserialize, Serialize};

/// How a column of an input takes part in something.
///
/// A column usually comes a long way, through CTEs and subqueries, and is told of as a whole:
///
/// * What is only passed on, under whatever names, is [`Copied`](Self::Copied) when it ends
///   under the name it has in the input, and [`Renamed`](Self::Renamed) otherwise. Set operations,
///   USING, scalar subqueries and UNPIVOT pass on. A column that USING merges is of both sides
///   in an inner or full join, of the left in a left join and of the right in a right join; of
///   `EXCEPT` only the left side passes on.
/// * What is computed anywhere on the way is [`Computed`](Self::Computed): operators, casts, fields
///   of structs, the branches of CASE, functions, window functions.
/// * What is aggregated anywhere on the way is [`Aggregated`](Self::Aggregated), whatever is
///   computed before or after.
/// * What is a condition anywhere on the way is a [`Condition`](Self::Condition): that of a CASE,
///   of FILTER, partition and order of a window or aggregate, what decides on the row that a
///   scalar subquery finds, the column whose values PIVOT makes columns of.
/// * What decides on rows, in the query or in any CTE or subquery that feeds it, is
///   [`Filter`](Self::Filter), [`Group`](Self::Group) or [`Order`](Self::Order), and is told of for
///   the query, not for a column. Sides of UNION without ALL and of DISTINCT are groups; both
///   sides of EXCEPT and INTERSECT filter; so does what a table function is given.
///
/// Where a column of an input takes part in a column in several ways, the first of aggregated,
/// computed, copied or renamed, condition is told. In what decides on rows, each is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum How {
    /// The column as it is, under its own name.
    Copied,
    /// The column as it is, under another name.
    Renamed,
    /// The value is computed from it, row by row. Window functions compute too.
    Computed,
    /// The value is an aggregate of many rows of it.
    Aggregated,
    /// It decides which value is taken, and is no part of it: the condition of a CASE, the
    /// partition or order of a window.
    Condition,
    /// It decides which rows there are: WHERE, HAVING, QUALIFY, the condition of a join.
    Filter,
    /// It decides which rows are one: GROUP BY, DISTINCT.
    Group,
    /// It decides the order of rows.
    Order,
}

impl How {
    /// In one word, as people and tools read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Copied => "copied",
            Self::Renamed => "renamed",
            Self::Computed => "computed",
            Self::Aggregated => "aggregated",
            Self::Condition => "condition",
            Self::Filter => "filter",
            Self::Group => "group",
            Self::Order => "order",
        }
    }
}

/// A column of an input that something is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ColumnUse {
    /// Which of the [`inputs`](super::Analysis::inputs).
    pub input: usize,
    /// In the letters of the input's schema; as written where nothing is known of it.
    pub column: String,
    pub how: How,
}
