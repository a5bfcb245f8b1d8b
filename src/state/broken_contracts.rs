use serde_json::Value;

use super::compare::earlier_node;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Contract, Manifest, Node, ResourceType};

/// Promises of the earlier manifest that are no longer kept: an error for a versioned model, a
/// warning for another.
/// See <https://docs.getdbt.com/reference/resource-configs/contract#detecting-breaking-changes>.
#[must_use]
pub fn broken_contracts(earlier: &Value, manifest: &Manifest) -> Vec<Diagnostic> {
    let models = manifest.nodes.values().filter(|node| node.resource_type == ResourceType::Model);
    let broken = models.filter_map(|node| broken(earlier_node(earlier, &node.id)?, node));
    let nodes = earlier.get("nodes").and_then(Value::as_object).into_iter().flatten();
    let gone = nodes.filter(|(id, _)| !manifest.nodes.keys().any(|known| known.as_str() == id.as_str()));
    broken.chain(gone.filter_map(|(_, old)| gone_model(old))).collect()
}

fn broken(old: &Value, node: &Node) -> Option<Diagnostic> {
    let breaches = Contract::of(node).change_since(&Contract::from_json(old)).breaches;
    if breaches.is_empty() {
        return None;
    }
    let is_versioned = node.model().is_some_and(|model| model.version.is_some());
    let what = if is_versioned { "versioned" } else { "unversioned" };
    let message = format!("the contract of the {what} model `{}` is broken", node.search_name());
    let place = node.patch.unwrap_or(node.body.part(0..0));
    let mut told = of_severity(is_versioned, message).label(place, "");
    for breach in breaches {
        told = told.note(breach.to_string());
    }
    Some(told.help(if is_versioned {
        "keep what was promised, and make a new version of the model"
    } else {
        "give the model versions, so that those who rely on the old one can move in their own time"
    }))
}

fn gone_model(old: &Value) -> Option<Diagnostic> {
    let text = |key: &str| old.get(key)?.as_str();
    if text("resource_type") != Some("model") || !Contract::from_json(old).is_enforced {
        return None;
    }
    let is_versioned = old.get("version").is_some_and(|version| !version.is_null());
    let message = format!("the contracted model `{}` is gone", text("name")?);
    let path = text("original_file_path").unwrap_or_default();
    Some(
        of_severity(is_versioned, message)
            .note(format!("it was in `{path}`"))
            .help("keep it until nobody relies on it: a `deprecation_date` tells them"),
    )
}

fn of_severity(is_error: bool, message: String) -> Diagnostic {
    if is_error {
        Diagnostic::error(Code::BrokenContract, message)
    } else {
        Diagnostic::warning(Code::BrokenContract, message)
    }
}
