use crate::test_project::TestProject;

fn shop() -> TestProject {
    TestProject::new()
        .file("seeds/raw.csv", "id\n1\n")
        .model("staging/stg", "{{ config(tags=['daily']) }} select * from {{ ref('raw') }}")
        .model("mart", "select * from {{ ref('stg') }} where id in (select id from {{ source('app', 'users') }})")
        .file(
            "models/schema.yml",
            "sources:\n  - name: app\n    tables: [{name: users}]\nmodels:\n  - name: mart\n    columns:\n      - name: id\n        data_tests: [unique]\n",
        )
}

#[test]
fn names_come_one_a_line_and_no_database_is_opened() {
    let project = shop();
    let ran = project.run("ls --quiet").succeeds();
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        lines,
        ["shop.mart", "shop.staging.stg", "shop.raw", "source:shop.app.users", "shop.unique_mart_id"]
    );
    assert!(!project.exists("target/shop.duckdb"));
}

#[test]
fn standard_output_is_for_scripts() {
    let project = shop();
    let ran = project.run("ls --resource-type seed").succeeds();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("shop.raw\n", ""));
    let ran = project.run("ls --select rew").succeeds().says("warning[no-nodes-selected]");
    let ran = ran.says("No nodes selected!");
    assert_eq!(ran.stdout, "");
    let ran = project.run("ls --select tagg:daily").exits(2).says("error[invalid-selector]");
    assert_eq!(ran.stdout, "");
    let json = project.run("ls --resource-type seed --log-format json").succeeds();
    assert!(json.stdout.lines().all(|line| line.starts_with('{')), "{}", json.stdout);
    json.says("ListCmdOut");
}

#[test]
fn output_can_be_names_paths_and_json() {
    let project = shop();
    assert_eq!(
        project.run("ls --quiet --output name --select stg+").succeeds().stdout,
        "mart\nstg\nunique_mart_id\n"
    );
    assert_eq!(
        project.run("ls --quiet --output path --resource-type model").succeeds().stdout,
        "models/mart.sql\nmodels/staging/stg.sql\n"
    );
    let json =
        project.run("ls --quiet --output json --select tag:daily --resource-type model").succeeds().stdout;
    let json: serde_json::Value = serde_json::from_str(json.trim()).unwrap();
    assert_eq!(json["unique_id"], "model.shop.stg");
    assert_eq!(json["config"]["materialized"], "view");
    let keys = project.run("ls --quiet --output json --output-keys name config.materialized --select stg --resource-type model").succeeds().stdout;
    assert_eq!(keys.trim(), r#"{"name": "stg", "config.materialized": "view"}"#);
}

#[test]
fn a_resource_type_that_does_not_exist_is_told() {
    shop().run("ls --resource-type modl").exits(2).says("error[invalid-usage]").says("`model`");
}

#[test]
fn all_kinds_are_listed_by_the_words_that_select_them() {
    let project = shop().file("analyses/살펴보기.sql", "select * from {{ ref('mart') }}");
    let listed = |options: &str| project.run(&format!("ls --quiet {options}")).succeeds().stdout;
    assert_eq!(listed("--resource-type analysis"), "shop.analysis.살펴보기\n");
    assert!(!listed("").contains("analysis"));
    assert!(listed("--resource-type all").starts_with("shop.analysis.살펴보기\nshop.mart\n"));
    assert!(!listed("--resource-type default").contains("analysis"));
    assert_eq!(listed("--exclude-resource-type model test source"), "shop.raw\n");
}

#[test]
fn kinds_can_come_from_the_environment() {
    let ran = |name: &str, value: &str, options: &str| {
        shop().env(name, value).run(&format!("ls --quiet {options}")).succeeds().stdout
    };
    assert_eq!(ran("DBT_RESOURCE_TYPES", "seed source", ""), "shop.raw\nsource:shop.app.users\n");
    assert_eq!(ran("DBT_EXCLUDE_RESOURCE_TYPES", "model test source", ""), "shop.raw\n");
    assert_eq!(ran("DBT_RESOURCE_TYPES", "model", "--resource-type seed"), "shop.raw\n");
    assert_eq!(ran("DBT_INDIRECT_SELECTION", "empty", "--select mart"), "shop.mart\n");
}

#[test]
fn models_are_models_alone() {
    let project = shop();
    assert_eq!(project.run("ls --quiet --models +mart").succeeds().stdout, "shop.mart\nshop.staging.stg\n");
    project
        .run("ls --models mart --select stg")
        .exits(2)
        .says("`--models` and `--select` cannot be used together");
    project.run("ls -m mart --resource-type seed").exits(2).says("`--models` and `--resource-type` cannot");
}

#[test]
fn a_selector_wins_over_select_and_exclude_and_says_so() {
    let project = shop().file("selectors.yml", "selectors: [{name: 매일, definition: 'tag:daily'}]\n");
    let ran = project.run("ls --selector 매일 --exclude stg").succeeds().says("warning[ignored-selection]");
    assert_eq!(ran.stdout, "shop.staging.stg\n");
    project
        .run("build --selector 매달")
        .exits(2)
        .says("error[invalid-selector]: there is no selector named `매달`")
        .says("a selector with a similar name exists: `매일`");
    project.run("parse").succeeds();
    let manifest: serde_json::Value = serde_json::from_str(&project.read("target/manifest.json")).unwrap();
    assert_eq!(
        manifest["selectors"],
        serde_json::json!({"매일": {"name": "매일", "definition": {"method": "tag", "value": "daily"}}})
    );
}

#[test]
fn a_graph_shows_who_reads_whom_through_what_is_left_out() {
    let project = shop();
    let tree = project.run("ls --graph").succeeds();
    assert_eq!(tree.stdout, "app.users  source\n└─ mart  view\nraw  seed\n└─ stg  view\n   └─ mart  view\n");
    let tree = project.run("ls --select raw mart --graph=tree").succeeds();
    assert_eq!(tree.stdout, "raw  seed\n└─ mart  view, through others\n");
    let mermaid = project.run("ls --select raw mart --graph=mermaid").succeeds().stdout;
    assert!(
        mermaid.starts_with(
            "flowchart LR\n    n0[/\"raw\"/]:::seed\n    n1[\"mart\"]:::model\n    n0 -.-> n1\n"
        ),
        "{mermaid}"
    );
    let svg = project.run("ls --graph=svg").succeeds().stdout;
    assert!(
        svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.contains("of 4 nodes with 3 edges"),
        "{svg}"
    );
    // Tests are drawn where they are asked for.
    let tests = project.run("ls --graph --resource-type test model").succeeds().stdout;
    assert!(tests.contains("└─ unique_mart_id  test"), "{tests}");
    let wrong = project.run("ls --graph=dot").exits(2);
    assert!(wrong.stderr.contains("tree, mermaid, svg"), "{}", wrong.stderr);
    project.run("ls --graph --output json").exits(2);
}
