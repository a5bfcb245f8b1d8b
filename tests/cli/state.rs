use crate::test_project::TestProject;

#[test]
fn deferral_needs_the_manifest_of_an_earlier_run() {
    let project = TestProject::new().model("주문", "select 1 as id");
    project.run("run --defer").exits(2).says("Runtime Error").says(
        "error[missing-state]: --state or --defer-state are required for deferral, but neither was provided",
    );
    project
        .run("run --defer --state 지난번")
        .exits(2)
        .says("error[missing-state]: Could not find manifest in --state path:")
        .says("지난번");
    project.write("지난번/manifest.json", "{\"metadata\": ");
    project.run("run --defer --state 지난번").exits(2).says("error[invalid-state]").says("is no JSON");
    project.write(
        "지난번/manifest.json",
        r#"{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v99.json"}}"#,
    );
    project
        .run("run --defer --defer-state 지난번 --state nowhere")
        .exits(2)
        .says("error[invalid-state]: Expected a schema version of")
        .says("manifest/v99.json");
    project.run("run --state project.yml").exits(2).says("error[invalid-flag]: `--state` must be a folder");
    project.run("run --state 지난번").succeeds();
}

const PROFILES: &str = "shop:\n  target: dev\n  outputs:\n    \
                        dev: {type: duckdb, path: shop.duckdb, threads: 2}\n    \
                        other: {type: duckdb, path: shop.duckdb, schema: other, threads: 2}\n";

/// A project that was built in `main`, its artifacts in `지난번`, and that has another target.
fn built() -> TestProject {
    let project = TestProject::bare()
        .file("project.yml", "name: shop\nprofile: shop\n")
        .file("profiles.yml", PROFILES)
        .model("stg", "select 1 as id")
        .model("orders", "{{ config(materialized='table') }} select * from {{ ref('stg') }}")
        .model("inner", "{{ config(materialized='ephemeral') }} select * from {{ ref('orders') }}")
        .model("report", "select * from {{ ref('inner') }} join {{ ref('stg') }} using (id)")
        .file(
            "models/schema.yml",
            "models:\n  - name: orders\n    columns: [{name: id, data_tests: [unique]}]\n",
        );
    project.run("build").succeeds();
    std::fs::rename(project.path("target"), project.path("지난번")).unwrap();
    project
}

fn compiled(project: &TestProject, arguments: &str) -> String {
    project.run(&format!("compile --quiet --target other --state 지난번 {arguments}")).succeeds().stdout
}

#[test]
fn a_ref_to_what_is_not_here_names_what_was_built_before() {
    let project = built();
    insta::assert_snapshot!(compiled(&project, "--select report --defer"), @r#"
    with __dbt__cte__inner as (
     select * from "shop"."main"."orders"
    ) select * from __dbt__cte__inner join "shop"."main"."stg" using (id)
    "#);
    insta::assert_snapshot!(compiled(&project, "--select report --no-defer"), @r#"
    with __dbt__cte__inner as (
     select * from "shop"."other"."orders"
    ) select * from __dbt__cte__inner join "shop"."other"."stg" using (id)
    "#);
}

#[test]
fn what_is_here_is_meant_unless_the_state_is_favoured() {
    let project = built();
    project.run("run --target other --select stg --state 지난번").succeeds();
    assert!(compiled(&project, "--select orders --defer").contains(r#""shop"."other"."stg""#));
    assert!(compiled(&project, "--select orders --defer --favor-state").contains(r#""shop"."main"."stg""#));
    let selected = compiled(&project, "--select orders stg --defer --favor-state");
    assert!(selected.contains(r#""shop"."other"."stg""#), "{selected}");
    assert!(compiled(&project, "--select orders --favor-state").contains(r#""shop"."other"."stg""#));
}

#[test]
fn what_the_run_itself_builds_is_read_from_here() {
    let project = built();
    project.run("run --target other --select orders report --defer --state 지난번").succeeds();
    insta::assert_snapshot!(project.read("target/compiled/shop/models/report.sql"), @r#"
    with __dbt__cte__inner as (
     select * from "shop"."other"."orders"
    ) select * from __dbt__cte__inner join "shop"."main"."stg" using (id)
    "#);
    project.run("test --target other --defer --state 지난번 --favor-state").succeeds().says("PASS=1");
    let test = project.read("target/compiled/shop/models/schema.yml/unique_orders_id.sql");
    assert!(test.contains(r#""shop"."main"."orders""#), "{test}");
}

#[test]
fn the_environment_can_ask_for_deferral_too() {
    let project =
        built().env("DBT_DEFER", "true").env("DBT_DEFER_STATE", "지난번").env("DBT_FAVOR_STATE", "1");
    let shown = project.run("compile --quiet --target other --select orders").succeeds().stdout;
    assert!(shown.contains(r#""shop"."main"."stg""#), "{shown}");
    let rows = project.run("show --target other --select orders --output json --quiet").succeeds().stdout;
    assert!(rows.contains(r#""id": 1"#), "{rows}");
}
