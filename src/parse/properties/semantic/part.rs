use serde_json::{Map, Value, json};

use super::semantic_model::Part;
use super::words::{
    AGGREGATIONS, DIMENSIONS, ENTITIES, GRANULARITIES, object, part_meta, scalar, text, word,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::parse::properties::file::named;
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml};

/// The reader of a part (an entity, a dimension, a measure) and its name.
fn open<'a>(
    yaml: &'a Yaml,
    kind: &str,
    of: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Reader<'a>, String, Spanned<String>)> {
    let what = format!("{} of {of}", named(yaml, &format!("a {kind}")));
    let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
    let Some(name) = reader.require::<Spanned<String>>("name") else {
        diagnostics.extend(reader.finish_open());
        return None;
    };
    Some((reader, what, name))
}

/// An entity: what rows can be joined by.
pub(super) fn entity(yaml: &Yaml, of: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Part> {
    let (mut reader, what, name) = open(yaml, "entity", of, diagnostics)?;
    reader.require::<String>("type");
    let kind = word(&mut reader, &what, "type", &ENTITIES);
    let definition = object([
        ("name", Value::from(name.value.as_str())),
        ("type", Value::from(kind)),
        ("description", text(&mut reader, "description")),
        ("label", text(&mut reader, "label")),
        ("role", text(&mut reader, "role")),
        ("expr", scalar(&mut reader, "expr")),
        ("config", json!({ "meta": part_meta(&mut reader) })),
    ]);
    reader.allow(&["entity"]);
    diagnostics.extend(reader.finish());
    Some(Part { name, definition })
}

/// A dimension: what rows can be grouped by.
pub(super) fn dimension(yaml: &Yaml, of: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Part> {
    let (mut reader, what, name) = open(yaml, "dimension", of, diagnostics)?;
    reader.require::<String>("type");
    let kind = word(&mut reader, &what, "type", &DIMENSIONS);
    let is_time = kind.as_deref() == Some("time");
    // The form of dbt 1.12 has it beside the type.
    let own = word(&mut reader, &what, "granularity", &GRANULARITIES);
    let own_validity = reader.value("validity_params").map(validity);
    let mut type_params = Value::Null;
    if let Some(below) = reader.value("type_params") {
        let below_what = format!("`type_params` of {what}");
        if let Some(mut below) = Reader::new(below, &below_what, Code::InvalidConfig, diagnostics) {
            let granularity = word(&mut below, &what, "time_granularity", &GRANULARITIES);
            let validity = below.value("validity_params").map(validity);
            type_params = json!({ "time_granularity": granularity, "validity_params": validity });
            diagnostics.extend(below.finish());
        }
    } else if own.is_some() {
        type_params = json!({ "time_granularity": own, "validity_params": own_validity });
    }
    if is_time && type_params.is_null() {
        reader.complain(
            Diagnostic::new(Code::InvalidConfig, format!("{what} is one of time and has no granularity"))
                .label(name.span, "")
                .help("write `type_params: {time_granularity: day}`"),
        );
    }
    let definition = object([
        ("name", Value::from(name.value.as_str())),
        ("type", Value::from(kind)),
        ("description", text(&mut reader, "description")),
        ("label", text(&mut reader, "label")),
        ("is_partition", Value::Bool(reader.get("is_partition").unwrap_or_default())),
        ("type_params", type_params),
        ("expr", scalar(&mut reader, "expr")),
        ("metadata", Value::Null),
        ("config", json!({ "meta": part_meta(&mut reader) })),
        ("datatype", text(&mut reader, "datatype")),
    ]);
    diagnostics.extend(reader.finish());
    Some(Part { name, definition })
}

/// From when to when a row of a slowly changing dimension holds.
pub(super) fn validity(yaml: &Yaml) -> Value {
    let flag = |key: &str| {
        let found = yaml.as_mapping().and_then(|mapping| mapping.get(key)).map(Yaml::to_json);
        found.and_then(|value| value.as_bool()).unwrap_or_default()
    };
    json!({ "is_start": flag("is_start"), "is_end": flag("is_end") })
}

/// A measure: an aggregation of a column. And whether a metric of its name is asked for.
pub(super) fn measure(yaml: &Yaml, of: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<(Part, bool)> {
    let (mut reader, what, name) = open(yaml, "measure", of, diagnostics)?;
    reader.require::<String>("agg");
    let agg = word(&mut reader, &what, "agg", &AGGREGATIONS);
    let creates_metric: bool = reader.get("create_metric").unwrap_or_default();
    reader.allow(&["create_metric_display_name"]);
    let params = reader.value("agg_params").and_then(|below| agg_params(below, &what, diagnostics));
    if agg.as_deref() == Some("percentile")
        && params.as_ref().is_none_or(|params| params["percentile"].is_null())
    {
        reader.complain(
            Diagnostic::new(Code::InvalidConfig, format!("{what} does not say which percentile"))
                .label(name.span, "")
                .help("write `agg_params: {percentile: 0.5}`"),
        );
    }
    let definition = object([
        ("name", Value::from(name.value.as_str())),
        ("agg", Value::from(agg)),
        ("description", text(&mut reader, "description")),
        ("label", text(&mut reader, "label")),
        ("create_metric", Value::Bool(false)),
        ("expr", scalar(&mut reader, "expr")),
        ("agg_params", params.map_or(Value::Null, Value::Object)),
        ("non_additive_dimension", non_additive(&mut reader, &what, diagnostics)),
        ("agg_time_dimension", text(&mut reader, "agg_time_dimension")),
        ("config", json!({ "meta": part_meta(&mut reader) })),
    ]);
    diagnostics.extend(reader.finish());
    Some((Part { name, definition }, creates_metric))
}

fn agg_params(yaml: &Yaml, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Map<String, Value>> {
    let mut reader = Reader::new(yaml, format!("`agg_params` of {what}"), Code::InvalidConfig, diagnostics)?;
    let flag = |reader: &mut Reader<'_>, key: &'static str| Value::Bool(reader.get(key).unwrap_or_default());
    let params = object([
        ("percentile", reader.get::<f64>("percentile").map_or(Value::Null, Value::from)),
        ("use_discrete_percentile", flag(&mut reader, "use_discrete_percentile")),
        ("use_approximate_percentile", flag(&mut reader, "use_approximate_percentile")),
    ]);
    diagnostics.extend(reader.finish());
    Some(params)
}

/// `non_additive_dimension`, in the words of either form.
pub(super) fn non_additive(reader: &mut Reader<'_>, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Value {
    let Some(yaml) = reader.value("non_additive_dimension") else { return Value::Null };
    let what = format!("`non_additive_dimension` of {what}");
    let Some(mut below) = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics) else {
        return Value::Null;
    };
    let name: Option<String> = below.require("name");
    let choice = word(&mut below, &what, "window_choice", &["min", "max"])
        .or_else(|| word(&mut below, &what, "window_agg", &["min", "max"]));
    let groupings: Vec<String> =
        below.list("window_groupings").or_else(|| below.list("group_by")).unwrap_or_default();
    below.allow(&["window_agg", "group_by"]);
    diagnostics.extend(below.finish());
    json!({
        "name": name,
        "window_choice": choice.unwrap_or_else(|| "min".to_owned()),
        "window_groupings": groupings,
    })
}
