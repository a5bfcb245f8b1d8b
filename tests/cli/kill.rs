use std::process::Stdio;
use std::time::Duration;

use crate::test_project::TestProject;

const MODELS: usize = 40;

/// A chain of tables; `turn` is in every row, so that rows of two builds can be told apart.
fn write_models(project: &TestProject, turn: usize) {
    for at in 0..MODELS {
        let from =
            if at == 0 { "range(2000) as t(id)".to_owned() } else { format!("{{{{ ref('m{}') }}}}", at - 1) };
        let kind = if at % 4 == 3 { "incremental" } else { "table" };
        let sql = format!("{{{{ config(materialized='{kind}') }}}}\nselect id, {turn} as turn from {from}");
        project.write(&format!("models/m{at}.sql"), sql);
    }
}

#[test]
fn a_kill_at_any_moment_leaves_whole_relations_and_the_next_build_is_green() {
    let project = TestProject::new();
    write_models(&project, 0);
    project.run("build --full-refresh").succeeds();
    for turn in 1..=6 {
        write_models(&project, turn);
        let mut child = project
            .command(["build", "--full-refresh", "--threads", "4"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(60 * turn as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        let counted = (0..MODELS)
            .map(|at| format!("select count(*) as n, count(distinct turn) as turns from main.m{at}"))
            .collect::<Vec<_>>()
            .join(" union all ");
        let whole = project.query(&format!(
            "select cast(count(*) as int) as whole from ({counted}) where n = 2000 and turns = 1"
        ));
        assert_eq!(whole, serde_json::json!([{"whole": MODELS}]), "after the kill of turn {turn}");
        project.run("build --full-refresh").succeeds();
        let left = project
            .query("select table_name from information_schema.tables where contains(table_name, '__dbt')");
        assert_eq!(left, serde_json::json!([]));
    }
}
