use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::filters::Filters;
use super::time_spine;
use crate::diagnostic::{Code, Diagnostic, Severity, suggest};
use crate::manifest::{Manifest, NodeKind, ResourceType};
use crate::parse::parser::Parser;
use crate::parse::properties::{MetricEntry, Part, Properties, SavedQueryEntry, SemanticModelEntry};
use crate::text::{Span, Spanned};

/// Names that mean something else in the semantic layer.
const RESERVED: [&str; 1] = ["metric_time"];

/// What is wrong with the semantic models, metrics and saved queries that are enabled. See
/// <https://docs.getdbt.com/docs/build/validation>.
pub(in crate::parse) fn check(
    parser: &Parser<'_>,
    properties: &Properties,
    manifest: &Manifest,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let custom_granularities = time_spine::custom_granularities(manifest);
    let filters = Filters {
        files: &parser.invocation.files,
        engine: &parser.invocation.engine,
        custom_granularities: &custom_granularities,
        dimensions: &dimensions(manifest),
    };
    let is_on = |kind: &str, package: &str, name: &str| {
        manifest.nodes.keys().any(|id| id.as_str() == format!("{kind}.{package}.{name}"))
    };
    let models: Vec<&SemanticModelEntry> = properties
        .semantic_models
        .iter()
        .filter(|entry| is_on("semantic_model", &entry.origin.package, &entry.name.value))
        .collect();
    for model in &models {
        semantic_model(model, properties, &mut diagnostics);
    }
    measures_once(&models, &mut diagnostics);
    let metrics = properties.metrics.iter();
    for entry in metrics.filter(|entry| is_on("metric", &entry.origin.package, &entry.name.value)) {
        metric(entry, &filters, &mut diagnostics);
    }
    let queries = properties.saved_queries.iter();
    for entry in queries.filter(|entry| is_on("saved_query", &entry.origin.package, &entry.name.value)) {
        saved_query(entry, &filters, &mut diagnostics);
    }
    if manifest.nodes.values().all(|node| node.resource_type != ResourceType::Metric) {
        // As in dbt: what no metric uses can do no harm.
        diagnostics = diagnostics.into_iter().map(|one| one.with_severity(Severity::Warning)).collect();
    }
    time_spine::check(manifest, &mut diagnostics);
    diagnostics
}

/// All dimensions with their entity before them, `order__status`, and all entities.
fn dimensions(manifest: &Manifest) -> BTreeSet<String> {
    let mut names = BTreeSet::from(["metric_time".to_owned()]);
    for node in manifest.nodes.values() {
        let NodeKind::SemanticModel(model) = &node.kind else { continue };
        let entities: BTreeSet<&str> = model.names("entities").chain(model.primary_entity()).collect();
        for entity in entities {
            names.insert(entity.to_owned());
            names.extend(model.names("dimensions").map(|dimension| format!("{entity}__{dimension}")));
        }
    }
    names
}

fn semantic_model(entry: &SemanticModelEntry, properties: &Properties, diagnostics: &mut Vec<Diagnostic>) {
    let what = entry.what();
    name(&what, &entry.name, diagnostics);
    let measures = || entry.measures.iter().map(|(part, _)| part);
    let parts = entry.entities.iter().chain(&entry.dimensions).chain(measures());
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for part in parts {
        name(&format!("`{}` of {what}", part.name.value), &part.name, diagnostics);
        if let Some(first) = seen.insert(&part.name.value, part.name.span) {
            let message = format!("{what} has two parts named `{}`", part.name.value);
            diagnostics.push(
                Diagnostic::new(Code::DuplicateName, message)
                    .label(part.name.span, "the second")
                    .also(first, "the first")
                    .help("entities, dimensions and measures share their names: rename one, and give it an `expr`"),
            );
        }
    }
    let has_primary = entry.entities.iter().any(|entity| entity.definition["type"] == "primary");
    if !entry.dimensions.is_empty()
        && !has_primary
        && entry.rest.get("primary_entity").is_none_or(Value::is_null)
    {
        let message = format!("{what} has dimensions and no primary entity");
        diagnostics.push(
            Diagnostic::new(Code::InvalidConfig, message)
                .label(entry.name.span, "")
                .help("make an entity `type: primary`, or name one: `primary_entity: order`"),
        );
    }
    let times = || entry.dimensions.iter().filter(|part| part.definition["type"] == "time");
    if let Some(time) = &entry.agg_time_dimension {
        time_dimension(&what, time, times(), diagnostics);
    }
    for measure in measures() {
        match measure.definition["agg_time_dimension"].as_str() {
            Some(own) => {
                time_dimension(&what, &Spanned::new(own.to_owned(), measure.name.span), times(), diagnostics);
            }
            None if entry.agg_time_dimension.is_none() => {
                diagnostics
                    .push(no_time(&format!("the measure `{}`", measure.name.value), measure.name.span));
            }
            None => {}
        }
    }
    if entry.of_model.is_some() {
        let own = properties.metrics.iter();
        for metric in own.filter(|metric| metric.semantic_model.as_ref() == Some(&entry.name.value)) {
            let params = &metric.definition["type_params"]["metric_aggregation_params"];
            match params["agg_time_dimension"].as_str() {
                Some(time) => {
                    time_dimension(
                        &what,
                        &Spanned::new(time.to_owned(), metric.name.span),
                        times(),
                        diagnostics,
                    );
                }
                None if params.is_object() => diagnostics.push(no_time(&metric.what(), metric.name.span)),
                None => {}
            }
        }
    }
}

