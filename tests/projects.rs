//! Whole projects, with their artifacts as insta snapshots.
//!
//! `INSTA_UPDATE=always cargo test projects` writes the snapshots anew for review.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::test_project::TestProject;

/// A copy of a folder of this repository, without what builds leave.
fn copy_of(folder: &str) -> TestProject {
    let project = TestProject::bare();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let is_left_out =
        |name: &str| ["target", "logs", "src", ".git", "projects", "cases", "cli"].contains(&name);
    let files = walkdir::WalkDir::new(&root)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_left_out(&entry.file_name().to_string_lossy()))
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file());
    for entry in files {
        let path = entry.path().strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        project.write(&path, fs::read(entry.path()).unwrap());
    }
    project
}

/// An artifact without what is another thing in each run.
fn steady(text: &str) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries.iter_mut() {
                    let changes = [
                        "generated_at",
                        "invocation_id",
                        "invocation_started_at",
                        "created_at",
                        "started_at",
                        "completed_at",
                        "execution_time",
                        "elapsed_time",
                        "thread_id",
                        "root_path",
                    ];
                    if changes.contains(&key.as_str()) && !value.is_null() {
                        *value = json!("…");
                    } else {
                        walk(value);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(walk),
            _ => {}
        }
    }
    let mut value: Value = serde_json::from_str(text).unwrap();
    walk(&mut value);
    value
}

#[test]
fn the_artifacts_of_a_whole_project() {
    let project = copy_of("tests/projects/shop");
    project.run("build --threads 1").succeeds().says("WARN=1").says("ERROR=0");
    let mut manifest = steady(&project.read("target/manifest.json"));
    let macros = manifest["macros"].as_object_mut().unwrap();
    assert!(macros.len() > 200, "the built-in macros are not in the manifest");
    macros.retain(|id, _| id.starts_with("macro.shop.") || id.starts_with("macro.kit."));
    insta::with_settings!({ snapshot_path => "projects/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("shop-manifest", format!("{manifest:#}"));
        let results = steady(&project.read("target/run_results.json"));
        insta::assert_snapshot!("shop-run-results", format!("{results:#}"));
    });
}

#[test]
fn the_example_builds_twice_to_the_same_figures() {
    let project = copy_of(".");
    let figures =
        "select * exclude (day), cast(day as varchar) as day from {{ ref('daily_kpis') }} order by day";
    project.run("build").succeeds().says("ERROR=0");
    let first = project.query(figures);
    assert!(first.as_array().is_some_and(|rows| rows.len() > 3), "{first}");
    project.run("build").succeeds().says("ERROR=0");
    assert_eq!(project.query(figures), first);
}
