use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::test_project::TestProject;

/// What a test may be configured with.
const CONFIGS: [&str; 15] = [
    "{}",
    "{severity: warn}",
    "{where: \"id > 1\"}",
    "{where: \"no_such_column = 1\"}",
    "{limit: 1}",
    "{limit: 0}",
    "{fail_calc: \"count(*) + 1\"}",
    "{fail_calc: \"max(1)\"}",
    "{warn_if: \">= 1\", error_if: \"> 100\"}",
    "{error_if: \"= 0\"}",
    "{warn_if: \"between 0 and 5\", severity: warn}",
    "{store_failures: true}",
    "{store_failures_as: view}",
    "{store_failures_as: ephemeral}",
    "{error_if: \"!! 0\"}",
];

/// Columns of `orders` and of the view on it, some of which are not there or are words of SQL.
const COLUMNS: [&str; 7] =
    ["id", "'\"상태\"'", "상태", "'\"Order No\"'", "missing", "n_records", "'\"null\"'"];

/// A project in which each column of each relation is tested in all ways: most pass, some fail,
/// warn or cannot be run.
fn shop() -> TestProject {
    let mut yaml =
        "sources:\n  - name: raw\n    schema: main\n    tables:\n      - name: no_such_table\n        \
                    columns:\n          - name: id\n            data_tests: [not_null, unique]\nmodels:\n"
            .to_owned();
    for (model, columns) in [
        ("orders", &COLUMNS[..]),
        ("orders_view", &COLUMNS[..]),
        ("broken", &["id", "n"]),
        ("dirty", &["id", "s"]),
    ] {
        let _ = write!(yaml, "  - name: {model}\n    columns:\n");
        for (at, column) in columns.iter().enumerate() {
            let _ = write!(yaml, "      - name: {column}\n        data_tests:\n");
            for (number, config) in CONFIGS.iter().enumerate() {
                // All of them for the first column, every fourth of the others.
                if at > 0 && (number + at) % 4 != 0 {
                    continue;
                }
                let name = format!("{model}_{at}_{number}");
                let _ = write!(
                    yaml,
                    "          - not_null: {{name: not_null_{name}, config: {config}}}\n          \
                     - unique: {{name: unique_{name}, config: {config}}}\n          \
                     - accepted_values: {{name: accepted_{name}, arguments: {{values: {}}}, config: {config}}}\n",
                    if at == 0 { "[1, 2, 3, 4], quote: false" } else { "['완료', 'it''s']" }
                );
            }
        }
    }
    TestProject::new()
        .file("models/schema.yml", yaml)
        .model(
            "orders",
            "{{ config(materialized='table') }}\nselect * from (values (1, '완료', 1.5), (2, 'it''s', 2.5), \
             (3, '완료', 3.5)) t(id, \"상태\", \"Order No\")",
        )
        .model("orders_view", "select * from {{ ref('orders') }}")
        .model("dirty", "select id, s collate nocase as s from (values (1, 'a'), (1, 'A'), (null, 'b')) t(id, s)")
        .model("broken", "select cast(x as integer) as id, 1 as n from (values ('1'), ('a')) t(x)")
        .model("inner_part", "{{ config(materialized='ephemeral') }}\nselect 1 as id")
        .file(
            "models/inner.yml",
            "models:\n  - name: inner_part\n    columns:\n      - name: id\n        data_tests: [not_null, unique]\n",
        )
}

/// The results of the last command without what differs from run to run.
fn results(project: &TestProject) -> Vec<Value> {
    let mut results: Value = serde_json::from_str(&project.read("target/run_results.json")).unwrap();
    for result in results["results"].as_array_mut().unwrap() {
        let result = result.as_object_mut().unwrap();
        for key in ["timing", "execution_time", "thread_id"] {
            assert!(result.remove(key).is_some(), "{key}");
        }
    }
    results["results"].as_array().unwrap().clone()
}

/// The SQL that was kept of all tests.
fn kept(project: &TestProject) -> BTreeMap<String, String> {
    let mut kept = BTreeMap::new();
    for folder in ["target/run", "target/compiled"] {
        for entry in walkdir::WalkDir::new(project.path(folder)) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let path = entry.path().strip_prefix(project.path("")).unwrap().display().to_string();
                kept.insert(path.clone(), project.read(&path));
            }
        }
    }
    kept
}

/// Tests a project with and without the flag, and gives the answers by one query that the log
/// tells of.
#[track_caller]
fn compared(project: &TestProject, how: &str) -> usize {
    let mut outcomes = Vec::new();
    for flag in ["--no-batch-tests", "--batch-tests"] {
        for path in ["target/run", "target/compiled", "logs"] {
            let _ = std::fs::remove_dir_all(project.path(path));
        }
        let ran = project.run(&format!("test {how} {flag}"));
        let log = project.read("logs/dbt.log");
        let batches = log.matches("One query for ").count();
        outcomes.push((ran.code, ran.stdout, results(project), kept(project), batches));
    }
    let (with, without) = (outcomes.pop().unwrap(), outcomes.pop().unwrap());
    assert_eq!(without.4, 0);
    assert_eq!(with.0, without.0);
    for (with, without) in with.2.iter().zip(&without.2) {
        assert_eq!(with, without);
    }
    assert_eq!(with.2.len(), without.2.len());
    assert_eq!(with.3, without.3);
    // Rows of a sample come in any order.
    let lines = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines
            .chunk_by_mut(|one, other| [one, other].iter().all(|line| line.starts_with("  | ")))
            .for_each(<[_]>::sort);
        lines
    };
    for (with, without) in lines(&with.1).iter().zip(&lines(&without.1)) {
        assert_eq!(with, without);
    }
    with.4
}

