use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analyze::{Analysis, Known, Relations, analyze};
use crate::check::{NodeAnalysis, ProjectAnalysis};
use crate::manifest::{Manifest, Node, NodeId};
use crate::sql::{Dialect, RelationName, parse_query};

/// What a node's own SQL makes of what it refers to, ephemeral models among it, and the nodes
/// that its inputs are.
///
/// A query is analyzed with the ephemeral models written into it; what it takes from them, it
/// seems to take from what they read. `None` where the node reads no ephemeral models, or its
/// own SQL alone cannot be read.
pub(super) fn own_lineage(
    node: &Node,
    known: &NodeAnalysis,
    manifest: &Manifest,
    project: &ProjectAnalysis,
    dialect: Dialect,
    database: &str,
) -> Option<(Analysis, Vec<Option<NodeId>>)> {
    let compiled = known.compiled.as_ref()?;
    if compiled.ctes.is_empty() {
        return None;
    }
    let mut relations = Relations::new(dialect, database, "main");
    let mut by_key = BTreeMap::new();
    let mut add = |relation: RelationName, id: &NodeId| {
        let schema = project.node(id).and_then(|analysis| analysis.schema.clone());
        let known = match schema {
            Some(schema) => Known::Schema(Arc::clone(&schema)),
            None => Known::Nothing("is not known".to_owned()),
        };
        by_key.insert(relation.key(), id.clone());
        relations.insert(relation, known);
    };
    for parent in node.depends_on.iter().filter_map(|id| manifest.node(id)) {
        if let Some(relation) = parent.relation.as_ref().filter(|_| !parent.is_ephemeral()) {
            add(relation.clone(), &parent.id);
        }
    }
    for cte in &compiled.ctes {
        add(RelationName::new(dialect, database, "main", &cte.name), &cte.id);
    }
    // The relations that check found for sources and what stands in for a node.
    for (input, id) in known.analysis.iter().flat_map(|analysis| &analysis.inputs).zip(&known.inputs) {
        if let Some(id) = id {
            add(input.relation.clone(), id);
        }
    }
    let query = parse_query(&compiled.own_code, dialect).ok()?;
    let analysis = analyze(&query, &compiled.own_code, &relations);
    let inputs = analysis.inputs.iter().map(|input| by_key.get(&input.relation.key()).cloned()).collect();
    Some((analysis, inputs))
}
