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

#[test]
fn what_is_wrong_in_a_profile_is_told_at_its_key_and_shows_no_value() {
    for (output, place, told) in [
        (
            "{type: duckdb, pth: hunter2}",
            "profiles.yml:4:25",
            "error[invalid-profile]: target `dev`: a duckdb target has no key `pth`",
        ),
        ("{type: duckdb, plugins: [hunter2]}", "profiles.yml:4:25", "error[not-supported]"),
        (
            "{type: duckdb, attach: [{path: a.db}, {path: 'pg:hunter2', tpye: postgres}]}",
            "profiles.yml:4:69",
            "`type`",
        ),
        ("{type: duckdb, secrets: [{key_id: k, secret: hunter2}]}", "profiles.yml:4:36", "has no `type`"),
        ("{type: duckdb, filesystems: [{fs: s3, kee: hunter2}]}", "profiles.yml:4:48", "`kee`"),
        ("{type: duckdb, retries: {connect_attempts: 0}}", "profiles.yml:4:35", "a whole number above 0"),
        (
            "{type: postgres, host: h, user: u, dbname: d, schema: s, pasword: hunter2}",
            "profiles.yml:4:67",
            "`password`",
        ),
        (
            "{type: postgres, host: h, user: u, dbname: d, schema: s, port: '54a', password: hunter2}",
            "profiles.yml:4:67",
            "write `port: 5432`",
        ),
        (
            "{type: postgres, host: h, user: u, schema: s, password: hunter2}",
            "profiles.yml:4:11",
            "has no `dbname`",
        ),
        (
            "{type: postgres, host: h, user: u, password: \"hunter2}",
            "profiles.yml:4:55",
            "error[invalid-yaml]",
        ),
    ] {
        let project = project(output);
        for command in ["build", "debug", "--log-format json build"] {
            let ended = project.run(command);
            assert_ne!(ended.code, Some(0), "{output}");
            ended.says_nothing_of("hunter2");
        }
        project.run("build").exits(2).says(place).says(told);
        assert!(!project.read("logs/dbt.log").contains("hunter2"), "{output}");
    }
}