#[test]
fn tests_that_are_answered_together_end_as_one_by_one() {
    let project = shop();
    project.run("run --no-check").succeeds();
    assert!(compared(&project, "--threads 1") >= 8);
    let statuses: BTreeMap<String, usize> =
        results(&project).iter().fold(BTreeMap::new(), |mut counts, result| {
            *counts.entry(result["status"].as_str().unwrap().to_owned()).or_default() += 1;
            counts
        });
    for status in ["pass", "fail", "warn", "error"] {
        assert!(statuses.get(status).is_some_and(|count| *count > 5), "{statuses:?}");
    }
    compared(&project, "--threads 1 --fail-fast");
    compared(&project, "--threads 1 --store-failures --select orders");
    assert!(compared(&project, "--threads 1 --warn-error --select orders") > 0);
}

#[test]
fn what_a_project_writes_itself_is_asked_as_it_is_written() {
    let clean = |macros: &str| {
        let project = TestProject::new()
            .model("orders", "{{ config(materialized='table') }}\nselect 1 as id, 2 as n")
            .file(
                "models/schema.yml",
                "models:\n  - name: orders\n    columns:\n      - name: id\n        data_tests: [not_null, unique]\n      \
                 - name: n\n        data_tests: [not_null]\n",
            )
            .file("macros/own.sql", macros);
        project.run("run").succeeds();
        project
    };
    assert_eq!(compared(&clean("{# nothing #}"), "--threads 1"), 1);
    // Another query is no part of what is answered together.
    let project = clean(
        "{% macro default__test_not_null(model, column_name) %}select 1 as x from {{ model }}{% endmacro %}",
    );
    assert_eq!(compared(&project, "--threads 1"), 0);
    // Another judgement is nothing that is known ahead.
    let project = clean(
        "{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) %}\
         select 7 as failures, true as should_warn, true as should_error where {{ main_sql | length }} > 0{% endmacro %}",
    );
    assert_eq!(compared(&project, "--threads 1"), 0);
    assert!(results(&project).iter().all(|result| result["failures"] == 7));
    let project = clean(
        "{% materialization test, default %}{% call statement('main', fetch_result=true) %}\
         select 3 as failures, true as should_warn, false as should_error{% endcall %}\
         {{ return({'relations': []}) }}{% endmaterialization %}",
    );
    assert_eq!(compared(&project, "--threads 1"), 0);
    assert!(results(&project).iter().all(|result| result["failures"] == 3));
}

#[test]
fn tests_of_many_relations_on_many_threads_find_their_own_answers() {
    let mut project = TestProject::new();
    let mut yaml = "models:\n".to_owned();
    for number in 0..12 {
        // Every third has a value twice, every fourth one missing.
        let (twice, missing) =
            (if number % 3 == 0 { 1 } else { 2 }, if number % 4 == 0 { "null" } else { "'x'" });
        let sql = format!("select * from (values (1, 'x'), ({twice}, {missing})) t(id, s)");
        project = project.model(&format!("m{number}"), &sql);
        let _ = write!(
            yaml,
            "  - name: m{number}\n    columns:\n      - name: id\n        data_tests: [unique, not_null]\n      \
             - name: s\n        data_tests: [not_null]\n"
        );
    }
    let project = project.file("models/schema.yml", yaml);
    project.run("build --threads 4").exits(1);
    for result in results(&project) {
        let id = result["unique_id"].as_str().unwrap();
        let Some(number) = id.strip_prefix("test.shop.").and_then(|id| {
            let name = id.split('.').next()?;
            name.split("_m").nth(1)?.split('_').next()?.parse::<usize>().ok()
        }) else {
            continue;
        };
        let fails = id.contains("unique") && number % 3 == 0 || id.contains("_s.") && number % 4 == 0;
        assert_eq!(result["status"], if fails { "fail" } else { "pass" }, "{id}");
        assert_eq!(result["failures"], usize::from(fails), "{id}");
    }
    assert_eq!(project.read("logs/dbt.log").matches("One query for 3 tests of ").count(), 12);
}

#[test]
fn the_flag_can_stand_in_the_project_and_in_the_environment() {
    let project = |flags: &str| {
        TestProject::new()
            .file("project.yml", format!("name: shop\n{flags}"))
            .model("orders", "select 1 as id")
            .file(
                "models/schema.yml",
                "models:\n  - name: orders\n    columns:\n      - name: id\n        data_tests: [not_null, unique]\n",
            )
    };
    let batches = |project: &TestProject, command: &str| {
        project.run(command).succeeds();
        project.read("logs/dbt.log").matches("One query for 2 tests of \"").count()
    };
    assert_eq!(batches(&project(""), "build"), 1);
    assert_eq!(batches(&project("flags:\n  batch_tests: false\n"), "build"), 0);
    assert_eq!(batches(&project("flags:\n  batch_tests: false\n"), "build --batch-tests"), 1);
    assert_eq!(batches(&project("").env("DBT_BATCH_TESTS", "false"), "build"), 0);
}
