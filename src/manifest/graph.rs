use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

use super::NodeId;

/// Who depends on whom. An edge goes from a parent to the node that needs it.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    graph: DiGraph<NodeId, ()>,
    index: BTreeMap<NodeId, NodeIndex>,
}

impl Graph {
    /// From pairs of a node and its parents. Parents that are no nodes themselves are
    /// left out.
    #[must_use]
    pub fn new<'a>(nodes: impl IntoIterator<Item = (&'a NodeId, &'a [NodeId])>) -> Self {
        let nodes: Vec<_> = nodes.into_iter().collect();
        let mut graph = DiGraph::with_capacity(nodes.len(), nodes.len() * 2);
        let index: BTreeMap<_, _> =
            nodes.iter().map(|(id, _)| ((*id).clone(), graph.add_node((*id).clone()))).collect();
        for (id, parents) in &nodes {
            // Each edge once, told by the child: a parent may have children without number.
            let parents: BTreeSet<_> = parents.iter().filter_map(|parent| index.get(parent)).collect();
            for parent in parents {
                graph.add_edge(*parent, index[*id], ());
            }
        }
        Self { graph, index }
    }

    /// What a node directly depends on, in order of id.
    #[must_use]
    pub fn parents(&self, id: &NodeId) -> Vec<NodeId> {
        self.neighbours(id, Direction::Incoming)
    }

    /// What directly depends on a node, in order of id.
    #[must_use]
    pub fn children(&self, id: &NodeId) -> Vec<NodeId> {
        self.neighbours(id, Direction::Outgoing)
    }

    fn neighbours(&self, id: &NodeId, direction: Direction) -> Vec<NodeId> {
        let Some(index) = self.index.get(id) else { return Vec::new() };
        let found: BTreeSet<_> =
            self.graph.neighbors_directed(*index, direction).map(|at| self.graph[at].clone()).collect();
        found.into_iter().collect()
    }

    /// All that a node depends on, up to `depth` steps away (`None`: all the way); not
    /// the node itself.
    #[must_use]
    pub fn ancestors(&self, id: &NodeId, depth: Option<usize>) -> BTreeSet<NodeId> {
        self.reach(id, depth, Direction::Incoming)
    }

    /// All that depends on a node, up to `depth` steps away; not the node itself.
    #[must_use]
    pub fn descendants(&self, id: &NodeId, depth: Option<usize>) -> BTreeSet<NodeId> {
        self.reach(id, depth, Direction::Outgoing)
    }

    /// All that any of some nodes depends on, up to `depth` steps away. A node of `ids`
    /// is among them when another of them depends on it.
    #[must_use]
    pub fn ancestors_of(&self, ids: &BTreeSet<NodeId>, depth: Option<usize>) -> BTreeSet<NodeId> {
        self.reach_from(ids.iter(), depth, Direction::Incoming)
    }

    /// All that depends on any of some nodes, up to `depth` steps away.
    #[must_use]
    pub fn descendants_of(&self, ids: &BTreeSet<NodeId>, depth: Option<usize>) -> BTreeSet<NodeId> {
        self.reach_from(ids.iter(), depth, Direction::Outgoing)
    }

    fn reach(&self, id: &NodeId, depth: Option<usize>, direction: Direction) -> BTreeSet<NodeId> {
        let mut found = self.reach_from(std::iter::once(id), depth, direction);
        found.remove(id);
        found
    }

    fn reach_from<'a>(
        &self,
        ids: impl Iterator<Item = &'a NodeId>,
        depth: Option<usize>,
        direction: Direction,
    ) -> BTreeSet<NodeId> {
        let mut seen = BTreeSet::new();
        let mut border: Vec<NodeIndex> = ids.filter_map(|id| self.index.get(id).copied()).collect();
        let mut step = 0;
        while !border.is_empty() && depth.is_none_or(|depth| step < depth) {
            let mut next = Vec::new();
            for at in border {
                let neighbours = self.graph.neighbors_directed(at, direction);
                next.extend(neighbours.filter(|neighbour| seen.insert(*neighbour)));
            }
            border = next;
            step += 1;
        }
        seen.into_iter().map(|at| self.graph[at].clone()).collect()
    }

    /// Every circle of nodes, each once, as a path that could be walked: the first node
    /// depends on the second and so on, the last on the first.
    #[must_use]
    pub fn cycles(&self) -> Vec<Vec<NodeId>> {
        petgraph::algo::tarjan_scc(&self.graph)
            .into_iter()
            .filter(|group| group.len() > 1 || self.graph.contains_edge(group[0], group[0]))
            .map(|group| self.circle(&group))
            .collect()
    }

    /// A shortest circle inside a strongly connected group, beginning at its least id.
    fn circle(&self, group: &[NodeIndex]) -> Vec<NodeId> {
        let members: BTreeSet<_> = group.iter().copied().collect();
        let Some(start) = group.iter().copied().min_by_key(|at| &self.graph[*at]) else { return Vec::new() };
        let mut came_from: BTreeMap<NodeIndex, NodeIndex> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            let mut parents: Vec<_> = self.graph.neighbors_directed(at, Direction::Incoming).collect();
            parents.sort_by_key(|parent| &self.graph[*parent]);
            for parent in parents.into_iter().filter(|parent| members.contains(parent)) {
                if parent == start {
                    let mut path = vec![at];
                    while path[path.len() - 1] != start {
                        path.push(came_from[&path[path.len() - 1]]);
                    }
                    path.reverse();
                    return path.into_iter().map(|at| self.graph[at].clone()).collect();
                }
                came_from.entry(parent).or_insert_with(|| {
                    queue.push_back(parent);
                    at
                });
            }
        }
        vec![self.graph[start].clone()]
    }

    /// All nodes, parents before children and otherwise in order of id. Nodes of a
    /// circle are left out.
    #[must_use]
    pub fn topological_order(&self) -> Vec<NodeId> {
        let mut missing: BTreeMap<NodeIndex, usize> = BTreeMap::new();
        let mut ready = BTreeSet::new();
        for (id, at) in &self.index {
            let parents = self.graph.neighbors_directed(*at, Direction::Incoming).count();
            missing.insert(*at, parents);
            if parents == 0 {
                ready.insert((id.clone(), *at));
            }
        }
        let mut order = Vec::with_capacity(self.index.len());
        while let Some((id, at)) = ready.pop_first() {
            order.push(id);
            for child in self.graph.neighbors_directed(at, Direction::Outgoing) {
                let left = missing.entry(child).or_default();
                *left -= 1;
                if *left == 0 {
                    ready.insert((self.graph[child].clone(), child));
                }
            }
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> Graph {
        let nodes: Vec<(NodeId, Vec<NodeId>)> = edges
            .iter()
            .map(|(id, parents)| {
                (NodeId::new(id), parents.iter().map(|parent| NodeId::new(parent)).collect())
            })
            .collect();
        Graph::new(nodes.iter().map(|(id, parents)| (id, parents.as_slice())))
    }

    fn names(ids: impl IntoIterator<Item = NodeId>) -> String {
        ids.into_iter().map(|id| id.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn reach_stops_at_the_depth() {
        let graph = graph(&[("a", &[]), ("b", &["a"]), ("c", &["b"]), ("d", &["c", "a"])]);
        assert_eq!(names(graph.ancestors(&NodeId::new("d"), Some(1))), "a c");
        assert_eq!(names(graph.ancestors(&NodeId::new("d"), None)), "a b c");
        assert_eq!(names(graph.descendants(&NodeId::new("a"), Some(1))), "b d");
        assert_eq!(names(graph.topological_order()), "a b c d");
    }

    #[test]
    fn a_circle_is_shown_whole() {
        let graph = graph(&[("a", &["c"]), ("b", &["a"]), ("c", &["b"]), ("d", &["c"]), ("e", &["e"])]);
        let cycles: Vec<String> = graph.cycles().into_iter().map(names).collect();
        assert_eq!(cycles.len(), 2);
        assert!(cycles.contains(&"a c b".to_owned()), "{cycles:?}");
        assert!(cycles.contains(&"e".to_owned()), "{cycles:?}");
    }
}
