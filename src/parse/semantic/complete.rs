use serde_json::{Value, json};

use crate::manifest::{Manifest, Metric, Node, NodeId, NodeKind};

/// Adds what is known only when all nodes are there and know their parents: where the model
/// of a semantic model is in the warehouse, and which measures a metric comes down to.
pub(in crate::parse) fn complete(manifest: &mut Manifest) {
    let relations: Vec<(NodeId, Value)> = manifest
        .nodes
        .values()
        .filter(|node| matches!(node.kind, NodeKind::SemanticModel(_)))
        .filter_map(|node| Some((node.id.clone(), node_relation(manifest.node(node.depends_on.first()?)?))))
        .collect();
    let measures: Vec<(NodeId, Value)> = manifest
        .nodes
        .values()
        .filter(|node| matches!(node.kind, NodeKind::Metric(_)))
        .map(|node| {
            let mut found = Vec::new();
            input_measures(manifest, node, &mut Vec::new(), &mut found);
            (node.id.clone(), Value::Array(found))
        })
        .collect();
    for (id, relation) in relations {
        if let Some(NodeKind::SemanticModel(model)) = manifest.nodes.get_mut(&id).map(|node| &mut node.kind) {
            model.definition.insert("node_relation".to_owned(), relation);
        }
    }
    for (id, measures) in measures {
        if let Some(NodeKind::Metric(metric)) = manifest.nodes.get_mut(&id).map(|node| &mut node.kind)
            && let Some(params) = metric.definition.get_mut("type_params")
        {
            params["input_measures"] = measures;
        }
    }
}

/// A relation as the semantic layer writes it.
pub(super) fn node_relation(model: &Node) -> Value {
    json!({
        "alias": model.alias,
        "schema_name": model.schema,
        "database": model.database,
        "relation_name": model.relation.as_ref().map(ToString::to_string),
    })
}

/// The measures of a metric, and of those it is made of, each once.
fn input_measures<'a>(
    manifest: &'a Manifest,
    node: &'a Node,
    above: &mut Vec<&'a NodeId>,
    found: &mut Vec<Value>,
) {
    let NodeKind::Metric(metric) = &node.kind else { return };
    if above.contains(&&node.id) {
        return;
    }
    above.push(&node.id);
    for measure in own_measures(metric) {
        if !found.contains(measure) {
            found.push(measure.clone());
        }
    }
    for parent in node.depends_on.iter().filter_map(|id| manifest.node(id)) {
        input_measures(manifest, parent, above, found);
    }
    above.pop();
}

fn own_measures(metric: &Metric) -> impl Iterator<Item = &Value> {
    let conversion = metric.parameter("conversion_type_params");
    let of = |key: &str| conversion.and_then(|params| params.get(key)).filter(|value| !value.is_null());
    [metric.parameter("measure"), of("base_measure"), of("conversion_measure")].into_iter().flatten()
}
