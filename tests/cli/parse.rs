use crate::test_project::TestProject;

#[test]
fn parse_writes_the_manifest_and_opens_no_database() {
    let project = TestProject::new().model("a", "select 1 as id").model("b", "select * from {{ ref('a') }}");
    project.run("parse").succeeds();
    let manifest: serde_json::Value = serde_json::from_str(&project.read("target/manifest.json")).unwrap();
    assert_eq!(
        manifest["metadata"]["dbt_schema_version"],
        "https://schemas.getdbt.com/dbt/manifest/v12.json"
    );
    assert_eq!(manifest["nodes"]["model.shop.b"]["depends_on"]["nodes"], serde_json::json!(["model.shop.a"]));
    assert_eq!(manifest["child_map"]["model.shop.a"], serde_json::json!(["model.shop.b"]));
    assert!(!project.exists("target/shop.duckdb"));
}

#[test]
fn a_project_with_mistakes_leaves_the_old_manifest() {
    let project = TestProject::new().model("a", "select 1 as id");
    project.run("parse").succeeds();
    let before = project.read("target/manifest.json");
    project.write("models/b.sql", "select * from {{ ref('c') }}");
    project.run("parse").exits(2).says("Encountered an error:").says("Compilation Error");
    assert_eq!(project.read("target/manifest.json"), before);
}

#[test]
fn warnings_are_errors_where_that_is_asked_for() {
    let project = TestProject::new()
        .model("a", "{% do exceptions.warn('조심') %} select 1 as id")
        .model("b", "select 1 as id");
    project.run("parse").succeeds().says("[WARNING]: 조심").says("warning[user-warning]");
    project.run("parse --warn-error").exits(2).says("error[user-warning]");
    let only = |options: &str| project.run_with(["--warn-error-options", options, "parse"]);
    only("{error: [JinjaLogWarning]}").exits(2).says("error[user-warning]");
    only("{error: all, warn: [JinjaLogWarning]}").succeeds().says("warning[user-warning]");
    assert!(!only("{silence: [JinjaLogWarning]}").succeeds().stdout.contains("조심"));
    let ran = only("{error: [NoSuchWarning]}").exits(2).says("error[invalid-flag]");
    assert!(
        ran.stderr.contains("Usage: xform") && ran.stderr.contains("Error: NoSuchWarning is not"),
        "{}",
        ran.stderr
    );
    project
        .run_with(["--warn-error", "--warn-error-options", "{}", "parse"])
        .exits(2)
        .says("error[invalid-flag]");
    let project = project.env("DBT_WARN_ERROR", "1");
    project.run("parse").exits(2);
}

#[test]
fn a_key_that_the_project_file_does_not_have_is_an_error_as_in_dbt() {
    let project =
        TestProject::bare().file("project.yml", "name: shop\nmodls: {}\n").model("a", "select 1 as id");
    project.run("parse").exits(2).says("error[invalid-project]").says("`models`");
}

#[test]
fn deprecations_are_told_once_a_kind_and_counted() {
    let project = TestProject::bare()
        .file("project.yml", "name: shop\nmodel-paths: [models]\ntarget-path: out\nlog-path: logs\n")
        .model("a", "select 1 as id");
    let ran = project.run("run -m a").succeeds().says("[WARNING][ConfigTargetPathDeprecation]");
    assert!(ran.stdout.contains("- ConfigTargetPathDeprecation: 1 occurrence\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("- ModelParamUsageDeprecation: 1 occurrence\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("ConfigLogPath"), "that is the default");
    project
        .run_with(["--warn-error-options", "{error: [Deprecations]}", "parse"])
        .exits(2)
        .says("error[deprecated]");
    let told: Vec<serde_json::Value> = project
        .run("parse --log-format json")
        .succeeds()
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told[0]["info"]["name"], "MainReportVersion");
    let named = |name: &str| told.iter().filter(|event| event["info"]["name"] == name).collect::<Vec<_>>();
    let [event] = named("ConfigTargetPathDeprecation")[..] else { panic!("{told:?}") };
    assert_eq!(event["data"]["deprecated_path"], "target-path");
    let [summary] = named("DeprecationsSummary")[..] else { panic!("{told:?}") };
    assert_eq!(summary["data"]["summaries"][0]["event_name"], "ConfigTargetPathDeprecation");
}

#[test]
fn the_command_line_is_refused_in_words_that_tools_know() {
    let project = TestProject::new().model("a", "select 1 as id");
    for (arguments, words) in [
        ("--bogus run", "Error: No such option '--bogus'."),
        ("nosuch", "Error: No such command 'nosuch'."),
        ("run --threads x", "Error: Invalid value for '--threads'"),
        ("run --project-dir 없음", "Error: Invalid value for '--project-dir': Path '없음' does not exist."),
    ] {
        let ran = project.run(arguments).exits(2);
        assert!(ran.stderr.contains("Usage: xform") && ran.stderr.contains(words), "{}", ran.stderr);
        assert!(ran.stderr.contains("error[invalid-usage]"), "{}", ran.stderr);
    }
    let ran = project.run("--use-v2-parser run").exits(2);
    assert!(ran.stderr.contains("error[not-supported]"), "{}", ran.stderr);
}

#[test]
fn the_log_is_written_also_where_the_project_cannot_be_opened() {
    let project = TestProject::new().model("a", "select {{ ").file(".env", "DBT_ENV_SECRET_WORD=열려라\n");
    project.run("parse").exits(2);
    assert!(project.read("logs/dbt.log").contains("Encountered an error:"));
    let project = project.model("a", "select '열려라' as word {{ exceptions.warn('열려라') }}");
    let ran = project.run("parse").succeeds().says("[WARNING]: *****");
    assert!(!ran.stdout.contains("열려라") && !project.read("logs/dbt.log").contains("열려라"));
}

#[test]
fn a_flag_in_the_environment_that_cannot_be_read_is_told() {
    let project = TestProject::new().model("a", "select 1 as id").env("DBT_FAIL_FAST", "perhaps");
    project.run("parse").exits(2).says("error[invalid-flag]").says("DBT_FAIL_FAST");
}
