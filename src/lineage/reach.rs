use std::collections::{BTreeMap, BTreeSet};

use super::{ColumnGraph, ColumnId};
use crate::analyze::How;
use crate::manifest::{Manifest, NodeId};

/// What of a node is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    /// Values, type, name or being of some columns.
    Columns(Vec<String>),
    /// Which rows there are, and so all of it.
    Rows,
}

/// What a change comes to at a node below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    pub node: NodeId,
    /// `None` when all of the node is reached.
    pub columns: Option<BTreeMap<String, How>>,
    /// Of a node that is reached as a whole, why.
    pub why: Option<Whole>,
}

/// Why all of a node is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whole {
    /// It reads a node whose rows are reached.
    Rows(NodeId),
    /// A column that is reached decides which rows it has.
    Decided { by: NodeId, column: String, how: How },
    /// It reads a node that is reached, and what it makes of it is not known.
    Unknown(NodeId),
}

/// Everything below a node that a change of it reaches, parents before children. The node
/// itself is not among it.
///
/// A column reaches the columns that are made of it, and all of a node whose rows it decides;
/// rows reach all of every node that reads them. A node whose query could not be understood,
/// and one that has no columns (an exposure), is reached as a whole by anything above it.
#[must_use]
pub fn reach(manifest: &Manifest, graph: &ColumnGraph, start: &NodeId, touched: &Touched) -> Vec<Reached> {
    let mut walk = Walk { graph, columns: BTreeMap::new(), whole: BTreeMap::new() };
    match touched {
        Touched::Rows => {
            walk.whole.insert(start.clone(), None);
        }
        Touched::Columns(names) => {
            let found = names.iter().filter_map(|name| graph.find(start, name));
            let columns = walk.columns.entry(start.clone()).or_default();
            columns.extend(found.map(|column| (column, How::Copied)));
        }
    }
    let below = manifest.graph.descendants(start, None);
    let order = order_below(manifest, start, &below);
    for id in &order {
        walk.arrive(manifest, id);
    }
    order
        .into_iter()
        .filter_map(|node| match (walk.whole.get(&node), walk.columns.get(&node)) {
            (Some(why), _) => Some(Reached { node, columns: None, why: why.clone() }),
            (None, Some(columns)) => {
                let named = columns.iter().map(|(column, how)| (graph.name(*column).to_owned(), *how));
                Some(Reached { columns: Some(named.collect()), node, why: None })
            }
            (None, None) => None,
        })
        .collect()
}

struct Walk<'a> {
    graph: &'a ColumnGraph,
    /// Of nodes that are reached in some columns, how.
    columns: BTreeMap<NodeId, BTreeMap<ColumnId, How>>,
    /// Nodes that are reached as a whole; the first has no cause.
    whole: BTreeMap<NodeId, Option<Whole>>,
}

impl Walk<'_> {
    /// What comes to a node from its parents, all of which were seen.
    fn arrive(&mut self, manifest: &Manifest, id: &NodeId) {
        let Some(node) = manifest.node(id) else { return };
        let graph = self.graph;
        for parent in &node.depends_on {
            if self.whole.contains_key(parent) {
                self.whole.insert(id.clone(), Some(Whole::Rows(parent.clone())));
                return;
            }
        }
        let parents: BTreeSet<&NodeId> =
            node.depends_on.iter().filter(|parent| self.columns.contains_key(*parent)).collect();
        let Some(first) = parents.first() else { return };
        if !graph.has_lineage(id) {
            self.whole.insert(id.clone(), Some(Whole::Unknown((*first).clone())));
            return;
        }
        let is_reached = |column: ColumnId| {
            self.columns.get(graph.node(column)).is_some_and(|columns| columns.contains_key(&column))
        };
        let decided = graph.decided_by(id).iter().filter(|edge| edge.how != How::Order);
        if let Some(edge) = decided.into_iter().find(|edge| is_reached(edge.column)) {
            let (by, column) = (graph.node(edge.column).clone(), graph.name(edge.column).to_owned());
            self.whole.insert(id.clone(), Some(Whole::Decided { by, column, how: edge.how }));
            return;
        }
        let mut found: BTreeMap<ColumnId, How> = BTreeMap::new();
        for column in graph.columns(id) {
            for edge in graph.made_of(*column) {
                let above = self.columns.get(graph.node(edge.column));
                let Some(above) = above.and_then(|columns| columns.get(&edge.column)) else { continue };
                let how = along(*above, edge.how);
                found.entry(*column).and_modify(|one| *one = (*one).min(how)).or_insert(how);
            }
        }
        if !found.is_empty() {
            self.columns.insert(id.clone(), found);
        }
    }
}

/// How a column takes part by way of another: the way that leaves the least of it.
#[must_use]
pub fn along(above: How, below: How) -> How {
    above.max(below)
}

/// The nodes below one, parents before children.
fn order_below(manifest: &Manifest, start: &NodeId, below: &BTreeSet<NodeId>) -> Vec<NodeId> {
    let mut order = Vec::with_capacity(below.len());
    let mut missing: BTreeMap<&NodeId, usize> = BTreeMap::new();
    for id in below {
        let parents = manifest.graph.parents(id);
        let count = parents.iter().filter(|parent| *parent == start || below.contains(*parent)).count();
        missing.insert(id, count);
    }
    let mut ready = vec![start.clone()];
    while let Some(id) = ready.pop() {
        let mut next: Vec<NodeId> = Vec::new();
        for child in manifest.graph.children(&id) {
            let Some(left) = missing.get_mut(&child) else { continue };
            *left = left.saturating_sub(1);
            if *left == 0 {
                next.push(child);
            }
        }
        next.reverse();
        ready.extend(next);
        if id != *start {
            order.push(id);
        }
    }
    order
}
