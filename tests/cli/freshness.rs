use serde_json::{Value, json};

use crate::test_project::TestProject;

const SETUP: &str = "create schema raw; \
    create table raw.orders as select now()::timestamp - interval 1 hour as 때, 1 as ok; \
    create table raw.old as select now() - interval 3 day as 때, 1 as ok union all select now(), 2; \
    create table raw.empty as select now()::timestamp as 때 limit 0";

/// A project with tables of different ages.
fn project(sources: &str) -> TestProject {
    let project = TestProject::new()
        .file(
            "macros/setup.sql",
            format!("{{% macro setup() %}}{{% do run_query(\"{SETUP}\") %}}{{% endmacro %}}"),
        )
        .file("models/sources.yml", sources);
    project.run("run-operation setup").succeeds();
    project
}

fn sources(project: &TestProject) -> Vec<Value> {
    let written: Value = serde_json::from_str(&project.read("target/sources.json")).unwrap();
    assert_eq!(written["metadata"]["dbt_schema_version"], "https://schemas.getdbt.com/dbt/sources/v3.json");
    written["results"].as_array().unwrap().clone()
}

const LEVELS: &str = r#"
sources:
  - name: raw
    loaded_at_field: 때
    freshness: {warn_after: {count: 12, period: hour}, error_after: {count: 1, period: day}}
    tables:
      - name: orders
      - name: old
        freshness: {filter: ok = 1}
      - name: old_warn
        identifier: old
        freshness: {error_after: null, filter: ok = 1}
      - name: unwatched
        freshness: null
      - name: by_query
        identifier: old
        config:
          loaded_at_query: "select max(때) from {{ this }}"
      - name: lenient
        identifier: old
        config:
          freshness: {error_after: {count: 400, period: day}, warn_after: {count: "{{ 100 + 10 }}", period: day}, filter: ok = 1}
"#;

#[test]
fn sources_are_held_against_their_own_freshness_over_that_of_their_source() {
    let project = project(LEVELS);
    let ran = project.run("source freshness").exits(1);
    ran.says("PASS freshness of raw.orders")
        .says("ERROR STALE freshness of raw.old")
        .says("WARN freshness of raw.old_warn")
        .says("PASS freshness of raw.by_query")
        .says("PASS freshness of raw.lenient")
        .says("error[stale-source]: `raw.old` was last loaded at")
        .says("may be 12 hours old")
        .says("Done.")
        .says_nothing_of("unwatched");
    let found = sources(&project);
    let statuses: Vec<_> = found
        .iter()
        .map(|one| (one["unique_id"].as_str().unwrap(), one["status"].as_str().unwrap()))
        .collect();
    let mut sorted = statuses.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            ("source.shop.raw.by_query", "pass"),
            ("source.shop.raw.lenient", "pass"),
            ("source.shop.raw.old", "error"),
            ("source.shop.raw.old_warn", "warn"),
            ("source.shop.raw.orders", "pass"),
        ]
    );
    let one = found.iter().find(|one| one["unique_id"] == "source.shop.raw.lenient").unwrap();
    let warn_after = json!({"count": 110, "period": "day"});
    assert_eq!(
        one["criteria"],
        json!({"warn_after": warn_after, "error_after": {"count": 400, "period": "day"}, "filter": "ok = 1"})
    );
    let age = one["max_loaded_at_time_ago_in_s"].as_f64().unwrap();
    assert!((259_200.0..259_300.0).contains(&age), "{age}");
    let manifest: Value = serde_json::from_str(&project.read("target/manifest.json")).unwrap();
    let source = |name: &str| &manifest["sources"][format!("source.shop.raw.{name}")];
    assert_eq!(source("unwatched")["freshness"], Value::Null);
    assert_eq!(
        source("old_warn")["config"]["freshness"],
        json!({"warn_after": {"count": 12, "period": "hour"}, "error_after": null, "filter": "ok = 1"})
    );
    assert_eq!(source("orders")["config"]["loaded_at_field"], "때");
}

