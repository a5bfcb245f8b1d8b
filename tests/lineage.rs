//! The pages in `lineage/`: queries, each with the edges that somebody who knows SQL says it
//! has. A page begins with a block `schema`; a block ` ```sql dialect ` (DuckDB when not said) is
//! followed by a block `edges`: for each column that comes out the columns it is made of and how,
//! then those that decide on rows. A column is written without its table where only one has it.
//! Nothing rewrites these answers. DuckDB's binder has to take each query of its own dialect, and
//! to give its columns the same names.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use xform::adapter::{Binder, for_target};
use xform::analyze::{Analysis, Column, ColumnUse, Known, Relations, Schema, analyze};
use xform::sql::{DataType, Dialect, RelationName, parse_query};

/// `orders: id BIGINT, …`
fn schema(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let table = |line: &str| {
        let (table, columns) = line.split_once(": ").unwrap();
        let (mut depth, mut parts, mut start) = (0, Vec::new(), 0);
        for (at, letter) in columns.char_indices() {
            match letter {
                '(' => depth += 1,
                ')' => depth -= 1,
                ',' if depth == 0 => {
                    parts.push(&columns[start..at]);
                    start = at + 1;
                }
                _ => {}
            }
        }
        parts.push(&columns[start..]);
        let column = |part: &&str| {
            let (name, kind) = part.trim().split_once(' ').unwrap();
            (name.to_owned(), kind.to_owned())
        };
        (table.to_owned(), parts.iter().map(column).collect())
    };
    text.lines().map(table).collect()
}

fn relations(tables: &[(String, Vec<(String, String)>)], dialect: Dialect) -> Relations {
    let mut relations = Relations::new(dialect, "db", "main");
    relations.is_closed = true;
    for (table, columns) in tables {
        let column =
            |(name, kind): &(String, String)| Column::new(name.as_str(), Some(DataType::new(kind.as_str())));
        let known = Known::Schema(Arc::new(Schema::complete(columns.iter().map(column).collect())));
        relations.insert(RelationName::new(dialect, "db", "main", table), known);
    }
    relations
}

/// DuckDB's own judge, knowing the tables.
fn judge(tables: &[(String, Vec<(String, String)>)]) -> Box<dyn Binder> {
    let keys = serde_json::json!({"path": "db.duckdb"});
    let adapter = for_target("duckdb", keys.as_object().unwrap(), std::path::Path::new("/project")).unwrap();
    let mut judge = adapter.binder().unwrap().unwrap();
    for (table, columns) in tables {
        let columns: Vec<(String, DataType)> =
            columns.iter().map(|(name, kind)| (name.clone(), DataType::new(kind.as_str()))).collect();
        judge.declare(&RelationName::new(Dialect::DuckDb, "db", "main", table), &columns).unwrap();
    }
    judge
}

/// What the judge says against an analysis.
fn judged(judge: &mut dyn Binder, sql: &str, analysis: &Analysis) -> Option<String> {
    let columns = match judge.bind(sql) {
        Ok(columns) => columns,
        Err(refusal) => return Some(format!("DuckDB refuses it: {}", refusal.message)),
    };
    let known = analysis.is_complete && analysis.columns.len() == columns.len();
    let differ = |(ours, (name, kind)): (&xform::analyze::OutputColumn, &(String, DataType))| {
        (ours.is_named && ours.name != *name)
            || ours.data_type.as_ref().is_some_and(|ours| !ours.as_str().eq_ignore_ascii_case(kind.as_str()))
    };
    let is_other = !known || analysis.columns.iter().zip(&columns).any(differ);
    is_other.then(|| {
        let ours: Vec<_> = analysis.columns.iter().map(|it| (&it.name, &it.data_type)).collect();
        format!("DuckDB gives {columns:?}, we {ours:?}")
    })
}

/// One edge: what it ends in (with its place), the column it comes from, and how.
type Edge = (String, String, String);

