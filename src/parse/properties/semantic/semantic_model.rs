use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::part::{dimension, entity, measure};
use super::words::{items, object, text};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::ResourceType;
use crate::parse::config::{Level, check};
use crate::parse::properties::file::{finish, named, own_config};
use crate::parse::properties::{Origin, Renderer};
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml};

/// A semantic model as a properties file declares it, in either form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SemanticModelEntry {
    pub name: Spanned<String>,
    pub origin: Origin,
    pub description: Option<Spanned<String>>,
    pub config: Level,
    /// `ref('orders')`
    pub model: Spanned<String>,
    /// The dimension of time that measures and metrics are counted by.
    pub agg_time_dimension: Option<Spanned<String>>,
    pub entities: Vec<Part>,
    pub dimensions: Vec<Part>,
    /// And whether each is to be a metric of its own.
    pub measures: Vec<(Part, bool)>,
    /// `label`, `primary_entity`.
    #[serde(with = "crate::text::kept_json")]
    pub rest: Map<String, Value>,
    /// The model's name, where the entry is a part of that model's.
    pub of_model: Option<String>,
}

/// An entity, dimension or measure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    pub name: Spanned<String>,
    /// As `manifest.json` has it, `meta` not yet inherited.
    #[serde(with = "crate::text::kept_json")]
    pub definition: Map<String, Value>,
}

impl SemanticModelEntry {
    /// Reads an item of `semantic_models:`; `None` when it has no name or no model.
    pub(in crate::parse::properties) fn read(
        yaml: &Yaml,
        origin: &Origin,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = named(yaml, "a semantic model");
        let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let name: Option<Spanned<String>> = reader.require("name");
        let model: Option<Spanned<String>> = reader.require("model");
        let level = own_config(&mut reader, renderer, diagnostics);
        let agg_time_dimension = defaults(&mut reader, &what, diagnostics);
        let entities = items(&mut reader, "entities");
        let dimensions = items(&mut reader, "dimensions");
        let measures = items(&mut reader, "measures");
        let entry = Self {
            name: name.unwrap_or_else(|| Spanned::new(String::new(), yaml.place())),
            origin: origin.clone(),
            description: reader.get("description"),
            config: check(ResourceType::SemanticModel, &what, level, diagnostics),
            agg_time_dimension,
            entities: entities.iter().filter_map(|item| entity(item, &what, diagnostics)).collect(),
            dimensions: dimensions.iter().filter_map(|item| dimension(item, &what, diagnostics)).collect(),
            measures: measures.iter().filter_map(|item| measure(item, &what, diagnostics)).collect(),
            rest: object([
                ("label", text(&mut reader, "label")),
                ("primary_entity", text(&mut reader, "primary_entity")),
            ]),
            model: model.clone().unwrap_or_else(|| Spanned::new(String::new(), yaml.place())),
            of_model: None,
        };
        diagnostics.extend(finish(reader, ResourceType::SemanticModel, yaml));
        (!entry.name.value.is_empty() && model.is_some()).then_some(entry)
    }

    /// As messages name it.
    pub(in crate::parse) fn what(&self) -> String {
        format!("the semantic model `{}`", self.name.value)
    }
}

/// `defaults: {agg_time_dimension: …}`
fn defaults(
    reader: &mut Reader<'_>,
    what: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Spanned<String>> {
    let yaml = reader.value("defaults")?;
    let mut below = Reader::new(yaml, format!("`defaults` of {what}"), Code::InvalidConfig, diagnostics)?;
    let found = below.get("agg_time_dimension");
    diagnostics.extend(below.finish());
    found
}
