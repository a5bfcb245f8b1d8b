use std::collections::{BTreeMap, BTreeSet};

use crate::lineage::Names;
use crate::manifest::{Manifest, NodeId, ResourceType};

/// The nodes that are drawn, and who of them reads whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Parents before children, otherwise in the order of their names.
    pub shapes: Vec<Shape>,
    pub edges: Vec<Edge>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// As people call the node.
    pub name: String,
    pub kind: ResourceType,
    /// How a model is materialized; the kind of anything else.
    pub what: String,
}

/// From a parent to a child, by their places in [`Picture::shapes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
    /// Not so where only nodes that are not drawn lead from one to the other.
    pub is_direct: bool,
}

impl Picture {
    /// Draws some nodes. Edges that others would only repeat (through nodes that are not drawn,
    /// where there is a way through those that are) are left out.
    pub fn new<'a>(manifest: &Manifest, nodes: impl IntoIterator<Item = &'a NodeId>) -> Self {
        let drawn: BTreeSet<&NodeId> = nodes.into_iter().filter(|id| manifest.node(id).is_some()).collect();
        let names = Names::new(manifest);
        let mut order: Vec<(String, &NodeId)> = drawn.iter().map(|id| (names.shown(id), *id)).collect();
        order.sort();
        let parents: BTreeMap<&NodeId, BTreeMap<&NodeId, bool>> =
            drawn.iter().map(|id| (*id, drawn_parents(manifest, &drawn, id))).collect();
        let order = parents_first(&order, &parents);
        let places: BTreeMap<&NodeId, usize> = order.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let shape = |id: &&NodeId| {
            let node = manifest.node(id)?;
            let kind = node.resource_type;
            let what = match kind {
                ResourceType::Model => node.config.materialized().to_owned(),
                kind => kind.name().replace('_', " "),
            };
            // What they are stands beside them.
            let name = match kind {
                ResourceType::Exposure | ResourceType::Metric | ResourceType::SemanticModel => {
                    node.search_name()
                }
                _ => names.shown(id),
            };
            Some(Shape { name, kind, what })
        };
        let mut edges: Vec<Edge> = Vec::new();
        for (child, parents) in &parents {
            for (parent, is_direct) in parents {
                if let (Some(from), Some(to)) = (places.get(parent), places.get(child)) {
                    edges.push(Edge { from: *from, to: *to, is_direct: *is_direct });
                }
            }
        }
        edges.sort_unstable();
        let mut picture = Self { shapes: order.iter().filter_map(shape).collect(), edges };
        picture.drop_repeated();
        picture
    }

    /// By the place of a shape: those that read it.
    #[must_use]
    pub fn children(&self) -> Vec<Vec<Edge>> {
        let mut children = vec![Vec::new(); self.shapes.len()];
        for edge in &self.edges {
            children[edge.from].push(*edge);
        }
        children
    }

    /// Takes out indirect edges where a longer way leads to the same place.
    fn drop_repeated(&mut self) {
        let children = self.children();
        let is_repeated = |edge: &Edge| {
            let mut open: Vec<usize> = children[edge.from]
                .iter()
                .filter(|other| other.to != edge.to)
                .map(|other| other.to)
                .collect();
            let mut seen = BTreeSet::new();
            while let Some(at) = open.pop() {
                if at == edge.to {
                    return true;
                }
                // Parents stand before children: what is behind the end never leads to it.
                if at < edge.to && seen.insert(at) {
                    open.extend(children[at].iter().map(|next| next.to));
                }
            }
            false
        };
        let kept = |edge: &Edge| edge.is_direct || !is_repeated(edge);
        self.edges = self.edges.iter().copied().filter(kept).collect();
    }
}

/// The drawn nodes that a node reads, and whether it reads them itself.
fn drawn_parents<'a>(
    manifest: &'a Manifest,
    drawn: &BTreeSet<&'a NodeId>,
    id: &NodeId,
) -> BTreeMap<&'a NodeId, bool> {
    let mut found: BTreeMap<&NodeId, bool> = BTreeMap::new();
    let mut seen: BTreeSet<&NodeId> = BTreeSet::new();
    let mut open: Vec<(&NodeId, bool)> = parents(manifest, id).map(|parent| (parent, true)).collect();
    while let Some((parent, is_direct)) = open.pop() {
        if let Some(drawn) = drawn.get(parent) {
            *found.entry(drawn).or_default() |= is_direct;
        } else if seen.insert(parent) {
            open.extend(parents(manifest, parent).map(|above| (above, false)));
        }
    }
    found
}

fn parents<'a>(manifest: &'a Manifest, id: &NodeId) -> impl Iterator<Item = &'a NodeId> {
    manifest.node(id).into_iter().flat_map(|node| &node.depends_on)
}

/// The nodes in an order in which each comes after those it reads, by name where that leaves a
/// choice.
fn parents_first<'a>(
    by_name: &[(String, &'a NodeId)],
    parents: &BTreeMap<&'a NodeId, BTreeMap<&'a NodeId, bool>>,
) -> Vec<&'a NodeId> {
    let ranks: BTreeMap<&NodeId, usize> = by_name.iter().enumerate().map(|(at, (_, id))| (*id, at)).collect();
    let mut children: BTreeMap<&NodeId, Vec<&'a NodeId>> = BTreeMap::new();
    let mut waiting: BTreeMap<&NodeId, usize> = BTreeMap::new();
    for (child, parents) in parents {
        waiting.insert(child, parents.len());
        for parent in parents.keys() {
            children.entry(parent).or_default().push(child);
        }
    }
    let rank = |id: &NodeId| ranks.get(id).copied().unwrap_or(usize::MAX);
    let mut ready: BTreeSet<(usize, &'a NodeId)> =
        by_name.iter().filter(|(_, id)| waiting.get(id) == Some(&0)).map(|(_, id)| (rank(id), *id)).collect();
    let mut order = Vec::with_capacity(by_name.len());
    while let Some((_, id)) = ready.pop_first() {
        order.push(id);
        for child in children.get(id).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(child) {
                *count -= 1;
                if *count == 0 {
                    ready.insert((rank(child), child));
                }
            }
        }
    }
    order
}
