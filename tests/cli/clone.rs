use crate::test_project::TestProject;

/// A project that was built in `main`, its artifacts in `지난번`, and that has another target.
fn built() -> TestProject {
    let project = TestProject::bare()
        .file("project.yml", "name: shop\nprofile: shop\n")
        .file(
            "profiles.yml",
            "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb, threads: 2}\n    \
             other: {type: duckdb, path: shop.duckdb, schema: other, threads: 2}\n",
        )
        .file("seeds/users.csv", "id,이름\n1,민수\n2,지우\n")
        .model("stg", "select * from {{ ref('users') }}")
        .model("orders", "{{ config(materialized='table') }} select * from {{ ref('stg') }}")
        .model("inner", "{{ config(materialized='ephemeral') }} select * from {{ ref('orders') }}")
        .model("report", "select count(*) as n from {{ ref('inner') }}");
    project.run("build").succeeds();
    std::fs::rename(project.path("target"), project.path("지난번")).unwrap();
    project
}

#[test]
fn clone_makes_views_of_what_was_built() {
    let project = built();
    project
        .run("clone --state 지난번 --target other")
        .succeeds()
        .says("Completed successfully")
        .says("Done. PASS=4")
        .says_nothing_of("START");
    let kinds = "select table_name as name, table_type as kind from information_schema.tables \
                 where table_schema = 'other' order by 1";
    let view = |name: &str| serde_json::json!({"name": name, "kind": "VIEW"});
    let views: Vec<_> = ["orders", "report", "stg", "users"].into_iter().map(view).collect();
    assert_eq!(project.query(kinds), serde_json::json!(views));
    project
        .run("clone --state 지난번 --target other --select orders")
        .succeeds()
        .says("Relation \"shop\".\"other\".\"orders\" already exists");
    let results: serde_json::Value = serde_json::from_str(&project.read("target/run_results.json")).unwrap();
    assert_eq!(results["args"]["which"], "clone");
    assert_eq!(results["results"][0]["message"], "No-op");
    assert_eq!(results["results"][0]["status"], "success");
}

#[test]
fn what_is_here_is_only_replaced_by_a_full_refresh() {
    let project = built();
    project.run("run --target other --select orders --defer --state 지난번").succeeds();
    project
        .run("clone --state 지난번 --target other --resource-type model")
        .succeeds()
        .says("already exists");
    let kind = "select table_type as kind from information_schema.tables \
                where table_schema = 'other' and table_name = 'orders'";
    assert_eq!(project.query(kind), serde_json::json!([{"kind": "BASE TABLE"}]));
    project.run("clone --state 지난번 --target other --select orders --full-refresh").succeeds();
    assert_eq!(project.query(kind), serde_json::json!([{"kind": "VIEW"}]));
}

#[test]
fn what_is_to_be_cloned_is_never_replaced_by_a_view_of_itself() {
    let project = built();
    project
        .run("clone --state 지난번 --full-refresh")
        .succeeds()
        .says("skipping clone for relation \"shop\".\"main\".\"orders\"");
    assert_eq!(project.query("select count(*) as n from orders"), serde_json::json!([{"n": 2}]));
}

#[test]
fn the_target_folder_as_state_is_warned_of() {
    let project = built();
    project.run("build").succeeds();
    project
        .run("clone --state target")
        .succeeds()
        .says("warning[state-is-target]: The state and target directories are the same: 'target'");
    project.run("clone --state target --warn-error").exits(2).says("error[state-is-target]");
}

#[test]
fn a_node_that_the_state_does_not_know_is_passed_over() {
    let project = built().model("새것", "select 1 as id");
    project
        .run("clone --state 지난번 --target other --select 새것")
        .succeeds()
        .says("No relation found in state manifest for model.shop.새것");
    project.run("clone --target other").exits(2).says("error[missing-state]");
}

#[test]
fn a_project_can_clone_in_its_own_way() {
    let project = built().file(
        "macros/clone.sql",
        "{% macro duckdb__can_clone_table() %}{{ return(true) }}{% endmacro %}\n\
         {% macro duckdb__create_or_replace_clone(this_relation, defer_relation) %}\
         create or replace table {{ this_relation }} as from {{ defer_relation }}{% endmacro %}\n",
    );
    project.run("clone --state 지난번 --target other --select orders report").succeeds();
    let kinds = "select table_name as name, table_type as kind from information_schema.tables \
                 where table_schema = 'other' order by 1";
    assert_eq!(
        project.query(kinds),
        serde_json::json!([{"name": "orders", "kind": "BASE TABLE"}, {"name": "report", "kind": "VIEW"}])
    );
}