fn expected(text: &str, tables: &[(String, Vec<(String, String)>)]) -> (Vec<String>, BTreeSet<Edge>) {
    let full = |column: &str| -> String {
        let owners: Vec<&String> = tables
            .iter()
            .filter(|(_, columns)| columns.iter().any(|(name, _)| name == column))
            .map(|(table, _)| table)
            .collect();
        match (column.contains('.'), owners.as_slice()) {
            (true, _) => column.to_owned(),
            (false, [table]) => format!("{table}.{column}"),
            (false, owners) => panic!("`{column}` is in {owners:?}"),
        }
    };
    let (mut names, mut edges) = (Vec::new(), BTreeSet::new());
    for line in text.lines() {
        let (output, sources) = line.split_once(':').unwrap();
        let sources = sources.split(',').map(str::trim).filter(|source| !source.is_empty());
        if let Some(how) = output.strip_prefix("rows ") {
            edges.extend(sources.map(|source| ("rows".to_owned(), full(source), how.to_owned())));
            continue;
        }
        let place = format!("{} {output}", names.len() + 1);
        edges.extend(sources.map(|source| {
            let (column, how) = source.split_once(' ').unwrap();
            (place.clone(), full(column), how.to_owned())
        }));
        names.push(output.to_owned());
    }
    (names, edges)
}

fn found(analysis: &Analysis) -> (Vec<String>, BTreeSet<Edge>) {
    let edge = |output: &str, used: &ColumnUse| {
        let table = analysis.inputs[used.input].relation.identifier.clone().unwrap();
        (output.to_owned(), format!("{table}.{}", used.column), format!("{:?}", used.how).to_lowercase())
    };
    let mut edges: BTreeSet<Edge> = analysis.row_uses.iter().map(|used| edge("rows", used)).collect();
    for (place, column) in analysis.columns.iter().enumerate() {
        let output = format!("{} {}", place + 1, column.name);
        edges.extend(column.made_of.iter().map(|used| edge(&output, used)));
    }
    (analysis.columns.iter().map(|column| column.name.clone()).collect(), edges)
}

#[test]
fn every_edge_of_the_hand_checked_queries_is_right() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/lineage");
    let mut pages: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let (mut queries, mut right, mut missing, mut extra) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let (mut tables, mut heading, mut query) = (Vec::new(), "", None);
        let mut duckdb = judge(&[]);
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(title) = line.strip_prefix("## ") {
                heading = title;
            }
            let Some(info) = line.strip_prefix("```") else { continue };
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let body = body.join("\n");
            match info.split_once(' ').unwrap_or((info, "")) {
                ("schema", _) => {
                    tables = schema(&body);
                    duckdb = judge(&tables);
                }
                ("sql", dialect) => query = Some((body, Dialect::find(dialect).unwrap_or(Dialect::DuckDb))),
                ("edges", _) => {
                    let (sql, dialect) = query.take().unwrap();
                    let (names, edges) = expected(&body, &tables);
                    // As checking does: DuckDB's parser reads what ours does not.
                    let tree = match parse_query(&sql, dialect) {
                        Ok(tree) => tree,
                        Err(_) if dialect == Dialect::DuckDb => match duckdb.tree(&sql) {
                            Ok(tree) => tree,
                            Err(refusal) => {
                                wrong.push(format!("{heading}: {}", refusal.message));
                                continue;
                            }
                        },
                        Err(error) => panic!("{heading}: {error:?}"),
                    };
                    let analysis = analyze(&tree, &sql, &relations(&tables, dialect));
                    if dialect == Dialect::DuckDb {
                        let said = judged(duckdb.as_mut(), &sql, &analysis);
                        wrong.extend(said.map(|said| format!("{heading}: {said}")));
                    }
                    let (found_names, found_edges) = found(&analysis);
                    queries += 1;
                    right += edges.intersection(&found_edges).count();
                    missing += edges.difference(&found_edges).count();
                    extra += found_edges.difference(&edges).count();
                    for edge in edges.difference(&found_edges) {
                        wrong.push(format!("{heading}: not found: {edge:?}"));
                    }
                    for edge in found_edges.difference(&edges) {
                        wrong.push(format!("{heading}: found, and not there: {edge:?}"));
                    }
                    if names != found_names {
                        wrong.push(format!("{heading}: columns {names:?}, found {found_names:?}"));
                    }
                    for problem in &analysis.problems {
                        wrong.push(format!("{heading}: a false alarm: {}", problem.message));
                    }
                }
                _ => {}
            }
        }
    }
    let share = |of: usize, all: usize| if all == 0 { 0.0 } else { of as f64 / all as f64 };
    let precision = share(right, right + extra);
    let recall = share(right, right + missing);
    assert!(
        wrong.is_empty(),
        "{queries} queries, precision {precision:.3}, recall {recall:.3}\n{}",
        wrong.join("\n")
    );
    assert!(queries >= 60, "only {queries} queries");
    #[allow(clippy::print_stdout, reason = "what was asked for")]
    {
        println!("{queries} queries, {right} edges: precision {precision:.3}, recall {recall:.3}");
    }
}
