use serde_json::json;

use crate::test_project::TestProject;

fn shop() -> TestProject {
    TestProject::new()
        .file("seeds/raw_orders.csv", "id,amount,상태\n1,10,완료\n2,20,취소\n")
        .model("orders", "{{ config(materialized='table') }}\nselect id, amount, \"상태\" from {{ ref('raw_orders') }}")
        .model("report", "select count(*) as n, sum(amount) as amount from {{ ref('orders') }}")
        .file(
            "models/schema.yml",
            "models:\n  - name: orders\n    columns:\n      - name: id\n        data_tests: [unique, not_null]\n",
        )
}

#[test]
fn a_build_is_green_and_green_again() {
    let project = shop();
    project.run("build").succeeds().says("Done. PASS=5 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=5");
    project.run("build").succeeds().says("Done. PASS=5 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=5");
    let report: Vec<_> = project
        .query("select cast(n as int) as n, cast(amount as int) as amount from {{ ref('report') }}")
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(report, [json!({"n": 2, "amount": 30})]);
}

#[test]
fn lines_are_in_dbts_form() {
    let ran = shop().run("build --threads 1").succeeds();
    for line in [
        "1 of 5 START seed file main.raw_orders",
        "1 of 5 OK loaded seed file main.raw_orders",
        "2 of 5 START sql table model main.orders",
        "2 of 5 OK created sql table model main.orders",
        "START test not_null_orders_id",
        "PASS unique_orders_id",
        "OK created sql view model main.report",
        "Completed successfully",
    ] {
        assert!(ran.text().contains(line), "`{line}` is not in:\n{}", ran.text());
    }
}

#[test]
fn children_of_a_failed_model_are_skipped_and_the_parent_is_named() {
    let project = TestProject::new()
        .model("a", "select * from no_such_table")
        .model("b", "select * from {{ ref('a') }}")
        .model("c", "select 1 as id");
    let ran = project.run("build").exits(1);
    ran.says("error[database-error]")
        .says("models/a.sql:1:15")
        .says("SKIP relation main.b")
        .says("Done. PASS=1 WARN=0 ERROR=1 SKIP=1 NO-OP=0 TOTAL=3");
    let results: serde_json::Value = serde_json::from_str(&project.read("target/run_results.json")).unwrap();
    let statuses: Vec<(String, String)> = results["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            (result["unique_id"].as_str().unwrap().to_owned(), result["status"].as_str().unwrap().to_owned())
        })
        .collect();
    assert!(statuses.contains(&("model.shop.a".to_owned(), "error".to_owned())), "{statuses:?}");
    assert!(statuses.contains(&("model.shop.b".to_owned(), "skipped".to_owned())), "{statuses:?}");
}

#[test]
fn a_failed_test_holds_back_what_is_built_on_what_it_tested() {
    let project = TestProject::new()
        .model("a", "select 1 as id union all select 1")
        .model("b", "select * from {{ ref('a') }}")
        .file(
            "models/schema.yml",
            "models:\n  - name: a\n    columns:\n      - name: id\n        data_tests: [unique]\n",
        );
    project
        .run("build")
        .exits(1)
        .says("FAIL 1 unique_a_id")
        .says("error[data-test-failed]")
        .says("models/schema.yml:5:")
        .says("SKIP relation main.b")
        .says("Done. PASS=1 WARN=0 ERROR=1 SKIP=1 NO-OP=0 TOTAL=3");
}

#[test]
fn tests_of_sources_and_ephemeral_models_hold_back_what_is_built_on_them_and_nothing_else() {
    let project = TestProject::new()
        .model("base", "select 1 as id")
        .model("cte", "{{ config(materialized='ephemeral') }} select id from {{ ref('base') }} union all select 1")
        .model("on_cte", "select * from {{ ref('cte') }}")
        .model("on_base", "select * from {{ ref('base') }}")
        .model("on_source", "select * from {{ source('raw', 'orders') }}")
        .file(
            "models/schema.yml",
            "models:\n  - name: cte\n    columns: [{name: id, data_tests: [unique]}]\n\
             sources:\n  - name: raw\n    tables: [{name: orders, columns: [{name: id, data_tests: [not_null]}]}]\n",
        );
    project
        .run("build")
        .exits(1)
        .says("FAIL 1 unique_cte_id")
        .says("SKIP relation main.on_cte (unique_cte_id failed)")
        .says("SKIP relation main.on_source (source_not_null_raw_orders_id failed)")
        .says("OK created sql view model main.on_base")
        .says("Done. PASS=2 WARN=0 ERROR=2 SKIP=2 NO-OP=0 TOTAL=6");
}

