use serde_json::json;

use crate::test_project::TestProject;

#[test]
fn snapshots_are_kept_by_their_own_command_as_selected() {
    let project = TestProject::new().file(
        "snapshots/two.sql",
        "{% snapshot one %}{{ config(strategy='check', unique_key='id', check_cols='all') }}select 1 as id{% endsnapshot %}\n\
         {% snapshot 둘 %}{{ config(strategy='check', unique_key='id', check_cols='all') }}select 2 as id{% endsnapshot %}",
    );
    project.run("snapshot --select 둘").succeeds().says("OK snapshotted main.둘").says("PASS=1");
    project.run("snapshot --exclude 둘").succeeds().says("OK snapshotted main.one").says("PASS=1");
    project.run("snapshot").succeeds().says("PASS=2");
    let versions = project.query("select count(*) as versions from main.one where dbt_valid_to is null");
    assert_eq!(versions, json!([{"versions": 1}]));
}
