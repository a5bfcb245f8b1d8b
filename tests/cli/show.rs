use serde_json::{Value, json};

use crate::test_project::TestProject;

#[test]
fn the_first_rows_are_shown_as_a_table() {
    let project = TestProject::new().model("a", "select id, '이름' || id as name from range(9) as t(id)");
    let ran = project.run("show --select a --limit 2").succeeds();
    ran.says("Previewing node 'a'").says("이름0").says("이름1").says_nothing_of("이름2");
    project.run("show").exits(2).says("error[invalid-usage]").says("--select");
    project.run("show a").exits(2).says("--select a");
    project.run("show --select a --limit x").exits(2).says("whole number");
    let json = project.run("show --select a --limit 1 --output json").succeeds().stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json, json!({"node": "a", "show": [{"id": 0, "name": "이름0"}]}));
}

#[test]
fn inline_queries_see_the_project() {
    let project = TestProject::new().file("seeds/a.csv", "id\n7\n");
    project.run("seed").succeeds();
    assert_eq!(project.query("select id + 1 as id from {{ ref('a') }} -- 끝"), json!([{"id": 8}]));
    project
        .run_with(["show", "--inline", "select idd from {{ ref('a') }}"])
        .exits(1)
        .says("error[database-error]")
        .says("idd");
}

#[test]
fn a_limit_of_the_query_itself_leaves_no_place_for_another() {
    let project = TestProject::new().model("주문", "select 1 as id limit 20");
    project.run("show --select 주문").exits(1).says("error[database-error]").says("--limit -1");
    project.run("show --select 주문 --limit -1").succeeds().says("id");
}

#[test]
fn a_project_writes_the_query_of_a_preview_in_its_own_way() {
    let text = "{% macro get_show_sql(compiled_code, sql_header, limit) -%}
        from ({{ compiled_code }}) limit 1
        {%- endmacro %}";
    let project =
        TestProject::new().model("a", "select range as id from range(9)").file("macros/show.sql", text);
    let json = project.run("show --select a --output json").succeeds().stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["show"], json!([{"id": 0}]));
}
