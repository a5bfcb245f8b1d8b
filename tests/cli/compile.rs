use serde_json::Value;

use crate::test_project::TestProject;

#[test]
fn compile_writes_sql_and_touches_no_table() {
    let project = TestProject::new()
        .model("a", "select {{ 1 + 1 }} as id")
        .file("analyses/b.sql", "select * from {{ ref('a') }}");
    project.run("compile").succeeds();
    assert_eq!(project.read("target/compiled/shop/models/a.sql").trim(), "select 2 as id");
    assert_eq!(
        project.read("target/compiled/shop/analyses/b.sql").trim(),
        "select * from \"shop\".\"main\".\"a\""
    );
}

#[test]
fn what_is_named_is_printed() {
    let project = TestProject::new().model("a", "select {{ 1 + 1 }} as id");
    project.run("compile --select a").succeeds().says("select 2 as id");
    let inline =
        project.run_with(["compile", "--quiet", "--inline", "select * from {{ ref('a') }}"]).succeeds();
    assert_eq!(inline.stdout.trim(), "select * from \"shop\".\"main\".\"a\"");
    let json = project.run("compile --quiet --select a --output json").succeeds();
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["compiled"], "select 2 as id");
}

#[test]
fn tests_of_what_is_named_are_not_printed() {
    let project = TestProject::new()
        .model("a", "select 1 as id")
        .model("b", "select 2 as id")
        .file("models/s.yml", "models:\n  - name: a\n    columns: [{name: id, data_tests: [unique]}]\n");
    assert_eq!(project.run("compile --select a").succeeds().stdout, "select 1 as id\n");
    assert_eq!(
        project.run("compile --select a b").succeeds().stdout,
        "-- a\nselect 1 as id\n\n-- b\nselect 2 as id\n"
    );
    project.run("compile --select unique_a_id").succeeds().says("having");
}

#[test]
fn an_inline_mistake_is_underlined() {
    let project = TestProject::new().model("orders", "select 1 as id");
    project
        .run_with(["compile", "--inline", "select * from {{ ref('order') }}"])
        .exits(2)
        .says("error[unresolved-ref]")
        .says("<inline query>:1:22")
        .says("`orders`");
}

#[test]
fn a_database_is_opened_only_where_something_is_asked_of_it() {
    let project = TestProject::new()
        .model("a", "select 1 as id")
        .model("asks", "select {{ run_query('select 7').columns[0].values()[0] if execute else 0 }} as n");
    project.run("compile --select a").succeeds();
    assert!(!project.exists("target/shop.duckdb"));
    project.run("compile --quiet --select a asks").succeeds().says("select 7 as n");
    assert!(project.exists("target/shop.duckdb"));
    project.write("target/shop.duckdb", "this is no database");
    project.run("compile --no-check --select a").succeeds();
    project.run("compile --no-check --select asks").exits(2);
    // What is in it counts for the check.
    project.run("compile --select a").exits(2);
}

#[test]
fn the_columns_of_a_seed_are_those_of_its_file_whatever_was_kept() {
    let project = TestProject::new()
        .file("seeds/매출.csv", "id,amount\n1,2\n")
        .model("a", "select amount from {{ ref('매출') }}");
    project.run("compile --select a").succeeds();
    assert!(project.exists("target/xform/judged.bin"));
    project.run("compile --select a").succeeds();
    project.write("seeds/매출.csv", "id,total\n1,2\n");
    project.run("compile --select a").exits(1).says("unknown-column");
    project.write("seeds/매출.csv", "id,amount\n1,2\n");
    project.write("target/xform/judged.bin", "something else");
    project.run("compile --select a").succeeds();
}
