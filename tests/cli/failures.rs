//! What goes wrong while a run is under way: each ends with a code and an exit code, never
//! with a hang.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::test_project::{Ran, TestProject};

const SLOW: &str =
    "{{ config(materialized='table') }} select count(*) as n from range(100000000) a, range(100000) b";

/// A command that is under way once the file is there.
fn started(project: &TestProject, arguments: &[&str], file: &str) -> Child {
    let child = project.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while !project.exists(file) {
        assert!(began.elapsed() < Duration::from_mins(2), "`{file}` was never written");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
}

fn ended(child: Child, project: &TestProject) -> Ran {
    Ran::new(&child.wait_with_output().unwrap(), &project.path(""))
}

#[test]
fn a_file_that_is_deleted_under_a_run_is_told() {
    let project = TestProject::new().model(
        "slow",
        "{{ config(materialized='table') }} select count(*) as n from range(40000) a, range(20000) b",
    );
    let child = started(&project, &["run"], "target/compiled/shop/models/slow.sql");
    std::fs::remove_file(project.path("target/shop.duckdb")).unwrap();
    ended(child, &project).exits(2).says("error[connection-failed]").says("shop.duckdb` was deleted");
    project.run("run").succeeds();
}

#[test]
fn sigterm_cancels_as_ctrl_c_does() {
    let project = TestProject::new().model("slow", SLOW).model("last", "select * from {{ ref('slow') }}");
    let child = started(&project, &["run"], "target/compiled/shop/models/slow.sql");
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, "-TERM");
    ended(child, &project).exits(1).says("CANCEL sql table model main.slow").says("Left undone: last");
}

#[test]
fn ctrl_c_reaches_a_hook_and_what_would_follow_is_left_undone() {
    let slow = "{{ print('now') if execute }} create table main.slow as select count(*) as n from range(100000000) a, range(100000) b";
    let project = TestProject::bare()
        .file(
            "project.yml",
            format!(
                "name: shop\non-run-start: \"{slow}\"\non-run-end: \"create table main.ended (n int)\"\n"
            ),
        )
        .model("a", "select 1 as id");
    let mut child = project.command(["run"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.ends_with("now")));
    signal(&child, "-INT");
    let rest: Vec<String> = lines.collect();
    let rest = rest.join("\n");
    ended(child, &project).exits(1);
    assert!(rest.contains("error[cancelled]") && rest.contains("Left undone: a"), "{rest}");
    assert_eq!(project.query("select table_name from information_schema.tables"), json!([]));
}

