use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::NodeId;
use crate::select::Surroundings;
use crate::state::{Aspect, Standing};

/// `state:modified`, `state:modified.body`: nodes in view of an earlier manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateMethod {
    New,
    Old,
    /// In that aspect, or in any; new ones too.
    Modified(Option<Aspect>),
    Unmodified,
}

impl StateMethod {
    pub(super) fn new(raw: &str, value: &str) -> Result<Self, Diagnostic> {
        match value {
            "new" => return Ok(Self::New),
            "old" => return Ok(Self::Old),
            "modified" => return Ok(Self::Modified(None)),
            "unmodified" => return Ok(Self::Unmodified),
            _ => {}
        }
        let aspect = value.strip_prefix("modified.");
        let found =
            aspect.and_then(|name| Aspect::SELECTABLE.into_iter().find(|aspect| aspect.name() == name));
        if let Some(aspect) = found {
            return Ok(Self::Modified(Some(aspect)));
        }
        let names: Vec<String> = ["new", "old", "modified", "unmodified"]
            .map(str::to_owned)
            .into_iter()
            .chain(Aspect::SELECTABLE.map(|aspect| format!("modified.{}", aspect.name())))
            .collect();
        let message = format!("`{value}` in `{raw}` is no state that a node can be in");
        let help = suggest::similar("state", value, names.iter().map(String::as_str)).unwrap_or_else(|| {
            let all = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            format!("the states are {all}")
        });
        Err(Diagnostic::new(Code::InvalidSelector, message).help(help))
    }

    pub(super) fn find(self, around: &Surroundings<'_>) -> Result<BTreeSet<NodeId>, Diagnostic> {
        let comparison = around.comparison()?;
        let is_meant = |id: &NodeId| {
            let standing = comparison.standing(id);
            match self {
                Self::New => *standing == Standing::New,
                Self::Old => *standing != Standing::New,
                Self::Modified(None) => *standing != Standing::Unmodified,
                // dbt counts new nodes to all aspects but this one.
                Self::Modified(Some(Aspect::Macros)) => {
                    *standing != Standing::New && standing.is_modified_in(Aspect::Macros)
                }
                Self::Modified(Some(aspect)) => standing.is_modified_in(aspect),
                Self::Unmodified => *standing == Standing::Unmodified,
            }
        };
        Ok(around.manifest.nodes.keys().filter(|id| is_meant(id)).cloned().collect())
    }
}
