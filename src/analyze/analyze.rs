use std::collections::HashSet;

use super::facts::{CteColumn, CteFact, Facts};
use super::flow::{self, Leaves, Ways};
use super::resolver::Resolver;
use super::scope::{Relation, key};
use super::{Analysis, ColumnUse, How, OutputColumn, Problem, Relations};
use crate::diagnostic::Code;
use crate::sql::Dialect;
use crate::sql::tree::Query;

/// Binds the names of a query to what they mean, types its expressions and follows its
/// columns. Never fails: what is wrong is in [`Analysis::problems`], all of it and not only
/// the first, in order of place. `text` is what the query was read from.
#[must_use]
pub fn analyze(query: &Query, text: &str, relations: &Relations) -> Analysis {
    let mut resolver = Resolver::new(text, relations);
    let relation = resolver.bind_query(query, None, 0, None);
    resolver.finish(&relation)
}

impl Resolver<'_> {
    fn finish(mut self, relation: &Relation) -> Analysis {
        self.duplicate_columns(relation);
        let mut roots: Vec<usize> = relation.columns.iter().map(|column| column.node).collect();
        roots.extend(relation.rows);
        let live = self.flow.live(&roots);
        let solved = self.flow.solve(&live);
        let column = |column: &super::scope::RelationColumn| OutputColumn {
            name: column.name.to_string(),
            is_named: column.is_named,
            data_type: column.data_type.clone(),
            at: column.at,
            made_of: self.made_of(&column.name, &solved[column.node]),
        };
        let columns: Vec<OutputColumn> = relation.columns.iter().map(column).collect();
        let row_uses = relation.rows.map(|rows| self.row_uses(&solved[rows])).unwrap_or_default();
        let facts = self.facts(&live);
        let mut problems = std::mem::take(&mut self.problems);
        problems.sort_by_key(|problem| (problem.at, problem.code));
        let mut seen: HashSet<(crate::sql::tree::TextRange, Code)> = HashSet::new();
        problems.retain(|problem| seen.insert((problem.at, problem.code)));
        let mut unknowns = self.unknowns;
        let mut known: HashSet<(crate::sql::tree::TextRange, String)> = HashSet::new();
        unknowns.retain(|unknown| known.insert((unknown.at, unknown.why.clone())));
        Analysis {
            inputs: self.inputs,
            columns,
            is_complete: relation.is_complete(),
            row_uses,
            problems,
            unknowns,
            facts,
        }
    }

    fn made_of(&self, name: &str, leaves: &Leaves) -> Vec<ColumnUse> {
        let name = key(name);
        let uses = leaves.iter().map(|(leaf, ways)| {
            let (input, column) = self.flow.leaf(*leaf);
            ColumnUse { input, column: column.to_string(), how: strongest(*ways, key(column) == name) }
        });
        let mut uses: Vec<ColumnUse> = uses.collect();
        uses.sort_by_key(|found| found.input);
        uses
    }

    fn row_uses(&self, leaves: &Leaves) -> Vec<ColumnUse> {
        let kinds = [(flow::FILTER, How::Filter), (flow::GROUP, How::Group), (flow::ORDER, How::Order)];
        let mut uses = Vec::new();
        for (bit, how) in kinds {
            let mut found: Vec<ColumnUse> = leaves
                .iter()
                .filter(|(_, ways)| ways & bit != 0)
                .map(|(leaf, _)| {
                    let (input, column) = self.flow.leaf(*leaf);
                    ColumnUse { input, column: column.to_string(), how }
                })
                .collect();
            found.sort_by_key(|found| found.input);
            uses.append(&mut found);
        }
        uses
    }

    fn facts(&mut self, live: &[bool]) -> Facts {
        let is_live = |node: usize| live.get(node).copied().unwrap_or(false);
        let cte = |state: &super::resolver::CteState| {
            let relation = state.relation.as_ref();
            let columns = relation.map(|relation| {
                let column = |column: &super::scope::RelationColumn| CteColumn {
                    name: column.name.to_string(),
                    at: column.at,
                    is_used: is_live(column.node),
                };
                relation.columns.iter().map(column).collect()
            });
            CteFact {
                name: state.name.clone(),
                at: state.at,
                uses: state.uses,
                is_live: relation.and_then(|relation| relation.rows).is_some_and(is_live),
                columns: columns.unwrap_or_default(),
            }
        };
        let mut ctes: Vec<CteFact> = self.ctes.iter().map(cte).collect();
        ctes.sort_by_key(|cte| cte.at);
        let mut stars = std::mem::take(&mut self.facts.stars);
        stars.sort_by_key(|star| star.at);
        let mut joins = std::mem::take(&mut self.facts.joins);
        joins.sort_by_key(|join| join.at);
        let mut input_columns = self.flow.live_leaves(live);
        input_columns.sort_by_key(|(input, _)| *input);
        Facts { ctes, stars, joins, input_columns }
    }

    /// Two columns of one name cannot be columns of a table. DuckDB gives the second another
    /// name when it makes one.
    fn duplicate_columns(&mut self, relation: &Relation) {
        if self.dialect == Dialect::DuckDb {
            return;
        }
        let mut seen = std::collections::HashMap::new();
        for column in relation.columns.iter().filter(|column| column.is_named) {
            let exact = match self.dialect.folding() {
                crate::sql::Folding::Insensitive => key(&column.name),
                _ => column.name.to_string(),
            };
            let Some(first) = seen.insert(exact, column.at) else { continue };
            self.problems.push(Problem {
                code: Code::DuplicateColumn,
                message: format!("two columns of the result are named `{}`", column.name),
                at: column.at,
                label: "the second of that name".to_owned(),
                also: if first == column.at { Vec::new() } else { vec![(first, "the first".to_owned())] },
                help: Some("give one of them another name with AS, or leave it out".to_owned()),
            });
        }
    }
}

/// What to call the ways in which a column is in another.
fn strongest(ways: Ways, is_same_name: bool) -> How {
    if ways & flow::AGGREGATED != 0 {
        How::Aggregated
    } else if ways & flow::COMPUTED != 0 {
        How::Computed
    } else if ways & flow::DIRECT != 0 {
        if is_same_name { How::Copied } else { How::Renamed }
    } else {
        How::Condition
    }
}