#[test]
fn a_second_ctrl_c_ends_the_program_at_once() {
    let project = TestProject::new()
        // A template that takes long cannot be cancelled.
        .model("busy", "{% if execute %}{{ dbt.current_timestamp() }}{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}{% endif %} select 1 as id")
        .model("first", "{{ config(materialized='table') }} select {% if execute %}{{ run_query('select 1').rows | length }}{% endif %} as id");
    let child = project.command(["run"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    signal(&child, "-INT");
    std::thread::sleep(Duration::from_millis(300));
    // The first may have done, when it came before the run began.
    let _ = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).output();
    let began = Instant::now();
    ended(child, &project).exits(130);
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_failure_inside_of_the_transaction_undoes_what_hooks_did() {
    let project = TestProject::new()
        .model(
            "a",
            "{{ config(materialized='table', pre_hook=['create table if not exists main.log (n int)', \
             'insert into main.log values (1)'], post_hook=\"insert into main.log values ('x')\") }} select 1 as id",
        )
        .model("b", "select 1 as id");
    project
        .run("run --threads 1")
        .exits(1)
        .says("error[database-error]")
        .says("insert into main.log values ('x')")
        .says("PASS=1 WARN=0 ERROR=1");
    assert_eq!(
        project.query("select table_name from information_schema.tables"),
        json!([{"table_name": "b"}])
    );
}

#[test]
fn hooks_of_many_models_write_to_one_table() {
    // Each of these would give way to the others, was it not tried again.
    let mut project = TestProject::bare().file(
        "project.yml",
        "name: shop\nmodels:\n  +pre-hook: \"update main.log set n = n + 1\"\non-run-start: \"create or replace table main.log as select 0 as n\"\n",
    );
    for at in 0..24 {
        let kind = if at % 2 == 0 { "table" } else { "view" };
        project = project
            .model(&format!("m{at}"), &format!("{{{{ config(materialized='{kind}') }}}} select {at} as id"));
    }
    project.run("run --threads 4").succeeds().says("PASS=25");
    assert_eq!(project.query("select cast(n as int) as n from main.log"), json!([{"n": 24}]));
}

#[test]
fn a_hook_that_fails_before_the_run_holds_everything_back() {
    let project = TestProject::bare()
        .file(
            "project.yml",
            "name: shop\non-run-start: [\"select * from nowhere\", \"create table main.second as select 1 as id\"]\n\
             on-run-end: \"create table main.ended as select 1 as id\"\n",
        )
        .model("a", "select 1 as id");
    project
        .run("run")
        .exits(1)
        .says("error[database-error]")
        .says("project.yml:2:")
        .says("SKIP hook: shop.on-run-start.1")
        .says("SKIP relation main.a")
        .says("OK hook: shop.on-run-end.0");
    assert_eq!(
        project.query("select table_name from information_schema.tables"),
        json!([{"table_name": "ended"}])
    );
}

#[test]
fn fail_fast_calls_what_it_cancels_skipped() {
    let mut project = TestProject::bare()
        .file("project.yml", "name: shop\non-run-end: \"create table main.ended as select 1 as id\"\n")
        .model("bad", "select * from nowhere");
    for at in 0..5 {
        project = project.model(&format!("slow{at}"), SLOW);
    }
    project
        .run("run --threads 4 --fail-fast")
        .exits(1)
        .says("OK hook: shop.on-run-end.0")
        .says_nothing_of("error[cancelled]")
        .says("Done. PASS=1 WARN=0 ERROR=1 SKIP=5 NO-OP=0 TOTAL=7");
}

#[test]
fn a_defect_fails_one_node_and_the_rest_goes_on() {
    let project = TestProject::new()
        .model("a", "{{ config(materialized='table') }} select 1 as id")
        .model("b", "select * from {{ ref('a') }}")
        .model("c", "select 1 as id")
        .env("XFORM_TEST_PANIC", "a");
    for threads in [1, 4] {
        project
            .run(&format!("run --threads {threads}"))
            .exits(1)
            .says("error[internal-error]")
            .says("models/a.sql:1:1")
            .says("src/execute/worker.rs")
            .says("PASS=1 WARN=0 ERROR=1 SKIP=1");
    }
}

#[test]
fn a_target_that_cannot_be_written_stops_the_run_and_is_told_once() {
    // A folder that is a file fails as a full or read-only disk does, for root as well.
    let mut project = TestProject::bare()
        .file("project.yml", "name: shop\nprofile: shop\n")
        .file("profiles.yml", "shop:\n  outputs:\n    default: {type: duckdb, path: shop.duckdb}\n")
        .file("target/compiled", "not a folder");
    for at in 0..20 {
        project = project.model(&format!("m{at}"), "select 1 as id");
    }
    let ran = project.run("run --threads 1").exits(1).says("error[cannot-write-file]").says("SKIP=19");
    assert_eq!(ran.text().matches("error[cannot-write-file]").count(), 1, "{}", ran.text());
    std::fs::remove_file(project.path("target/compiled")).unwrap();
    let tables = project.query("select count(*)::int as n from information_schema.tables");
    assert_eq!(tables, json!([{"n": 0}]));
}

#[test]
fn many_threads_build_into_new_schemas_and_store_failures() {
    let mut project = TestProject::bare().file(
        "project.yml",
        "name: shop\nmodels:\n  +schema: neu\ndata_tests:\n  +store_failures: true\n  +severity: warn\n",
    );
    let mut properties = "models:\n".to_owned();
    for at in 0..32 {
        let kind = ["table", "view", "incremental"][at % 3];
        project = project.model(
            &format!("m{at}"),
            &format!(
                "{{{{ config(materialized='{kind}', unique_key='id') }}}} \
                 select i as id from range(100) t(i) union all select 5"
            ),
        );
        let _ = writeln!(
            properties,
            "  - name: m{at}\n    columns:\n      - name: id\n        data_tests: [unique]"
        );
    }
    let project = project.file("models/schema.yml", properties);
    for _ in 0..3 {
        project.run("build --threads 16").succeeds().says("PASS=32 WARN=32 ERROR=0 SKIP=0");
    }
    let stored = project.query(
        "select count(*)::int as n from information_schema.tables where table_schema = 'main_dbt_test__audit'",
    );
    assert_eq!(stored, json!([{"n": 32}]));
}

#[test]
fn relations_change_their_kind_while_others_read_their_neighbours() {
    let mut project = TestProject::new().model("base", "select i as id from range(1000) t(i)");
    let models = 12;
    for at in 0..models {
        project = project.model(
            &format!("r{at}"),
            &format!("select count(*) as n from {{{{ ref('k{at}') }}}} union all select count(*) from {{{{ ref('base') }}}}"),
        );
    }
    for (turn, kind) in ["view", "table", "view", "incremental", "table"].into_iter().enumerate() {
        for at in 0..models {
            project.write(
                &format!("models/k{at}.sql"),
                format!("{{{{ config(materialized='{kind}') }}}} select id, {turn} as turn from {{{{ ref('base') }}}}"),
            );
        }
        project.run("run --threads 8 --full-refresh").succeeds().says("PASS=25 WARN=0 ERROR=0");
    }
}

#[test]
fn names_that_differ_only_by_case_would_be_one_relation() {
    let project = TestProject::new().model("orders", "select 1 as id").model("Orders", "select 2 as id");
    project.run("build").exits(2).says("error[duplicate-relation]").says("`Orders` and `orders`");
}
