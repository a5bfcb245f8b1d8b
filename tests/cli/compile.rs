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
fn an_inline_mistake_is_underlined() {
    let project = TestProject::new().model("orders", "select 1 as id");
    project
        .run_with(["compile", "--inline", "select * from {{ ref('order') }}"])
        .exits(2)
        .says("error[unresolved-ref]")
        .says("`orders`");
}
