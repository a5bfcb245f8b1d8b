use crate::test_project::TestProject;

fn shop() -> TestProject {
    TestProject::new()
        .file("seeds/raw.csv", "id\n1\n")
        .model("staging/stg", "{{ config(tags=['daily']) }} select * from {{ ref('raw') }}")
        .model("mart", "select * from {{ ref('stg') }} where id in (select id from {{ source('app', 'users') }})")
        .file(
            "models/schema.yml",
            "sources:\n  - name: app\n    tables: [{name: users}]\nmodels:\n  - name: mart\n    columns:\n      - name: id\n        data_tests: [unique]\n",
        )
}

#[test]
fn names_come_one_a_line_and_no_database_is_opened() {
    let project = shop();
    let ran = project.run("ls --quiet").succeeds();
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        lines,
        ["shop.mart", "shop.raw", "shop.staging.stg", "shop.unique_mart_id", "source:shop.app.users"]
    );
    assert!(!project.exists("target/shop.duckdb"));
}

#[test]
fn standard_output_is_for_scripts() {
    let project = shop();
    let ran = project.run("ls --resource-type seed").succeeds();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("shop.raw\n", ""));
    let ran = project.run("ls --select rew").succeeds().says("warning[no-nodes-selected]");
    assert_eq!(ran.stdout, "");
    let ran = project.run("ls --select tagg:daily").exits(2).says("error[invalid-selector]");
    assert_eq!(ran.stdout, "");
    let json = project.run("ls --resource-type seed --log-format json").succeeds();
    assert!(json.stdout.lines().all(|line| line.starts_with('{')), "{}", json.stdout);
    json.says("ListCmdOut");
}

#[test]
fn output_can_be_names_paths_and_json() {
    let project = shop();
    assert_eq!(
        project.run("ls --quiet --output name --select stg+").succeeds().stdout,
        "mart\nstg\nunique_mart_id\n"
    );
    assert_eq!(
        project.run("ls --quiet --output path --resource-type model").succeeds().stdout,
        "models/mart.sql\nmodels/staging/stg.sql\n"
    );
    let json =
        project.run("ls --quiet --output json --select tag:daily --resource-type model").succeeds().stdout;
    let json: serde_json::Value = serde_json::from_str(json.trim()).unwrap();
    assert_eq!(json["unique_id"], "model.shop.stg");
    assert_eq!(json["config"]["materialized"], "view");
    let keys = project.run("ls --quiet --output json --output-keys name config.materialized --select stg --resource-type model").succeeds().stdout;
    assert_eq!(keys.trim(), r#"{"name":"stg","config.materialized":"view"}"#);
}

#[test]
fn a_resource_type_that_does_not_exist_is_told() {
    shop().run("ls --resource-type modl").exits(2).says("error[invalid-usage]").says("`model`");
}
