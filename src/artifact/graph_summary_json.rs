use std::collections::BTreeMap;

use serde::Serialize;

use crate::manifest::{Manifest, Node, NodeId, ResourceType};

/// dbt's `graph_summary.json`: the graph by numbers. Hooks are no part of it.
#[derive(Debug, Serialize)]
pub struct GraphSummaryJson<'a> {
    #[serde(rename = "_invocation_id")]
    invocation_id: &'a str,
    linked: BTreeMap<usize, LinkedJson<'a>>,
}

#[derive(Debug, Serialize)]
struct LinkedJson<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    /// The numbers of the nodes that depend on it.
    #[serde(rename = "succ", skip_serializing_if = "Vec::is_empty")]
    successors: Vec<usize>,
}

/// The graph of a manifest, nodes numbered in order of id.
#[must_use]
pub fn graph_summary_json<'a>(manifest: &'a Manifest, invocation_id: &'a str) -> GraphSummaryJson<'a> {
    let is_hook =
        |node: &Node| matches!(node.resource_type, ResourceType::Operation | ResourceType::SqlOperation);
    let nodes: Vec<&Node> = manifest.nodes.values().filter(|node| !is_hook(node)).collect();
    let numbers: BTreeMap<&NodeId, usize> =
        nodes.iter().enumerate().map(|(number, node)| (&node.id, number)).collect();
    let linked = nodes.iter().enumerate().map(|(number, node)| {
        let children = manifest.graph.children(&node.id);
        let successors = children.iter().filter_map(|child| numbers.get(child).copied()).collect();
        let (name, kind) = (node.id.as_str(), node.resource_type.name());
        (number, LinkedJson { name, kind, successors })
    });
    GraphSummaryJson { invocation_id, linked: linked.collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::NodeKind;
    use crate::text::Files;

    #[test]
    fn nodes_are_linked_by_number() {
        let body = Files::new().add("a.sql", "").span();
        let model =
            |name: &str| Node::new(ResourceType::Model, "shop", name, body, NodeKind::Model(Box::default()));
        let child = Node { depends_on: vec![NodeId::new("model.shop.가")], ..model("나") };
        let mut manifest = Manifest::default();
        for node in [model("가"), child] {
            manifest.nodes.insert(node.id.clone(), node);
        }
        manifest.reindex();
        let summary = serde_json::to_value(graph_summary_json(&manifest, "id")).unwrap_or_default();
        assert_eq!(
            summary,
            json!({"_invocation_id": "id", "linked": {
                "0": {"name": "model.shop.가", "type": "model", "succ": [1]},
                "1": {"name": "model.shop.나", "type": "model"},
            }})
        );
    }
}
