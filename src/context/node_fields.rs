use serde_json::{Map, Value as Json, json};

use super::Subject;
use crate::manifest::{Column, Constraint, DataTest, Exposure, Group, Node, NodeKind, Source};

/// A node as `model` and `graph` show it: under the names it has in `manifest.json`.
/// See <https://schemas.getdbt.com/dbt/manifest/v12/index.html>.
pub(super) fn node_fields(node: &Node, compiled_code: Option<&str>) -> Json {
    let mut fields = common(node);
    match &node.kind {
        NodeKind::Source(source) => add(&mut fields, source_fields(node, source)),
        NodeKind::Exposure(exposure) => add(&mut fields, exposure_fields(exposure)),
        NodeKind::SemanticModel(model) => fields.extend(semantic_fields(node, &model.definition)),
        NodeKind::Metric(metric) => fields.extend(semantic_fields(node, &metric.definition)),
        NodeKind::SavedQuery(query) => fields.extend(semantic_fields(node, &query.definition)),
        kind => {
            add(&mut fields, template_fields(node, compiled_code));
            match kind {
                NodeKind::Seed { root_path } => add(&mut fields, json!({"root_path": root_path})),
                NodeKind::Test(test) => add(&mut fields, test_fields(test)),
                NodeKind::Function(function) => add(
                    &mut fields,
                    json!({
                        "language": function.language.name(),
                        "arguments": function.arguments,
                        "returns": function.returns,
                        "overloads": [],
                    }),
                ),
                NodeKind::Operation(hook) => add(&mut fields, json!({"index": hook.index})),
                _ => {}
            }
        }
    }
    Json::Object(fields)
}

fn add(fields: &mut Map<String, Json>, more: Json) {
    if let Json::Object(more) = more {
        fields.extend(more);
    }
}

