//! Nodes for the tests of other rooms.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{Node, NodeConfig, NodeId, NodeKind, ResourceType};
use crate::sql::{Dialect, RelationName};
use crate::text::Span;

/// A node of the package `shop` in `models/`, with nothing said of it but that it is.
pub(crate) fn node(at: Span, resource_type: ResourceType, name: &str, kind: NodeKind) -> Node {
    let config = [("enabled", Value::Bool(true)), ("materialized", "view".into())];
    let config = config.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Node {
        id: NodeId::new(&format!("{}.shop.{name}", resource_type.name())),
        resource_type,
        name: name.to_owned(),
        package: "shop".to_owned(),
        path: format!("{name}.sql"),
        original_file_path: format!("models/{name}.sql"),
        fqn: vec!["shop".to_owned(), name.to_owned()],
        file: at.file,
        body: at,
        raw_code: "select 1".into(),
        config: NodeConfig::new(config),
        relation: Some(RelationName::new(Dialect::DuckDb, "db", "main", name)),
        database: "db".to_owned(),
        schema: "main".to_owned(),
        alias: name.to_owned(),
        description: String::new(),
        columns: IndexMap::new(),
        meta: Map::new(),
        tags: Vec::new(),
        docs: Map::new(),
        refs: Vec::new(),
        sources: Vec::new(),
        depends_on: Vec::new(),
        depends_on_macros: Vec::new(),
        patch: None,
        patch_path: None,
        checksum: "00".to_owned(),
        unrendered_config: Map::new(),
        group: None,
        created_at: 1.5,
        not_supported: None,
        kind,
    }
}
