use serde_json::Value;

use super::metric::Around;
use super::part::{dimension, entity};
use super::words::{items, object, text};
use super::{MetricEntry, SemanticModelEntry};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::ResourceType;
use crate::parse::config::{Level, check};
use crate::parse::properties::file::{METRIC_RAW_KEYS, Properties, own_config};
use crate::parse::properties::{Origin, Renderer};
use crate::text::Spanned;
use crate::yaml::{Mapping, Reader, Yaml, YamlKind};

/// Keys of a model's entry that make it a semantic model; see
/// <https://docs.getdbt.com/reference/semantic-model-properties>.
pub(in crate::parse) const KEYS: [&str; 5] =
    ["semantic_model", "agg_time_dimension", "primary_entity", "derived_semantics", "metrics"];

/// The semantic model and the metrics that a model's entry declares beside its columns.
pub(in crate::parse) fn of_model(
    yaml: &Yaml,
    origin: &Origin,
    renderer: &Renderer<'_>,
    properties: &mut Properties,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(model) = name(yaml) else { return };
    let what = format!("the model `{}`", model.value);
    let mut told = Vec::new();
    let Some(mut reader) = Reader::new(yaml, &what, Code::InvalidConfig, &mut told) else { return };
    let switch = Switch::read(&mut reader, &what, renderer, diagnostics);
    let Some(switch) = switch.filter(|switch| switch.is_on) else {
        let place = yaml.as_mapping().and_then(|mapping| mapping.entry("metrics")).map(|(key, _)| key.span);
        if let Some(place) = place.filter(|_| reader.value("semantic_model").is_none()) {
            diagnostics.push(
                Diagnostic::new(Code::InvalidConfig, format!("{what} has metrics and is no semantic model"))
                    .label(place, "")
                    .help("write `semantic_model: true` beside them"),
            );
        }
        return;
    };
    let name = switch.name.unwrap_or_else(|| model.clone());
    let semantic_what = format!("the semantic model `{}`", name.value);
    let agg_time_dimension: Option<Spanned<String>> = reader.get("agg_time_dimension");
    let (mut entities, mut dimensions) = (Vec::new(), Vec::new());
    for column in items(&mut reader, "columns") {
        if let Some(part) = of_column(&column, "entity") {
            entities.extend(entity(&part, &semantic_what, diagnostics));
        }
        if let Some(part) = of_column(&column, "dimension") {
            dimensions.extend(dimension(&part, &semantic_what, diagnostics));
        }
    }
    if let Some(below) = reader.value("derived_semantics")
        && let Some(mut below) =
            Reader::new(below, format!("`derived_semantics` of {what}"), Code::InvalidConfig, diagnostics)
    {
        for item in items(&mut below, "entities") {
            entities.extend(entity(&item, &semantic_what, diagnostics));
        }
        for item in items(&mut below, "dimensions") {
            dimensions.extend(dimension(&item, &semantic_what, diagnostics));
        }
        diagnostics.extend(below.finish());
    }
    let around = Around {
        semantic_model: Some(name.value.clone()),
        agg_time_dimension: agg_time_dimension.as_ref().map(|time| time.value.clone()),
    };
    for item in items(&mut reader, "metrics") {
        let item = renderer.yaml(&item, METRIC_RAW_KEYS, diagnostics);
        properties.metrics.extend(MetricEntry::within(&item, origin, &around, renderer, diagnostics));
    }
    properties.semantic_models.push(SemanticModelEntry {
        name,
        origin: origin.clone(),
        description: reader.get("description"),
        config: switch.config,
        model: Spanned::new(format!("ref('{}')", model.value.replace('\'', "\\'")), model.span),
        agg_time_dimension,
        entities,
        dimensions,
        measures: Vec::new(),
        rest: object([("label", Value::Null), ("primary_entity", text(&mut reader, "primary_entity"))]),
        of_model: Some(model.value),
    });
    diagnostics.extend(reader.finish_open());
}

/// `semantic_model: true`, or a mapping.
struct Switch {
    is_on: bool,
    name: Option<Spanned<String>>,
    config: Level,
}

