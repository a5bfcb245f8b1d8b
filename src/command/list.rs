use serde_json::{Map, Value, json};

use super::{Ended, Shell};
use crate::artifact::node_json;
use crate::execute::Event;
use crate::manifest::{Node, NodeKind, ResourceType};
use crate::select::Criteria;

/// What to print of each node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListFormat {
    Selector,
    Name,
    Path,
    Json,
}

impl ListFormat {
    /// From the word of `--output`; `selector` for any other.
    #[must_use]
    pub fn find(word: &str) -> Self {
        match word {
            "name" => Self::Name,
            "path" => Self::Path,
            "json" => Self::Json,
            _ => Self::Selector,
        }
    }
}

/// What `list` is asked for.
#[derive(Clone, Debug)]
pub struct ListOptions {
    pub criteria: Criteria,
    pub format: ListFormat,
    /// Keys of the JSON objects; empty means dbt's own choice.
    pub keys: Vec<String>,
}

/// The keys dbt prints when none are named.
const DEFAULT_KEYS: [&str; 11] = [
    "alias",
    "name",
    "package_name",
    "depends_on",
    "tags",
    "config",
    "resource_type",
    "source_name",
    "original_file_path",
    "unique_id",
    "selector",
];

/// `xform list`: one line a node. Opens no connection.
/// See <https://docs.getdbt.com/reference/commands/list>.
#[must_use]
pub fn list(shell: &Shell<'_>, options: &ListOptions) -> Ended {
    let manifest = &shell.session.manifest;
    let selection = match shell.select(manifest, &options.criteria) {
        Ok(selection) => selection,
        Err(ended) => return ended,
    };
    let mut lines: Vec<String> = selection
        .iter()
        .filter_map(|id| manifest.node(id))
        .filter(|node| !matches!(node.resource_type, ResourceType::Operation | ResourceType::SqlOperation))
        .map(|node| match options.format {
            ListFormat::Selector => selector(node),
            ListFormat::Name => node.search_name(),
            ListFormat::Path => node.original_file_path.clone(),
            ListFormat::Json => json_line(node, &options.keys),
        })
        .collect();
    lines.sort();
    lines.dedup();
    for line in lines {
        shell.reporter.report(Event::Output(line));
    }
    match shell.write_manifest(manifest) {
        Ok(()) => Ended::Well,
        Err(ended) => ended,
    }
}

/// The words that would select just this node.
fn selector(node: &Node) -> String {
    match &node.kind {
        NodeKind::Source(source) => format!("source:{}.{}.{}", node.package, source.source_name, node.name),
        NodeKind::Exposure(_) => format!("exposure:{}.{}", node.package, node.name),
        _ => node.fqn.join("."),
    }
}

fn json_line(node: &Node, keys: &[String]) -> String {
    let Value::Object(all) = node_json(node) else { return String::new() };
    let wanted: Vec<&str> = if keys.is_empty() {
        DEFAULT_KEYS.to_vec()
    } else {
        keys.iter().flat_map(|key| key.split([',', ' '])).filter(|key| !key.is_empty()).collect()
    };
    let mut object = Map::new();
    for key in wanted {
        // `config.materialized` reaches into objects.
        let value = match key {
            "selector" => keys.iter().any(|wanted| wanted == "selector").then(|| json!(selector(node))),
            key => {
                key.split('.').try_fold(&Value::Object(all.clone()), |value, part| value.get(part)).cloned()
            }
        };
        if let Some(value) = value {
            object.insert(key.to_owned(), value);
        }
    }
    Value::Object(object).to_string()
}
