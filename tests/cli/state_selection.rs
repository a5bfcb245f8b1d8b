use crate::test_project::TestProject;

const SCHEMA: &str = "groups: [{name: fin, owner: {name: 김}}]
sources:
  - name: app
    schema: \"{{ target.schema }}\"
    tables: [{name: users}]
models:
  - name: stg
    description: 원천
    columns: [{name: id, description: 번호, data_tests: [unique]}]
  - name: kept
    config: {materialized: table, contract: {enforced: true}, persist_docs: {relation: true, columns: true}}
    description: 약속
    columns: [{name: id, data_type: integer, description: 번호}]
exposures:
  - {name: board, type: dashboard, owner: {name: 김}, depends_on: [ref('mart')]}
";

const MACROS: &str = "{% macro one() %}{{ two() }}{% endmacro %}
{% macro two() %}1{% endmacro %}
{% macro nobody() %}1{% endmacro %}
";

/// A project whose manifest of today is its state.
fn shop() -> TestProject {
    let project = TestProject::new()
        .file("seeds/raw.csv", "id\n1\n")
        .file("macros/m.sql", MACROS)
        .file("models/schema.yml", SCHEMA)
        .model("stg", "select * from {{ ref('raw') }}")
        .model("mart", "{{ config(schema=var('나라', 'kr')) }}\nselect {{ one() }} as x, '{{ var('v', 'a') }}' as y from {{ ref('stg') }}")
        .model("kept", "select 1::integer as id")
        .model("elsewhere", "{{ config(alias=env_var('WHERE', 'here')) }}select * from {{ source('app', 'users') }}");
    project.run("parse").succeeds();
    project.write("state/manifest.json", project.read("target/manifest.json"));
    project
}

/// What a `state:` method selects, in one line.
fn selected(project: &TestProject, method: &str, options: &str) -> String {
    let ran = project.run(&format!(
        "ls --quiet --output name --indirect-selection empty --state state --select state:{method} {options}"
    ));
    ran.succeeds().stdout.lines().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_an_environment_makes_of_the_same_files_is_no_change() {
    let project = shop();
    assert_eq!(selected(&project, "modified", ""), "");
    assert_eq!(selected(&project, "modified", "--vars {나라:us,v:b}"), "");
    assert_eq!(selected(&project, "new", ""), "");
    assert_eq!(selected(&project, "unmodified", "--resource-type model"), "elsewhere kept mart stg");
    assert_eq!(selected(&project, "old", "--resource-type seed"), "raw");
    let project = project.env("WHERE", "there");
    assert_eq!(selected(&project, "modified", ""), "");
    project.write("models/stg.sql", "select  *\n  from {{ ref('raw') }}\n");
    project.write("macros/m.sql", "");
    project.write("macros/lib/n.sql", MACROS.replace("nobody() %}1", "nobody() %}2"));
    assert_eq!(
        selected(&project, "modified", ""),
        "",
        "moved macros, white space, a macro that nobody calls"
    );
}

#[test]
fn each_change_is_of_its_kind() {
    /// What is changed, from, to, and what each method then selects.
    type Change = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);
    let table: [Change; 16] = [
        (
            "models/stg.sql",
            "*",
            "id",
            &[("modified", "stg"), ("modified.body", "stg"), ("modified.configs", "")],
        ),
        ("seeds/raw.csv", "1", "2", &[("modified.body", "raw"), ("modified", "raw")]),
        ("macros/m.sql", "two() %}1", "two() %}2", &[("modified.macros", "mart"), ("modified", "mart")]),
        ("models/schema.yml", "description: 원천", "description: 새", &[("modified", "")]),
        (
            "models/schema.yml",
            "description: 약속",
            "description: 새",
            &[("modified.persisted_descriptions", "kept"), ("modified", "kept")],
        ),
        (
            "models/schema.yml",
            "integer, description: 번호",
            "integer, description: 새",
            &[("modified.persisted_descriptions", "kept")],
        ),
        ("models/schema.yml", "materialized: table", "materialized: view", &[("modified.configs", "kept")]),
        (
            "models/schema.yml",
            "    description: 원천",
            "    config: {tags: [새], group: fin}",
            &[("modified", "")],
        ),
        (
            "models/schema.yml",
            "    description: 원천",
            "    config: {meta: {새: 1}}",
            &[("modified.configs", "stg"), ("modified.body", "")],
        ),
        (
            "models/schema.yml",
            "    description: 원천",
            "    config: {alias: 새}",
            &[("modified.relation", "stg"), ("modified.configs", "")],
        ),
        ("models/mart.sql", "'kr'", "'jp'", &[("modified.relation", "mart"), ("modified.body", "mart")]),
        ("models/schema.yml", "{{ target.schema }}", "raw", &[("modified.relation", "users")]),
        ("models/schema.yml", "{name: users}", "{name: users, description: 새}", &[("modified", "")]),
        (
            "models/schema.yml",
            "dashboard, owner: {name: 김}",
            "dashboard, owner: {name: 이}",
            &[("modified", "board")],
        ),
        (
            "models/schema.yml",
            "[unique]",
            "[unique, not_null]",
            &[
                ("new", "not_null_stg_id"),
                ("modified", "not_null_stg_id"),
                ("modified.body", "not_null_stg_id"),
                ("modified.macros", ""),
            ],
        ),
        ("models/schema.yml", "data_type: integer", "data_type: INTEGER", &[("modified", "")]),
    ];
    let project = shop();
    for (path, from, to, wanted) in table {
        let before = project.read(path);
        assert!(before.contains(from), "{path}: {from}");
        project.write(path, before.replacen(from, to, 1));
        for (method, names) in wanted {
            assert_eq!(
                selected(&project, method, "").replace("app.", ""),
                *names,
                "{path}: {from} -> {to}, {method}"
            );
        }
        project.write(path, before);
    }
}

