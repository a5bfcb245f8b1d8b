use serde_json::Value;

use super::columns::plain_name;
use super::expectations::Scene;
use crate::check::Standing;
use crate::diagnostic::Diagnostic;
use crate::manifest::{DataTest, NodeId, TestMetadata};
use crate::text::Span;

/// Tests of which it is known that they read the columns they name. Others may only ask
/// whether there is such a column: they are told of where their SQL is refused.
const KNOWN: &[&str] = &["accepted_values", "not_null", "relationships", "unique"];

/// Arguments of the package `dbt_utils` that name columns of what is tested: the test, the
/// argument. <https://github.com/dbt-labs/dbt-utils#generic-tests>
const OF_UTILS: &[(&str, &str)] = &[
    ("accepted_range", "column_name"),
    ("at_least_one", "column_name"),
    ("cardinality_equality", "column_name"),
    ("equality", "compare_columns"),
    ("mutually_exclusive_ranges", "lower_bound_column"),
    ("mutually_exclusive_ranges", "partition_by"),
    ("mutually_exclusive_ranges", "upper_bound_column"),
    ("not_constant", "column_name"),
    ("not_empty_string", "column_name"),
    ("not_null_proportion", "column_name"),
    ("relationships_where", "column_name"),
    ("sequential_values", "column_name"),
    ("unique_combination_of_columns", "combination_of_columns"),
];

/// Arguments that name columns of what a test compares with.
const OF_OTHER: &[(&str, &str)] =
    &[("cardinality_equality", "field"), ("relationships", "field"), ("relationships_where", "field")];

/// Columns that a generic test names and that are not there.
pub(super) fn examine(scene: &Scene<'_>, test: &DataTest) -> Vec<Diagnostic> {
    let (Some(metadata), Some(on)) = (&test.metadata, &test.attached_node) else { return Vec::new() };
    let is_own = metadata.namespace.is_none() && KNOWN.contains(&metadata.name.as_str());
    let is_utils = metadata.namespace.as_deref() == Some("dbt_utils");
    let is_refused = || {
        let found = scene.analysis_of(&scene.node.id);
        found.is_some_and(|found| found.standing == Standing::Wrong)
    };
    let mut arguments: Vec<&str> = Vec::new();
    if is_utils {
        let own = OF_UTILS.iter().filter(|(name, _)| *name == metadata.name);
        arguments.extend(own.map(|(_, argument)| *argument));
    }
    if is_own || (!is_utils && is_refused()) {
        arguments.push("column_name");
    }
    let mut told = Vec::new();
    for argument in arguments {
        told.extend(missing(scene, test, metadata, argument, on));
    }
    if is_own || is_utils {
        let other = OF_OTHER.iter().filter(|(name, _)| *name == metadata.name);
        for (_, argument) in other {
            if let Some(to) = compared_with(scene, on) {
                told.extend(missing(scene, test, metadata, argument, &to));
            }
        }
    }
    told
}

/// What is wrong with an argument that names columns of `on`.
fn missing(
    scene: &Scene<'_>,
    test: &DataTest,
    metadata: &TestMetadata,
    argument: &str,
    on: &NodeId,
) -> Vec<Diagnostic> {
    let names: Vec<&str> = match metadata.kwargs.get(argument) {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => return Vec::new(),
    };
    let names: Vec<String> =
        names.into_iter().filter_map(|name| plain_name(name, scene.all.dialect)).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let Some(columns) = scene.columns(on) else { return Vec::new() };
    let names = names.into_iter().filter(|name| !columns.has(name));
    let label = format!("the test `{}` asks for it", metadata.name);
    names.map(|name| columns.lacks(&name, place(scene, test, argument, &name), &label)).collect()
}

/// The argument; of a test on a column the name of that column.
fn place(scene: &Scene<'_>, test: &DataTest, argument: &str, name: &str) -> Span {
    let places = &scene.all.places;
    places.of_test(test.span, argument).map_or(test.span, |value| places.narrow(value, name))
}

/// The node besides that which is tested; the same when there is no other.
fn compared_with(scene: &Scene<'_>, on: &NodeId) -> Option<NodeId> {
    let is_relation = |id: &&NodeId| scene.manifest().node(id).is_some_and(|node| node.relation.is_some());
    let mut others = scene.node.depends_on.iter().filter(|id| *id != on).filter(is_relation);
    match (others.next(), others.next()) {
        (Some(other), None) => Some(other.clone()),
        (None, _) => Some(on.clone()),
        _ => None,
    }
}
