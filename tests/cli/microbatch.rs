//! Models that are built batch by batch, and what limits the inputs of models.

use serde_json::json;

use crate::test_project::TestProject;

/// Events of three days, and a model that is built of them day by day. The batch named by
/// the variable `BAD` fails.
fn shop(config: &str) -> TestProject {
    TestProject::new()
        .env("XFORM_TEST_NOW", "2020-01-03T13:57:00Z")
        .model(
            "events",
            "{{ config(materialized='table', event_time='happened') }}\n\
             select 1 as id, timestamp '2020-01-01 08:00:00' as happened union all\n\
             select 2, timestamp '2020-01-02 08:00:00' union all\n\
             select 3, timestamp '2020-01-03 08:00:00'",
        )
        .model(
            "주문",
            &format!(
                "{{{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='happened',\n\
                 batch_size='day', begin='2020-01-01'{config}) }}}}\n\
                 select id, happened, '{{{{ model.batch.id }}}}' as batch, {{{{ is_incremental() }}}} as added\n\
                 from {{{{ ref('events') }}}}\n\
                 {{% if model.batch and model.batch.id == env_var('BAD', '') %}} where nonsense {{% endif %}}"
            ),
        )
}

fn results(project: &TestProject) -> serde_json::Value {
    let results: serde_json::Value =
        serde_json::from_str(&project.read("target/run_results.json")).unwrap_or_default();
    let of_model = |result: &&serde_json::Value| result["unique_id"] == "model.shop.주문";
    results["results"].as_array().into_iter().flatten().find(of_model).cloned().unwrap_or_default()
}

#[test]
fn a_first_run_builds_from_begin_and_a_later_one_looks_back() {
    let project = shop("");
    project
        .run("run")
        .succeeds()
        .says("START sql microbatch model main.주문")
        .says("Batch 1 of 3 START batch 2020-01-01 of main.주문")
        .says("Batch 3 of 3 OK created batch 2020-01-03 of main.주문")
        .says("OK created sql microbatch model main.주문")
        .says("[SUCCESS in ");
    let result = results(&project);
    assert_eq!(
        project.query("select id, batch, added from main.주문 order by id"),
        json!([
            {"id": 1, "batch": "20200101", "added": false},
            {"id": 2, "batch": "20200102", "added": true},
            {"id": 3, "batch": "20200103", "added": true},
        ])
    );
    assert_eq!(result["message"], "SUCCESS");
    assert_eq!(result["compiled"], false);
    assert_eq!(result["batch_results"]["failed"], json!([]));
    assert_eq!(
        result["batch_results"]["successful"][2],
        json!(["2020-01-03T00:00:00+00:00", "2020-01-04T00:00:00+00:00"])
    );
    let compiled = project.read("target/compiled/shop/models/주문/주문_2020-01-02.sql");
    assert!(
        compiled.contains(
            "(select * from \"shop\".\"main\".\"events\" where happened >= '2020-01-02 00:00:00+00:00' \
         and happened < '2020-01-03 00:00:00+00:00')"
        ),
        "{compiled}"
    );
    assert!(project.read("target/run/shop/models/주문/주문_2020-01-02.sql").starts_with("delete from"));
    project.run("run --select 주문").succeeds().says("Batch 1 of 2 START batch 2020-01-02");
    assert_eq!(project.query("select count(*) as n from main.주문"), json!([{"n": 3}]));
    project.run("run --select 주문 --full-refresh").succeeds().says("Batch 1 of 3 START batch 2020-01-01");
    assert_eq!(project.query("select count(*) as n from main.주문"), json!([{"n": 3}]));
}

#[test]
fn a_failed_batch_is_a_partial_success_that_fails_the_run() {
    let project = shop("").env("BAD", "20200102").model("child", "select * from {{ ref('주문') }}");
    project
        .run("run")
        .exits(1)
        .says("Batch 2 of 3 ERROR creating batch 2020-01-02 of main.주문")
        .says("Batch 3 of 3 OK created batch 2020-01-03 of main.주문")
        .says("PARTIALLY created sql microbatch model main.주문")
        .says("[PARTIAL SUCCESS (2/3) in ")
        .says("Completed with 1 partial success and 0 warnings")
        .says("SKIP relation main.child")
        .says("PASS=1 WARN=0 ERROR=1 SKIP=1");
    let result = results(&project);
    assert_eq!(result["status"], "partial success");
    assert_eq!(result["message"], "PARTIAL SUCCESS (2/3)");
    assert_eq!(
        result["batch_results"]["failed"],
        json!([["2020-01-02T00:00:00+00:00", "2020-01-03T00:00:00+00:00"]])
    );
    assert_eq!(project.query("select count(*) as n from main.주문"), json!([{"n": 2}]));
}

