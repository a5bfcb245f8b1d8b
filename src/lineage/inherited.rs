use std::collections::{BTreeMap, BTreeSet};

use super::{ColumnEdge, ColumnGraph, ColumnId};
use crate::analyze::How;
use crate::check::{NodeAnalysis, ProjectAnalysis};
use crate::manifest::{Manifest, Node, NodeId, ResourceType};
use crate::sql::{Dialect, Lexeme, Scanner};

/// A description that a column has from further up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InheritedDescription {
    pub text: String,
    /// The column that it was written for.
    pub from: ColumnId,
}

/// A data test of a column further up that holds of this one, too, if it holds there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpliedTest {
    pub test: NodeId,
    /// `not_null`, `unique`, `accepted_values`, `relationships`.
    pub name: String,
    /// The column that it is asked of.
    pub from: ColumnId,
}

/// What columns have from those that they are copies of. Nothing that a properties file says is
/// changed: this stands beside it.
#[derive(Clone, Debug, Default)]
pub struct Inherited {
    descriptions: BTreeMap<ColumnId, InheritedDescription>,
    tests: BTreeMap<ColumnId, Vec<ImpliedTest>>,
}

impl Inherited {
    /// A description goes to every column that is a copy and has none, on and on; where several
    /// columns come together (a union), only when all have the same. A test goes only where the
    /// query cannot make it untrue.
    #[must_use]
    pub fn new(
        manifest: &Manifest,
        project: &ProjectAnalysis,
        graph: &ColumnGraph,
        dialect: Dialect,
    ) -> Self {
        let mut inherited = Self::default();
        let own_tests = tests_of_columns(manifest, graph);
        for id in manifest.graph.topological_order() {
            let Some(node) = manifest.node(&id) else { continue };
            let holds =
                project.node(&id).map_or_else(Holds::default, |known| Holds::of(node, known, dialect));
            for column in graph.columns(&id) {
                let edges = graph.made_of(*column);
                let is_copy = |edge: &ColumnEdge| matches!(edge.how, How::Copied | How::Renamed);
                if edges.is_empty() || !edges.iter().all(is_copy) {
                    continue;
                }
                if description(node, graph.name(*column)).is_none() {
                    inherited.inherit_description(manifest, graph, *column, edges);
                }
                if let [edge] = edges {
                    inherited.inherit_tests(&own_tests, holds, *column, edge.column);
                }
            }
        }
        inherited
    }

    fn inherit_description(
        &mut self,
        manifest: &Manifest,
        graph: &ColumnGraph,
        column: ColumnId,
        edges: &[ColumnEdge],
    ) {
        let of = |above: ColumnId| -> Option<InheritedDescription> {
            let own = manifest.node(graph.node(above)).and_then(|node| description(node, graph.name(above)));
            match own {
                Some(text) => Some(InheritedDescription { text: text.to_owned(), from: above }),
                None => self.descriptions.get(&above).cloned(),
            }
        };
        let mut found = edges.iter().map(|edge| of(edge.column));
        let Some(Some(first)) = found.next() else { return };
        if found.all(|other| other.is_some_and(|other| other.text == first.text)) {
            self.descriptions.insert(column, first);
        }
    }

    fn inherit_tests(
        &mut self,
        own_tests: &BTreeMap<ColumnId, Vec<ImpliedTest>>,
        holds: Holds,
        column: ColumnId,
        above: ColumnId,
    ) {
        let all = own_tests.get(&above).into_iter().chain(self.tests.get(&above)).flatten();
        let own: Vec<&str> =
            own_tests.get(&column).into_iter().flatten().map(|test| test.name.as_str()).collect();
        let implied: Vec<ImpliedTest> = all
            .filter(|test| match test.name.as_str() {
                "not_null" => holds.no_nulls_added && !own.contains(&"not_null"),
                "unique" => holds.no_rows_added && !own.contains(&"unique"),
                _ => holds.rows_are_new,
            })
            .cloned()
            .collect();
        if !implied.is_empty() {
            self.tests.insert(column, implied);
        }
    }

    /// The description that a column has from further up, where it has none of its own.
    #[must_use]
    pub fn description(&self, column: ColumnId) -> Option<&InheritedDescription> {
        self.descriptions.get(&column)
    }

