use serde_json::Value;

use crate::test_project::TestProject;

fn results(project: &TestProject) -> Value {
    serde_json::from_str(&project.read("target/run_results.json")).unwrap()
}

fn statuses(project: &TestProject) -> Vec<String> {
    let results = results(project);
    let all = results["results"].as_array().unwrap().iter();
    all.map(|one| format!("{} {}", one["unique_id"].as_str().unwrap(), one["status"].as_str().unwrap()))
        .collect()
}

/// `b` fails while `bad` is true; `c` stands on it.
fn project() -> TestProject {
    TestProject::new()
        .model("a", "select 1 as id")
        .model("b", "select {{ 'nope' if var('bad', true) else 2 }} as id from {{ ref('a') }}")
        .model("c", "select * from {{ ref('b') }}")
        .file(
            "models/schema.yml",
            "models:\n  - name: a\n    columns:\n      - name: id\n        data_tests: [not_null]\n  \
             - name: c\n    columns:\n      - name: id\n        data_tests: [not_null]\n",
        )
}

#[test]
fn what_failed_or_was_skipped_is_tried_again_with_the_same_arguments() {
    let project = project();
    project.run("build --select a+ --threads 2 --full-refresh").exits(1);
    project
        .run("retry")
        .exits(1)
        .says("1 of 3 ERROR creating sql view model main.b")
        .says_nothing_of("main.a");
    project.run("retry --vars {\"bad\":false}").succeeds().says("Done. PASS=3");
    assert_eq!(
        statuses(&project),
        ["model.shop.b success", "model.shop.c success", "test.shop.not_null_c_id.2f016e14d2 pass"]
    );
    let args = results(&project)["args"].clone();
    assert_eq!(args["which"], "build");
    assert_eq!(args["select"], serde_json::json!(["a+"]));
    assert_eq!((&args["threads"], &args["full_refresh"]), (&Value::from(2), &Value::from(true)));
    assert_eq!(args["vars"], serde_json::json!({"bad": false}));
    assert!(args["invocation_command"].as_str().unwrap().starts_with("xform retry"), "{args}");
    project.run("retry").succeeds().says("Nothing to do");
    assert_eq!(results(&project)["results"], serde_json::json!([]));
}

