use std::borrow::Cow;

use super::columns::column_counts;
use super::contract::Entry;
use super::known::{Known, attached};
use super::numbers::Item;
use super::summary::summary;
use crate::manifest::{Group, Language, Macro, Model, Node, NodeKind, ResourceType, version_text};

/// What lists and the search need of the item of that number.
pub(super) fn entry<'a>(known: &Known<'a>, id: usize) -> Entry<'a> {
    match known.numbers.items[id] {
        Item::Node(node) => of_node(known, id, node),
        Item::Macro(one) => of_macro(one),
        Item::Group(id, group) => of_group(id, group),
    }
}

fn of_node<'a>(known: &Known<'a>, id: usize, node: &'a Node) -> Entry<'a> {
    let mut entry = Entry {
        id: node.id.as_str(),
        kind: node.resource_type.name(),
        name: Cow::Owned(node.hook_name()),
        label: label(node),
        package: &node.package,
        path: &node.original_file_path,
        fqn: Cow::Borrowed(&node.fqn),
        materialized: materialized(node),
        tags: &node.tags,
        group: node.group.as_deref(),
        summary: summary(&node.description),
        depends: known.parents(node),
        attached: attached(node).and_then(|id| known.numbers.find(id.as_str())),
        columns: column_counts(known, id, node),
        last: known.history[id].first().map(|(run, status, seconds, ..)| (*status, *seconds, *run)),
        hidden: node.docs.get("show").and_then(serde_json::Value::as_bool) == Some(false),
        color: node.docs.get("node_color").and_then(serde_json::Value::as_str),
        ..Entry::default()
    };
    if let Some(relation) = node.relation.as_ref().filter(|_| !node.is_ephemeral()) {
        let part = |part: &'a Option<String>| part.as_deref().unwrap_or_default();
        entry.relation = Some([part(&relation.database), part(&relation.schema), part(&relation.identifier)]);
    }
    if let Some(model) = node.model() {
        entry.access = Some(node.config.text("access").unwrap_or("protected"));
        entry.version = node.version();
        entry.is_latest =
            entry.version.is_some() && model.latest_version.as_ref().map(version_text) == entry.version;
        entry.is_prerelease = is_prerelease(node, model);
        entry.language = (model.language == Language::Python).then_some("python");
    }
    if let Some(test) = node.data_test() {
        entry.test = test.metadata.as_ref().map(|metadata| match &metadata.namespace {
            Some(namespace) => Cow::Owned(format!("{namespace}.{}", metadata.name)),
            None => Cow::Borrowed(metadata.name.as_str()),
        });
        entry.column = test.column_name.as_deref().map(|name| name.trim_matches(['"', '`']));
    }
    if let Some(age) = known.sources.get(node.id.as_str()) {
        let seconds = age.max_loaded_at_time_ago_in_s;
        entry.freshness = Some((&age.status, &age.snapshotted_at, &age.max_loaded_at, seconds));
    }
    entry
}

/// Whether it is a version of a model that is newer than the latest.
fn is_prerelease(node: &Node, model: &Model) -> bool {
    let order = |version: &str| version.trim_start_matches('v').parse::<f64>().ok();
    let latest = model.latest_version.as_ref().map(version_text);
    let newer = |version: String| order(&version)?.partial_cmp(&order(&latest?)?);
    node.version().and_then(newer) == Some(std::cmp::Ordering::Greater)
}

/// What people call it, where that is not its name.
fn label(node: &Node) -> Option<Cow<'_, str>> {
    match &node.kind {
        NodeKind::Source(_) => Some(Cow::Owned(node.search_name())),
        NodeKind::Exposure(exposure) => exposure.label.as_deref().map(Cow::Borrowed),
        NodeKind::Metric(metric) => definition_label(&metric.definition),
        NodeKind::SemanticModel(model) => definition_label(&model.definition),
        NodeKind::SavedQuery(query) => definition_label(&query.definition),
        _ => None,
    }
}

fn definition_label(definition: &serde_json::Map<String, serde_json::Value>) -> Option<Cow<'_, str>> {
    definition.get("label").and_then(serde_json::Value::as_str).map(Cow::Borrowed)
}

fn materialized(node: &Node) -> Option<&str> {
    match node.resource_type {
        ResourceType::Model => Some(node.config.materialized()),
        ResourceType::Seed => Some("seed"),
        ResourceType::Snapshot => Some("snapshot"),
        _ => None,
    }
}

fn of_macro(one: &Macro) -> Entry<'_> {
    Entry {
        id: one.id.as_str(),
        kind: "macro",
        name: Cow::Borrowed(&one.name),
        package: &one.package,
        path: &one.original_file_path,
        fqn: path_names(&one.package, &one.original_file_path, &one.name),
        summary: summary(&one.description),
        hidden: one.docs.get("show").and_then(serde_json::Value::as_bool) == Some(false),
        ..Entry::default()
    }
}

fn of_group<'a>(id: &'a str, group: &'a Group) -> Entry<'a> {
    Entry {
        id,
        kind: "group",
        name: Cow::Borrowed(&group.name),
        package: &group.package,
        path: &group.original_file_path,
        fqn: path_names(&group.package, &group.original_file_path, &group.name),
        summary: summary(group.description.as_deref().unwrap_or_default()),
        ..Entry::default()
    }
}

/// Package, folders and name, for what has no name in full of its own.
fn path_names<'a>(package: &str, path: &str, name: &str) -> Cow<'a, [String]> {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/');
    let folders = folders.filter(|folder| !folder.is_empty());
    let all = std::iter::once(package).chain(folders).chain(std::iter::once(name));
    Cow::Owned(all.map(str::to_owned).collect())
}
