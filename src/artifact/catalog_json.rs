use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use super::{About, Metadata};
use crate::adapter::{Cell, Rows};
use crate::manifest::{Manifest, NodeId, NodeKind};

/// dbt's `catalog.json`, <https://schemas.getdbt.com/dbt/catalog/v1.json>: what the warehouse
/// says of the relations that nodes and sources are.
#[derive(Debug, Serialize)]
pub struct CatalogJson<'a> {
    metadata: Metadata<'a>,
    nodes: BTreeMap<String, CatalogTable>,
    sources: BTreeMap<String, CatalogTable>,
    errors: Option<&'a [String]>,
}

/// A relation as the warehouse describes it.
#[derive(Clone, Debug, Serialize)]
pub struct CatalogTable {
    metadata: TableMetadata,
    /// By name, in the order of the table.
    columns: IndexMap<String, CatalogColumn>,
    stats: BTreeMap<String, Stat>,
    unique_id: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct TableMetadata {
    #[serde(rename = "type")]
    kind: String,
    schema: String,
    name: String,
    database: Option<String>,
    comment: Option<String>,
    owner: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct CatalogColumn {
    #[serde(rename = "type")]
    data_type: String,
    index: i64,
    name: String,
    comment: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Stat {
    id: String,
    label: String,
    value: Value,
    include: bool,
    description: String,
}

/// A node's relation as the warehouse describes it.
#[derive(Clone, Debug)]
pub struct DescribedRelation<'a> {
    pub unique_id: &'a str,
    /// `BASE TABLE`
    pub kind: &'a str,
    pub owner: Option<&'a str>,
    pub comment: Option<&'a str>,
    /// Name, type and comment, in the order of the table.
    pub columns: Vec<(&'a str, &'a str, Option<&'a str>)>,
    /// By id: `num_rows`.
    pub stats: Vec<(&'a str, &'a Value)>,
}

/// A relation's database, schema and name, in lower case.
type Key = (String, String, String);

impl<'a> CatalogJson<'a> {
    /// `rows` are what the macros `get_catalog_relations` and `get_catalog` gave: a row for
    /// each column of each relation. Only the relations of the nodes and sources in
    /// `selected` are taken. `errors` are what went wrong while asking.
    #[must_use]
    pub fn new(
        manifest: &Manifest,
        selected: &BTreeSet<NodeId>,
        about: &'a About,
        rows: &[Rows],
        errors: &'a [String],
    ) -> Self {
        let tables = tables(rows);
        let (mut nodes, mut sources) = (BTreeMap::new(), BTreeMap::new());
        for id in selected {
            let Some(node) = manifest.node(id) else { continue };
            let Some(table) = node.relation.as_ref().and_then(|relation| tables.get(&relation.key())) else {
                continue;
            };
            let table = CatalogTable { unique_id: Some(id.to_string()), ..table.clone() };
            match node.kind {
                NodeKind::Source(_) => drop(sources.insert(id.to_string(), table)),
                _ => drop(nodes.insert(id.to_string(), table)),
            }
        }
        Self {
            metadata: about.metadata("catalog", 1),
            nodes,
            sources,
            errors: (!errors.is_empty()).then_some(errors),
        }
    }

    /// The relations of all nodes and sources, with what the warehouse says of them.
    pub fn relations(&self) -> impl Iterator<Item = DescribedRelation<'_>> {
        self.nodes.iter().chain(&self.sources).map(|(unique_id, table)| DescribedRelation {
            unique_id,
            kind: &table.metadata.kind,
            owner: table.metadata.owner.as_deref(),
            comment: table.metadata.comment.as_deref(),
            columns: table
                .columns
                .values()
                .map(|column| (column.name.as_str(), column.data_type.as_str(), column.comment.as_deref()))
                .collect(),
            stats: table.stats.values().map(|stat| (stat.id.as_str(), &stat.value)).collect(),
        })
    }
}

fn tables(rows: &[Rows]) -> BTreeMap<Key, CatalogTable> {
    let mut tables: BTreeMap<Key, CatalogTable> = BTreeMap::new();
    for rows in rows {
        for at in 0..rows.len() {
            let text = |name: &str| rows.get(at, name).and_then(cell_text);
            let (database, schema) = (text("table_database"), text("table_schema").unwrap_or_default());
            let name = text("table_name").unwrap_or_default();
            let lower = |text: &str| text.to_lowercase();
            let key = (lower(database.as_deref().unwrap_or_default()), lower(&schema), lower(&name));
            let table = tables.entry(key).or_insert_with(|| CatalogTable {
                metadata: TableMetadata {
                    kind: text("table_type").unwrap_or_default(),
                    schema,
                    name,
                    database,
                    comment: text("table_comment"),
                    owner: text("table_owner"),
                },
                columns: IndexMap::new(),
                stats: stats(rows, at),
                unique_id: None,
            });
            let Some(column) = text("column_name") else { continue };
            let index = rows.get(at, "column_index").and_then(Cell::as_int).unwrap_or_default();
            table.columns.insert(
                column.clone(),
                CatalogColumn {
                    data_type: text("column_type").unwrap_or_default(),
                    index: i64::try_from(index).unwrap_or_default(),
                    name: column,
                    comment: text("column_comment"),
                },
            );
        }
    }
    for table in tables.values_mut() {
        table.columns.sort_by(|_, one, _, other| one.index.cmp(&other.index));
    }
    tables
}

/// What columns of the name `stats:<id>:<part>` tell of a relation, and whether any do.
fn stats(rows: &Rows, at: usize) -> BTreeMap<String, Stat> {
    let ids: BTreeSet<&str> =
        rows.names.iter().filter_map(|name| name.strip_prefix("stats:")?.strip_suffix(":label")).collect();
    let part = |id: &str, part: &str| rows.get(at, &format!("stats:{id}:{part}"));
    let mut stats = BTreeMap::new();
    for id in ids {
        let include = matches!(part(id, "include"), Some(Cell::Bool(true)));
        let Some(value) = part(id, "value").filter(|value| !value.is_null()) else { continue };
        let text = |name: &str| part(id, name).and_then(cell_text).unwrap_or_default();
        let stat = Stat {
            id: id.to_owned(),
            label: text("label"),
            value: value.to_json(),
            include,
            description: text("description"),
        };
        stats.insert(id.to_owned(), stat);
    }
    let has_stats = Stat {
        id: "has_stats".to_owned(),
        label: "Has Stats?".to_owned(),
        value: Value::Bool(!stats.is_empty()),
        include: false,
        description: "Indicates whether there are statistics for this table".to_owned(),
    };
    stats.insert("has_stats".to_owned(), has_stats);
    stats
}

/// A value as text; `None` for null.
fn cell_text(cell: &Cell) -> Option<String> {
    match (cell, cell.as_str()) {
        (Cell::Null, _) => None,
        (_, Some(text)) => Some(text.to_owned()),
        (cell, None) => match cell.to_json() {
            Value::String(text) => Some(text),
            value => Some(value.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_in_the_order_of_the_table_and_stats_by_their_id() {
        let names = [
            "table_database",
            "table_schema",
            "table_name",
            "table_type",
            "table_comment",
            "table_owner",
            "column_name",
            "column_index",
            "column_type",
            "column_comment",
            "stats:rows:label",
            "stats:rows:value",
            "stats:rows:description",
            "stats:rows:include",
        ];
        let text = |text: &str| Cell::Text(text.to_owned());
        let row = |column: &str, index: i128| {
            vec![
                text("Shop"),
                text("main"),
                text("주문"),
                text("BASE TABLE"),
                Cell::Null,
                text("김"),
                text(column),
                Cell::Int(index),
                text("INTEGER"),
                Cell::Null,
                text("Rows"),
                Cell::Int(3),
                text("How many"),
                Cell::Bool(true),
            ]
        };
        let rows = Rows {
            names: names.map(str::to_owned).to_vec(),
            types: vec![String::new(); names.len()],
            rows: vec![row("b", 2), row("a", 1)],
        };
        let tables = tables(&[rows]);
        let key = ("shop".to_owned(), "main".to_owned(), "주문".to_owned());
        let table = serde_json::to_value(&tables[&key]).unwrap_or_default();
        let columns: Vec<&String> =
            table["columns"].as_object().into_iter().flat_map(|map| map.keys()).collect();
        assert_eq!(columns, ["a", "b"]);
        assert_eq!(table["metadata"]["owner"], "김");
        assert_eq!(table["stats"]["rows"]["value"], 3);
        assert_eq!(table["stats"]["has_stats"]["value"], true);
    }
}