#[test]
fn without_an_earlier_run_there_is_nothing_to_go_on_with() {
    let project = project();
    project
        .run("retry")
        .exits(2)
        .says("error[missing-state]: Could not find previous run in 'target' target directory");
    project
        .run("retry --state 지난번")
        .exits(2)
        .says("Could not find previous run in '지난번' --state directory");
    project.write("target/run_results.json", "[]");
    project.run("retry").exits(2).says("error[invalid-state]");
    let schema = "https://schemas.getdbt.com/dbt/run-results/v6.json";
    let artifact = |args: &str| {
        format!(r#"{{"metadata": {{"dbt_schema_version": "{schema}"}}, "results": [], "args": {args}}}"#)
    };
    project.write("target/run_results.json", artifact(r#"{"which": "debug"}"#));
    project
        .run("retry")
        .exits(2)
        .says("error[invalid-usage]: the earlier command `debug` cannot be tried again");
    project.write("target/run_results.json", artifact(r#"{"which": "run", "threads": "many"}"#));
    project
        .run("retry")
        .exits(2)
        .says("error[invalid-state]: the arguments of the earlier command cannot be used");
}

#[test]
fn results_can_lie_elsewhere() {
    let project = project();
    project.run("run --target-path 다른곳").exits(1);
    project.run("retry --target-path 다른곳").exits(1).says("1 of 2 ERROR");
    std::fs::rename(project.path("다른곳"), project.path("지난번")).unwrap();
    project.run("retry --state 지난번").exits(1).says("1 of 2 ERROR");
    assert_eq!(statuses(&project), ["model.shop.b error", "model.shop.c skipped"]);
}

#[test]
fn a_node_that_is_gone_cannot_be_tried_again() {
    let project = project();
    project.run("run").exits(1);
    std::fs::remove_file(project.path("models/b.sql")).unwrap();
    project.write("models/c.sql", "select 1 as id");
    project
        .run("retry")
        .exits(2)
        .says("Compilation Error")
        .says("Couldn't find model 'model.shop.b' -- does it exist or is it disabled?");
}

#[test]
fn operations_are_tried_again_too() {
    let project = TestProject::new().file(
        "macros/op.sql",
        "{% macro op(n) %}{% do log('n is ' ~ n, info=true) %}{% if var('bad', true) %}\
         {{ exceptions.raise_compiler_error('boom') }}{% endif %}{% endmacro %}",
    );
    project.run_with(["run-operation", "op", "--args", "{n: 2}"]).exits(1).says("n is 2");
    assert_eq!(statuses(&project), ["macro.shop.op error"]);
    project.run_with(["retry", "--vars", "{bad: false}"]).succeeds().says("n is 2");
    assert_eq!(statuses(&project), ["macro.shop.op success"]);
    project.run("retry").succeeds().says("Nothing to do").says_nothing_of("n is 2");
}

#[test]
fn whether_warnings_are_errors_is_said_anew_and_failing_fast_is_not() {
    let project = TestProject::new().model("a", "select 1 as id").model("z", "select 1 as id").file(
        "models/schema.yml",
        "models:\n  - name: a\n    columns:\n      - name: id\n        data_tests:\n          \
             - accepted_values: {arguments: {values: [2]}, config: {severity: warn}}\n",
    );
    project.run("run").succeeds();
    project.run("test --warn-error").exits(1).says("FAIL 1");
    project.run("retry").succeeds().says("WARN 1");
    project.write("models/a.sql", "select nope as id");
    project.run("run --fail-fast --threads 1").exits(1);
    let messages: Vec<_> =
        results(&project)["results"].as_array().unwrap().iter().map(|one| one["message"].clone()).collect();
    assert_eq!(messages[1], "Skipping due to fail_fast");
    project.run("retry").exits(1);
    assert_eq!(statuses(&project), ["model.shop.a error", "model.shop.z skipped"]);
    project.run("retry --no-fail-fast").exits(1).says("OK created sql view model main.z");
}

#[test]
fn hooks_run_again_with_what_they_held_up() {
    let project = project();
    project.write(
        "project.yml",
        "name: shop\non-run-start: \"{{ 'nonsense' if var('bad', true) else 'select 1' }}\"\n",
    );
    project.run("run").exits(1);
    project.run("retry --vars {\"bad\":false}").succeeds().says("OK hook").says("main.a").says("main.c");
}

#[test]
fn of_a_microbatch_model_only_the_batches_that_failed_are_tried_again() {
    let project = TestProject::new()
        .env("XFORM_TEST_NOW", "2026-01-03T12:00:00Z")
        .model(
            "input",
            "{{ config(materialized='table', event_time='날') }} select * from (values \
             (timestamp '2026-01-01 01:00:00'), (timestamp '2026-01-02 01:00:00'), (timestamp '2026-01-03 01:00:00')) as t(날)",
        )
        .model(
            "나날",
            "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='날', \
             batch_size='day', begin='2026-01-01', concurrent_batches=false) }} \
             select 날, cast(case when 날::date = date '2026-01-02' then '{{ var('two', 'x') }}' else '1' end as int) as v \
             from {{ ref('input') }}",
        );
    project.run("run").exits(1).says("PARTIAL SUCCESS");
    assert_eq!(statuses(&project), ["model.shop.input success", "model.shop.나날 partial success"]);
    project.run("retry --vars {\"two\":2}").succeeds();
    let batches = results(&project)["results"][0]["batch_results"].clone();
    assert_eq!(batches["failed"], serde_json::json!([]));
    assert_eq!(batches["successful"].as_array().map(Vec::len), Some(3));
    let rows = project.query("select v, count(*) as n from 나날 group by v order by v");
    assert_eq!(rows, serde_json::json!([{"v": 1, "n": 2}, {"v": 2, "n": 1}]));
}
