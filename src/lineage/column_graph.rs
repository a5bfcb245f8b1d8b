use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::own_lineage::own_lineage;
use crate::analyze::How;
use crate::check::ProjectAnalysis;
use crate::manifest::{Manifest, NodeId};
use crate::sql::Dialect;

/// A column of a node, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(usize);

/// One end of an edge between columns: the column at the other end, and how it takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnEdge {
    pub column: ColumnId,
    pub how: How,
}

/// A column decides which rows a node has, or their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowEdge {
    pub column: ColumnId,
    pub node: NodeId,
    pub how: How,
}

/// Every column of the project, what it is made of and what is made of it.
///
/// Sources, seeds, snapshots, models and ephemeral models are nodes alike. A column that a
/// query takes from a node of which nothing is known is there too: its use is what is known.
#[derive(Clone, Debug, Default)]
pub struct ColumnGraph {
    columns: Vec<Entry>,
    nodes: BTreeMap<NodeId, NodeColumns>,
}

#[derive(Clone, Debug)]
struct Entry {
    node: NodeId,
    name: String,
    made_of: Vec<ColumnEdge>,
    makes: Vec<ColumnEdge>,
    /// Nodes whose rows it decides.
    decides: Vec<RowEdge>,
}

#[derive(Clone, Debug, Default)]
struct NodeColumns {
    /// In the order the relation has them; those that are only known from a use come last.
    columns: Vec<ColumnId>,
    exact: HashMap<String, ColumnId>,
    folded: HashMap<String, ColumnId>,
    decided_by: Vec<RowEdge>,
    has_lineage: bool,
    is_complete: bool,
}

impl ColumnGraph {
    /// Takes time in proportion to the columns and edges. `dialect` and `database` are those of
    /// the target.
    #[must_use]
    pub fn new(manifest: &Manifest, project: &ProjectAnalysis, dialect: Dialect, database: &str) -> Self {
        let mut graph = Self::default();
        // Columns first, so that a use finds them whatever the order of the nodes.
        for node in manifest.nodes.values() {
            graph.nodes.entry(node.id.clone()).or_default();
            let analysis = project.node(&node.id);
            let schema = analysis.and_then(|analysis| analysis.schema.as_deref());
            for name in schema.into_iter().flat_map(crate::analyze::Schema::names) {
                graph.column_of(&node.id, name);
            }
            let lineage = analysis.and_then(|analysis| analysis.analysis.as_deref());
            for column in lineage.into_iter().flat_map(|lineage| &lineage.columns) {
                graph.column_of(&node.id, &column.name);
            }
            // What the properties files tell of relations that nothing else is known of.
            if schema.is_none() && lineage.is_none() {
                for name in node.columns.keys() {
                    graph.column_of(&node.id, name);
                }
            }
            if let Some(columns) = graph.nodes.get_mut(&node.id) {
                columns.has_lineage = lineage.is_some();
                columns.is_complete = match (lineage, schema) {
                    (Some(lineage), _) => lineage.is_complete,
                    (None, Some(schema)) => schema.is_complete,
                    (None, None) => false,
                };
            }
        }
        for analysis in project.nodes() {
            let Some(lineage) = analysis.analysis.as_deref() else { continue };
            let node = manifest.node(&analysis.id);
            let own = node.and_then(|node| own_lineage(node, analysis, manifest, project, dialect, database));
            let (lineage, inputs) = match &own {
                Some((own, inputs)) => (own, inputs),
                None => (lineage, &analysis.inputs),
            };
            let input = |at: usize| inputs.get(at).and_then(Option::as_ref);
            for column in &lineage.columns {
                let made = graph.column_of(&analysis.id, &column.name);
                for used in &column.made_of {
                    let Some(parent) = input(used.input) else { continue };
                    let part = graph.column_of(parent, &used.column);
                    graph.columns[made.0].made_of.push(ColumnEdge { column: part, how: used.how });
                    graph.columns[part.0].makes.push(ColumnEdge { column: made, how: used.how });
                }
            }
            for used in &lineage.row_uses {
                let Some(parent) = input(used.input) else { continue };
                let column = graph.column_of(parent, &used.column);
                let edge = RowEdge { column, node: analysis.id.clone(), how: used.how };
                graph.columns[column.0].decides.push(edge.clone());
                graph.nodes.entry(analysis.id.clone()).or_default().decided_by.push(edge);
            }
        }
        for entry in &mut graph.columns {
            for edges in [&mut entry.made_of, &mut entry.makes] {
                let mut seen = BTreeSet::new();
                edges.retain(|edge| seen.insert(*edge));
            }
        }
        graph
    }

    /// The column of that name, made if there is none.
    fn column_of(&mut self, node: &NodeId, name: &str) -> ColumnId {
        if let Some(found) = self.find(node, name) {
            return found;
        }
        let id = ColumnId(self.columns.len());
        self.columns.push(Entry {
            node: node.clone(),
            name: name.to_owned(),
            made_of: Vec::new(),
            makes: Vec::new(),
            decides: Vec::new(),
        });
        let of_node = self.nodes.entry(node.clone()).or_default();
        of_node.columns.push(id);
        of_node.exact.insert(name.to_owned(), id);
        of_node.folded.entry(name.to_lowercase()).or_insert(id);
        id
    }

    /// The column of that name: in these very letters, or else without regard to case.
    #[must_use]
    pub fn find(&self, node: &NodeId, name: &str) -> Option<ColumnId> {
        let of_node = self.nodes.get(node)?;
        of_node.exact.get(name).or_else(|| of_node.folded.get(&name.to_lowercase())).copied()
    }

    /// The columns of a node in the order it has them.
    #[must_use]
    pub fn columns(&self, node: &NodeId) -> &[ColumnId] {
        self.nodes.get(node).map_or(&[], |of_node| &of_node.columns)
    }

    #[must_use]
    pub fn name(&self, column: ColumnId) -> &str {
        &self.columns[column.0].name
    }

    #[must_use]
    pub fn node(&self, column: ColumnId) -> &NodeId {
        &self.columns[column.0].node
    }

    /// The columns that a column is made of.
    #[must_use]
    pub fn made_of(&self, column: ColumnId) -> &[ColumnEdge] {
        &self.columns[column.0].made_of
    }

    /// The columns that are made of a column.
    #[must_use]
    pub fn makes(&self, column: ColumnId) -> &[ColumnEdge] {
        &self.columns[column.0].makes
    }

    /// The nodes whose rows a column decides.
    #[must_use]
    pub fn decides(&self, column: ColumnId) -> &[RowEdge] {
        &self.columns[column.0].decides
    }

    /// The columns that decide which rows a node has, and their order.
    #[must_use]
    pub fn decided_by(&self, node: &NodeId) -> &[RowEdge] {
        self.nodes.get(node).map_or(&[], |of_node| &of_node.decided_by)
    }

    /// Whether it is known what a node's columns are made of: not of what has no query in SQL,
    /// nor of a query that could not be read.
    #[must_use]
    pub fn has_lineage(&self, node: &NodeId) -> bool {
        self.nodes.get(node).is_some_and(|of_node| of_node.has_lineage)
    }

    /// Whether all columns of a node are known.
    #[must_use]
    pub fn is_complete(&self, node: &NodeId) -> bool {
        self.nodes.get(node).is_some_and(|of_node| of_node.is_complete)
    }

    /// How many columns there are, and how many edges between them.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.columns.len(), self.columns.iter().map(|column| column.made_of.len()).sum())
    }
}
