use clap::{ArgAction, Args};

use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::ResourceType;
use crate::project::setting;
use crate::select::{Criteria, IndirectSelection};
use crate::system::System;

/// Which nodes a command is about.
#[derive(Args, Clone, Debug, Default)]
pub struct SelectionArgs {
    /// Nodes to take: names, paths, tag:x, source:x, config.materialized:x …, with + and @
    #[arg(short, long, value_name = "SELECTOR", num_args = 1.., action = ArgAction::Append, help_heading = SELECTION)]
    pub select: Vec<String>,
    /// Another name of --select; with `list`, models alone
    #[arg(short, long, alias = "model", value_name = "SELECTOR", num_args = 1.., action = ArgAction::Append, help_heading = SELECTION)]
    pub models: Vec<String>,
    /// Nodes to leave out, in the same grammar
    #[arg(long, value_name = "SELECTOR", num_args = 1.., action = ArgAction::Append, help_heading = SELECTION)]
    pub exclude: Vec<String>,
    /// A selection that is written down in selectors.yml
    #[arg(long, value_name = "NAME", overrides_with = "selector", help_heading = SELECTION)]
    pub selector: Option<String>,
    /// Which tests come with the nodes that they test
    #[arg(long, value_name = "MODE", value_parser = ["eager", "cautious", "buildable", "empty"], help_heading = SELECTION)]
    pub indirect_selection: Option<String>,
}

/// Which kinds of node a command is about.
#[derive(Args, Clone, Debug, Default)]
pub struct ResourceTypeArgs {
    /// Kinds of node to take: model, seed, test, source, metric …, or all
    #[arg(long, alias = "resource-types", value_name = "TYPE", num_args = 1.., action = ArgAction::Append, help_heading = SELECTION)]
    pub resource_type: Vec<String>,
    /// Kinds of node to leave out
    #[arg(long, alias = "exclude-resource-types", value_name = "TYPE", num_args = 1.., action = ArgAction::Append, help_heading = SELECTION)]
    pub exclude_resource_type: Vec<String>,
}

const SELECTION: &str = "Selection";

impl SelectionArgs {
    /// What `--select` and its other name say.
    pub(super) fn words(&self) -> Vec<String> {
        self.select.iter().chain(&self.models).cloned().collect()
    }

    /// Takes `--models` for what it is to `list`: models alone.
    ///
    /// # Errors
    /// It stands beside another option that says which nodes.
    pub(super) fn take_models(&mut self, kinds: &mut ResourceTypeArgs) -> Result<(), Diagnostic> {
        if self.models.is_empty() {
            return Ok(());
        }
        let other = match (self.select.is_empty(), kinds.resource_type.is_empty()) {
            (false, _) => "--select",
            (_, false) => "--resource-type",
            _ => {
                kinds.resource_type = vec!["model".to_owned()];
                return Ok(());
            }
        };
        let message = format!("`--models` and `{other}` cannot be used together");
        Err(Diagnostic::error(Code::InvalidUsage, message)
            .help("`--models x` means `--select x --resource-type model`: write that"))
    }
    /// What to select; `indirect` is the mode after all flags.
    ///
    /// # Errors
    /// A resource type that there is not.
    pub(super) fn criteria(&self, kinds: &ResourceTypeArgs, indirect: &str) -> Result<Criteria, Diagnostic> {
        Ok(Criteria {
            select: self.words(),
            exclude: self.exclude.clone(),
            selector: self.selector.clone(),
            indirect: IndirectSelection::find(indirect).unwrap_or_default(),
            resource_types: resource_types(&kinds.resource_type)?,
            exclude_resource_types: resource_types(&kinds.exclude_resource_type)?,
        })
    }
}

impl ResourceTypeArgs {
    /// Where an option is not given, its variable counts: `DBT_RESOURCE_TYPES`,
    /// `DBT_EXCLUDE_RESOURCE_TYPES`.
    /// See <https://docs.getdbt.com/reference/global-configs/resource-type>.
    pub(super) fn or_environment(mut self, system: &dyn System) -> Self {
        for (option, name) in [
            (&mut self.resource_type, "RESOURCE_TYPES"),
            (&mut self.exclude_resource_type, "EXCLUDE_RESOURCE_TYPES"),
        ] {
            if option.is_empty() {
                option.extend(setting(system, name));
            }
        }
        self
    }
}

/// The resource types that words name; dbt's `all` names every one, `default` those that
/// are listed when nothing is said: all but analyses.
fn resource_types(words: &[String]) -> Result<Vec<ResourceType>, Diagnostic> {
    let mut found = Vec::new();
    for word in words.iter().flat_map(|word| word.split([' ', ','])).filter(|word| !word.is_empty()) {
        match word {
            "all" => found.extend(ResourceType::ALL),
            "default" => {
                found.extend(ResourceType::ALL.iter().filter(|kind| **kind != ResourceType::Analysis));
            }
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
