use serde_json::Value;

use super::columns::plain_name;
use super::expectations::Scene;
use crate::diagnostic::Diagnostic;
use crate::manifest::{NodeKind, SemanticModel};

/// Entities, dimensions and measures that are columns of their model, and are not there. An
/// `expr` that is more than a name is not looked at.
pub(super) fn examine(scene: &Scene<'_>, model: &SemanticModel) -> Vec<Diagnostic> {
    let manifest = scene.manifest();
    let is_model = |id: &&crate::manifest::NodeId| {
        manifest.node(id).is_some_and(|node| matches!(node.kind, NodeKind::Model(_)))
    };
    let of = scene.node.depends_on.iter().find(is_model);
    let Some(columns) = of.and_then(|id| scene.columns(id)) else { return Vec::new() };
    let mut told = Vec::new();
    for (list, noun) in [("entities", "entity"), ("dimensions", "dimension"), ("measures", "measure")] {
        let parts = model.definition.get(list).and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            let Some(name) = part.get("name").and_then(Value::as_str) else { continue };
            let expression = part.get("expr").and_then(Value::as_str).unwrap_or(name);
            let Some(column) = plain_name(expression, scene.all.dialect) else { continue };
            if columns.has(&column) {
                continue;
            }
            let places = &scene.all.places;
            let anchor = scene.node.patch.unwrap_or(scene.node.body);
            let place = places.of_part(anchor, list, name).unwrap_or(anchor);
            let label = format!("the {noun} `{name}` of the semantic model `{}`", scene.node.name);
            told.push(columns.lacks(&column, place, label));
        }
    }
    told
}
