use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::analyze::{Analysis, Column, ColumnUse, How, Input, OutputColumn, Schema};
use crate::check::{NodeAnalysis, ProjectAnalysis};
use crate::manifest::testing::node;
use crate::manifest::{Exposure, Manifest, Model, NodeId, NodeKind, ResourceType};
use crate::sql::tree::TextRange;
use crate::sql::{Dialect, RelationName};
use crate::text::Files;

/// A project written as lines: `seed raw: id, status`, `model stg < raw: id = raw.id copied;
/// where raw.status`, `exposure board < stg`.
pub(super) fn project(lines: &[&str]) -> (Manifest, ProjectAnalysis) {
    let mut manifest = Manifest::default();
    let mut analyses = Vec::new();
    let place = Files::new().add("models/a.sql", "").span();
    for line in lines {
        let (head, body) = line.split_once(':').unwrap_or((line, ""));
        let (head, parents) = head.split_once('<').unwrap_or((head, ""));
        let (kind, name) = head.trim().split_once(' ').unwrap_or(("model", head.trim()));
        let (resource_type, kind) = match kind {
            "seed" => (ResourceType::Seed, NodeKind::Seed { root_path: String::new() }),
            "exposure" => (
                ResourceType::Exposure,
                NodeKind::Exposure(Box::new(Exposure {
                    kind: "dashboard".to_owned(),
                    label: None,
                    maturity: None,
                    url: None,
                    owner: serde_json::Map::new(),
                })),
            ),
            _ => (ResourceType::Model, NodeKind::Model(Box::<Model>::default())),
        };
        let mut one = node(place, resource_type, name, kind);
        let id_of = |name: &str| {
            let found = manifest.nodes.values().find(|node| node.name == name);
            found.map_or_else(|| panic!("no `{name}` above `{line}`"), |node| node.id.clone())
        };
        let parents: Vec<&str> = parents.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        one.depends_on = parents.iter().map(|name| id_of(name)).collect();
        let at = TextRange::default();
        let inputs = parents.iter().map(|name| Input {
            relation: RelationName::new(Dialect::DuckDb, "db", "main", name),
            is_known: true,
            at,
        });
        let mut analysis = Analysis { inputs: inputs.collect(), is_complete: true, ..Analysis::default() };
        let used = |text: &str| -> ColumnUse {
            let (column, how) = text.trim().split_once(' ').unwrap_or((text.trim(), "copied"));
            let (input, column) = column.split_once('.').unwrap();
            let input = parents.iter().position(|name| *name == input).unwrap();
            let how = match how {
                "copied" => How::Copied,
                "renamed" => How::Renamed,
                "computed" => How::Computed,
                "aggregated" => How::Aggregated,
                "filter" => How::Filter,
                "group" => How::Group,
                _ => How::Order,
            };
            ColumnUse { input, column: column.to_owned(), how }
        };
        let (columns, rows) = body.split_once(';').unwrap_or((body, ""));
        for column in columns.split(',').map(str::trim).filter(|column| !column.is_empty()) {
            let (name, from) = column.split_once('=').unwrap_or((column, ""));
            let made_of = from.split('+').filter(|from| !from.trim().is_empty()).map(used).collect();
            analysis.columns.push(OutputColumn {
                name: name.trim().to_owned(),
                is_named: true,
                data_type: None,
                at,
                made_of,
            });
        }
        analysis.row_uses = rows.split('+').filter(|from| !from.trim().is_empty()).map(used).collect();
        let is_query = resource_type == ResourceType::Model && !body.is_empty();
        let names = analysis.columns.iter().map(|column| Column::new(column.name.as_str(), None));
        let schema = (!body.is_empty()).then(|| Arc::new(Schema::complete(names.collect())));
        analyses.push(NodeAnalysis {
            schema,
            inputs: one.depends_on.iter().cloned().map(Some).collect(),
            analysis: is_query.then(|| Arc::new(analysis)),
            ..NodeAnalysis::new(&one.id)
        });
        manifest.nodes.insert(one.id.clone(), one);
    }
    manifest.reindex();
    (manifest, ProjectAnalysis::new(analyses))
}

pub(super) fn id(name: &str) -> NodeId {
    NodeId::new(&format!("model.shop.{name}"))
}

fn shown(reached: &[Reached]) -> Vec<String> {
    let one = |reached: &Reached| {
        let name = reached.node.as_str().rsplit('.').next().unwrap_or_default().to_owned();
        match (&reached.columns, &reached.why) {
            (Some(columns), _) => {
                let columns: Vec<_> = columns.iter().map(|(name, how)| format!("{name} {how:?}")).collect();
                format!("{name}: {}", columns.join(", "))
            }
            (None, Some(Whole::Rows(from))) => format!("{name}: all, rows of {from}"),
            (None, Some(Whole::Decided { by, column, how })) => format!("{name}: all, {how:?} {by} {column}"),
            (None, Some(Whole::Unknown(from))) => format!("{name}: all, unknown use of {from}"),
            (None, None) => format!("{name}: all"),
        }
    };
    reached.iter().map(one).collect()
}

