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
    let project =
        TestProject::bare().file("project.yml", "name: shop\nmodls: {}\n").model("a", "select 1 as id");
    project.run("parse").succeeds().says("warning[unknown-key]");
    project.run("parse --warn-error").exits(2).says("error[unknown-key]");
    let project = project.env("DBT_WARN_ERROR", "1");
    project.run("parse").exits(2);
}

#[test]
fn a_flag_in_the_environment_that_cannot_be_read_is_told() {
    let project = TestProject::new().model("a", "select 1 as id").env("DBT_FAIL_FAST", "perhaps");
    project.run("parse").exits(2).says("error[invalid-flag]").says("DBT_FAIL_FAST");
}
