//! Nodes for the tests of other rooms.

use serde_json::Value;

use super::{Node, NodeConfig, NodeKind, ResourceType};
use crate::sql::{Dialect, RelationName};
use crate::text::Span;

/// A node of the package `shop` in `models/`, with nothing said of it but that it is.
pub(crate) fn node(at: Span, resource_type: ResourceType, name: &str, kind: NodeKind) -> Node {
    let config = [("enabled", Value::Bool(true)), ("materialized", "view".into())];
    let config = config.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Node {
        path: format!("{name}.sql"),
        original_file_path: format!("models/{name}.sql"),
        fqn: vec!["shop".to_owned(), name.to_owned()],
        raw_code: "select 1".into(),
        config: NodeConfig::new(config),
        relation: Some(RelationName::new(Dialect::DuckDb, "db", "main", name)),
        database: "db".to_owned(),
        schema: "main".to_owned(),
        checksum: "00".to_owned(),
        created_at: 1.5,
        ..Node::new(resource_type, "shop", name, at, kind)
    }
}
