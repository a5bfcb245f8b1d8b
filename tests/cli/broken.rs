use std::process::Stdio;

use crate::test_project::TestProject;

#[test]
fn bytes_that_are_not_utf_8_are_told_with_their_place_and_the_rest_is_read() {
    let project = TestProject::new()
        .file("models/a.sql", b"select 1 as id,\n  '\xb0\xa1' as name\n")
        .file("models/schema.yml", b"models:\n  - name: b\n    description: \"\xff\"\n")
        .model("b", "select * from {{ ref('nope') }}");
    project
        .run("build")
        .exits(2)
        .says("error[invalid-utf8]")
        .says("models/a.sql:2:4")
        .says("models/schema.yml:3:19")
        .says("error[unresolved-ref]");
    assert!(!project.exists("target/manifest.json"));
}

#[test]
fn a_seed_that_is_not_utf_8_is_told_at_its_line() {
    let project = TestProject::new().file("seeds/a.csv", b"id,name\n1,kim\n2,\xb0\xa1\n");
    project.run("build").exits(2).says("error[invalid-utf8]").says("seeds/a.csv:3:3");
}

#[test]
fn an_unknown_flag_is_a_coded_error_with_a_hint() {
    let project = TestProject::new().model("a", "select 1 as id");
    project
        .run("build --full-refesh")
        .exits(2)
        .says("error[invalid-usage]")
        .says("--full-refresh")
        .says("Usage:");
    project.run("biuld").exits(2).says("error[invalid-usage]").says("build");
}

#[test]
fn variables_that_are_no_mapping_are_told() {
    let project = TestProject::new().model("a", "select 1 as id");
    project.run_with(["build", "--vars", "[1, 2]"]).exits(2).says("error[invalid-vars]");
    project.run_with(["build", "--vars", "{a: [1"]).exits(2).says("error[invalid-vars]");
}

#[test]
fn a_database_that_another_process_has_open_is_told_with_its_process() {
    let project = TestProject::new().model("a", "select 1 as id").model(
        "slow",
        "{{ config(materialized='table') }} select count(*) as n from range(100000000) a, range(100000) b",
    );
    project.run("build --select a").succeeds();
    let mut holder = project
        .command(["run", "--select", "slow"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = holder.id().to_string();
    project.wait_for("target/compiled/shop/models/slow.sql");
    let told = project.run("build --select a");
    holder.kill().unwrap();
    holder.wait().unwrap();
    told.exits(2).says("error[database-locked]").says(&pid);
    project.run("build --select a").succeeds();
}

#[test]
fn a_target_that_is_a_file_cannot_be_written() {
    let project = TestProject::new().model("a", "select 1 as id").file("target", "not a folder").file(
        "profiles.yml",
        "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb}\n",
    );
    let project = project.file("project.yml", "name: shop\nprofile: shop\n");
    project.run("build").exits(2).says("error[cannot-write-file]").says("target").says_nothing_of("START");
    assert_eq!(project.read("target"), "not a folder");
}

#[test]
fn a_file_that_is_no_database_is_told() {
    let project = TestProject::bare()
        .file("project.yml", "name: shop\nprofile: shop\n")
        .file(
            "profiles.yml",
            "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb}\n",
        )
        .file(
            "shop.duckdb",
            "this is text, and long enough to be looked at as if it were a database header\n".repeat(200),
        )
        .model("a", "select 1 as id");
    project.run("build").exits(2).says("error[connection-failed]").says("shop.duckdb");
    assert!(project.read("shop.duckdb").starts_with("this is text"));
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    use std::os::unix::fs::symlink;
    let project = TestProject::new().model("a", "select 1 as id");
    symlink("b.sql", project.path("models/b.sql")).unwrap();
    project.run("build").exits(2).says("error[cannot-read-file]");
}

#[test]
fn an_empty_folder_says_what_to_do() {
    TestProject::bare().run("build").exits(2).says("error[invalid-project]").says("xform init");
}

#[test]
fn a_bare_folder_of_queries_is_a_project() {
    let project = TestProject::bare()
        .file("상품.csv", "id,이름\n1,사과\n")
        .file("보고서.sql", "select count(*) as n from {{ ref('상품') }}");
    project.run("build").succeeds().says("PASS=2");
}

#[test]
fn a_pipe_that_closes_early_is_no_panic() {
    let project = TestProject::new().model("a", "select 1 as id");
    let mut child = project.command(["build"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}
