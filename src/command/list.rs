use serde_json::{Map, Value, json};

use super::{Ended, Shell};
use crate::artifact::node_json;
use crate::diagnostic::{Code, Diagnostic, WarningName};
use crate::docs::Picture;
use crate::execute::Event;
use crate::jinja::json_text;
use crate::manifest::{Node, NodeId, NodeKind, ResourceType};
use crate::select::Criteria;
use crate::state::{Comparison, compared_manifest};

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

/// The form in which `list --graph` draws who reads whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphFormat {
    Tree,
    Mermaid,
    Svg,
}

impl GraphFormat {
    /// From the word of `--graph`; a tree for any other.
    #[must_use]
    pub fn find(word: &str) -> Self {
        match word {
            "mermaid" => Self::Mermaid,
            "svg" => Self::Svg,
            _ => Self::Tree,
        }
    }
}

/// What `list` is asked for.
pub struct ListOptions<'a> {
    pub criteria: Criteria,
    pub format: ListFormat,
    /// Keys of the JSON objects; empty means dbt's own choice.
    pub keys: Vec<String>,
    /// Draw the nodes in place of listing them.
    pub graph: Option<GraphFormat>,
    /// How remarks look.
    pub faint: &'a dyn Fn(&str) -> String,
}

/// The keys dbt prints when none are named, of those that a node has.
const DEFAULT_KEYS: [&str; 11] = [
    "name",
    "resource_type",
    "package_name",
    "original_file_path",
    "unique_id",
    "alias",
    "source_name",
    "config",
    "tags",
    "depends_on",
    "direct_parents",
];

/// `xform list`: one line a node. Opens no connection.
/// See <https://docs.getdbt.com/reference/commands/list>.
#[must_use]
pub fn list(shell: &Shell<'_>, options: &ListOptions<'_>) -> Ended {
    let manifest = &shell.session.manifest;
    let mut criteria = options.criteria.clone();
    if criteria.resource_types.is_empty() {
        // Analyses are listed where they are asked for.
        criteria.exclude_resource_types.push(ResourceType::Analysis);
        if options.graph.is_some() {
            // They would hide the graph: drawn where they are asked for.
            criteria.exclude_resource_types.extend([ResourceType::Test, ResourceType::UnitTest]);
        }
    }
    let selection = match shell.select(manifest, &criteria) {
        Ok(selection) => selection,
        Err(ended) => return ended,
    };
    if selection.is_empty() {
        let warning = Diagnostic::new(Code::NoNodesSelected, "No nodes selected!");
        if let Err(ended) = shell.warn(warning.stands_for(WarningName::NoNodesSelected)) {
            return ended;
        }
    }
    let comparison = match comparison(shell, &options.keys) {
        Ok(comparison) => comparison,
        Err(diagnostic) => return shell.fail(diagnostic),
    };
    if let Some(format) = options.graph {
        let text = drawn(&Picture::new(manifest, selection.iter()), format, options.faint);
        if !text.is_empty() {
            shell.reporter.report(Event::Output(text));
        }
        return shell.write_manifest(manifest).map_or_else(|ended| ended, |()| Ended::Well);
    }
    for node in selection.iter().filter_map(|id| manifest.node(id)) {
        shell.reporter.report(Event::Output(match options.format {
            ListFormat::Selector => selector(node),
            ListFormat::Name => name(node),
            ListFormat::Path => node.original_file_path.clone(),
            ListFormat::Json => json_line(node, &options.keys, comparison.as_ref()),
        }));
    }
    match shell.write_manifest(manifest) {
        Ok(()) => Ended::Well,
        Err(ended) => ended,
    }
}

fn drawn(picture: &Picture, format: GraphFormat, faint: &dyn Fn(&str) -> String) -> String {
    match format {
        GraphFormat::Tree => picture.tree(faint).join("\n"),
        GraphFormat::Mermaid => picture.mermaid(),
        GraphFormat::Svg => picture.svg(),
    }
}

/// The words that would select just this node.
fn selector(node: &Node) -> String {
    let kind = node.resource_type.name();
    match &node.kind {
        NodeKind::Source(source) => format!("source:{}.{}.{}", node.package, source.source_name, node.name),
        NodeKind::Exposure(_)
        | NodeKind::Metric(_)
        | NodeKind::SemanticModel(_)
        | NodeKind::SavedQuery(_)
        | NodeKind::UnitTest(_) => format!("{kind}:{}.{}", node.package, node.name_with_version()),
        _ => node.fqn.join("."),
    }
}

/// The name that `ref()` or `source()` would find it by: `raw.orders`, `orders.v2`.
fn name(node: &Node) -> String {
    match node.model().and_then(|model| model.version.as_ref()) {
        Some(Value::String(version)) => format!("{}.v{version}", node.name),
        Some(version) => format!("{}.v{version}", node.name),
        None => node.search_name(),
    }
}

/// The key of why a node is not what it was in the `--state`: our own, and only on demand.
const STATE_CHANGES: &str = "state_changes";

/// What `state_changes` is to be read from.
fn comparison(shell: &Shell<'_>, keys: &[String]) -> Result<Option<Comparison>, Diagnostic> {
    if !keys.iter().any(|key| key.contains(STATE_CHANGES)) {
        return Ok(None);
    }
    let earlier = compared_manifest(shell.session.state.as_deref())?;
    Ok(Some(Comparison::new(earlier, &shell.session.manifest)))
}

fn json_line(node: &Node, keys: &[String], comparison: Option<&Comparison>) -> String {
    let mut all = node_json(node);
    if node.resource_type == ResourceType::Model {
        let parents: Vec<&str> = node.depends_on.iter().map(NodeId::as_str).collect();
        all["direct_parents"] = json!(parents);
    }
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
            STATE_CHANGES => comparison.map(|comparison| json!(comparison.standing(&node.id).reasons())),
            key => key.split('.').try_fold(&all, |value, part| value.get(part)).cloned(),
        };
        if let Some(value) = value {
            object.insert(key.to_owned(), value);
        }
    }
    json_text(&Value::Object(object), None)
}
