use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::file::{lifted_config, named};
use super::{Origin, Renderer};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::MacroArgument;
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml};

/// What a properties file says of a macro.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MacroPatch {
    pub name: Spanned<String>,
    pub origin: Origin,
    pub description: Option<Spanned<String>>,
    #[serde(with = "crate::text::kept_json")]
    pub meta: Map<String, Value>,
    #[serde(with = "crate::text::kept_json")]
    pub docs: Map<String, Value>,
    /// With their descriptions as written.
    pub arguments: Vec<(MacroArgument, Option<Spanned<String>>)>,
}

impl MacroPatch {
    /// Reads an entry; `None` when it has no name.
    pub(super) fn read(
        yaml: &Yaml,
        origin: &Origin,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = named(yaml, "a macro");
        let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let name: Option<Spanned<String>> = reader.require("name");
        let description = reader.get("description");
        let config = lifted_config(&mut reader, &["docs"], renderer, diagnostics);
        let part = |key: &str| match config.get(key).map(|setting| &setting.value) {
            Some(Value::Object(map)) => map.clone(),
            _ => Map::new(),
        };
        let items: Vec<Yaml> = reader.list("arguments").unwrap_or_default();
        let arguments = items.iter().filter_map(|item| argument(item, &what, diagnostics)).collect();
        diagnostics.extend(reader.finish());
        Some(Self {
            name: name?,
            origin: origin.clone(),
            description,
            meta: part("meta"),
            docs: part("docs"),
            arguments,
        })
    }
}

fn argument(
    yaml: &Yaml,
    of: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(MacroArgument, Option<Spanned<String>>)> {
    let mut reader = Reader::new(yaml, format!("an argument of {of}"), Code::InvalidConfig, diagnostics)?;
    let name: Option<String> = reader.require("name");
    let data_type = reader.get("type");
    let description = reader.get("description");
    diagnostics.extend(reader.finish());
    Some((MacroArgument { name: name?, data_type, description: String::new() }, description))
}
