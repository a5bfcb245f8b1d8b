use crate::test_project::TestProject;

fn project(output: &str) -> TestProject {
    TestProject::new()
        .file("project.yml", "name: shop\nprofile: shop\n")
        .file("profiles.yml", format!("shop:\n  target: dev\n  outputs:\n    dev: {output}\n"))
        .model("주문", "select 1 as id")
        .file("macros/kind.sql", "{% macro kind() %}{{ target.type }}{% endmacro %}")
        .model("b", "select id from {{ ref('주문') }}")
}

#[test]
fn a_warehouse_without_a_connection_lists_and_compiles() {
    let project = project("{type: bigquery, project: p-1, dataset: d}");
    project.run("parse").succeeds();
    let listed = project.run("ls --quiet").succeeds();
    assert_eq!(listed.stdout.lines().count(), 2);
    project.run("compile").succeeds();
    assert_eq!(project.read("target/compiled/shop/models/b.sql").trim(), "select id from `p-1`.`d`.`주문`");
}

#[test]
fn what_needs_the_warehouse_ends_in_a_coded_error() {
    let project = project("{type: snowflake, account: a, user: u, database: d, schema: s}");
    for command in ["run", "build", "show --select b", "run-operation kind"] {
        let ended = project.run(command).exits(2);
        ended.says("error[not-supported]: xform cannot connect to Snowflake yet");
    }
    project.run("debug").exits(1).says("error[not-supported]: xform cannot connect to Snowflake yet");
    // A template that asks the warehouse something says where.
    let project = project.model("c", "select {{ run_query('select 1').rows | length }} as n");
    let ended = project.run("compile").exits(1);
    ended.says("error[not-supported]: xform cannot connect to Snowflake yet").says("models/c.sql:1:11");
}
