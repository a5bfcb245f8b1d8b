//! What `check` finds, in the formats of other tools.

use serde_json::Value;

use crate::test_project::TestProject;

#[test]
fn sarif_has_a_rule_a_place_and_the_calls_that_led_there() {
    let project = TestProject::new()
        .model("주문", "select 1 as id, 2 as amount")
        .model("report", "select {{ revenue() }} as revenue from {{ ref('주문') }}");
    project.write(
        "macros/money.sql",
        "{% macro revenue() %}sum({{ paid() }}){% endmacro %}\n{% macro paid() %}amuont{% endmacro %}\n",
    );
    let output = project.command(["--quiet", "check", "--output", "sarif"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!(rule["id"], "unknown-column");
    assert!(rule["help"]["markdown"].as_str().unwrap().starts_with("# unknown-column\n"));
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 1, "{log:#}");
    let result = &results[0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"unknown-column".into(), &"error".into()));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "macros/money.sql");
    assert_eq!(
        place["region"],
        serde_json::json!({"startLine": 2, "startColumn": 19, "endLine": 2, "endColumn": 25})
    );
    let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    let uris: Vec<&str> = steps
        .iter()
        .map(|step| step["location"]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap())
        .collect();
    assert_eq!(uris, ["models/report.sql", "macros/money.sql", "macros/money.sql"]);
}

#[test]
fn nothing_wrong_is_an_empty_log_and_no_annotation() {
    let project = TestProject::new().model("orders", "select 1 as id");
    let sarif = project.command(["--quiet", "check", "--output", "sarif"]).output().unwrap();
    assert_eq!(sarif.status.code(), Some(0));
    let log: Value = serde_json::from_slice(&sarif.stdout).unwrap();
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    let github = project.command(["--quiet", "check", "--output", "github"]).output().unwrap();
    assert_eq!((github.status.code(), github.stdout.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn what_a_build_left_out_is_found_out_when_somebody_asks() {
    let project = TestProject::new()
        .model("주문", "select 1 as id, 2 as amount")
        .model("report", "select sum(amount) as revenue from {{ ref('주문') }}");
    let answer = |arguments: &[&str]| -> Value {
        let output = project.command(arguments).output().unwrap();
        let mut answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["summary"]["elapsed"] = Value::Null;
        answer
    };
    project.run("build").succeeds();
    let check = ["--quiet", "check", "--output", "json"];
    let after_build = answer(&check);
    std::fs::remove_dir_all(project.path("target")).unwrap();
    let alone = answer(&check);
    assert_eq!(after_build, alone);
    assert_eq!(alone["nodes"][0]["columns"][0]["made_of"][0]["column"], "amount");
}

#[test]
fn what_a_template_says_is_heard_as_often_with_a_check() {
    let project = TestProject::new()
        .model("주문", "{{ log('안녕', info=true) }} select 1 as id")
        .model("report", "select * from {{ ref('주문') }}");
    for command in ["build", "compile", "run"] {
        let count = |command: &str| project.run(command).succeeds().text().matches("안녕").count();
        let (with, without) = (count(command), count(&format!("{command} --no-check")));
        assert!(with > 0 && with == without, "{command}: {with} and {without} times");
    }
}
