use std::io::Write as _;
use std::process::Stdio;

use crate::test_project::TestProject;

const UGLY: &str = "SELECT a,b FROM {{ref('x')}}\n";
const FINE: &str = "select\n    a,\n    b\nfrom {{ ref('x') }}\n";

fn shop() -> TestProject {
    TestProject::new()
        .model("주문", UGLY)
        .model("fine", FINE)
        .file("macros/m.sql", "{% macro m() %}SELECT 1{% endmacro %}\n")
}

#[test]
fn files_are_written_and_named() {
    let project = shop();
    project.run("format").succeeds().says("models/주문.sql").says("1 file formatted, 1 file as it should be");
    assert_eq!(project.read("models/주문.sql"), FINE);
    assert_eq!(project.read("macros/m.sql"), "{% macro m() %}SELECT 1{% endmacro %}\n");
    project.run("format").succeeds().says("0 files formatted, 2 files as it should be");
}

#[test]
fn a_check_writes_nothing_and_fails() {
    let project = shop();
    project.run("format --check").exits(1).says("models/주문.sql");
    assert_eq!(project.read("models/주문.sql"), UGLY);
    project.run("format").succeeds();
    project.run("format --check").succeeds();
}

#[test]
fn a_difference_is_printed() {
    let project = shop();
    let ran = project.run("format --diff").succeeds();
    assert_eq!(
        ran.stdout,
        "--- models/주문.sql\n+++ models/주문.sql\n@@ -1 +1,4 @@\n-SELECT a,b FROM {{ref('x')}}\n+select\n+    a,\n+    b\n+from {{ ref('x') }}\n"
    );
    assert_eq!(project.read("models/주문.sql"), UGLY);
}

#[test]
fn paths_and_selectors_choose_files() {
    let project = TestProject::new()
        .model("a/one", "SELECT 1 as id\n")
        .model("b/two", "SELECT * FROM {{ ref('one') }}\n")
        .model("b/three", "SELECT 3 as id\n");
    project.run("format models/a").succeeds().says("models/a/one.sql").says("1 file formatted");
    project
        .run("format --select +two")
        .succeeds()
        .says("models/b/two.sql")
        .says("1 file formatted, 1 file as");
    project.run("format models/b/three.sql").succeeds().says("models/b/three.sql");
    project.run("format nowhere.sql").exits(2).says("error[cannot-read-file]").says("`nowhere.sql`");
    project.write("scratch.sql", "SELECT 1");
    project.run("format scratch.sql").succeeds();
    assert_eq!(project.read("scratch.sql"), "select 1\n");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let project = TestProject::bare();
    let mut child = project
        .command(["format", "-", "--keyword-case", "upper", "--commas", "leading", "--indent", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"select a, b from x").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "SELECT\n  a\n  , b\nFROM x\n");
    assert!(output.status.success());
}

#[test]
fn line_ends_and_marks_stay() {
    let project = TestProject::new().model("a", "\u{feff}SELECT a,b\r\nFROM x -- 주석\r\n");
    project.run("format").succeeds();
    assert_eq!(project.read("models/a.sql"), "\u{feff}select\r\n    a,\r\n    b\r\nfrom x  -- 주석\r\n");
}

#[test]
fn the_project_file_sets_the_style() {
    let project = TestProject::bare()
        .file(
            "project.yml",
            "name: shop\nformat: {keyword_case: upper, commas: leading, indent: 2, line_length: 20}\n",
        )
        .model("a", "select coalesce(aaaaaa, bbbbbb, cccccc), d\n");
    project.run("format").succeeds();
    assert_eq!(
        project.read("models/a.sql"),
        "SELECT\n  coalesce(\n    aaaaaa\n    , bbbbbb\n    , cccccc\n  )\n  , d\n"
    );
    project.run("format --indent 4 --commas trailing").succeeds();
    assert!(project.read("models/a.sql").starts_with("SELECT\n    coalesce(\n        aaaaaa,\n"));
}

#[test]
fn settings_that_are_wrong_are_told() {
    let project =
        TestProject::bare().file("project.yml", "name: shop\nformat: {commas: trailling, width: 3}\n");
    let ran = project.run("format").exits(2);
    let ran = ran.says("error[invalid-project]: `trailling` is not one of trailing, leading");
    ran.says("warning[unknown-key]");
    // dbt reads no file with keys of its users' own.
    let project = TestProject::bare().file("dbt_project.yml", "name: shop\nformat: {indent: 2}\n");
    project.run("format").exits(2).says("error[invalid-project]");
}
