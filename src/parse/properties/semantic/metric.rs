use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::input::{Input, MetricNames, flag, whole};
use super::part::non_additive;
use super::words::{AGGREGATIONS, METRICS, items, object, one_of, scalar, text, word};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::ResourceType;
use crate::parse::config::{Level, check};
use crate::parse::properties::file::{finish, named, own_config};
use crate::parse::properties::{Origin, Renderer};
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml};

/// A metric as a properties file declares it, in either form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MetricEntry {
    pub name: Spanned<String>,
    pub origin: Origin,
    pub description: Option<Spanned<String>>,
    pub config: Level,
    /// Those that stand beside `config`.
    pub tags: Vec<String>,
    #[serde(with = "crate::text::kept_json")]
    pub meta: Map<String, Value>,
    /// Whether the entry has the form that came before dbt 1.12.
    pub has_type_params: bool,
    /// As `manifest.json` has it.
    #[serde(with = "crate::text::kept_json")]
    pub definition: Map<String, Value>,
    pub names: MetricNames,
    /// The semantic model that it is a part of.
    pub semantic_model: Option<String>,
}

/// What a metric inherits from the model it is a part of.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    pub semantic_model: Option<String>,
    pub agg_time_dimension: Option<String>,
}

const CALCULATIONS: [&str; 2] = ["conversions", "conversion_rate"];
const PERIOD_AGGREGATIONS: [&str; 3] = ["first", "last", "average"];

impl MetricEntry {
    /// Reads an item of `metrics:`, of a file or of a model's entry; `None` when it has no
    /// name.
    pub(in crate::parse::properties) fn read(
        yaml: &Yaml,
        origin: &Origin,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        Self::within(yaml, origin, &Around::default(), renderer, diagnostics)
    }

    pub(super) fn within(
        yaml: &Yaml,
        origin: &Origin,
        around: &Around,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = named(yaml, "a metric");
        let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let name: Option<Spanned<String>> = reader.require("name");
        let kind: Option<Spanned<String>> = match &around.semantic_model {
            Some(_) => reader.get("type").or_else(|| Some(Spanned::new("simple".to_owned(), yaml.place()))),
            None => reader.require("type"),
        };
        let kind = kind.and_then(|kind| one_of(&mut reader, &what, "type", &kind, &METRICS));
        let level = own_config(&mut reader, renderer, diagnostics);
        let mut names = MetricNames::default();
        let has_type_params = reader.value("type_params").is_some();
        let mut body =
            Body { what: &what, kind: kind.as_deref().unwrap_or_default(), names: &mut names, diagnostics };
        let type_params = if has_type_params {
            body.wrapped(&mut reader)
        } else {
            body.direct(&mut reader, around, name.as_ref())
        };
        let label: Option<String> = reader.get("label");
        let label = label.or_else(|| name.as_ref().map(|name| name.value.clone()));
        let definition = object([
            ("label", label.map_or(Value::Null, Value::from)),
            ("type", Value::from(kind)),
            ("type_params", Value::Object(type_params)),
            ("filter", names.filter(&mut reader, "filter")),
            ("metadata", Value::Null),
            ("time_granularity", names.grain(&mut reader, "time_granularity")),
        ]);
        let tags = reader.one_or_list("tags").unwrap_or_default();
        let meta = reader.get("meta").unwrap_or_default();
        let entry = name.map(|name| Self {
            name,
            origin: origin.clone(),
            description: reader.get("description"),
            config: check(ResourceType::Metric, &what, level, diagnostics),
            tags,
            meta,
            has_type_params,
            definition,
            names,
            semantic_model: around.semantic_model.clone(),
        });
        diagnostics.extend(finish(reader, ResourceType::Metric, yaml));
        entry
    }

    /// As messages name it.
    pub(in crate::parse) fn what(&self) -> String {
        format!("the metric `{}`", self.name.value)
    }
}

