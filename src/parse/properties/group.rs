use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Origin;
use super::file::named;
use crate::diagnostic::{Code, Diagnostic};
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml};

/// A group as a properties file declares it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupEntry {
    pub name: Spanned<String>,
    pub origin: Origin,
    pub description: Option<Spanned<String>>,
    #[serde(with = "crate::text::kept_json")]
    pub owner: Map<String, Value>,
    /// As written: its `meta` among others.
    #[serde(with = "crate::text::kept_json")]
    pub config: Map<String, Value>,
}

impl GroupEntry {
    /// Reads an entry; `None` when it has no name or owner.
    pub(super) fn read(yaml: &Yaml, origin: &Origin, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let what = named(yaml, "a group");
        let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let name = reader.require("name");
        let owner = reader.require("owner");
        let description = reader.get("description");
        let config: Map<String, Value> = reader.get("config").unwrap_or_default();
        let owner: Option<Map<String, Value>> = owner;
        if let Some(owner) =
            owner.as_ref().filter(|owner| !owner.contains_key("name") && !owner.contains_key("email"))
        {
            let span = reader.value("owner").map_or(reader.span(), Yaml::place);
            let found: Vec<String> = owner.keys().map(|key| format!("`{key}`")).collect();
            reader.complain(
                Diagnostic::new(
                    Code::InvalidConfig,
                    format!("{what} has an owner without a name or an email"),
                )
                .label(
                    span,
                    format!(
                        "there is {}",
                        if found.is_empty() { "nothing".to_owned() } else { found.join(", ") }
                    ),
                )
                .help("give the owner a `name` or an `email`, or both"),
            );
        }
        diagnostics.extend(reader.finish());
        Some(Self { name: name?, origin: origin.clone(), description, owner: owner?, config })
    }
}
