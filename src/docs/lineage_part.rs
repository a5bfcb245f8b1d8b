use std::collections::HashMap;

use super::contract::{Id, Lineage};
use super::known::Known;
use crate::analyze::How;
use crate::lineage::ColumnId;
use crate::manifest::{Language, NodeKind};

/// What stands for all of a node where a column is wanted.
const NO_COLUMN: i64 = -1;

/// How a node is read of which no columns are known: as a whole. The others are those of [`How`].
const WHOLE: i64 = 8;

/// The number of a word of `hows` in the contract.
fn number_of(how: How) -> i64 {
    match how {
        How::Copied => 0,
        How::Renamed => 1,
        How::Computed => 2,
        How::Aggregated => 3,
        How::Condition => 4,
        How::Filter => 5,
        How::Group => 6,
        How::Order => 7,
    }
}

/// The columns of all nodes, and how they lead to one another: five numbers an edge, from node and
/// column to node and column, and how.
pub(super) fn lineage<'a>(known: &Known<'a>) -> Lineage<'a> {
    let (graph, numbers) = (known.material.graph, &known.numbers);
    let mut part = Lineage { columns: vec![Vec::new(); numbers.items.len()], edges: Vec::new() };
    let mut places: HashMap<ColumnId, (Id, usize)> = HashMap::new();
    for (id, item) in numbers.items.iter().enumerate() {
        let Some(node) = item.node() else { continue };
        // Of a test nobody asks which columns its query has.
        if node.data_test().is_some() || node.unit_test().is_some() {
            continue;
        }
        for (at, column) in graph.columns(&node.id).iter().enumerate() {
            places.insert(*column, (id, at));
            part.columns[id].push(graph.name(*column));
        }
    }
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    for (id, item) in numbers.items.iter().enumerate() {
        let Some(node) = item.node() else { continue };
        for column in graph.columns(&node.id).iter().filter(|column| places.contains_key(column)) {
            let (_, at) = places[column];
            for edge in graph.made_of(*column) {
                let Some((from, from_column)) = places.get(&edge.column) else { continue };
                let how = number_of(edge.how);
                part.edges.extend([number(*from), number(*from_column), number(id), number(at), how]);
            }
        }
        if !part.columns[id].is_empty() {
            let mut rows: Vec<(Id, usize, i64)> = graph
                .decided_by(&node.id)
                .iter()
                .filter_map(|edge| {
                    let (from, column) = places.get(&edge.column)?;
                    Some((*from, *column, number_of(edge.how)))
                })
                .collect();
            rows.sort_unstable();
            rows.dedup();
            for (from, column, how) in rows {
                part.edges.extend([number(from), number(column), number(id), NO_COLUMN, how]);
            }
        }
        let is_read_whole = match &node.kind {
            NodeKind::Exposure(_) => true,
            NodeKind::Model(model) => model.language == Language::Python,
            _ => false,
        };
        if is_read_whole {
            for parent in known.parents(node) {
                for column in 0..part.columns[parent].len() {
                    part.edges.extend([number(parent), number(column), number(id), NO_COLUMN, WHOLE]);
                }
            }
        }
    }
    part
}