/// Reads what is of one type of metric.
struct Body<'a> {
    what: &'a str,
    kind: &'a str,
    names: &'a mut MetricNames,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Body<'_> {
    /// The form with `type_params`.
    fn wrapped(&mut self, outer: &mut Reader<'_>) -> Map<String, Value> {
        let what = format!("`type_params` of {}", self.what);
        let mut params = blank();
        let Some(yaml) = outer.value("type_params") else { return params };
        let Some(mut reader) = Reader::new(yaml, &what, Code::InvalidConfig, self.diagnostics) else {
            return params;
        };
        let needs: &[&str] = match self.kind {
            "simple" => &["measure"],
            "ratio" => &["numerator", "denominator"],
            "derived" => &["expr", "metrics"],
            "conversion" => &["conversion_type_params"],
            _ => &[],
        };
        Self::require(&mut reader, needs);
        params["measure"] = self.input(&mut reader, "measure", Input::Measure);
        params["numerator"] = self.input(&mut reader, "numerator", Input::Metric);
        params["denominator"] = self.input(&mut reader, "denominator", Input::Metric);
        params["expr"] = scalar(&mut reader, "expr");
        params["window"] = self.names.window(&mut reader, "window", &what);
        params["grain_to_date"] = self.names.grain(&mut reader, "grain_to_date");
        params["metrics"] = self.inputs(&mut reader, "metrics");
        params["join_to_timespine"] = flag(&mut reader, "join_to_timespine");
        params["fill_nulls_with"] = whole(&mut reader, "fill_nulls_with");
        if let Some(below) = reader.value("conversion_type_params")
            && let Some(mut below) = Reader::new(
                below,
                format!("`conversion_type_params` of {}", self.what),
                Code::InvalidConfig,
                self.diagnostics,
            )
        {
            Self::require(&mut below, &["base_measure", "conversion_measure", "entity"]);
            params["conversion_type_params"] = self.conversion(&mut below);
            self.diagnostics.extend(below.finish());
        }
        if let Some(below) = reader.value("cumulative_type_params")
            && let Some(mut below) = Reader::new(
                below,
                format!("`cumulative_type_params` of {}", self.what),
                Code::InvalidConfig,
                self.diagnostics,
            )
        {
            params["cumulative_type_params"] = self.cumulative(&mut below, &Value::Null);
            self.diagnostics.extend(below.finish());
        } else if self.kind == "cumulative" {
            let (window, grain) = (params["window"].clone(), params["grain_to_date"].clone());
            params["cumulative_type_params"] =
                json!({ "window": window, "grain_to_date": grain, "period_agg": "first", "metric": null });
        }
        if self.kind == "cumulative" && params["measure"].is_null() {
            Self::require(&mut reader, &["measure"]);
        }
        self.diagnostics.extend(reader.finish());
        params
    }

    /// The form of dbt 1.12, with every key beside the name.
    fn direct(
        &mut self,
        reader: &mut Reader<'_>,
        around: &Around,
        name: Option<&Spanned<String>>,
    ) -> Map<String, Value> {
        let what = self.what;
        let mut params = blank();
        let needs: &[&str] = match self.kind {
            "simple" => &["agg"],
            "ratio" => &["numerator", "denominator"],
            "derived" => &["expr", "input_metrics"],
            "cumulative" => &["input_metric"],
            "conversion" => &["entity", "base_metric", "conversion_metric"],
            _ => &[],
        };
        if self.kind == "simple" && around.semantic_model.is_none() {
            let place = name.map_or(reader.span(), |name| name.span);
            reader.complain(
                Diagnostic::new(Code::InvalidConfig, format!("{what} is simple and belongs to no semantic model"))
                    .label(place, "")
                    .help("put it under `metrics:` of a model with `semantic_model: true`, or name its measure: `type_params: {measure: …}`"),
            );
            reader.allow(&["agg"]);
        } else {
            Self::require(reader, needs);
        }
        params["is_private"] = flag(reader, "hidden");
        params["expr"] = scalar(reader, "expr");
        params["join_to_timespine"] = flag(reader, "join_to_timespine");
        params["fill_nulls_with"] = whole(reader, "fill_nulls_with");
        params["numerator"] = self.input(reader, "numerator", Input::Metric);
        params["denominator"] = self.input(reader, "denominator", Input::Metric);
        params["metrics"] = self.inputs(reader, "input_metrics");
        let agg = word(reader, what, "agg", &AGGREGATIONS);
        let percentile = reader.get::<f64>("percentile").map_or(Value::Null, Value::from);
        let is = |kind: &str, word: &Option<String>| word.as_deref() == Some(kind);
        let percentile_type = word(reader, what, "percentile_type", &["discrete", "continuous"]);
        if is("percentile", &agg) && percentile.is_null() {
            Self::require(reader, &["percentile"]);
        }
        let non_additive = non_additive(reader, what, self.diagnostics);
        let own_time = text(reader, "agg_time_dimension");
        if let (Some(semantic_model), Some(agg)) = (&around.semantic_model, agg) {
            let time = own_time.as_str().map(str::to_owned).or_else(|| around.agg_time_dimension.clone());
            params["metric_aggregation_params"] = json!({
                "semantic_model": semantic_model,
                "agg": agg,
                "agg_params": {
                    "percentile": percentile,
                    "use_discrete_percentile": is("discrete", &percentile_type),
                    "use_approximate_percentile": false,
                },
                "agg_time_dimension": time,
                "non_additive_dimension": non_additive,
            });
        }
        let input = self.input(reader, "input_metric", Input::Metric);
        if self.kind == "conversion" {
            params["conversion_type_params"] = self.conversion(reader);
            reader.allow(&["grain_to_date", "period_agg"]);
        } else {
            let cumulative = self.cumulative(reader, &input);
            if self.kind == "cumulative" {
                params["cumulative_type_params"] = cumulative;
            }
            reader.allow(&[
                "entity",
                "calculation",
                "base_metric",
                "conversion_metric",
                "constant_properties",
            ]);
        }
        params
    }

    fn cumulative(&mut self, reader: &mut Reader<'_>, metric: &Value) -> Value {
        let period = word(reader, self.what, "period_agg", &PERIOD_AGGREGATIONS);
        let (window, grain) =
            (self.names.window(reader, "window", self.what), self.names.grain(reader, "grain_to_date"));
        if !window.is_null() && !grain.is_null() {
            reader.complain(
                Diagnostic::new(
                    Code::InvalidConfig,
                    format!("{} has both a `window` and a `grain_to_date`", self.what),
                )
                .label(reader.span(), "")
                .help("keep one of them"),
            );
        }
        json!({
            "window": window,
            "grain_to_date": grain,
            "period_agg": period.unwrap_or_else(|| "first".to_owned()),
            "metric": metric,
        })
    }

    fn conversion(&mut self, reader: &mut Reader<'_>) -> Value {
        let calculation = word(reader, self.what, "calculation", &CALCULATIONS);
        let mut properties = Vec::new();
        for item in items(reader, "constant_properties") {
            let what = format!("a constant property of {}", self.what);
            let Some(mut below) = Reader::new(&item, what, Code::InvalidConfig, self.diagnostics) else {
                continue;
            };
            let pair =
                (below.require::<String>("base_property"), below.require::<String>("conversion_property"));
            properties.push(json!({ "base_property": pair.0, "conversion_property": pair.1 }));
            self.diagnostics.extend(below.finish());
        }
        json!({
            "entity": text(reader, "entity"),
            "base_measure": self.input(reader, "base_measure", Input::Measure),
            "conversion_measure": self.input(reader, "conversion_measure", Input::Measure),
            "base_metric": self.input(reader, "base_metric", Input::Metric),
            "conversion_metric": self.input(reader, "conversion_metric", Input::Metric),
            "calculation": calculation.unwrap_or_else(|| "conversion_rate".to_owned()),
            "window": self.names.window(reader, "window", self.what),
            "constant_properties": if properties.is_empty() { Value::Null } else { Value::Array(properties) },
        })
    }

    fn input(&mut self, reader: &mut Reader<'_>, key: &'static str, kind: Input) -> Value {
        self.names.input(reader, key, kind, self.what, self.diagnostics)
    }

    fn inputs(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Value {
        let items = items(reader, key);
        let what = format!("an item of `{key}` of {}", self.what);
        items.iter().map(|item| self.names.one(item, Input::Metric, &what, self.diagnostics)).collect()
    }

    fn require(reader: &mut Reader<'_>, keys: &[&'static str]) {
        for key in keys {
            // What is there is read, and its kind told, later.
            if reader.value(key).is_none() {
                reader.require::<Value>(key);
            }
        }
    }
}

/// All keys of `type_params`, with nothing in them.
fn blank() -> Map<String, Value> {
    object([
        ("measure", Value::Null),
        ("input_measures", json!([])),
        ("numerator", Value::Null),
        ("denominator", Value::Null),
        ("expr", Value::Null),
        ("window", Value::Null),
        ("grain_to_date", Value::Null),
        ("metrics", json!([])),
        ("conversion_type_params", Value::Null),
        ("cumulative_type_params", Value::Null),
        ("metric_aggregation_params", Value::Null),
        ("fill_nulls_with", Value::Null),
        ("join_to_timespine", Value::Bool(false)),
        ("is_private", Value::Null),
    ])
}
