use crate::sql::RelationName;

/// What kind of thing a relation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelationType {
    Table,
    View,
    MaterializedView,
    Cte,
    External,
}

impl RelationType {
    /// As dbt's relations spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RelationType::Table => "table",
            RelationType::View => "view",
            RelationType::MaterializedView => "materialized_view",
            RelationType::Cte => "cte",
            RelationType::External => "external",
        }
    }

    /// From dbt's word, in any case.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        [Self::Table, Self::View, Self::MaterializedView, Self::Cte, Self::External]
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// A relation in the warehouse, there or to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Relation {
    pub name: RelationName,
    /// `None` when it is not known.
    pub kind: Option<RelationType>,
}
