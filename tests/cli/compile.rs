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
