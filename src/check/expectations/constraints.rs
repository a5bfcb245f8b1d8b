use super::columns::plain_name;
use super::expectations::Scene;
use crate::diagnostic::Diagnostic;
use crate::manifest::{Constraint, ForeignKeyTarget, Found, NodeId};

/// Columns that constraints name: those of the table, and those that foreign keys point to.
pub(super) fn examine(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let node = scene.node;
    let of_table = node.model().map(|model| model.constraints.as_slice()).unwrap_or_default();
    let of_columns = node.columns.values().flat_map(|column| &column.constraints);
    let mut told = Vec::new();
    for constraint in of_table.iter().chain(of_columns) {
        let kind = constraint.kind.name();
        if !constraint.on_column && !constraint.columns.is_empty() {
            told.extend(missing(scene, constraint, &constraint.columns, &node.id, &format!("of a `{kind}`")));
        }
        if !constraint.to_columns.is_empty()
            && let Some(target) = target(scene, constraint)
        {
            told.extend(missing(
                scene,
                constraint,
                &constraint.to_columns,
                &target,
                "what a foreign key points to",
            ));
        }
    }
    told
}

fn missing(
    scene: &Scene<'_>,
    constraint: &Constraint,
    names: &[String],
    on: &NodeId,
    label: &str,
) -> Vec<Diagnostic> {
    let names: Vec<String> = names.iter().filter_map(|name| plain_name(name, scene.all.dialect)).collect();
    let Some(columns) = scene.columns(on) else { return Vec::new() };
    let key = if *on == scene.node.id && !constraint.columns.is_empty() { "columns" } else { "to_columns" };
    let names = names.into_iter().filter(|name| !columns.has(name));
    names
        .map(|name| {
            let places = &scene.all.places;
            let list = places.of_entry(constraint.span, key);
            let place = list.map_or(constraint.span, |list| places.narrow(list, &name));
            columns.lacks(&name, place, label)
        })
        .collect()
}

fn target(scene: &Scene<'_>, constraint: &Constraint) -> Option<NodeId> {
    let (manifest, node) = (scene.manifest(), scene.node);
    let found = match constraint.target.as_ref()? {
        ForeignKeyTarget::Ref(one) => manifest.lookup.find_ref(&manifest.project, &node.package, one),
        ForeignKeyTarget::Source(one) => {
            manifest.lookup.find_source(&manifest.project, &node.package, &one.source, &one.table)
        }
    };
    match found {
        Found::Node(id) => Some(id),
        _ => None,
    }
}
