use serde_json::json;

use crate::test_project::TestProject;

fn shop() -> TestProject {
    TestProject::new().file(
        "macros/grant.sql",
        "{% macro note(what, times=1) %}\n  {% do run_query('create or replace table main.log as select ' ~ times ~ ' as n') %}\n  {{ log('끝: ' ~ what, info=true) }}\n{% endmacro %}\n\
         {% macro fails() %}\n  {% do run_query('select nope') %}\n{% endmacro %}\n",
    )
}

#[test]
fn a_macro_is_called_with_arguments_by_name() {
    let project = shop();
    project
        .run_with(["run-operation", "note", "--args", "{what: 정리, times: 3}"])
        .succeeds()
        .says("끝: 정리");
    assert_eq!(project.query("select n from main.log"), json!([{"n": 3}]));
}

#[test]
fn what_goes_wrong_is_told() {
    let project = shop();
    project.run("run-operation nte").exits(2).says("error[missing-macro]").says("`note`");
    project
        .run_with(["run-operation", "note", "--args", "{waht: x}"])
        .exits(1)
        .says("error[invalid-arguments]")
        .says("waht");
    project.run_with(["run-operation", "note", "--args", "[1]"]).exits(2).says("error[invalid-arguments]");
    project.run("run-operation fails").exits(1).says("error[database-error]").says("macros/grant.sql");
}

#[test]
fn sql_is_run_in_place_of_a_macro_and_results_are_written() {
    let project = TestProject::new()
        .file("macros/m.sql", "{% macro fine() %}{% do run_query('select 1') %}{% endmacro %}");
    project
        .run_with(["run-operation", "--sql", "create table {{ target.schema }}.made as select 7 as n"])
        .succeeds();
    assert_eq!(project.query("select n from main.made"), serde_json::json!([{ "n": 7 }]));
    let results: serde_json::Value = serde_json::from_str(&project.read("target/run_results.json")).unwrap();
    assert_eq!(results["args"]["which"], "show", "that of the query above");
    project.run("run-operation fine").succeeds();
    let results: serde_json::Value = serde_json::from_str(&project.read("target/run_results.json")).unwrap();
    assert_eq!(results["results"][0]["unique_id"], "macro.shop.fine");
    assert_eq!(results["results"][0]["status"], "success");
    project.run_with(["run-operation", "--sql", "select nothing"]).exits(1).says("error[database-error]");
    project.run("run-operation").exits(2);
}
