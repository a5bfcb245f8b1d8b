use std::collections::BTreeSet;

use serde_json::Value;

use super::drafts::place;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{Manifest, Node, ResourceType};
use crate::parse::properties::GRANULARITIES;
use crate::text::Span;

/// The model that was the time spine before models could say so.
const OLD_NAME: &str = "metricflow_time_spine";

/// The granularities of a project's own, by name.
pub(super) fn custom_granularities(manifest: &Manifest) -> BTreeSet<String> {
    let spines = manifest.nodes.values().filter_map(|node| node.model()?.time_spine.as_ref());
    let all = spines.filter_map(|spine| spine.get("custom_granularities")?.as_array()).flatten();
    all.filter_map(|custom| custom.get("name")?.as_str().map(str::to_lowercase)).collect()
}

/// Tells of time spines that miss a column, and of a semantic layer without any.
pub(super) fn check(manifest: &Manifest, diagnostics: &mut Vec<Diagnostic>) {
    let mut has_fine_enough = false;
    for node in manifest.nodes.values() {
        let Some(spine) = node.model().and_then(|model| model.time_spine.as_ref()) else { continue };
        match standard_granularity(node, spine) {
            Ok(granularity) => has_fine_enough |= is_day_or_less(&granularity),
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
        for custom in spine.get("custom_granularities").and_then(Value::as_array).into_iter().flatten() {
            let own = |key: &str| custom.get(key).and_then(Value::as_str);
            let Some(column) = own("column_name").or(own("name")) else { continue };
            if !node.columns.contains_key(column) {
                diagnostics.push(missing_column(node, column));
            }
        }
    }
    let has_old = manifest
        .nodes
        .values()
        .any(|node| node.resource_type == ResourceType::Model && node.name == OLD_NAME);
    let needs_one = manifest
        .nodes
        .values()
        .find(|node| matches!(node.resource_type, ResourceType::SemanticModel | ResourceType::Metric));
    if let Some(node) = needs_one.filter(|_| !has_fine_enough && !has_old) {
        diagnostics.push(
            Diagnostic::new(Code::MissingTimeSpine, "the project has semantic models and no time spine by day or finer")
                .label(place(node), "this needs one")
                .help("give a model with a row a day `time_spine: {standard_granularity_column: date_day}`, and its column `granularity: day`"),
        );
    }
}

fn is_day_or_less(granularity: &str) -> bool {
    let at = |name: &str| GRANULARITIES.iter().position(|known| *known == name);
    at(granularity).is_some_and(|found| Some(found) <= at("day"))
}

fn standard_granularity(node: &Node, spine: &Value) -> Result<String, Box<Diagnostic>> {
    let Some(column) = spine.get("standard_granularity_column").and_then(Value::as_str) else {
        return Err(Box::new(
            Diagnostic::new(
                Code::InvalidConfig,
                format!("the time spine `{}` has no `standard_granularity_column`", node.name),
            )
            .label(at(node), "")
            .help("name the column with the time: `standard_granularity_column: date_day`"),
        ));
    };
    let Some(found) = node.columns.get(column) else { return Err(Box::new(missing_column(node, column))) };
    let granularity = found.extra.get("granularity").and_then(Value::as_str).map(str::to_lowercase);
    granularity.ok_or_else(|| {
        Box::new(
            Diagnostic::new(
                Code::InvalidConfig,
                format!("the column `{column}` of the time spine `{}` has no granularity", node.name),
            )
            .label(found.span.unwrap_or(at(node)), "")
            .help("write `granularity: day` beside its name"),
        )
    })
}

fn missing_column(node: &Node, column: &str) -> Diagnostic {
    let known = node.columns.keys().map(String::as_str);
    let help = suggest::similar("column", column, known)
        .unwrap_or_else(|| format!("declare it under `columns:` of `{}`", node.name));
    Diagnostic::new(
        Code::InvalidConfig,
        format!("the time spine `{}` declares no column `{column}`", node.name),
    )
    .label(at(node), "")
    .help(help)
}

fn at(node: &Node) -> Span {
    node.patch.unwrap_or(node.body.part(0..0))
}