const SHOP: [&str; 7] = [
    "seed raw: id, status, 금액",
    "stg < raw: id = raw.id copied, state = raw.status renamed, amount = raw.금액 renamed",
    "paid < stg: id = stg.id copied, amount = stg.amount copied; stg.state filter",
    "totals < stg: state = stg.state copied, total = stg.amount aggregated; stg.state group",
    "tax < totals: tax = totals.total computed, one = totals.total copied + totals.state computed",
    "python < stg",
    "exposure board < tax",
];

#[test]
fn edges_go_both_ways() {
    let (manifest, project) = project(&SHOP);
    let graph = ColumnGraph::new(&manifest, &project, Dialect::DuckDb, "db");
    let total = graph.find(&id("totals"), "TOTAL").unwrap();
    let [edge] = graph.made_of(total) else { panic!("one edge") };
    assert_eq!((graph.name(edge.column), edge.how), ("amount", How::Aggregated));
    assert_eq!(graph.node(edge.column), &id("stg"));
    let makes: Vec<_> =
        graph.makes(edge.column).iter().map(|edge| graph.node(edge.column).as_str()).collect();
    assert_eq!(makes, ["model.shop.paid", "model.shop.totals"]);
    let state = graph.find(&id("stg"), "state").unwrap();
    let decided: Vec<_> = graph.decides(state).iter().map(|edge| (edge.node.as_str(), edge.how)).collect();
    assert_eq!(decided, [("model.shop.paid", How::Filter), ("model.shop.totals", How::Group)]);
    assert_eq!(graph.decided_by(&id("paid")).len(), 1);
    assert!(!graph.has_lineage(&id("python")) && graph.has_lineage(&id("paid")));
    assert_eq!(graph.size(), (12, 10));
}

#[test]
fn what_is_only_known_from_its_use_is_there() {
    let (manifest, project) = project(&["python", "report < python: id = python.고객 renamed"]);
    let graph = ColumnGraph::new(&manifest, &project, Dialect::DuckDb, "db");
    let names: Vec<_> = graph.columns(&id("python")).iter().map(|column| graph.name(*column)).collect();
    assert_eq!(names, ["고객"]);
    assert!(!graph.is_complete(&id("python")));
}

#[test]
fn a_column_reaches_what_is_made_of_it() {
    let (manifest, project) = project(&SHOP);
    let graph = ColumnGraph::new(&manifest, &project, Dialect::DuckDb, "db");
    let amount = Touched::Columns(vec!["amount".to_owned()]);
    assert_eq!(
        shown(&reach(&manifest, &graph, &id("stg"), &amount)),
        [
            "paid: amount Copied",
            "python: all, unknown use of model.shop.stg",
            "totals: total Aggregated",
            "tax: one Aggregated, tax Aggregated",
            "board: all, unknown use of model.shop.tax",
        ]
    );
}

#[test]
fn a_column_that_decides_rows_reaches_all_of_them() {
    let (manifest, project) = project(&SHOP);
    let graph = ColumnGraph::new(&manifest, &project, Dialect::DuckDb, "db");
    let status = Touched::Columns(vec!["status".to_owned()]);
    let raw = NodeId::new("seed.shop.raw");
    assert_eq!(
        shown(&reach(&manifest, &graph, &raw, &status)),
        [
            "stg: state Renamed",
            "paid: all, Filter model.shop.stg state",
            "python: all, unknown use of model.shop.stg",
            "totals: all, Group model.shop.stg state",
            "tax: all, rows of model.shop.totals",
            "board: all, rows of model.shop.tax",
        ]
    );
    let id_only = Touched::Columns(vec!["id".to_owned()]);
    let reached = reach(&manifest, &graph, &raw, &id_only);
    let whole: BTreeMap<_, _> =
        reached.iter().map(|one| (one.node.as_str(), one.columns.is_none())).collect();
    assert_eq!(whole.get("model.shop.paid"), Some(&false));
    assert_eq!(whole.get("model.shop.totals"), None);
}

#[test]
fn rows_reach_everything_below() {
    let (manifest, project) = project(&SHOP);
    let graph = ColumnGraph::new(&manifest, &project, Dialect::DuckDb, "db");
    let reached = shown(&reach(&manifest, &graph, &id("totals"), &Touched::Rows));
    assert_eq!(reached, ["tax: all, rows of model.shop.totals", "board: all, rows of model.shop.tax"]);
}
