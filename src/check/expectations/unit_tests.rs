use serde_json::Value;

use super::columns::Columns;
use super::expectations::Scene;
use crate::diagnostic::Diagnostic;
use crate::manifest::{StandsFor, Subject, UnitTest, UnitTestFormat, UnitTestRows};

/// Columns in the rows of a unit test that its model, or what the rows stand for, does not
/// have. Columns may be left out.
pub(super) fn examine(scene: &Scene<'_>, test: &UnitTest) -> Vec<Diagnostic> {
    let Subject::Node(model) = &test.subject else { return Vec::new() };
    let name = &scene.node.name;
    let mut told = Vec::new();
    for input in &test.given {
        let of = match &input.stands_for {
            StandsFor::This => model,
            StandsFor::Node(id) => id,
        };
        if let Some(columns) = scene.columns(of) {
            told.extend(missing(scene, &input.rows, &columns, &format!("given by the unit test `{name}`")));
        }
    }
    if let Some(columns) = scene.columns(model).filter(|_| !changes_columns(test)) {
        told.extend(missing(scene, &test.expect, &columns, &format!("expected by the unit test `{name}`")));
    }
    told
}

/// Whether macros or variables are replaced that may decide which columns the model has.
fn changes_columns(test: &UnitTest) -> bool {
    let overrides = test.overrides.iter().flatten().filter_map(|(_, values)| values.as_object());
    overrides.flatten().any(|(name, _)| name != "is_incremental")
}

fn missing(scene: &Scene<'_>, rows: &UnitTestRows, columns: &Columns<'_>, label: &str) -> Vec<Diagnostic> {
    if !matches!(rows.format, UnitTestFormat::Dict | UnitTestFormat::Csv) {
        return Vec::new();
    }
    let mut seen: Vec<&str> = Vec::new();
    let mut told = Vec::new();
    for name in
        rows.rows.as_array().into_iter().flatten().filter_map(Value::as_object).flat_map(|row| row.keys())
    {
        if columns.has(name) || seen.contains(&name.as_str()) {
            continue;
        }
        seen.push(name);
        told.push(columns.lacks(name, scene.all.places.of_rows(rows.span, name), label));
    }
    told
}