#[test]
fn a_selection_and_a_file_can_be_named() {
    let project = project(LEVELS);
    project.run("source snapshot-freshness --select source:raw.orders -o 새/나이.json").succeeds();
    let written: Value = serde_json::from_str(&project.read("새/나이.json")).unwrap();
    assert_eq!(written["results"].as_array().map(Vec::len), Some(1));
    assert!(!project.exists("target/sources.json") && project.exists("target/manifest.json"));
    project.run("source freshness --select source:raw.old_warn").succeeds();
    project.run("source freshness --exclude source:raw").succeeds().says("Nothing to do");
    assert!(sources(&project).is_empty());
}

#[test]
fn what_cannot_be_found_out_is_told_at_the_source() {
    let project = project(
        "sources:\n  - name: raw\n    freshness: {warn_after: {count: 1, period: day}}\n    tables:\n      - name: orders\n      \
         - name: empty\n        loaded_at_field: 때\n      - name: missing\n        loaded_at_field: 때\n      \
         - name: old\n        loaded_at_field: 때::date\n",
    );
    project
        .run("source freshness")
        .exits(1)
        .says("warning[missing-loaded-at]: The configured adapter does not support metadata-based freshness.")
        .says("error[missing-loaded-at]: Could not compute freshness for source orders")
        .says("warning[stale-source]: `raw.empty` has no rows")
        .says("error[database-error]: Catalog Error: Table with name missing does not exist!")
        .says("models/sources.yml:8:15")
        .says("received value of type 'date' instead");
    let found = sources(&project);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["max_loaded_at"], "0001-01-01T00:00:00+00:00");
}

#[test]
fn a_freshness_that_cannot_be_meant_is_told() {
    let project = TestProject::new().file(
        "models/sources.yml",
        "sources:\n  - name: raw\n    loaded_at_field: 때\n    freshness: {warn_after: {count: 1, period: weeks}}\n    tables:\n      \
         - name: a\n        freshness: {error_after: {count: many, period: day}}\n      - name: b\n        freshness: often\n      \
         - name: c\n        config: {freshness: {error_after: 3}}\n      \
         - name: d\n        loaded_at_field: 때\n        loaded_at_query: select 1\n",
    );
    project
        .run("parse")
        .exits(2)
        .says("`period` of `warn_after` of the source `raw` must be one of `minute`, `hour`, `day`, not \"weeks\"")
        .says("models/sources.yml:4:17")
        .says("`count` of `error_after` of the table `a` of the source `raw` must be a whole number")
        .says("`freshness` of the table `b` of the source `raw` must be a mapping")
        .says("must be a mapping with `count` and `period`")
        .says("both `loaded_at_field` and `loaded_at_query` are given");
}

#[test]
fn the_project_can_ask_in_its_own_way_and_switch_hooks_off() {
    let project = project(LEVELS);
    project.write(
        "macros/own.sql",
        "{% macro collect_freshness(source, loaded_at_field, filter) %}\
         {% set found = run_query(\"select timestamp '2026-01-01 00:00:00', timestamp '2026-01-01 13:00:00'\") %}\
         {{ return(found) }}{% endmacro %}",
    );
    project.write("project.yml", "name: shop\non-run-start: select 'hook'\n");
    project
        .run("source freshness --select source:raw.orders")
        .succeeds()
        .says("OK hook: shop.on-run-start.0")
        .says("WARN freshness of raw.orders");
    assert_eq!(sources(&project)[0]["max_loaded_at_time_ago_in_s"], 46800.0);
    project.write(
        "project.yml",
        "name: shop\non-run-start: select 'hook'\nflags: {source_freshness_run_project_hooks: false}\n",
    );
    project.run("source freshness --select source:raw.orders").succeeds().says_nothing_of("hook");
}
