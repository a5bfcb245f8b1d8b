use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::test_project::{TestProject, normalized};

#[test]
fn ctrl_c_cancels_the_running_statement_and_says_what_was_left_undone() {
    let project = TestProject::new()
        .model("first", "{{ config(materialized='table') }} select 1 as id")
        .model(
            "slow",
            "{{ config(materialized='table') }} select count(*) as n from {{ ref('first') }}, range(100000000) a, range(100000) b",
        )
        .model("last", "select * from {{ ref('slow') }}");
    let child = project.command(["run"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    project.wait_for("target/compiled/shop/models/slow.sql");
    std::thread::sleep(Duration::from_millis(500));
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let text = normalized(&String::from_utf8_lossy(&output.stdout), &project.path(""));
    assert_eq!(output.status.code(), Some(1), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(started.elapsed() < Duration::from_mins(1));
    assert!(text.contains("slow") && text.contains("last"), "{text}");
    let tables = project.query("select table_name from information_schema.tables order by 1");
    assert_eq!(tables, json!([{"table_name": "first"}]));
}
