use serde_json::{Map, Value, json};

use crate::manifest::ResourceType;

/// The configuration of a node about which nothing is said: dbt's keys, in dbt's order.
/// See the schema of `manifest.json`: <https://schemas.getdbt.com/dbt/manifest/v12.json>.
pub(in crate::parse) fn defaults(kind: ResourceType) -> Map<String, Value> {
    let values = match kind {
        ResourceType::Test => json!({
            "enabled": true, "alias": null, "schema": "dbt_test__audit", "database": null, "tags": [],
            "meta": {}, "group": null, "materialized": "test", "severity": "ERROR",
            "store_failures": null, "store_failures_as": null, "where": null, "limit": null,
            "fail_calc": "count(*)", "warn_if": "!= 0", "error_if": "!= 0",
        }),
        ResourceType::Source => json!({
            "enabled": true, "event_time": null, "freshness": null, "loaded_at_field": null,
            "loaded_at_query": null, "meta": {}, "tags": [],
        }),
        ResourceType::SemanticModel | ResourceType::Metric => {
            json!({ "enabled": true, "group": null, "meta": {} })
        }
        ResourceType::SavedQuery => json!({
            "enabled": true, "group": null, "meta": {}, "export_as": null, "schema": null,
            "cache": { "enabled": false },
        }),
        ResourceType::Exposure => json!({ "enabled": true, "tags": [], "meta": {} }),
        ResourceType::UnitTest => {
            json!({ "tags": [], "meta": {}, "enabled": true, "static_analysis": null })
        }
        _ => json!({
            "enabled": true, "alias": null, "schema": null, "database": null, "tags": [], "meta": {},
            "group": null, "materialized": "view", "incremental_strategy": null, "batch_size": null,
            "lookback": 1, "begin": null, "persist_docs": {}, "post-hook": [], "pre-hook": [],
            "quoting": {}, "column_types": {}, "full_refresh": null, "unique_key": null,
            "on_schema_change": "ignore", "on_configuration_change": "apply", "grants": {},
            "packages": [], "docs": { "show": true, "node_color": null },
            "contract": { "enforced": false, "alias_types": true }, "event_time": null,
            "concurrent_batches": null,
        }),
    };
    let mut values = match values {
        Value::Object(values) => values,
        _ => Map::new(),
    };
    match kind {
        ResourceType::Model => {
            values.insert("access".to_owned(), json!("protected"));
            values.insert("freshness".to_owned(), Value::Null);
            values.insert("on_error".to_owned(), Value::Null);
            let pointer = json!({ "enabled": null, "alias": null });
            values.insert("latest_version_pointer".to_owned(), pointer);
        }
        ResourceType::Snapshot => {
            values.insert("materialized".to_owned(), json!("snapshot"));
            for key in ["strategy", "target_schema", "target_database", "updated_at", "check_cols"] {
                values.insert(key.to_owned(), Value::Null);
            }
            let names = ["dbt_valid_to", "dbt_valid_from", "dbt_scd_id", "dbt_updated_at", "dbt_is_deleted"];
            let names = names.into_iter().map(|name| (name.to_owned(), Value::Null)).collect();
            values.insert("snapshot_meta_column_names".to_owned(), Value::Object(names));
            values.insert("dbt_valid_to_current".to_owned(), Value::Null);
        }
        // `snowflake` is in dbt's schema for every warehouse.
        ResourceType::Function => {
            values.insert("materialized".to_owned(), json!("function"));
            values.insert("type".to_owned(), json!("scalar"));
            for key in ["volatility", "runtime_version", "entry_point"] {
                values.insert(key.to_owned(), Value::Null);
            }
            values.insert("snowflake".to_owned(), json!({ "quote_args": true }));
        }
        ResourceType::Seed => {
            values.insert("materialized".to_owned(), json!("seed"));
            values.insert("delimiter".to_owned(), json!(","));
            values.insert("quote_columns".to_owned(), Value::Null);
        }
        _ => {}
    }
    values
}

/// Whether a key is a config of such a node, as far as is known.
pub(in crate::parse) fn is_config(kind: ResourceType, key: &str) -> bool {
    defaults(kind).contains_key(key) || OTHER_KEYS.contains(&key) || matches!(key, "pre_hook" | "post_hook")
}

/// Keys that warehouses and packages read, beside those with a default: not to be taken
/// for slips of the finger.
pub(in crate::parse) const OTHER_KEYS: &[&str] = &[
    "auto_refresh",
    "backup",
    "bind",
    "buckets",
    "cluster_by",
    "clustered_by",
    "copy_grants",
    "csv_read_options",
    "dist",
    "external",
    "external_location",
    "file_format",
    "format",
    "formatter",
    "glue_database",
    "glue_register",
    "grant_access_to",
    "hard_deletes",
    "hours_to_expiration",
    "incremental_predicates",
    "indexes",
    "inserts_only",
    "invalidate_hard_deletes",
    "json_read_options",
    "kms_key_name",
    "labels",
    "latest_version",
    "location",
    "location_root",
    "merge_clauses",
    "merge_exclude_columns",
    "merge_insert_condition",
    "merge_on_using_columns",
    "merge_returning_columns",
    "merge_update_columns",
    "merge_update_condition",
    "merge_update_set_expressions",
    "options",
    "overwrite",
    "parquet_read_options",
    "partition_by",
    "partitioned_by",
    "partitions",
    "plugin",
    "predicates",
    "query_tag",
    "require_partition_filter",
    "secure",
    "sort",
    "sort_type",
    "sql_header",
    "static_analysis",
    "submission_method",
    "table_format",
    "table_properties",
    "tblproperties",
    "tmp_relation_type",
    "transient",
    "unlogged",
    "vars",
    "loader",
    "identifier",
];