impl Switch {
    fn read(
        reader: &mut Reader<'_>,
        what: &str,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let yaml = reader.value("semantic_model")?;
        if let YamlKind::Bool(is_on) = yaml.kind {
            return Some(Self { is_on, name: None, config: Level::default() });
        }
        let what = format!("`semantic_model` of {what}");
        let mut below = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let mut level = own_config(&mut below, renderer, diagnostics);
        if let (None, Some(group)) = (level.get("group"), below.get::<Spanned<String>>("group")) {
            level.set("group", Value::from(group.value), Some(group.span));
        }
        let enabled: Option<bool> = below.get("enabled");
        if let (None, Some(enabled)) = (level.get("enabled"), enabled) {
            level.set("enabled", Value::Bool(enabled), None);
        }
        let is_on = enabled.unwrap_or(true);
        let name = below.get("name");
        diagnostics.extend(below.finish());
        Some(Self { is_on, name, config: check(ResourceType::SemanticModel, &what, level, diagnostics) })
    }
}

fn name(yaml: &Yaml) -> Option<Spanned<String>> {
    let name = yaml.as_mapping()?.get("name")?;
    Some(Spanned::new(name.as_text()?.to_owned(), name.span))
}

/// The entity or dimension that a column is, as if it were written under a section of its
/// own: `dimension: time` is a mapping with that type; what it does not say is the column's.
fn of_column(column: &Yaml, kind: &str) -> Option<Yaml> {
    let mapping = column.as_mapping()?;
    let written = mapping.get(kind).filter(|yaml| yaml.kind != YamlKind::Null)?;
    let mut entries = match &written.kind {
        YamlKind::Mapping(own) => own.entries.clone(),
        _ => vec![(Spanned::new("type".to_owned(), written.span), written.clone())],
    };
    let column_name = mapping.get("name")?;
    let has =
        |entries: &[(Spanned<String>, Yaml)], key: &str| entries.iter().any(|(name, _)| name.value == key);
    let own_name = entries.iter().find(|(name, _)| name.value == "name");
    let is_renamed = own_name.is_some_and(|(_, name)| name.as_text() != column_name.as_text());
    let mut add = |key: &str, value: Yaml| entries.push((Spanned::new(key.to_owned(), value.span), value));
    if is_renamed {
        add("expr", column_name.clone());
    }
    let text = |text: &str| Yaml { kind: YamlKind::Text(text.to_owned()), span: column_name.span };
    add("description", mapping.get("description").cloned().unwrap_or_else(|| text("")));
    add("name", column_name.clone());
    if let Some(granularity) = mapping.get("granularity").filter(|_| kind == "dimension") {
        add("granularity", granularity.clone());
    }
    // Of two of one key the first stands: what was written.
    let mut kept: Vec<(Spanned<String>, Yaml)> = Vec::new();
    for (key, value) in entries {
        if !has(&kept, &key.value) {
            kept.push((key, value));
        }
    }
    merge_meta(&mut kept, mapping);
    Some(Yaml { kind: YamlKind::Mapping(Mapping { entries: kept }), span: written.span })
}

/// The `meta` of the column lies below that of the part.
fn merge_meta(entries: &mut Vec<(Spanned<String>, Yaml)>, column: &Mapping) {
    let meta_of = |yaml: Option<&Yaml>| -> Vec<(Spanned<String>, Yaml)> {
        let meta = yaml.and_then(|config| config.as_mapping()?.get("meta")?.as_mapping());
        meta.map(|meta| meta.entries.clone()).unwrap_or_default()
    };
    let of_column = meta_of(column.get("config"));
    let at = entries.iter().position(|(key, _)| key.value == "config");
    let own = meta_of(at.and_then(|at| entries.get(at)).map(|(_, config)| config));
    if of_column.is_empty() {
        return;
    }
    let span = of_column[0].0.span;
    let mut meta: Vec<(Spanned<String>, Yaml)> = of_column;
    meta.retain(|(key, _)| own.iter().all(|(name, _)| name.value != key.value));
    meta.extend(own);
    let mapping = |entries| Yaml { kind: YamlKind::Mapping(Mapping { entries }), span };
    let config = mapping(vec![(Spanned::new("meta".to_owned(), span), mapping(meta))]);
    if let Some(at) = at {
        entries.remove(at);
    }
    entries.push((Spanned::new("config".to_owned(), span), config));
}
