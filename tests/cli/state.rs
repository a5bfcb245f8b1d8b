use crate::test_project::TestProject;

#[test]
fn deferral_needs_the_manifest_of_an_earlier_run() {
    let project = TestProject::new().model("주문", "select 1 as id");
    project.run("run --defer").exits(2).says("Runtime Error").says(
        "error[missing-state]: --state or --defer-state are required for deferral, but neither was provided",
    );
    project
        .run("run --defer --state 지난번")
        .exits(2)
        .says("error[missing-state]: Could not find manifest in --state path:")
        .says("지난번");
    project.write("지난번/manifest.json", "{\"metadata\": ");
    project.run("run --defer --state 지난번").exits(2).says("error[invalid-state]").says("is no JSON");
    project.write(
        "지난번/manifest.json",
        r#"{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v99.json"}}"#,
    );
    project
        .run("run --defer --defer-state 지난번 --state nowhere")
        .exits(2)
        .says("error[invalid-state]: Expected a schema version of")
        .says("manifest/v99.json");
    project.run("run --state project.yml").exits(2).says("error[invalid-flag]: `--state` must be a folder");
    project.run("run --state 지난번").succeeds();
}
