/// What of a node can be different, as the `modified.…` methods name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// The SQL, or what is in a seed.
    Body,
    Configs,
    /// The columns of an enforced contract.
    Contract,
    /// A macro that it calls, or that a macro calls that it calls.
    Macros,
    /// Descriptions that are written to the warehouse.
    PersistedDescriptions,
    /// What configures the name of the relation.
    Relation,
    /// What else defines it, such as the owner of an exposure.
    Definition,
}

impl Aspect {
    /// Those that can be selected by themselves.
    pub const SELECTABLE: [Self; 6] = [
        Self::Body,
        Self::Configs,
        Self::Contract,
        Self::Macros,
        Self::PersistedDescriptions,
        Self::Relation,
    ];

    /// As in `modified.body`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Configs => "configs",
            Self::Contract => "contract",
            Self::Macros => "macros",
            Self::PersistedDescriptions => "persisted_descriptions",
            Self::Relation => "relation",
            Self::Definition => "definition",
        }
    }
}

/// One way in which a node is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub aspect: Aspect,
    /// In words: "its config `materialized`".
    pub what: String,
}

impl Change {
    pub(super) fn new(aspect: Aspect, what: impl Into<String>) -> Self {
        Self { aspect, what: what.into() }
    }
}