#[test]
fn a_failed_model_leaves_its_old_relation_as_it_was() {
    let project = TestProject::new().model("a", "{{ config(materialized='table') }} select 1 as id");
    project.run("build").succeeds();
    project.write("models/a.sql", "{{ config(materialized='table') }} select cast('x' as int) as id");
    project.run("build").exits(1).says("error[database-error]");
    assert_eq!(project.query("select id from main.a"), json!([{"id": 1}]));
    let left = project.query(
        "select table_name from information_schema.tables where table_name like '%\\_\\_dbt%' escape '\\'",
    );
    assert_eq!(left, json!([]));
}

#[test]
fn a_model_can_become_another_kind_of_relation() {
    let project = TestProject::new();
    for (turn, kind) in
        ["view", "table", "view", "incremental", "table", "incremental", "view"].into_iter().enumerate()
    {
        project.write("models/a.sql", format!("{{{{ config(materialized='{kind}') }}}} select {turn} as id"));
        project.run("build --full-refresh").succeeds();
        assert_eq!(project.query("select id from main.a"), json!([{"id": turn}]), "as {kind}");
    }
}

#[test]
fn fail_fast_stops_at_the_first_failure() {
    let project = TestProject::new()
        .model("a", "select * from nowhere")
        .model("b", "select 1 as id")
        .model("c", "select * from {{ ref('b') }}");
    project.run("run --threads 1 --fail-fast").exits(1).says("ERROR=1").says("SKIP=2");
}

#[test]
fn run_test_and_seed_do_their_part() {
    let project = shop();
    project.run("seed").succeeds().says("PASS=1").says("TOTAL=1");
    project.run("run").succeeds().says("TOTAL=2").says_nothing_of("START test");
    project.run("test").succeeds().says("TOTAL=2").says("PASS unique_orders_id");
    project.run("test --select report").succeeds().says("Nothing to do");
}

#[test]
fn many_threads_give_the_same_as_one() {
    let mut project = TestProject::new();
    for layer in 0..4 {
        for at in 0..10 {
            let body = match layer {
                0 => format!("select {at} as id"),
                _ => format!(
                    "select a.id + b.id as id from {{{{ ref('m{}_{at}') }}}} a cross join {{{{ ref('m{}_{}') }}}} b",
                    layer - 1,
                    layer - 1,
                    (at + 1) % 10
                ),
            };
            let kind = if at % 2 == 0 { "table" } else { "view" };
            project = project
                .model(&format!("m{layer}_{at}"), &format!("{{{{ config(materialized='{kind}') }}}} {body}"));
        }
    }
    let sum = "select cast(sum(id) as int) as n from (select id from {{ ref('m3_0') }} union all select id from {{ ref('m3_7') }})";
    project.run("build --threads 1").succeeds().says("PASS=40");
    let one = project.query(sum);
    for threads in [2, 4, 8] {
        project.run(&format!("build --threads {threads}")).succeeds().says("PASS=40");
        assert_eq!(project.query(sum), one);
    }
}

#[test]
fn hooks_around_a_run_see_its_results() {
    let project = TestProject::bare()
        .file("project.yml", "name: shop\non-run-start: \"create table if not exists main.log (what varchar)\"\non-run-end: [\"insert into main.log values ('{{ results | length }} {{ results[0].status }} {{ schemas | join(',') }}')\"]\n")
        .model("a", "select 1 as id");
    project.run("run").succeeds();
    assert_eq!(project.query("select what from main.log"), json!([{"what": "1 success main"}]));
}

#[test]
fn fail_fast_cancels_what_is_running_and_calls_it_skipped() {
    let slow =
        "{{ config(materialized='table') }} select count(*) as n from range(100000000) a, range(100000) b";
    let fails = "{{ config(materialized='table') }} select error('아니오') as n from range(1000000)";
    let project = TestProject::new().model("fails", fails).model("slow", slow);
    let ran = project.run("run --threads 2 --fail-fast").exits(1);
    ran.says("error[database-error]")
        .says("아니오")
        .says_nothing_of("error[cancelled]")
        .says("ERROR=1 SKIP=1");
}

#[test]
fn a_model_without_sql_is_passed_over() {
    let project = TestProject::new().model("empty", " \n").model("a", "select 1 as id");
    project.run("build").succeeds().says("PASS=1").says("TOTAL=1");
}
