use serde_json::{Value, json};

use crate::test_project::TestProject;

/// Two unit tests, of which one fails.
fn shop() -> TestProject {
    TestProject::new()
        .model("names", "select 1 as id, 'kim' as name")
        .model("upper_names", "select id, upper(name) as name from {{ ref('names') }}")
        .model("greetings", "select 'hi ' || name as text from {{ ref('upper_names') }}")
        .file(
            "models/schema.yml",
            "unit_tests:
  - name: in_capitals
    model: upper_names
    config: {tags: [fast], meta: {owner: 김}}
    given: [{input: ref('names'), rows: [{id: 1, name: lee}]}]
    expect: {rows: [{name: LEE}]}
  - name: in_korean
    model: upper_names
    given: [{input: ref('names'), rows: [{id: 1, name: lee}, {id: 2, name: 김}]}]
    expect: {rows: [{id: 1, name: 이}, {id: 2, name: 김}]}
",
        )
}

fn results(project: &TestProject) -> Vec<Value> {
    let written: Value = serde_json::from_str(&project.read("target/run_results.json")).unwrap();
    written["results"].as_array().unwrap().clone()
}

#[test]
fn a_failed_unit_test_holds_back_its_model_and_what_is_built_on_it() {
    let project = shop();
    let ran = project.run("build --threads 1").exits(1);
    let ran = ran.says("START unit_test upper_names::in_korean").says("FAIL 1 upper_names::in_korean");
    let ran = ran.says("PASS upper_names::in_capitals").says("SKIP relation main.greetings");
    let ran = ran.says("actual differs from expected:").says("→ ,1 ,이→LEE");
    ran.says("Done. PASS=2 WARN=0 ERROR=1 SKIP=2 NO-OP=0 TOTAL=5");
    let results = results(&project);
    let of = |id: &str| results.iter().find(|result| result["unique_id"] == id).unwrap().clone();
    let failed = of("unit_test.shop.upper_names.in_korean");
    assert_eq!((&failed["status"], &failed["failures"]), (&json!("fail"), &json!(1)));
    assert!(failed["message"].as_str().unwrap().contains("actual differs from expected"), "{failed}");
    assert_eq!(failed["relation_name"], Value::Null);
    assert_eq!(of("unit_test.shop.upper_names.in_capitals")["status"], "pass");
    assert_eq!(of("model.shop.upper_names")["status"], "skipped");
    let left = project.query("select table_name from information_schema.tables order by 1");
    assert_eq!(left, json!([{"table_name": "names"}]));
    let compiled = project.read("target/compiled/shop/models/schema.yml/models/in_korean.sql");
    assert!(compiled.starts_with("with __dbt__cte__names as ("), "{compiled}");
}

#[test]
fn unit_tests_are_selected_listed_and_written_down() {
    let project = shop();
    project.run("run").succeeds();
    let listed = |arguments: &str| project.run(&format!("ls --quiet {arguments}")).succeeds().stdout;
    let all = "unit_test:shop.in_capitals\nunit_test:shop.in_korean\n";
    assert_eq!(listed("--select test_type:unit"), all);
    assert_eq!(listed("--resource-type unit_test"), all);
    assert_eq!(listed("--select unit_test:in_k*"), "unit_test:shop.in_korean\n");
    assert_eq!(listed("--select tag:fast"), "unit_test:shop.in_capitals\n");
    assert_eq!(listed("--select upper_names"), format!("shop.upper_names\n{all}"));
    project.run("test --select in_capitals").succeeds().says("PASS=1");
    project.run("test --exclude in_korean").succeeds().says("PASS=1");
    let manifest: Value = serde_json::from_str(&project.read("target/manifest.json")).unwrap();
    let test = &manifest["unit_tests"]["unit_test.shop.upper_names.in_capitals"];
    assert_eq!(test["model"], "upper_names");
    assert_eq!(
        test["given"],
        json!([{
            "input": "ref('names')",
            "rows": [{"id": 1, "name": "lee"}],
            "format": "dict",
            "fixture": null,
        }])
    );
    assert_eq!(test["depends_on"], json!({"macros": [], "nodes": ["model.shop.upper_names"]}));
    assert_eq!(test["fqn"], json!(["shop", "upper_names", "in_capitals"]));
    assert_eq!(test["config"]["tags"], json!(["fast"]));
    assert_eq!(test["overrides"], Value::Null);
}

#[test]
fn a_table_that_is_expected_leaves_nothing_behind_whatever_happens() {
    let project = TestProject::new()
        .model("counts", "{{ config(materialized='incremental', unique_key='id') }} select 1 as id, 2 as n")
        .file(
            "models/schema.yml",
            "xform_unit_tests:
  - name: keeps_the_old
    model: counts
    given: [{input: this, format: sql, rows: 'select 1 as id, 1 as n'}]
    expect: {result: table, rows: [{id: 1, n: 1}]}
  - name: bad_rows
    model: counts
    given: [{input: this, format: sql, rows: 'select 1 as other'}]
    expect: {result: table, rows: [{id: 1}]}
",
        );
    let ran = project.run("test").exits(1);
    let ran = ran.says("→ ,1 ,1→2").says("FAIL 1 counts::keeps_the_old");
    ran.says("ERROR counts::bad_rows");
    let schemas = "select schema_name from information_schema.schemata where schema_name like 'xform%'";
    assert_eq!(project.query(schemas), json!([]));
}
