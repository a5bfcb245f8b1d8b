use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::MetricNames;
use super::words::{items, object, text, word};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{MetricRef, ResourceType};
use crate::parse::config::{Level, check};
use crate::parse::properties::file::{finish, named, own_config};
use crate::parse::properties::{Origin, Renderer};
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml};

/// A saved query as a properties file declares it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedQueryEntry {
    pub name: Spanned<String>,
    pub origin: Origin,
    pub description: Option<Spanned<String>>,
    pub config: Level,
    /// Those that stand beside `config`.
    pub tags: Vec<String>,
    /// As `manifest.json` has it, without its exports.
    #[serde(with = "crate::text::kept_json")]
    pub definition: Map<String, Value>,
    pub exports: Vec<ExportEntry>,
    pub names: MetricNames,
    /// `Dimension('order__status')`: what it groups and orders by.
    pub group_by: Vec<Spanned<String>>,
}

/// Where the rows of a saved query are written to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportEntry {
    pub name: Spanned<String>,
    /// As written: `export_as`, `schema`, `alias`, `database`.
    #[serde(with = "crate::text::kept_json")]
    pub config: Map<String, Value>,
    pub export_as: Option<String>,
}

impl SavedQueryEntry {
    /// Reads an item of `saved_queries:`; `None` when it has no name.
    pub(in crate::parse::properties) fn read(
        yaml: &Yaml,
        origin: &Origin,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = named(yaml, "a saved query");
        let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let name: Option<Spanned<String>> = reader.require("name");
        let tags: Vec<String> = reader.one_or_list("tags").unwrap_or_default();
        let level = own_config(&mut reader, renderer, diagnostics);
        let mut names = MetricNames::default();
        let mut group_by = Vec::new();
        let mut query_params = Value::Null;
        reader.require::<Value>("query_params");
        if let Some(below) = reader.value("query_params")
            && let Some(mut below) =
                Reader::new(below, format!("`query_params` of {what}"), Code::InvalidConfig, diagnostics)
        {
            query_params = query(&mut below, &mut names, &mut group_by);
            diagnostics.extend(below.finish());
        }
        let exports = items(&mut reader, "exports");
        let exports = exports.iter().filter_map(|item| export(item, &what, diagnostics)).collect();
        let entry = name.map(|name| Self {
            name,
            origin: origin.clone(),
            description: reader.get("description"),
            config: check(ResourceType::SavedQuery, &what, level, diagnostics),
            tags,
            definition: object([
                ("query_params", query_params),
                ("label", text(&mut reader, "label")),
                ("metadata", Value::Null),
            ]),
            exports,
            names,
            group_by,
        });
        diagnostics.extend(finish(reader, ResourceType::SavedQuery, yaml));
        entry
    }
}

fn query(reader: &mut Reader<'_>, names: &mut MetricNames, group_by: &mut Vec<Spanned<String>>) -> Value {
    let metrics: Vec<Spanned<String>> = reader.list("metrics").unwrap_or_default();
    let mut list = |reader: &mut Reader<'_>, key: &'static str| -> Value {
        let items: Vec<Spanned<String>> = reader.list(key).unwrap_or_default();
        let texts = items.iter().map(|item| Value::from(item.value.as_str())).collect();
        group_by.extend(items);
        texts
    };
    let (groups, order) = (list(reader, "group_by"), list(reader, "order_by"));
    let limit = reader.get::<i64>("limit").map_or(Value::Null, Value::from);
    let texts: Value = metrics.iter().map(|metric| Value::from(metric.value.as_str())).collect();
    names.metrics.extend(metrics.into_iter().map(|metric| MetricRef {
        package: None,
        span: Some(metric.span),
        name: metric.value,
    }));
    json!({
        "metrics": texts,
        "group_by": groups,
        "where": names.filter(reader, "where"),
        "order_by": order,
        "limit": limit,
    })
}

fn export(yaml: &Yaml, of: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<ExportEntry> {
    let what = format!("{} of {of}", named(yaml, "an export"));
    let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
    let name: Option<Spanned<String>> = reader.require("name");
    let config: Map<String, Value> = reader.get("config").unwrap_or_default();
    let mut export_as = None;
    if let Some(below) = reader.value("config")
        && let Some(mut below) =
            Reader::new(below, format!("`config` of {what}"), Code::InvalidConfig, diagnostics)
    {
        export_as = word(&mut below, &what, "export_as", &["table", "view", "cache"]);
        for key in ["schema", "alias", "database", "schema_name"] {
            below.get::<String>(key);
        }
        diagnostics.extend(below.finish());
    }
    diagnostics.extend(reader.finish());
    Some(ExportEntry { name: name?, config, export_as })
}
