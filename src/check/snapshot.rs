use serde_json::Value;

use crate::analyze::{Column, Schema};
use crate::manifest::Node;
use crate::sql::{DataType, Dialect};

/// The columns of a snapshot's table: those of its query, and those that snapshots add.
/// See <https://docs.getdbt.com/docs/build/snapshots#snapshot-meta-fields>.
pub(super) fn snapshot_schema(node: &Node, query: &Schema, dialect: Dialect) -> Schema {
    let names = node.config.get("snapshot_meta_column_names");
    let name = |column: &str| {
        let given = names.and_then(|names| names.get(column)).and_then(Value::as_str);
        given.unwrap_or(column).to_owned()
    };
    let time = match node.config.text("updated_at") {
        Some(column) => {
            let column = column.trim().trim_matches('"');
            let found = query.columns.iter().find(|found| found.name.eq_ignore_ascii_case(column));
            found.and_then(|found| found.data_type.clone())
        }
        None => (dialect == Dialect::DuckDb).then(|| DataType::new("TIMESTAMP")),
    };
    let text = (dialect == Dialect::DuckDb).then(|| DataType::new("VARCHAR"));
    let mut schema = query.clone();
    schema.columns.push(Column::new(name("dbt_scd_id"), text.clone()));
    for column in ["dbt_updated_at", "dbt_valid_from", "dbt_valid_to"] {
        schema.columns.push(Column::new(name(column), time.clone()));
    }
    if node.config.text("hard_deletes") == Some("new_record") {
        schema.columns.push(Column::new(name("dbt_is_deleted"), text));
    }
    schema
}