    /// The tests of columns further up that hold of this one, too.
    #[must_use]
    pub fn tests(&self, column: ColumnId) -> &[ImpliedTest] {
        self.tests.get(&column).map_or(&[], Vec::as_slice)
    }
}

/// The description that a properties file has of a column.
#[must_use]
pub fn description<'a>(node: &'a Node, column: &str) -> Option<&'a str> {
    let exact = node.columns.get(column);
    let found = exact.or_else(|| {
        node.columns.values().find(|declared| declared.name.to_lowercase() == column.to_lowercase())
    });
    found.map(|column| column.description.as_str()).filter(|text| !text.trim().is_empty())
}

/// The generic tests of each column that say something of every row.
fn tests_of_columns(manifest: &Manifest, graph: &ColumnGraph) -> BTreeMap<ColumnId, Vec<ImpliedTest>> {
    let mut tests: BTreeMap<ColumnId, Vec<ImpliedTest>> = BTreeMap::new();
    for node in manifest.nodes.values() {
        let Some(test) = node.data_test() else { continue };
        let (Some(metadata), Some(attached), Some(column)) =
            (&test.metadata, &test.attached_node, &test.column_name)
        else {
            continue;
        };
        let is_known =
            matches!(metadata.name.as_str(), "not_null" | "unique" | "accepted_values" | "relationships");
        let is_of_all = node.config.get("where").is_none_or(serde_json::Value::is_null);
        if !is_known || !is_of_all || metadata.namespace.is_some() {
            continue;
        }
        let bare = column.trim_matches(['"', '`']);
        let Some(from) = graph.find(attached, bare) else { continue };
        let implied = ImpliedTest { test: node.id.clone(), name: metadata.name.clone(), from };
        tests.entry(from).or_default().push(implied);
    }
    tests
}

/// What a query is sure not to do to the rows of what it reads.
#[derive(Clone, Copy, Debug, Default)]
struct Holds {
    /// The relation holds what the query gives now, and nothing from before.
    rows_are_new: bool,
    no_nulls_added: bool,
    no_rows_added: bool,
}

/// Words of queries that may put NULL where a value was: outer joins, grouping sets, columns that
/// one branch of a union lacks, new shapes.
const NULLING: &[&str] = &[
    "apply",
    "asof",
    "by_name",
    "cube",
    "full",
    "grouping",
    "left",
    "lookup",
    "name",
    "natural",
    "outer",
    "pivot",
    "positional",
    "right",
    "rollup",
    "sets",
    "unpivot",
];

/// Words of queries that may give one row of the input twice.
const MULTIPLYING: &[&str] = &[
    "apply",
    "cube",
    "explode",
    "explode_outer",
    "flatten",
    "generate_series",
    "generate_subscripts",
    "grouping",
    "inline",
    "inline_outer",
    "intersect",
    "join",
    "json_each",
    "json_tree",
    "json_tuple",
    "lateral",
    "pivot",
    "posexplode",
    "posexplode_outer",
    "recursive",
    "regexp_split_to_table",
    "rollup",
    "sets",
    "split_to_table",
    "stack",
    "union",
    "unnest",
    "unpivot",
    "values",
];

impl Holds {
    fn of(node: &Node, known: &NodeAnalysis, dialect: Dialect) -> Self {
        let is_rebuilt = node.resource_type == ResourceType::Model
            && matches!(node.config.materialized(), "table" | "view" | "ephemeral");
        let (Some(compiled), Some(analysis)) = (&known.compiled, &known.analysis) else {
            return Self::default();
        };
        if !is_rebuilt {
            return Self::default();
        }
        let words: BTreeSet<String> = Scanner::new(&compiled.code, dialect)
            .filter(|(lexeme, _)| *lexeme == Lexeme::Word)
            .map(|(_, range)| compiled.code[range].to_lowercase())
            .collect();
        let has_any = |wanted: &[&str]| wanted.iter().any(|word| words.contains(*word));
        // There a function in the select list may give many rows.
        let is_row_by_row = !matches!(dialect, Dialect::Postgres | Dialect::Redshift);
        Self {
            rows_are_new: true,
            no_nulls_added: !has_any(NULLING),
            no_rows_added: is_row_by_row
                && analysis.inputs.len() == 1
                && analysis.facts.joins.is_empty()
                && !has_any(MULTIPLYING),
        }
    }
}
