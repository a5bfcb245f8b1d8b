/// One file of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltinFile {
    /// `dbt`, or `dbt_` and the name of a warehouse.
    pub package: &'static str,
    /// Relative to the library, with `/`.
    pub path: &'static str,
    pub text: &'static str,
}

macro_rules! file {
    ($package:literal, $path:literal) => {
        BuiltinFile { package: $package, path: $path, text: include_str!($path) }
    };
}

/// All files of the library, in order of path.
#[rustfmt::skip]
pub const FILES: &[BuiltinFile] = &[
    file!("dbt_bigquery", "bigquery/dates.sql"),
    file!("dbt_bigquery", "bigquery/functions.sql"),
    file!("dbt_bigquery", "bigquery/types.sql"),
    file!("dbt_duckdb", "duckdb/catalog.sql"),
    file!("dbt_duckdb", "duckdb/columns.sql"),
    file!("dbt_duckdb", "duckdb/create.sql"),
    file!("dbt_duckdb", "duckdb/date_spine.sql"),
    file!("dbt_duckdb", "duckdb/dates.sql"),
    file!("dbt_duckdb", "duckdb/dependents.sql"),
    file!("dbt_duckdb", "duckdb/ducklake.sql"),
    file!("dbt_duckdb", "duckdb/external.sql"),
    file!("dbt_duckdb", "duckdb/function.sql"),
    file!("dbt_duckdb", "duckdb/functions.sql"),
    file!("dbt_duckdb", "duckdb/incremental.sql"),
    file!("dbt_duckdb", "duckdb/indexes.sql"),
    file!("dbt_duckdb", "duckdb/list_relations.sql"),
    file!("dbt_duckdb", "duckdb/merge.sql"),
    file!("dbt_duckdb", "duckdb/merge_config.sql"),
    file!("dbt_duckdb", "duckdb/schemas.sql"),
    file!("dbt_duckdb", "duckdb/seed_table.sql"),
    file!("dbt_duckdb", "duckdb/snapshot.sql"),
    file!("dbt_duckdb", "duckdb/table_function.sql"),
    file!("dbt_duckdb", "duckdb/unit_tests.sql"),
    file!("dbt", "functions/function.sql"),
    file!("dbt", "hooks/hook_config.sql"),
    file!("dbt", "hooks/run_hooks.sql"),
    file!("dbt", "materializations/clone.sql"),
    file!("dbt", "materializations/delete_insert.sql"),
    file!("dbt", "materializations/diff_columns.sql"),
    file!("dbt", "materializations/full_refresh.sql"),
    file!("dbt", "materializations/incremental.sql"),
    file!("dbt", "materializations/incremental_strategy.sql"),
    file!("dbt", "materializations/insert.sql"),
    file!("dbt", "materializations/insert_overwrite.sql"),
    file!("dbt", "materializations/latest_version_pointer.sql"),
    file!("dbt", "materializations/materialized_view.sql"),
    file!("dbt", "materializations/merge.sql"),
    file!("dbt", "materializations/merge_columns.sql"),
    file!("dbt", "materializations/microbatch.sql"),
    file!("dbt", "materializations/on_schema_change.sql"),
    file!("dbt", "materializations/schema_changes.sql"),
    file!("dbt", "materializations/seed.sql"),
    file!("dbt", "materializations/seed_table.sql"),
    file!("dbt", "materializations/snapshot.sql"),
    file!("dbt", "materializations/table.sql"),
    file!("dbt", "materializations/test.sql"),
    file!("dbt", "materializations/unit.sql"),
    file!("dbt", "materializations/view.sql"),
    file!("dbt", "naming/generate_alias_name.sql"),
    file!("dbt", "naming/generate_database_name.sql"),
    file!("dbt", "naming/generate_schema_name.sql"),
    file!("dbt_postgres", "postgres/catalog.sql"),
    file!("dbt_postgres", "postgres/columns.sql"),
    file!("dbt_postgres", "postgres/comments.sql"),
    file!("dbt_postgres", "postgres/contracts.sql"),
    file!("dbt_postgres", "postgres/create.sql"),
    file!("dbt_postgres", "postgres/dates.sql"),
    file!("dbt_postgres", "postgres/freshness.sql"),
    file!("dbt_postgres", "postgres/function.sql"),
    file!("dbt_postgres", "postgres/functions.sql"),
    file!("dbt_postgres", "postgres/grants.sql"),
    file!("dbt_postgres", "postgres/indexes.sql"),
    file!("dbt_postgres", "postgres/list_relations.sql"),
    file!("dbt_postgres", "postgres/materialized_view.sql"),
    file!("dbt_postgres", "postgres/merge.sql"),
    file!("dbt_postgres", "postgres/microbatch.sql"),
    file!("dbt_postgres", "postgres/names.sql"),
    file!("dbt_postgres", "postgres/schemas.sql"),
    file!("dbt_postgres", "postgres/snapshot.sql"),
    file!("dbt_postgres", "postgres/unit_tests.sql"),
    file!("dbt_redshift", "redshift/dates.sql"),
    file!("dbt_redshift", "redshift/functions.sql"),
    file!("dbt", "relations/alter_columns.sql"),
    file!("dbt", "relations/backup.sql"),
    file!("dbt", "relations/catalog.sql"),
    file!("dbt", "relations/columns.sql"),
    file!("dbt", "relations/comments.sql"),
    file!("dbt", "relations/contracts.sql"),
    file!("dbt", "relations/create.sql"),
    file!("dbt", "relations/create_table.sql"),
    file!("dbt", "relations/create_view.sql"),
    file!("dbt", "relations/dependents.sql"),
    file!("dbt", "relations/drop.sql"),
    file!("dbt", "relations/freshness.sql"),
    file!("dbt", "relations/grants.sql"),
    file!("dbt", "relations/indexes.sql"),
    file!("dbt", "relations/load.sql"),
    file!("dbt", "relations/make.sql"),
    file!("dbt", "relations/metadata.sql"),
    file!("dbt", "relations/rename.sql"),
    file!("dbt", "relations/replace.sql"),
    file!("dbt", "relations/schemas.sql"),
    file!("dbt", "relations/truncate.sql"),
    file!("dbt", "snapshots/columns.sql"),
    file!("dbt", "snapshots/keys.sql"),
    file!("dbt", "snapshots/merge.sql"),
    file!("dbt", "snapshots/staging.sql"),
    file!("dbt", "snapshots/strategies.sql"),
    file!("dbt", "snapshots/time.sql"),
    file!("dbt_snowflake", "snowflake/dates.sql"),
    file!("dbt_snowflake", "snowflake/functions.sql"),
    file!("dbt_spark", "spark/dates.sql"),
    file!("dbt_spark", "spark/functions.sql"),
    file!("dbt_spark", "spark/types.sql"),
    file!("dbt", "statements/limit.sql"),
    file!("dbt", "statements/run_query.sql"),
    file!("dbt", "statements/show.sql"),
    file!("dbt", "statements/sql_header.sql"),
    file!("dbt", "statements/statement.sql"),
    file!("dbt", "statements/validate_sql.sql"),
    file!("dbt", "tests/accepted_values.sql"),
    file!("dbt", "tests/get_test_sql.sql"),
    file!("dbt", "tests/not_null.sql"),
    file!("dbt", "tests/relationships.sql"),
    file!("dbt", "tests/store_failures.sql"),
    file!("dbt", "tests/unique.sql"),
    file!("dbt", "tests/where_subquery.sql"),
    file!("dbt", "unit_tests/columns.sql"),
    file!("dbt", "unit_tests/get_unit_test_sql.sql"),
    file!("dbt", "unit_tests/rows.sql"),
    file!("dbt", "utils/aggregates.sql"),
    file!("dbt", "utils/arrays.sql"),
    file!("dbt", "utils/cast.sql"),
    file!("dbt", "utils/compare.sql"),
    file!("dbt", "utils/date_spine.sql"),
    file!("dbt", "utils/dates.sql"),
    file!("dbt", "utils/listagg.sql"),
    file!("dbt", "utils/literals.sql"),
    file!("dbt", "utils/now.sql"),
    file!("dbt", "utils/python_dates.sql"),
    file!("dbt", "utils/series.sql"),
    file!("dbt", "utils/sets.sql"),
    file!("dbt", "utils/split_part.sql"),
    file!("dbt", "utils/texts.sql"),
    file!("dbt", "utils/types.sql"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_on_disk_is_listed_once_and_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/builtin");
        let on_disk: Vec<String> = walkdir::WalkDir::new(folder)
            .sort_by_file_name()
            .into_iter()
            .map(|entry| entry.expect("the library's folder can be read"))
            .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "sql"))
            .map(|entry| {
                entry.path().strip_prefix(folder).expect("inside").to_string_lossy().replace('\\', "/")
            })
            .collect();
        let listed: Vec<&str> = FILES.iter().map(|file| file.path).collect();
        assert_eq!(listed, on_disk);
    }

    #[test]
    fn a_warehouse_folder_is_a_package_of_its_own() {
        for file in FILES {
            let folder = file.path.split('/').next().unwrap_or_default();
            let is_warehouse = crate::sql::Dialect::find(folder).is_some();
            let expected = if is_warehouse { format!("dbt_{folder}") } else { "dbt".to_owned() };
            assert_eq!(file.package, expected, "{}", file.path);
        }
    }
}