fn no_time(what: &str, place: Span) -> Diagnostic {
    Diagnostic::new(Code::InvalidConfig, format!("{what} has no time to be counted by"))
        .label(place, "")
        .help("name a dimension of time: `agg_time_dimension`, here or for the whole semantic model")
}

fn time_dimension<'a>(
    what: &str,
    time: &Spanned<String>,
    times: impl Iterator<Item = &'a Part> + Clone,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if times.clone().any(|part| part.name.value == time.value) {
        return;
    }
    let message = format!("{what} has no dimension of time named `{}`", time.value);
    let known = times.map(|part| part.name.value.as_str());
    diagnostics.push(
        Diagnostic::new(Code::InvalidConfig, message).label(time.span, "").help(
            suggest::similar("dimension", &time.value, known)
                .unwrap_or_else(|| "declare it under `dimensions:` with `type: time`".to_owned()),
        ),
    );
}

/// Measures are named without their semantic model, so each name is there once.
fn measures_once(models: &[&SemanticModelEntry], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, (&str, Span)> = BTreeMap::new();
    for model in models {
        for (measure, _) in &model.measures {
            let here = (model.name.value.as_str(), measure.name.span);
            let Some((first, place)) = seen.insert(&measure.name.value, here) else { continue };
            if first == model.name.value {
                continue;
            }
            let message = format!("two semantic models have a measure named `{}`", measure.name.value);
            diagnostics.push(
                Diagnostic::new(Code::DuplicateName, message)
                    .label(measure.name.span, format!("of `{}`", model.name.value))
                    .also(place, format!("of `{first}`"))
                    .help("rename one of them: metrics could not tell them apart"),
            );
        }
    }
}

fn metric(entry: &MetricEntry, filters: &Filters<'_>, diagnostics: &mut Vec<Diagnostic>) {
    name(&entry.what(), &entry.name, diagnostics);
    for filter in &entry.names.filters {
        filters.check(filter, diagnostics);
    }
    for granularity in &entry.names.granularities {
        filters.granularity(&granularity.value, granularity.span, diagnostics);
    }
    let kind = entry.definition["type"].as_str().unwrap_or_default();
    let params = &entry.definition["type_params"];
    if let (true, Some(expr)) = (kind == "derived", params["expr"].as_str()) {
        for input in params["metrics"].as_array().into_iter().flatten() {
            let used = input["alias"].as_str().or(input["name"].as_str()).unwrap_or_default();
            if !words(expr).any(|word| word == used) {
                let place = entry.names.metrics.iter().find(|one| input["name"] == one.name.as_str());
                let place = place.and_then(|one| one.span).unwrap_or(entry.name.span);
                let message = format!("`{used}` is not used in `expr` of {}", entry.what());
                diagnostics.push(
                    Diagnostic::warning(Code::InvalidConfig, message)
                        .label(place, "")
                        .help("use it, by its alias if it has one, or remove it from the input metrics"),
                );
            }
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
}

fn saved_query(entry: &SavedQueryEntry, filters: &Filters<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for filter in &entry.names.filters {
        filters.check(filter, diagnostics);
    }
    for grouping in &entry.group_by {
        filters.check_grouping(grouping, diagnostics);
    }
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for export in &entry.exports {
        if let Some(first) = seen.insert(&export.name.value, export.name.span) {
            let message = format!(
                "the saved query `{}` has two exports named `{}`",
                entry.name.value, export.name.value
            );
            diagnostics.push(
                Diagnostic::new(Code::DuplicateName, message)
                    .label(export.name.span, "the second")
                    .also(first, "the first")
                    .help("rename or remove one of them"),
            );
        }
    }
}

/// The semantic layer makes names of names, with two underscores between.
fn name(what: &str, name: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) {
    let text = name.value.as_str();
    let why = if RESERVED.contains(&text) {
        "is the name of the time that all metrics have"
    } else if text.chars().count() < 2 {
        "is shorter than two letters"
    } else if !text.starts_with(|first: char| first.is_ascii_lowercase()) {
        "does not begin with a lower-case letter"
    } else if text.contains("__") {
        "has two underscores in a row"
    } else if text.ends_with('_') {
        "ends with an underscore"
    } else if text
        .chars()
        .any(|letter| !letter.is_ascii_lowercase() && !letter.is_ascii_digit() && letter != '_')
    {
        "has other letters than a to z, digits and underscores"
    } else {
        return;
    };
    diagnostics.push(
        Diagnostic::new(Code::InvalidName, format!("the name of {what} {why}"))
            .label(name.span, "")
            .help("use lower-case letters, digits and single underscores; `label` can be any text"),
    );
}
