use serde::Serialize;
use serde_json::{Map, Value};

use super::node_json::DocsJson;
use crate::manifest::{Doc, Group, Macro};

/// A macro in `manifest.json`.
#[derive(Debug, Serialize)]
pub(super) struct MacroJson<'a> {
    name: &'a str,
    resource_type: &'static str,
    package_name: &'a str,
    path: &'a str,
    original_file_path: &'a str,
    unique_id: &'a str,
    macro_sql: &'a str,
    depends_on: MacroDependsOn<'a>,
    description: &'a str,
    meta: &'a Map<String, Value>,
    docs: DocsJson<'a>,
    config: MacroConfig<'a>,
    patch_path: Option<&'a str>,
    arguments: Vec<ArgumentJson<'a>>,
    supported_languages: Option<&'a [String]>,
}

#[derive(Debug, Serialize)]
struct MacroDependsOn<'a> {
    macros: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct MacroConfig<'a> {
    meta: &'a Map<String, Value>,
    docs: DocsJson<'a>,
}

#[derive(Debug, Serialize)]
struct ArgumentJson<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    data_type: Option<&'a str>,
    description: &'a str,
}

impl<'a> MacroJson<'a> {
    pub(super) fn new(from: &'a Macro) -> Self {
        let docs = DocsJson::new(&from.docs);
        let argument = |argument: &'a crate::manifest::MacroArgument| ArgumentJson {
            name: &argument.name,
            data_type: argument.data_type.as_deref(),
            description: &argument.description,
        };
        Self {
            name: &from.name,
            resource_type: "macro",
            package_name: &from.package,
            path: &from.original_file_path,
            original_file_path: &from.original_file_path,
            unique_id: from.id.as_str(),
            macro_sql: &from.source,
            depends_on: MacroDependsOn {
                macros: from.depends_on_macros.iter().map(crate::manifest::MacroId::as_str).collect(),
            },
            description: &from.description,
            meta: &from.meta,
            docs,
            config: MacroConfig { meta: &from.meta, docs },
            patch_path: from.patch_path.as_deref(),
            arguments: from.arguments.iter().map(argument).collect(),
            supported_languages: (!from.supported_languages.is_empty())
                .then_some(from.supported_languages.as_slice()),
        }
    }
}

/// A doc block in `manifest.json`.
#[derive(Debug, Serialize)]
pub(super) struct DocJson<'a> {
    name: &'a str,
    resource_type: &'static str,
    package_name: &'a str,
    path: &'a str,
    original_file_path: &'a str,
    unique_id: &'a str,
    block_contents: &'a str,
}

impl<'a> DocJson<'a> {
    pub(super) fn new(unique_id: &'a str, from: &'a Doc) -> Self {
        Self {
            name: &from.name,
            resource_type: "doc",
            package_name: &from.package,
            path: below_first_folder(&from.original_file_path),
            original_file_path: &from.original_file_path,
            unique_id,
            block_contents: &from.contents,
        }
    }
}

/// A group in `manifest.json`.
#[derive(Debug, Serialize)]
pub(super) struct GroupJson<'a> {
    name: &'a str,
    resource_type: &'static str,
    package_name: &'a str,
    path: &'a str,
    original_file_path: &'a str,
    unique_id: &'a str,
    owner: &'a Map<String, Value>,
    description: Option<&'a str>,
    config: GroupConfigJson<'a>,
}

#[derive(Debug, Serialize)]
struct GroupConfigJson<'a> {
    meta: Option<&'a Value>,
    #[serde(flatten)]
    more: std::collections::BTreeMap<&'a String, &'a Value>,
}

impl<'a> GroupJson<'a> {
    pub(super) fn new(unique_id: &'a str, from: &'a Group) -> Self {
        Self {
            name: &from.name,
            resource_type: "group",
            package_name: &from.package,
            path: below_first_folder(&from.original_file_path),
            original_file_path: &from.original_file_path,
            unique_id,
            owner: &from.owner,
            description: from.description.as_deref(),
            config: GroupConfigJson {
                meta: from.config.get("meta"),
                more: from.config.iter().filter(|(key, _)| *key != "meta").collect(),
            },
        }
    }
}

/// A path relative to its resource folder, where only the path below the package is known.
fn below_first_folder(path: &str) -> &str {
    path.split_once('/').map_or(path, |(_, below)| below)
}
