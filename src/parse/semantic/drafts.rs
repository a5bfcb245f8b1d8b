use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::context::ParseContext;
use crate::diagnostic::{Checked, Diagnostic};
use crate::manifest::{Metric, MetricRef, Node, NodeKind, ResourceType, SavedQuery, SemanticModel};
use crate::parse::config::{ConfigStack, Configured, Level};
use crate::parse::drafts::Identity;
use crate::parse::parser::Parser;
use crate::parse::properties::{MetricEntry, Origin, Part, Properties, SavedQueryEntry, SemanticModelEntry};
use crate::text::{Span, Spanned};

/// The nodes of all semantic models, of all metrics, those that measures ask for among them,
/// and of all saved queries.
pub(in crate::parse) fn drafts(parser: &Parser<'_>, properties: &Properties) -> Vec<Checked<Option<Node>>> {
    let mut drafts = Vec::new();
    for entry in &properties.semantic_models {
        let model = semantic_model(parser, entry);
        if let Some(node) = &model.value {
            for (part, _) in entry.measures.iter().filter(|(_, creates_metric)| *creates_metric) {
                drafts.push(metric_of_measure(parser, entry, part, node));
            }
        }
        drafts.push(model);
    }
    drafts.extend(properties.metrics.iter().map(|entry| metric(parser, entry)));
    drafts.extend(properties.saved_queries.iter().map(|entry| saved_query(parser, entry)));
    drafts
}

/// What is the same for all of them.
struct Draft<'a> {
    kind: ResourceType,
    origin: &'a Origin,
    name: &'a Spanned<String>,
}

impl Draft<'_> {
    fn identity(&self) -> Identity {
        let package = &self.origin.package;
        let mut fqn = vec![package.clone()];
        fqn.extend(self.origin.folders.iter().cloned());
        fqn.push(self.name.value.clone());
        Identity {
            kind: self.kind,
            unique_id: format!("{}.{package}.{}", self.kind.name(), self.name.value),
            name: self.name.value.clone(),
            package: package.clone(),
            path: self.origin.path_below(),
            original_file_path: self.origin.path.clone(),
            fqn,
            file: self.origin.file,
            body: self.name.span,
            raw_code: Arc::from(""),
            version: None,
        }
    }

    fn configured(&self, parser: &Parser<'_>, identity: &Identity, own: &Level) -> Configured {
        let mut stack = ConfigStack::new(parser.configs, self.kind, &identity.package, &identity.fqn);
        stack.properties(own);
        stack.resolve()
    }

    fn node(&self, parser: &Parser<'_>, own: &Level, kind: NodeKind) -> (Node, Identity, Configured) {
        let identity = self.identity();
        let configured = self.configured(parser, &identity, own);
        let mut node = identity.clone().node(parser, &configured, kind);
        node.patch = Some(self.name.span);
        (node, identity, configured)
    }
}