#[test]
fn graph_operators_reach_from_what_is_modified() {
    let project = shop();
    project.write("models/stg.sql", "select id from {{ ref('raw') }}");
    project.write("models/new.sql", "select 1 as id");
    assert_eq!(selected(&project, "modified+", "--resource-type model"), "mart new stg");
    assert_eq!(selected(&project, "modified", "--exclude state:new"), "stg");
    let json = project
        .run("ls --quiet --output json --output-keys name state_changes --state state --select state:modified --resource-type model")
        .succeeds();
    assert_eq!(
        json.stdout,
        "{\"name\": \"new\", \"state_changes\": [\"it is new\"]}\n{\"name\": \"stg\", \"state_changes\": [\"its body\"]}\n"
    );
    let debug =
        project.run("ls --debug --state state --select state:modified --resource-type model").succeeds();
    debug.says("model.shop.stg is not what it was: its body");
}

#[test]
fn a_broken_contract_is_told() {
    let project = shop();
    let schema = project.read("models/schema.yml");
    project.write("models/schema.yml", schema.replace("data_type: integer", "data_type: varchar"));
    project
        .run("ls --state state --select state:modified.contract")
        .succeeds()
        .says("warning[broken-contract]: the contract of the unversioned model `kept` is broken")
        .says("the type of `id` is changed from integer to varchar");
    project
        .run("ls --state state --select state:modified --warn-error")
        .exits(2)
        .says("error[broken-contract]");
}

#[test]
fn a_broken_contract_of_a_versioned_model_is_an_error() {
    let schema = "models:
  - name: m
    latest_version: 1
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: integer}, {name: n, data_type: integer}]
    versions: [{v: 1}]
";
    let project =
        TestProject::new().file("models/schema.yml", schema).model("m_v1", "select 1 as id, 2 as n");
    project.run("parse").succeeds();
    project.write("state/manifest.json", project.read("target/manifest.json"));
    project.write("models/schema.yml", schema.replace(", {name: n, data_type: integer}", ""));
    project
        .run("ls --state state --select state:modified")
        .exits(2)
        .says("error[broken-contract]: the contract of the versioned model `m.v1`")
        .says("the column `n` is removed");
    project.write("models/schema.yml", "");
    project
        .run("ls --state state --select state:modified")
        .exits(2)
        .says("error[broken-contract]: the contracted model `m` is gone");
}

#[test]
fn states_that_there_are_not_are_told() {
    let project = shop();
    project
        .run("ls --state state --select state:modified.bdoy")
        .exits(2)
        .says("error[invalid-selector]: `modified.bdoy` in `state:modified.bdoy` is no state")
        .says("`modified.body`");
    project.run("ls --select state:modified").exits(2).says("error[missing-state]");
    project.run("ls --state state --select result:error").exits(2).says("error[missing-state]");
    project.run("ls --state state --select result:eror").exits(2).says("`error`");
    project.run("ls --state state --select source_status:fresher").exits(2).says("error[missing-state]");
    project.run("ls --state state --select source_status:old").exits(2).says("source_status:fresher");
}

#[test]
fn results_of_an_earlier_run_select() {
    let project = TestProject::new()
        .model("good", "select 1 as id")
        .model("bad", "select no_such_column")
        .model("below", "select * from {{ ref('bad') }}")
        .file("tests/fails.sql", "select * from {{ ref('good') }}");
    project.run("build").exits(1);
    project.write("state/run_results.json", project.read("target/run_results.json"));
    let of = |result: &str| {
        let ran =
            project.run(&format!("ls --quiet --indirect-selection empty --state state --select {result}"));
        ran.succeeds().stdout.lines().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of("result:success"), "shop.good");
    assert_eq!(of("result:error"), "shop.bad");
    assert_eq!(of("result:skipped"), "shop.below");
    assert_eq!(of("result:fail"), "shop.fails");
    assert_eq!(of("result:error+"), "shop.bad shop.below");
    assert_eq!(of("result:error+ result:fail --exclude result:skipped"), "shop.bad shop.fails");
    assert_eq!(of("result:warn result:partial_success"), "");
}

#[test]
fn sources_with_newer_rows_select() {
    let project = TestProject::new()
        .file(
            "models/schema.yml",
            "sources: [{name: app, tables: [{name: a}, {name: b}, {name: c}, {name: d}]}]\n",
        )
        .model("m", "select * from {{ source('app', 'a') }}");
    let sources = |results: &[(&str, &str)]| {
        let results: Vec<_> = results
            .iter()
            .map(|(table, at)| {
                let id = format!("source.shop.app.{table}");
                match *at {
                    "" => serde_json::json!({"unique_id": id, "status": "runtime error", "error": "…"}),
                    at => serde_json::json!({"unique_id": id, "status": "pass", "max_loaded_at": at}),
                }
            })
            .collect();
        let schema = "https://schemas.getdbt.com/dbt/sources/v3.json";
        serde_json::json!({"metadata": {"dbt_schema_version": schema}, "results": results, "elapsed_time": 0})
            .to_string()
    };
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5+00:00");
    project.write("state/sources.json", sources(&[("a", old), ("b", old), ("d", old)]));
    project.write("target/sources.json", sources(&[("a", new), ("b", old), ("c", old), ("d", "")]));
    let ran = project.run("ls --quiet --state state --select source_status:fresher+").succeeds();
    assert_eq!(ran.stdout, "shop.m\nsource:shop.app.a\nsource:shop.app.c\n");
}
