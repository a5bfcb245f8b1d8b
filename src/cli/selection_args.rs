use clap::{ArgAction, Args};

use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::ResourceType;
use crate::select::{Criteria, IndirectSelection};

/// Which nodes a command is about.
#[derive(Args, Clone, Debug, Default)]
pub struct SelectionArgs {
    /// Nodes to take: names, paths, tag:x, source:x, config.materialized:x …, with + and @
    #[arg(short, long, visible_alias = "models", alias = "model", short_alias = 'm', value_name = "SELECTOR", num_args = 1.., action = ArgAction::Append, help_heading = SELECTION)]
    pub select: Vec<String>,
    /// Nodes to leave out, in the same grammar
    #[arg(long, value_name = "SELECTOR", num_args = 1.., action = ArgAction::Append, help_heading = SELECTION)]
    pub exclude: Vec<String>,
    /// Which tests come with the nodes that they test
    #[arg(long, value_name = "MODE", value_parser = ["eager", "cautious", "buildable", "empty"], help_heading = SELECTION)]
    pub indirect_selection: Option<String>,
}

/// Which kinds of node a command is about.
#[derive(Args, Clone, Debug, Default)]
pub struct ResourceTypeArgs {
    /// Kinds of node to take: model, seed, test, source, exposure, analysis
    #[arg(long, alias = "resource-types", value_name = "TYPE", num_args = 1.., action = ArgAction::Append, help_heading = SELECTION)]
    pub resource_type: Vec<String>,
    /// Kinds of node to leave out
    #[arg(long, alias = "exclude-resource-types", value_name = "TYPE", num_args = 1.., action = ArgAction::Append, help_heading = SELECTION)]
    pub exclude_resource_type: Vec<String>,
}

const SELECTION: &str = "Selection";

impl SelectionArgs {
    /// What to select; `indirect` is the mode after all flags.
    ///
    /// # Errors
    /// A resource type that there is not.
    pub(super) fn criteria(&self, kinds: &ResourceTypeArgs, indirect: &str) -> Result<Criteria, Diagnostic> {
        Ok(Criteria {
            select: self.select.clone(),
            exclude: self.exclude.clone(),
            indirect: IndirectSelection::find(indirect).unwrap_or_default(),
            resource_types: resource_types(&kinds.resource_type)?,
            exclude_resource_types: resource_types(&kinds.exclude_resource_type)?,
        })
    }
}

/// The resource types that words name; dbt's `all` names every one, `default` those that
/// commands are about when nothing is said: every one too.
fn resource_types(words: &[String]) -> Result<Vec<ResourceType>, Diagnostic> {
    let mut found = Vec::new();
    for word in words.iter().flat_map(|word| word.split([' ', ','])).filter(|word| !word.is_empty()) {
        match word {
            "all" | "default" => found.extend(ResourceType::ALL),
            word => found.push(ResourceType::find(word).ok_or_else(|| {
                let names = ResourceType::ALL.map(ResourceType::name);
                let is_users = |name: &&str| !matches!(*name, "operation" | "sql_operation");
                let names: Vec<&str> = names.into_iter().filter(is_users).collect();
                Diagnostic::error(Code::InvalidUsage, format!("there is no resource type `{word}`"))
                    .note(format!("there are: {}", names.join(", ")))
                    .help(suggest::similar("resource type", word, names.iter().copied()))
            })?),
        }
    }
    Ok(found)
}
