use serde_json::Value;

use crate::test_project::TestProject;

fn shop() -> TestProject {
    TestProject::new()
        .file("seeds/raw.csv", "id,이름\n1,가\n")
        .model("orders", "{{ config(materialized='table', persist_docs={'relation': true, 'columns': true}) }} select * from {{ ref('raw') }}")
        .model("late", "select * from {{ ref('orders') }}")
        .file("models/docs.md", "{% docs orders %}Orders & <b>'more'</b>{% enddocs %}")
        .file(
            "models/schema.yml",
            "models:\n  - name: orders\n    description: \"{{ doc('orders') }}\"\n    columns:\n      - {name: 이름, description: it's}\n",
        )
}

fn catalog(project: &TestProject) -> Value {
    serde_json::from_str(&project.read("target/catalog.json")).unwrap()
}

#[test]
fn the_catalog_has_the_relations_that_are_there_with_their_comments() {
    let project = shop();
    project.run("build --select raw orders").succeeds();
    project.run("docs generate").succeeds().says("Catalog written to");
    let catalog = catalog(&project);
    let nodes: Vec<&String> = catalog["nodes"].as_object().unwrap().keys().collect();
    assert_eq!(nodes, ["model.shop.orders", "seed.shop.raw"], "`late` is not built");
    let orders = &catalog["nodes"]["model.shop.orders"];
    assert_eq!(orders["metadata"]["type"], "BASE TABLE");
    assert_eq!(orders["metadata"]["comment"], "Orders & <b>'more'</b>");
    assert_eq!(orders["metadata"]["owner"], Value::Null);
    assert_eq!(orders["columns"]["이름"]["comment"], "it's");
    assert_eq!(orders["columns"]["이름"]["index"], 2);
    assert_eq!(orders["stats"]["has_stats"]["value"], false);
    assert_eq!(catalog["errors"], Value::Null);

    let page = project.read("target/index.html");
    assert!(page.contains("Orders &amp; &lt;b&gt;&#39;more&#39;&lt;/b&gt;"), "{page}");
    assert!(!page.contains("<script"), "{page}");
    assert!(!project.exists("target/static_index.html"));
}

#[test]
fn a_selection_bounds_the_catalog_and_static_makes_one_page() {
    let project = shop();
    project.run("build").succeeds();
    project.run("docs generate --select late --static").succeeds();
    let nodes: Vec<String> = catalog(&project)["nodes"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(nodes, ["model.shop.late"]);
    let page = project.read("target/static_index.html");
    let json = page.split("id=\"manifest\">").nth(1).and_then(|rest| rest.split("</script>").next()).unwrap();
    let manifest: Value = serde_json::from_str(json).unwrap();
    assert_eq!(manifest["nodes"]["model.shop.orders"]["description"], "Orders & <b>'more'</b>");
}

#[test]
fn the_warehouse_is_not_asked_for_an_empty_catalog() {
    let project =
        shop().file("assets/img/a.txt", "a").file("project.yml", "name: shop\nasset-paths: [assets]\n");
    project.run("docs generate --empty-catalog --no-compile").succeeds();
    assert_eq!(catalog(&project)["nodes"], serde_json::json!({}));
    assert!(!project.exists("target/run_results.json"), "nothing was compiled");
    assert!(!project.exists("target/manifest.json"), "there is no SQL to tell of");
    assert_eq!(project.read("target/assets/img/a.txt"), "a");
}

#[test]
fn a_macro_of_the_project_can_make_the_catalog() {
    let query = "select current_database() as table_database, 'main' as table_schema, 'raw' as table_name, 'T' as table_type, \
                 null as table_comment, 'kim' as table_owner, 'id' as column_name, 1 as column_index, 'INT' as column_type, \
                 null as column_comment, 'Rows' as \"stats:rows:label\", 7 as \"stats:rows:value\", 'How many' as \"stats:rows:description\", \
                 true as \"stats:rows:include\"";
    let macros = format!(
        "{{% macro duckdb__get_catalog_relations(information_schema, relations) %}}{{{{ return(run_query({query:?})) }}}}{{% endmacro %}}"
    );
    let project = shop().file("macros/catalog.sql", macros);
    project.run("docs generate").succeeds();
    let catalog = catalog(&project);
    let raw = &catalog["nodes"]["seed.shop.raw"];
    assert_eq!(raw["metadata"]["owner"], "kim");
    assert_eq!(raw["stats"]["rows"]["value"], 7);
    assert_eq!(raw["stats"]["has_stats"]["value"], true);
}

#[test]
fn a_catalog_that_cannot_be_made_is_an_error_in_it() {
    let project = shop().file(
        "macros/catalog.sql",
        "{% macro duckdb__get_catalog_relations(information_schema, relations) %}{{ exceptions.raise_compiler_error('no') }}{% endmacro %}",
    );
    project.run("docs generate").exits(1).says("1 failure while writing the catalog");
    assert!(catalog(&project)["errors"][0].as_str().unwrap().contains("no"));
}

#[test]
fn serving_is_not_there_yet() {
    shop().run("docs serve").exits(2).says("error[not-supported]").says("docs generate --static");
}
