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