fn common(node: &Node) -> Map<String, Json> {
    let refs = node
        .refs
        .iter()
        .map(|call| json!({"name": call.name, "package": call.package, "version": call.version}));
    let sources = node.sources.iter().map(|call| json!([call.source, call.table]));
    let functions = node.functions.iter().map(|call| match &call.package {
        Some(package) => json!([package, call.name]),
        None => json!([call.name]),
    });
    let is_made_of = matches!(node.kind, NodeKind::Metric(_) | NodeKind::SavedQuery(_));
    let metrics = node.metrics.iter().filter(|_| !is_made_of).map(|call| match &call.package {
        Some(package) => json!([package, call.name]),
        None => json!([call.name]),
    });
    let macros = node.depends_on_macros.iter().map(|id| Json::from(id.as_str()));
    let nodes = node.depends_on.iter().map(|id| Json::from(id.as_str()));
    let fields = json!({
        "database": node.database,
        "schema": node.schema,
        "name": node.name,
        "resource_type": node.resource_type.name(),
        "package_name": node.package,
        "path": node.path,
        "original_file_path": node.original_file_path,
        "unique_id": node.id.as_str(),
        "fqn": node.fqn,
        "description": node.description,
        "doc_blocks": node.doc_blocks,
        "columns": columns(node),
        "meta": node.meta,
        "tags": node.tags,
        "config": node.config.values(),
        "unrendered_config": node.unrendered_config,
        "patch_path": node.patch_path,
        "created_at": node.created_at,
        "relation_name": node.relation.as_ref().map(ToString::to_string),
        "refs": refs.collect::<Vec<_>>(),
        "sources": sources.collect::<Vec<_>>(),
        "functions": functions.collect::<Vec<_>>(),
        "metrics": metrics.collect::<Vec<_>>(),
        "depends_on": {"macros": macros.collect::<Vec<_>>(), "nodes": nodes.collect::<Vec<_>>()},
    });
    match fields {
        Json::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn template_fields(node: &Node, compiled_code: Option<&str>) -> Json {
    let contract = node.config.get("contract");
    let enforced = contract.and_then(|contract| contract.get("enforced")).and_then(Json::as_bool);
    let alias_types = contract.and_then(|contract| contract.get("alias_types")).and_then(Json::as_bool);
    let model = node.model();
    let show = node.docs.get("show").and_then(Json::as_bool).unwrap_or(true);
    json!({
        "alias": node.alias,
        "checksum": {"name": if node.checksum.is_empty() { "none" } else { "sha256" }, "checksum": node.checksum},
        "group": node.group,
        "docs": {"show": show, "node_color": node.docs.get("node_color")},
        "build_path": null,
        "raw_code": &*node.raw_code,
        "language": model.map_or("sql", |model| model.language.name()),
        "compiled": compiled_code.is_some(),
        "compiled_code": compiled_code,
        "extra_ctes_injected": compiled_code.is_some(),
        "extra_ctes": [],
        "contract": {"enforced": enforced.unwrap_or(false), "alias_types": alias_types.unwrap_or(true), "checksum": model.and_then(|model| model.contract_checksum.as_ref())},
        "access": node.config.text("access").unwrap_or("protected"),
        "constraints": Constraint::list_json(model.map_or(&[], |model| &model.constraints)),
        "version": model.and_then(|model| model.version.as_ref()),
        "latest_version": model.and_then(|model| model.latest_version.as_ref()),
        "deprecation_date": model.and_then(|model| model.deprecation_date.as_ref()),
        "primary_key": model.map_or(&[][..], |model| &model.primary_key),
    })
}

fn columns(node: &Node) -> Map<String, Json> {
    node.columns.iter().map(|(name, column)| (name.clone(), column_fields(column))).collect()
}

fn column_fields(column: &Column) -> Json {
    let mut fields = column.extra.clone();
    add(
        &mut fields,
        json!({
            "name": column.name,
            "description": column.description,
            "doc_blocks": column.doc_blocks,
            "data_type": column.data_type,
            "quote": column.quote,
            "meta": column.meta,
            "tags": column.tags,
            "constraints": Constraint::list_json(&column.constraints),
            "config": {"meta": column.meta, "tags": column.tags},
        }),
    );
    Json::Object(fields)
}

fn source_fields(node: &Node, source: &Source) -> Json {
    let mut fields = source.extra.clone();
    add(
        &mut fields,
        json!({
            "source_name": source.source_name,
            "source_description": source.source_description,
            "source_meta": source.source_meta,
            "identifier": source.identifier,
            "loader": source.loader,
            "quoting": source.quoting,
            "loaded_at_field": source.loaded_at_field,
            "loaded_at_query": source.loaded_at_query,
            "freshness": source.freshness,
            "external_location": source.external_location,
            "enabled": node.config.is_enabled(),
        }),
    );
    Json::Object(fields)
}

/// What only the semantic layer has.
fn semantic_fields(node: &Node, definition: &Map<String, Json>) -> Map<String, Json> {
    let mut fields = definition.clone();
    fields.insert("group".to_owned(), json!(node.group));
    fields
}

fn exposure_fields(exposure: &Exposure) -> Json {
    json!({
        "type": exposure.kind,
        "label": exposure.label,
        "maturity": exposure.maturity,
        "url": exposure.url,
        "owner": exposure.owner,
    })
}

fn test_fields(test: &DataTest) -> Json {
    let metadata = test.metadata.as_ref().map(
        |metadata| json!({"name": metadata.name, "kwargs": metadata.kwargs, "namespace": metadata.namespace}),
    );
    json!({
        "test_metadata": metadata,
        "column_name": test.column_name,
        "file_key_name": test.file_key_name,
        "attached_node": test.attached_node.as_ref().map(crate::manifest::NodeId::as_str),
    })
}

pub(super) fn group_fields(id: &str, group: &Group) -> Json {
    json!({
        "name": group.name,
        "resource_type": "group",
        "package_name": group.package,
        "path": group.original_file_path,
        "original_file_path": group.original_file_path,
        "unique_id": id,
        "description": group.description,
        "owner": group.owner,
    })
}

/// A node that is being parsed, as far as it is known.
pub(super) fn subject_fields(subject: &Subject) -> Json {
    json!({
        "database": subject.database,
        "schema": subject.schema,
        "name": subject.name,
        "resource_type": subject.resource_type.name(),
        "package_name": subject.package,
        "path": subject.path,
        "original_file_path": subject.original_file_path,
        "unique_id": subject.unique_id,
        "fqn": subject.fqn,
        "alias": subject.alias,
        "config": subject.config,
        "raw_code": &*subject.raw_code,
        "version": subject.version,
        "language": "sql",
        "description": "",
        "columns": {},
        "meta": subject.config.get("meta").cloned().unwrap_or_else(|| json!({})),
        "tags": subject.config.get("tags").cloned().unwrap_or_else(|| json!([])),
        "refs": [],
        "sources": [],
        "depends_on": {"macros": [], "nodes": []},
    })
}
