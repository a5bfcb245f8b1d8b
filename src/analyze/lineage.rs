/// How a column of an input takes part in something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnUse {
    /// Which of the [`inputs`](super::Analysis::inputs).
    pub input: usize,
    /// In the letters of the input's schema; as written where nothing is known of it.
    pub column: String,
    pub how: How,
}