fn semantic_model(parser: &Parser<'_>, entry: &SemanticModelEntry) -> Checked<Option<Node>> {
    let mut diagnostics = Vec::new();
    let draft = Draft { kind: ResourceType::SemanticModel, origin: &entry.origin, name: &entry.name };
    let kind = NodeKind::SemanticModel(Box::new(SemanticModel { definition: Map::new() }));
    let (mut node, identity, configured) = draft.node(parser, &entry.config, kind);
    let package = node.package.clone();
    let mut parts = |parts: &mut dyn Iterator<Item = &Part>| -> Value {
        parts.map(|part| inherited(parser, &package, part, &node.meta, &mut diagnostics)).collect()
    };
    let entities = parts(&mut entry.entities.iter());
    let measures = parts(&mut entry.measures.iter().map(|(part, _)| part));
    let dimensions = parts(&mut entry.dimensions.iter());
    let time = entry.agg_time_dimension.as_ref().map(|time| json!({ "agg_time_dimension": time.value }));
    let rest = |key: &str| entry.rest.get(key).cloned().unwrap_or_default();
    let description = entry
        .description
        .as_ref()
        .map(|_| parser.description(&package, entry.description.as_ref(), &mut diagnostics));
    let shown = match (&description, &entry.of_model) {
        (Some(text), _) => Value::from(text.as_str()),
        (None, Some(_)) => Value::from(""),
        (None, None) => Value::Null,
    };
    let definition: Map<String, Value> = [
        ("model", Value::from(entry.model.value.as_str())),
        ("node_relation", Value::Null),
        ("description", shown),
        ("label", rest("label")),
        ("defaults", time.unwrap_or_default()),
        ("entities", entities),
        ("measures", measures),
        ("dimensions", dimensions),
        ("metadata", Value::Null),
        ("primary_entity", rest("primary_entity")),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    node.description = description.unwrap_or_default();
    node.kind = NodeKind::SemanticModel(Box::new(SemanticModel { definition }));
    let context = ParseContext::new(parser.invocation, identity.subject(parser, &configured));
    let call = entry.model.value.trim();
    let text = if call.starts_with("{{") { call.to_owned() } else { format!("{{{{ {call} }}}}") };
    diagnostics.extend(parser.invocation.engine.evaluate(&text, entry.model.span, &context.value()).err());
    node.refs = context.recorded().refs;
    for one in &mut node.refs {
        one.span = one.span.or(Some(entry.model.span));
    }
    Checked::new(Some(node), diagnostics)
}

/// A part with its description rendered and the `meta` of its semantic model below its own.
fn inherited(
    parser: &Parser<'_>,
    package: &str,
    part: &Part,
    meta: &Map<String, Value>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Value {
    let mut definition = part.definition.clone();
    if let Some(Value::String(text)) = definition.get("description") {
        let text = Spanned::new(text.clone(), part.name.span);
        let text = parser.description(package, Some(&text), diagnostics);
        definition.insert("description".to_owned(), Value::from(text));
    }
    let mut all = meta.clone();
    if let Some(Value::Object(own)) = definition.get("config").and_then(|config| config.get("meta")) {
        all.extend(own.clone());
    }
    definition.insert("config".to_owned(), json!({ "meta": all }));
    Value::Object(definition)
}

fn metric(parser: &Parser<'_>, entry: &MetricEntry) -> Checked<Option<Node>> {
    let mut diagnostics = Vec::new();
    let draft = Draft { kind: ResourceType::Metric, origin: &entry.origin, name: &entry.name };
    let kind = NodeKind::Metric(Box::new(Metric {
        definition: entry.definition.clone(),
        measures: entry.names.measures.clone(),
        // Other metrics of the model reach it through those that they are made of.
        semantic_model: entry.semantic_model.clone().filter(|_| entry.definition["type"] == "simple"),
    }));
    let (mut node, _, _) = draft.node(parser, &entry.config, kind);
    let package = node.package.clone();
    node.description = parser.description(&package, entry.description.as_ref(), &mut diagnostics);
    node.metrics.clone_from(&entry.names.metrics);
    node.tags.clone_from(&entry.tags);
    if !entry.has_type_params {
        node.meta = Map::new();
    } else if entry.config.get("meta").is_none() && !entry.meta.is_empty() {
        node.meta.clone_from(&entry.meta);
    }
    Checked::new(Some(node), diagnostics)
}

/// The metric that a measure with `create_metric: true` asks for.
fn metric_of_measure(
    parser: &Parser<'_>,
    entry: &SemanticModelEntry,
    part: &Part,
    model: &Node,
) -> Checked<Option<Node>> {
    let draft = Draft { kind: ResourceType::Metric, origin: &entry.origin, name: &part.name };
    let name = part.name.value.as_str();
    let input = json!({
        "name": name, "filter": null, "alias": null, "join_to_timespine": false, "fill_nulls_with": null,
    });
    let definition = json!({
        "label": part.definition["label"].as_str().unwrap_or(name),
        "type": "simple",
        "type_params": {
            "measure": input, "input_measures": [], "numerator": null, "denominator": null,
            "expr": part.definition["expr"].as_str().unwrap_or(name),
            "window": null, "grain_to_date": null, "metrics": [], "conversion_type_params": null,
            "cumulative_type_params": null, "metric_aggregation_params": null, "fill_nulls_with": null,
            "join_to_timespine": false, "is_private": null,
        },
        "filter": null,
        "metadata": null,
        "time_granularity": null,
    });
    let measures = vec![MetricRef { package: None, name: name.to_owned(), span: Some(part.name.span) }];
    let definition = definition.as_object().cloned().unwrap_or_default();
    let kind = NodeKind::Metric(Box::new(Metric { definition, measures, semantic_model: None }));
    let mut own = Level::default();
    own.set("meta", Value::Object(model.meta.clone()), None);
    own.set("enabled", Value::Bool(model.config.is_enabled()), None);
    let (mut node, _, _) = draft.node(parser, &own, kind);
    node.tags = Vec::new();
    let written =
        part.definition["description"].as_str().map(|text| Spanned::new(text.to_owned(), part.name.span));
    let mut diagnostics = Vec::new();
    node.description = match &written {
        Some(text) => parser.description(&node.package, Some(text), &mut diagnostics),
        None => format!("Metric created from measure {name}"),
    };
    // What is wrong with it was told of the semantic model.
    Checked::ok(Some(node))
}

fn saved_query(parser: &Parser<'_>, entry: &SavedQueryEntry) -> Checked<Option<Node>> {
    let mut diagnostics = Vec::new();
    let draft = Draft { kind: ResourceType::SavedQuery, origin: &entry.origin, name: &entry.name };
    let kind = NodeKind::SavedQuery(Box::new(SavedQuery { definition: Map::new() }));
    let (mut node, _, _) = draft.node(parser, &entry.config, kind);
    let package = node.package.clone();
    node.description = parser.description(&package, entry.description.as_ref(), &mut diagnostics);
    node.metrics.clone_from(&entry.names.metrics);
    let mut tags = entry.tags.clone();
    for tag in node.config.tags() {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    node.tags = tags;
    let target = &parser.invocation.target;
    let config = &node.config;
    let exports: Vec<Value> = entry
        .exports
        .iter()
        .map(|export| {
            let own = |key: &str| export.config.get(key).and_then(Value::as_str);
            let export_as = export.export_as.as_deref().or(config.text("export_as"));
            let schema = own("schema").or(own("schema_name")).or(config.text("schema"));
            json!({
                "name": export.name.value,
                "config": {
                    "export_as": export_as.unwrap_or("table"),
                    "schema_name": schema.unwrap_or(&target.schema),
                    "alias": own("alias").unwrap_or(&export.name.value),
                    "database": own("database").unwrap_or(&target.database),
                },
                "unrendered_config": export.config,
            })
        })
        .collect();
    let mut definition = entry.definition.clone();
    definition.insert("exports".to_owned(), Value::Array(exports));
    node.kind = NodeKind::SavedQuery(Box::new(SavedQuery { definition }));
    Checked::new(Some(node), diagnostics)
}

/// Where to point at an entry.
pub(super) fn place(node: &Node) -> Span {
    node.body
}
