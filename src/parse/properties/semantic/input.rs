use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::words::{object, text};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::MetricRef;
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml, YamlKind};

/// What a metric is made of, by name and place.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MetricNames {
    pub measures: Vec<MetricRef>,
    pub metrics: Vec<MetricRef>,
    /// The templates of all filters.
    pub filters: Vec<Spanned<String>>,
    /// The lengths of time of windows and grains, which may be a project's own.
    pub granularities: Vec<Spanned<String>>,
}

/// Which kind of input is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    Measure,
    Metric,
}

impl MetricNames {
    /// The input below a key: its name, or a mapping with it. Null when there is none.
    pub(super) fn input(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
        kind: Input,
        what: &str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Value {
        let Some(yaml) = reader.value(key) else { return Value::Null };
        self.one(yaml, kind, &format!("`{key}` of {what}"), diagnostics)
    }

    /// One input: its name, or a mapping with it.
    pub(super) fn one(
        &mut self,
        yaml: &Yaml,
        kind: Input,
        what: &str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Value {
        let (name, mut definition) = match &yaml.kind {
            YamlKind::Text(name) => (Spanned::new(name.clone(), yaml.span), Map::new()),
            _ => {
                let Some(mut reader) = Reader::new(yaml, what, Code::InvalidConfig, diagnostics) else {
                    return Value::Null;
                };
                let name: Option<Spanned<String>> = reader.require("name");
                let mut definition = object([
                    ("filter", self.filter(&mut reader, "filter")),
                    ("alias", text(&mut reader, "alias")),
                ]);
                if kind == Input::Measure {
                    definition.insert("join_to_timespine".to_owned(), flag(&mut reader, "join_to_timespine"));
                    definition.insert("fill_nulls_with".to_owned(), whole(&mut reader, "fill_nulls_with"));
                } else {
                    definition
                        .insert("offset_window".to_owned(), self.window(&mut reader, "offset_window", what));
                    definition
                        .insert("offset_to_grain".to_owned(), self.grain(&mut reader, "offset_to_grain"));
                }
                diagnostics.extend(reader.finish());
                let Some(name) = name else { return Value::Null };
                (name, definition)
            }
        };
        let call = MetricRef { package: None, name: name.value.clone(), span: Some(name.span) };
        let blank = match kind {
            Input::Measure => {
                self.measures.push(call);
                [
                    ("filter", Value::Null),
                    ("alias", Value::Null),
                    ("join_to_timespine", Value::Bool(false)),
                    ("fill_nulls_with", Value::Null),
                ]
            }
            Input::Metric => {
                self.metrics.push(call);
                [
                    ("filter", Value::Null),
                    ("alias", Value::Null),
                    ("offset_window", Value::Null),
                    ("offset_to_grain", Value::Null),
                ]
            }
        };
        let mut input = object([("name", Value::from(name.value))]);
        for (key, default) in blank {
            input.insert(key.to_owned(), definition.shift_remove(key).unwrap_or(default));
        }
        Value::Object(input)
    }

    /// A filter: one template or several, all of which must hold.
    pub(super) fn filter(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Value {
        let Some(templates) = reader.one_or_list::<Spanned<String>>(key) else { return Value::Null };
        let filters: Vec<Value> =
            templates.iter().map(|template| json!({ "where_sql_template": template.value })).collect();
        self.filters.extend(templates);
        json!({ "where_filters": filters })
    }

    /// A length of time: `7 days`.
    pub(super) fn window(&mut self, reader: &mut Reader<'_>, key: &'static str, what: &str) -> Value {
        let Some(text) = reader.scalar(key) else { return Value::Null };
        let parts: Vec<&str> = text.value.split_whitespace().collect();
        if let [count, unit] = parts.as_slice()
            && let Ok(count) = count.parse::<u32>()
        {
            let lower = unit.to_lowercase();
            let unit = lower.strip_suffix('s').unwrap_or(&lower).to_owned();
            self.granularities.push(Spanned::new(unit.clone(), text.span));
            return json!({ "count": count, "granularity": unit });
        }
        reader.complain(
            Diagnostic::new(Code::InvalidConfig, format!("`{key}` of {what} is no length of time"))
                .label(text.span, "")
                .help("write a number and a unit: `7 days`, `1 month`"),
        );
        Value::Null
    }

    /// A grain: `month`, or one that a time spine defines.
    pub(super) fn grain(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Value {
        let Some(found) = reader.get::<Spanned<String>>(key) else { return Value::Null };
        let lower = found.value.to_lowercase();
        self.granularities.push(Spanned::new(lower.clone(), found.span));
        Value::from(lower)
    }
}

pub(super) fn flag(reader: &mut Reader<'_>, key: &'static str) -> Value {
    Value::Bool(reader.get(key).unwrap_or_default())
}

pub(super) fn whole(reader: &mut Reader<'_>, key: &'static str) -> Value {
    reader.get::<i64>(key).map_or(Value::Null, Value::from)
}
