use std::sync::Arc;

use serde_json::{Map, Value};

use super::config::ConfigStack;
use super::drafts::Identity;
use super::parser::Parser;
use super::properties::{SourceEntry, TableEntry};
use crate::diagnostic::Checked;
use crate::manifest::{Node, NodeKind, ResourceType, Source};
use crate::sql::{QuotePolicy, RelationName};

/// The id of a table of a source.
pub(super) fn unique_id(source: &SourceEntry, table: &TableEntry) -> String {
    format!("source.{}.{}.{}", source.origin.package, source.name.value, table.name.value)
}

/// The node of a table of a source.
pub(super) fn draft(parser: &Parser<'_>, source: &SourceEntry, table: &TableEntry) -> Checked<Option<Node>> {
    let mut diagnostics = Vec::new();
    let package = &source.origin.package;
    let mut fqn = vec![package.clone()];
    fqn.extend(source.origin.folders.iter().cloned());
    fqn.extend([source.name.value.clone(), table.name.value.clone()]);
    let mut stack = ConfigStack::new(&parser.configs, ResourceType::Source, package, &fqn);
    stack.properties(&source.config);
    stack.properties(&table.config);
    let configured = stack.resolve();
    let identity = Identity {
        kind: ResourceType::Source,
        unique_id: unique_id(source, table),
        name: table.name.value.clone(),
        package: package.clone(),
        path: source.origin.path.clone(),
        original_file_path: source.origin.path.clone(),
        fqn,
        file: source.origin.file,
        body: table.span,
        raw_code: Arc::from(""),
        version: None,
    };
    let identifier = table.identifier.clone().unwrap_or_else(|| table.name.value.clone());
    let quoting: Map<String, Value> = source
        .common
        .quoting
        .iter()
        .chain(&table.common.quoting)
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let source_meta = match source.config.get("meta").map(|setting| &setting.value) {
        Some(Value::Object(meta)) => meta.clone(),
        _ => Map::new(),
    };
    let config = &configured.config;
    let or_config =
        |own: Option<&String>, key: &str| own.cloned().or_else(|| config.text(key).map(str::to_owned));
    let (own, all) = (&table.common, &source.common);
    let external_location = config
        .text("external_location")
        .or_else(|| config.get("meta")?.get("external_location")?.as_str())
        .map(str::to_owned);
    let kind = NodeKind::Source(Box::new(Source {
        source_name: source.name.value.clone(),
        source_description: parser.description(package, source.description.as_ref(), &mut diagnostics),
        source_meta,
        identifier: identifier.clone(),
        loader: own.loader.clone().or_else(|| all.loader.clone()).unwrap_or_default(),
        quoting: quoting.clone(),
        loaded_at_field: or_config(
            own.loaded_at_field.as_ref().or(all.loaded_at_field.as_ref()),
            "loaded_at_field",
        ),
        loaded_at_query: or_config(
            own.loaded_at_query.as_ref().or(all.loaded_at_query.as_ref()),
            "loaded_at_query",
        ),
        freshness: freshness(source, table, config.get("freshness")),
        external_location,
        extra: table.extra.clone(),
    }));
    let mut node = identity.node(parser, &configured, kind);
    node.description = parser.description(package, table.description.as_ref(), &mut diagnostics);
    node.columns = parser.columns(package, &table.columns, &mut diagnostics);
    node.patch = Some(table.span);
    node.database = source.database.clone().unwrap_or_else(|| parser.invocation.target.database.clone());
    node.schema = source.schema.clone().unwrap_or_else(|| source.name.value.clone());
    node.alias.clone_from(&identifier);
    let policy = |key: &str| quoting.get(key).and_then(Value::as_bool).unwrap_or(true);
    let quoting = QuotePolicy {
        database: policy("database"),
        schema: policy("schema"),
        identifier: policy("identifier"),
    };
    let dialect = parser.invocation.adapter.dialect();
    let relation = RelationName::new(dialect, &node.database, &node.schema, &identifier);
    node.relation = Some(RelationName { quoting, ..relation });
    Checked::new(Some(node), diagnostics)
}

/// Freshness as written: the table's, laid over the source's where both are mappings.
fn freshness(source: &SourceEntry, table: &TableEntry, config: Option<&Value>) -> Option<Value> {
    let own = table.common.freshness.as_ref().or(config);
    match (own, source.common.freshness.as_ref()) {
        (Some(Value::Object(own)), Some(Value::Object(all))) => {
            let mut merged = all.clone();
            merged.extend(own.clone());
            Some(Value::Object(merged))
        }
        (Some(own), _) => Some(own.clone()),
        (None, all) => all.cloned(),
    }
    .filter(|value| !value.is_null())
}
