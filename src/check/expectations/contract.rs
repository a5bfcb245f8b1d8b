use std::collections::BTreeMap;

use super::expectations::Scene;
use crate::analyze::{OutputColumn, Schema};
use crate::check::NodeAnalysis;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{Column, Mismatch, mismatches};
use crate::sql::{DataType, Dialect, TypeKind};

/// Where the columns of a query are not those that its enforced contract promises. The names
/// and types are compared as they are before the model is built.
/// See <https://docs.getdbt.com/reference/resource-configs/contract>.
pub(super) fn examine(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let node = scene.node;
    if !node.has_enforced_contract() || node.model().is_none() || node.is_ephemeral() {
        return Vec::new();
    }
    let Some(analysis) = scene.analysis_of(&node.id) else { return Vec::new() };
    // What others may rely on is less than what the query gives, where it breaks its contract.
    let is_well = !analysis.diagnostics.iter().any(Diagnostic::is_error);
    let of_query = analysis.analysis.as_ref().filter(|_| is_well).map(|found| found.schema());
    let Some(schema) = of_query.as_ref().or(analysis.schema.as_deref()) else { return Vec::new() };
    let mut told: Vec<Diagnostic> = node
        .columns
        .values()
        .filter(|column| column.data_type.is_none())
        .map(|column| untyped(scene, column))
        .collect();
    // The warehouse's own judge gives the letters that it will compare.
    let is_exact = schema.is_exact() && scene.all.arbiter.is_there();
    let fold = |name: &str| if is_exact { name.to_owned() } else { name.to_lowercase() };
    let columns: BTreeMap<String, &Column> =
        node.columns.values().map(|column| (fold(&column.name), column)).collect();
    let promised = columns.iter().map(|(name, column)| {
        let kind = column.data_type.as_deref().and_then(|written| scene.all.arbiter.data_type(written));
        (name.clone(), kind.and_then(|kind| comparable(&kind, scene.all.dialect, is_exact)))
    });
    let found = schema.columns.iter().map(|column| {
        let kind = column.data_type.as_ref();
        (fold(&column.name), kind.and_then(|kind| comparable(kind, scene.all.dialect, is_exact)))
    });
    let (promised, found) = (promised.collect(), found.collect());
    for (name, mismatch) in mismatches(&promised, &found) {
        let column = columns.get(name).copied();
        let given = schema.columns.iter().position(|given| fold(&given.name) == *name);
        match (mismatch, column, given) {
            (Mismatch::MissingInQuery, Some(column), _) if schema.is_complete => {
                told.push(not_given(scene, column, schema));
            }
            (Mismatch::MissingInContract, _, Some(at)) => {
                told.push(not_promised(scene, analysis, schema, at));
            }
            (Mismatch::Type, Some(column), Some(at)) => {
                told.push(of_other_type(scene, analysis, schema, column, at));
            }
            _ => {}
        }
    }
    told
}

/// A type in the form in which it is compared; `None` when it is compared with nothing. As the
/// macro that compares does it, texts are compared without their size.
fn comparable(kind: &DataType, dialect: Dialect, is_exact: bool) -> Option<String> {
    let text = kind.as_str().trim().trim_matches('"');
    if text.is_empty() || text.eq_ignore_ascii_case("null") || text.eq_ignore_ascii_case("unknown") {
        return None;
    }
    if is_exact {
        return Some(if kind.is_string() { kind.base() } else { text }.to_uppercase());
    }
    // Without a judge types are only held apart that have nothing to do with each other.
    let family = match TypeKind::read(text, dialect) {
        TypeKind::Boolean => "boolean",
        kind if kind.is_number() => "number",
        TypeKind::Text(_) => "text",
        TypeKind::Date => "date",
        TypeKind::Timestamp(_) => "timestamp",
        _ => return None,
    };
    Some(family.to_owned())
}

fn place(scene: &Scene<'_>, column: &Column) -> crate::text::Span {
    column.span.or(scene.node.patch).unwrap_or_else(|| scene.node.place())
}

fn untyped(scene: &Scene<'_>, column: &Column) -> Diagnostic {
    let message = format!("`{}` of an enforced contract has no `data_type`", column.name);
    Diagnostic::error(Code::ContractMismatch, message)
        .label(place(scene, column), "")
        .help("give it a `data_type` in the properties file")
}

fn not_given(scene: &Scene<'_>, column: &Column, schema: &Schema) -> Diagnostic {
    let name = &scene.node.search_name();
    let message =
        format!("the contract of `{name}` promises a column `{}` that its query does not give", column.name);
    let similar = suggest::similar("column", &column.name, schema.names());
    Diagnostic::error(Code::ContractMismatch, message)
        .label(place(scene, column), "promised here")
        .help(similar.unwrap_or_else(|| "add it to the query, or take it out of the contract".to_owned()))
}

fn not_promised(scene: &Scene<'_>, analysis: &NodeAnalysis, schema: &Schema, at: usize) -> Diagnostic {
    let node = scene.node;
    let given = &schema.columns[at];
    let message = format!(
        "the query of `{}` gives a column `{}` that its contract does not promise",
        node.search_name(),
        given.name
    );
    let kind =
        given.data_type.as_ref().map(|kind| format!(" and `data_type: {}`", kind.as_str().to_lowercase()));
    let help = format!(
        "take it out of the query, or add it to `columns:` with `name: {}`{}",
        given.name,
        kind.unwrap_or_default()
    );
    let told = Diagnostic::error(Code::ContractMismatch, message).help(help);
    at_item(scene, analysis, told, &given.name, "not in the contract")
}

fn of_other_type(
    scene: &Scene<'_>,
    analysis: &NodeAnalysis,
    schema: &Schema,
    column: &Column,
    at: usize,
) -> Diagnostic {
    let is = schema.columns[at].data_type.as_ref().map(|kind| kind.as_str().to_owned()).unwrap_or_default();
    let promised = column.data_type.clone().unwrap_or_default();
    let message = format!(
        "the contract of `{}` promises `{}` as `{promised}`, and its query gives `{is}`",
        scene.node.search_name(),
        column.name
    );
    let told = Diagnostic::error(Code::ContractMismatch, message)
        .help(format!("cast it in the query, or write `data_type: {}`", is.to_lowercase()));
    at_item(scene, analysis, told, &column.name, format!("this is `{is}`")).also(column.span, "promised here")
}

/// Points at the item of the select list that gives a column; at the contract where it cannot
/// be told.
fn at_item(
    scene: &Scene<'_>,
    analysis: &NodeAnalysis,
    told: Diagnostic,
    column: &str,
    label: impl Into<String>,
) -> Diagnostic {
    let item = |item: &&OutputColumn| item.name.eq_ignore_ascii_case(column);
    let origin =
        analysis.analysis.as_ref().zip(analysis.compiled.as_ref()).and_then(|(analysis, compiled)| {
            let item = analysis.columns.iter().find(item)?;
            compiled.source_map.origin(item.at.start..item.at.end)
        });
    match origin {
        Some(origin) => told.at_origin(&origin, label),
        None => told.label(scene.node.patch.unwrap_or_else(|| scene.node.place().part(0..0)), ""),
    }
}