#[test]
fn when_the_first_batch_fails_the_others_are_not_tried() {
    for config in ["", ", concurrent_batches=true"] {
        let project = shop(config).env("BAD", "20200101").env("XFORM_TEST_NOW", "2020-01-05T00:00:01Z");
        project
            .run("run")
            .exits(1)
            .says("Batch 1 of 5 ERROR creating batch 2020-01-01 of main.주문")
            .says("Batch 2 of 5 SKIP batch 2020-01-02 of main.주문")
            .says("Batch 5 of 5 SKIP batch 2020-01-05 of main.주문")
            .says("ERROR creating sql microbatch model main.주문");
        let result = results(&project);
        assert_eq!((&result["status"], &result["message"]), (&json!("error"), &json!("ERROR")));
        assert_eq!(result["batch_results"]["failed"].as_array().map(Vec::len), Some(5));
    }
}

#[test]
fn concurrent_batches_make_the_same_table() {
    let project = shop(", concurrent_batches=true").env("BAD", "20200104");
    let times = "--event-time-start 2019-12-20 --event-time-end 2020-01-08 --threads 4";
    project.run(&format!("run {times}")).exits(1).says("[PARTIAL SUCCESS (18/19) in ");
    assert_eq!(
        project.query("select id, batch from main.주문 order by id"),
        json!([
            {"id": 1, "batch": "20200101"},
            {"id": 2, "batch": "20200102"},
            {"id": 3, "batch": "20200103"},
        ])
    );
}

#[test]
fn hooks_run_around_all_batches() {
    let project = shop(
        ", pre_hook='create table if not exists log as select 0 as n', post_hook='insert into log values (1)'",
    );
    project.run("run").succeeds();
    assert_eq!(project.query("select count(*) as n from log"), json!([{"n": 2}]));
}

#[test]
fn event_times_are_given_both_and_in_order() {
    let project = shop("");
    for (options, message) in [
        ("--event-time-start 2020-01-01", "`--event-time-start` was given without `--event-time-end`"),
        ("--event-time-end 2020-01-01", "`--event-time-end` was given without `--event-time-start`"),
        (
            "--event-time-start 2020-01-02 --event-time-end 2020-01-02",
            "`--event-time-start` must be before `--event-time-end`",
        ),
        ("--event-time-start soon --event-time-end 2020-01-02", "`--event-time-start` must be a date"),
        (
            "--sample soon",
            "`--sample` cannot be understood: `soon` is neither a length of time nor a mapping",
        ),
    ] {
        project.run(&format!("run {options}")).exits(2).says("[invalid-flag]").says(message);
    }
    project
        .run("run --event-time-start 2020-01-02T10:00:00 --event-time-end 2020-01-03")
        .succeeds()
        .says("Batch 1 of 1 START batch 2020-01-02");
}

#[test]
fn a_sample_is_a_window_of_the_inputs() {
    let project = shop("")
        .model("plain", "select * from {{ ref('events') }} -- {{ ref('events').render() }}")
        .env("DBT_SAMPLE", "2 days");
    project.run("run").succeeds().says("Batch 1 of 3 START batch 2020-01-01");
    assert_eq!(project.query("select count(*) as n from main.plain"), json!([{"n": 2}]));
    assert_eq!(project.query("select id from main.주문 order by id"), json!([{"id": 2}, {"id": 3}]));
    let compiled = project.read("target/compiled/shop/models/plain.sql");
    assert!(compiled.contains("where happened >= '2020-01-01 13:57:00+00:00'"), "{compiled}");
    assert!(compiled.ends_with("-- \"shop\".\"main\".\"events\""), "{compiled}");
}

#[test]
fn empty_inputs_give_tables_without_rows() {
    let project = TestProject::new()
        .file("seeds/raw.csv", "id,happened\n1,2020-01-01\n")
        .file("models/s.yml", "sources: [{name: lake, schema: main, tables: [{name: raw}]}]\n")
        .model("eph", "{{ config(materialized='ephemeral') }} select * from {{ source('lake', 'raw') }}")
        .model("m", "{{ config(materialized='table') }}\nselect * from {{ ref('eph') }} e join {{ ref('raw') }} as r using (id)");
    project.run("build --empty").succeeds().says("OK loaded seed file main.raw").says("[INSERT 0 in ");
    assert_eq!(project.query("select count(*) as n from main.m"), json!([{"n": 0}]));
    assert_eq!(
        project
            .query("select data_type from duckdb_columns() where table_name = 'raw' order by column_index"),
        json!([{"data_type": "INTEGER"}, {"data_type": "DATE"}])
    );
    let compiled = project.read("target/compiled/shop/models/m.sql");
    assert!(compiled.contains("from (select * from __dbt__cte__eph where false limit 0) e"), "{compiled}");
    assert!(compiled.contains("where false limit 0) as r using (id)"), "{compiled}");
    project.run("build").succeeds();
    assert_eq!(project.query("select count(*) as n from main.m"), json!([{"n": 1}]));
}
