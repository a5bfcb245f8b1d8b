use crate::manifest::ResourceType;

/// Which tests come along when the nodes they test are selected.
/// See <https://docs.getdbt.com/reference/global-configs/indirect-selection>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IndirectSelection {
    /// Those of which any parent is selected.
    #[default]
    Eager,
    /// Those of which all parents are selected.
    Cautious,
    /// Those of which all parents are selected or are parents of what is selected.
    Buildable,
    /// None.
    Empty,
}

impl IndirectSelection {
    pub const ALL: [Self; 4] = [Self::Eager, Self::Cautious, Self::Buildable, Self::Empty];

    /// As the flag spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eager => "eager",
            Self::Cautious => "cautious",
            Self::Buildable => "buildable",
            Self::Empty => "empty",
        }
    }

    /// From the word of the flag.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// What a command line says about which nodes it wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Criteria {
    /// `--select`, unsplit; empty means everything.
    pub select: Vec<String>,
    /// `--exclude`, unsplit.
    pub exclude: Vec<String>,
    /// `--selector`: the name of a selector, which stands in for both.
    pub selector: Option<String>,
    pub indirect: IndirectSelection,
    /// `--resource-type`; empty means all.
    pub resource_types: Vec<ResourceType>,
    /// `--exclude-resource-type`.
    pub exclude_resource_types: Vec<ResourceType>,
}
