use chrono::{DateTime, FixedOffset, Utc};

use super::resolve::place_of_call;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Manifest, Model, Node, ResourceType, version_text};

/// Warnings of models whose `deprecation_date` has come, and of refs to models with such a date.
/// See <https://docs.getdbt.com/reference/resource-properties/deprecation_date>.
pub(super) fn deprecations(manifest: &Manifest, now: DateTime<Utc>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for node in manifest.nodes.values() {
        let Some((model, date)) = dated(node) else { continue };
        if date < now {
            let message =
                format!("the model `{}` has passed its deprecation date of {date}", node.versioned_name());
            diagnostics.push(
                Diagnostic::new(Code::DeprecatedModel, message)
                    .fact("model_name", node.name.as_str())
                    .fact("model_version", node.version().unwrap_or_default())
                    .fact("deprecation_date", date.to_rfc3339())
                    .also(model.deprecation_span.or(node.patch), "")
                    .help("disable or remove it, or give it a later `deprecation_date`"),
            );
        }
        for child in manifest.graph.children(&node.id) {
            let Some(child) = manifest.node(&child) else { continue };
            if matches!(child.resource_type, ResourceType::Test | ResourceType::UnitTest) {
                continue;
            }
            diagnostics.push(reference(child, node, model, date, now));
        }
    }
    diagnostics
}

fn dated(node: &Node) -> Option<(&Model, DateTime<FixedOffset>)> {
    let model = node.model()?;
    let date = DateTime::parse_from_rfc3339(model.deprecation_date.as_ref()?).ok()?;
    Some((model, date))
}

fn reference(
    child: &Node,
    node: &Node,
    model: &Model,
    date: DateTime<FixedOffset>,
    now: DateTime<Utc>,
) -> Diagnostic {
    let name = node.versioned_name();
    let (code, message) = if date < now {
        let message = format!("`{}` refers to `{name}`, which was deprecated on {date}", child.name);
        (Code::DeprecatedReference, message)
    } else {
        let message = format!("`{}` refers to `{name}`, which is to be deprecated on {date}", child.name);
        (Code::UpcomingReferenceDeprecation, message)
    };
    let newer = match (&model.version, &model.latest_version) {
        (Some(version), Some(latest)) if version_text(version) != version_text(latest) => {
            let latest = version_text(latest);
            Some(format!("there is a newer version: `ref('{}', v='{latest}')`", node.name))
        }
        _ => None,
    };
    let latest = model.latest_version.as_ref().map(version_text);
    Diagnostic::new(code, message)
        .fact("model_name", child.name.as_str())
        .fact("ref_model_package", node.package.as_str())
        .fact("ref_model_name", node.name.as_str())
        .fact("ref_model_version", node.version().unwrap_or_default())
        .fact("ref_model_latest_version", latest.unwrap_or_default())
        .fact("ref_model_deprecation_date", date.to_rfc3339())
        .label(place_of_call(child, node), "")
        .help(newer)
}
