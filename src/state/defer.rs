use std::collections::BTreeSet;

use serde_json::Value;

use crate::manifest::{Deferral, Deferred, Manifest, Node, NodeId};
use crate::sql::RelationName;

/// What the nodes of a project were built as, according to the manifest of an earlier run.
/// `selected` are the nodes that the command runs; with `favors` the relations of all others
/// are meant even where they are built here too.
/// See <https://docs.getdbt.com/reference/node-selection/defer>.
#[must_use]
pub fn deferral(
    manifest: &Manifest,
    previous: &Value,
    selected: &BTreeSet<NodeId>,
    favors: bool,
    answers_refs: bool,
) -> Deferral {
    let relations =
        manifest.nodes.values().filter(|node| node.resource_type.is_refable()).filter_map(|node| {
            let before = previous.get("nodes")?.get(node.id.as_str())?;
            let is_favored = favors && !selected.contains(&node.id);
            Some((node.id.clone(), Deferred { name: relation(node, before)?, is_favored }))
        });
    Deferral { relations: relations.collect(), answers_refs }
}

/// The relation of a node in an earlier manifest, written as that of the node now.
fn relation(node: &Node, before: &Value) -> Option<RelationName> {
    if before.pointer("/config/materialized").and_then(Value::as_str) == Some("ephemeral") {
        return None;
    }
    let now = node.relation.as_ref()?;
    let text = |key: &str| before.get(key).and_then(Value::as_str).map(str::to_owned);
    let identifier = text("alias").or_else(|| text("name"))?;
    Some(RelationName {
        database: text("database"),
        schema: text("schema"),
        identifier: Some(identifier),
        quoting: now.quoting,
        dialect: now.dialect,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::testing::node;
    use crate::manifest::{NodeKind, ResourceType};
    use crate::text::Files;

    #[test]
    fn what_was_a_relation_is_one_again() {
        let place = Files::new().add("models/orders.sql", "").span();
        let node = node(place, ResourceType::Model, "orders", NodeKind::Model(Box::default()));
        let orders = node.id.clone();
        let mut manifest = Manifest::default();
        manifest.nodes.insert(orders.clone(), node);
        let before = |materialized: &str| {
            json!({"nodes": {"model.shop.orders": {
                "database": "운영", "schema": "mart", "alias": "orders_v1",
                "config": {"materialized": materialized},
            }, "model.shop.gone": {"database": "운영", "schema": "mart", "alias": "gone"}}})
        };
        let found = deferral(&manifest, &before("table"), &BTreeSet::new(), true, true);
        let names: Vec<_> = found
            .relations
            .iter()
            .map(|(id, found)| (id, found.name.to_string(), found.is_favored))
            .collect();
        assert_eq!(names, [(&orders, "\"운영\".\"mart\".\"orders_v1\"".to_owned(), true)]);
        let selected = BTreeSet::from([orders.clone()]);
        let found = deferral(&manifest, &before("table"), &selected, true, true);
        assert!(found.relations.get(&orders).is_some_and(|found| !found.is_favored));
        assert!(deferral(&manifest, &before("ephemeral"), &selected, true, true).relations.is_empty());
    }
}
