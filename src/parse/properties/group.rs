use serde_json::{Map, Value};

use super::Origin;
use super::file::text_name;
use crate::diagnostic::{Code, Diagnostic};
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml};

/// A group as a properties file declares it.
#[derive(Clone, Debug)]
pub struct GroupEntry {
    pub name: Spanned<String>,
    pub origin: Origin,
    pub description: Option<Spanned<String>>,
    pub owner: Map<String, Value>,
}

impl GroupEntry {
    /// Reads an entry; `None` when it has no name or owner.
    pub(super) fn read(yaml: &Yaml, origin: &Origin, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let what = match text_name(yaml) {
            Some(name) => format!("the group `{name}`"),
            None => "a group".to_owned(),
        };
        let mut reader = Reader::new(yaml, what, Code::InvalidConfig, diagnostics)?;
        let name = reader.require("name");
        let owner = reader.require("owner");
        let description = reader.get("description");
        reader.allow(&["config"]);
        diagnostics.extend(reader.finish());
        Some(Self { name: name?, origin: origin.clone(), description, owner: owner? })
    }
}
