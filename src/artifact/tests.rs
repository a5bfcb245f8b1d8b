//! The whole manifest of a small project with one node of each kind.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::*;
use crate::manifest::testing::node;
use crate::manifest::{
    Column, DataTest, Doc, Exposure, Group, Hook, HookEvent, Macro, MacroArgument, MacroId, Manifest, NodeId,
    NodeKind, Ref, ResourceType, Source, SourceRef, TestMetadata,
};
use crate::sql::QuotePolicy;
use crate::text::{Files, Span};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn sample(at: Span) -> Manifest {
    let source = node(
        at,
        ResourceType::Source,
        "events",
        NodeKind::Source(Box::new(Source {
            unrendered_database: None,
            unrendered_schema: None,
            source_name: "raw".to_owned(),
            source_description: String::new(),
            source_meta: Map::new(),
            identifier: "events".to_owned(),
            loader: String::new(),
            quoting: object(json!({"database": true, "unknown": 1})),
            loaded_at_field: Some("at".to_owned()),
            loaded_at_query: None,
            freshness: Some(json!({"warn_after": {"count": 1, "period": "day"}, "error_after": null})),
            external_location: None,
            extra: object(json!({"external": {"location": "s3://x"}, "other": 1})),
        })),
    );
    let seed = node(at, ResourceType::Seed, "상품", NodeKind::Seed { root_path: "/home/me/shop".to_owned() });
    let mut model = node(at, ResourceType::Model, "orders", NodeKind::Model(Box::default()));
    model.refs = vec![Ref { package: None, name: "상품".to_owned(), version: None, span: None }];
    model.sources = vec![SourceRef { source: "raw".to_owned(), table: "events".to_owned(), span: None }];
    model.depends_on = vec![source.id.clone(), seed.id.clone(), seed.id.clone()];
    model.depends_on_macros = vec![MacroId::new("shop", "cents")];
    model.group = Some("sales".to_owned());
    model.docs = object(json!({"show": false, "node_color": "gold"}));
    model.columns.insert(
        "금액".to_owned(),
        Column {
            name: "금액".to_owned(),
            description: "돈".to_owned(),
            doc_blocks: vec!["doc.shop.금액".to_owned()],
            data_type: Some("integer".to_owned()),
            quote: None,
            meta: Map::new(),
            tags: vec!["money".to_owned()],
            constraints: Vec::new(),
            extra: object(json!({"policy": "masked", "config": {}})),
            span: None,
        },
    );
    let generic = DataTest {
        metadata: Some(TestMetadata {
            name: "unique".to_owned(),
            namespace: None,
            kwargs: object(
                json!({"model": "{{ get_where_subquery(ref('orders')) }}", "column_name": "금액"}),
            ),
        }),
        column_name: Some("금액".to_owned()),
        attached_node: Some(model.id.clone()),
        file_key_name: Some("models.orders".to_owned()),
        span: at,
    };
    let singular =
        DataTest { metadata: None, column_name: None, attached_node: None, file_key_name: None, span: at };
    let mut test = node(at, ResourceType::Test, "unique_orders_금액", NodeKind::Test(Box::new(generic)));
    test.depends_on = vec![model.id.clone()];
    test.checksum = String::new();
    let hook = Hook { event: HookEvent::RunStart, index: 0 };
    let exposure = Exposure {
        kind: "dashboard".to_owned(),
        label: None,
        maturity: Some("high".to_owned()),
        url: None,
        owner: object(json!({"name": "김", "email": "a@b.c"})),
    };
    let nodes = vec![
        source,
        seed,
        model,
        test,
        node(at, ResourceType::Test, "assert_x", NodeKind::Test(Box::new(singular))),
        node(at, ResourceType::Analysis, "study", NodeKind::Analysis),
        node(at, ResourceType::Snapshot, "history", NodeKind::Snapshot),
        node(at, ResourceType::Operation, "shop-on-run-start-0", NodeKind::Operation(hook)),
        node(at, ResourceType::SqlOperation, "inline", NodeKind::SqlOperation),
        node(at, ResourceType::Exposure, "kpi", NodeKind::Exposure(Box::new(exposure))),
    ];
    let mut manifest = Manifest { project: "shop".to_owned(), ..Manifest::default() };
    manifest.nodes = nodes.into_iter().map(|node| (node.id.clone(), node)).collect();
    let off = node(at, ResourceType::Model, "off", NodeKind::Model(Box::default()));
    manifest.disabled.insert(off.id.clone(), off);
    add_the_rest(&mut manifest, at);
    manifest.reindex();
    manifest
}

fn add_the_rest(manifest: &mut Manifest, at: Span) {
    let cents = Macro {
        id: MacroId::new("shop", "cents"),
        name: "cents".to_owned(),
        package: "shop".to_owned(),
        original_file_path: "macros/cents.sql".to_owned(),
        span: at,
        name_span: at,
        source: "{% macro cents(x) %}{{ x }} / 100{% endmacro %}".into(),
        description: String::new(),
        meta: Map::new(),
        docs: Map::new(),
        arguments: vec![MacroArgument { name: "x".to_owned(), data_type: None, description: String::new() }],
        supported_languages: vec!["sql".to_owned()],
        depends_on_macros: vec![MacroId::new("dbt", "run_query")],
        patch: None,
        patch_path: None,
    };
    manifest.macros.insert(cents.id.clone(), cents);
    let doc = Doc {
        name: "money".to_owned(),
        package: "shop".to_owned(),
        original_file_path: "models/docs.md".to_owned(),
        contents: "돈".to_owned(),
        span: at,
    };
    manifest.docs.insert("doc.shop.money".to_owned(), doc);
    let group = Group {
        name: "sales".to_owned(),
        package: "shop".to_owned(),
        original_file_path: "models/groups.yml".to_owned(),
        description: None,
        config: serde_json::Map::new(),
        owner: object(json!({"name": "sales"})),
        span: at,
    };
    manifest.groups.insert("group.shop.sales".to_owned(), group);
}

fn written() -> Value {
    let file = Files::new().add("models/x.sql", "select 1");
    let manifest = sample(file.span());
    let compiled = CompiledNode {
        code: "with __dbt__cte__e as (select 1) select 1".into(),
        path: Some("target/compiled/shop/models/orders.sql".to_owned()),
        extra_ctes: vec![(NodeId::new("model.shop.e"), "select 1".to_owned())],
    };
    let compiled = BTreeMap::from([(NodeId::new("model.shop.orders"), compiled)]);
    let about = About {
        invocation_id: "6ff9c6a2-6d2c-4b0e-8a5e-000000000000".to_owned(),
        invocation_started_at: DateTime::UNIX_EPOCH,
        generated_at: DateTime::UNIX_EPOCH,
        project_name: "shop".to_owned(),
        adapter_type: "duckdb".to_owned(),
        quoting: QuotePolicy::default(),
        env: BTreeMap::new(),
    };
    let path = "target/run/shop/models/orders.sql".to_owned();
    let build_paths = BTreeMap::from([(NodeId::new("model.shop.orders"), path)]);
    let mut bytes = Vec::new();
    manifest_json(&manifest, &about, &compiled, &build_paths, &mut bytes).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

#[test]
fn all_parts_of_the_schema_are_there() {
    let written = written();
    let keys: Vec<_> = written.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "metadata",
            "nodes",
            "sources",
            "macros",
            "docs",
            "exposures",
            "metrics",
            "groups",
            "selectors",
            "disabled",
            "parent_map",
            "child_map",
            "group_map",
            "saved_queries",
            "semantic_models",
            "unit_tests",
            "functions"
        ]
    );
    assert_eq!(written["nodes"].as_object().map(Map::len), Some(8));
    assert_eq!(written["disabled"]["model.shop.off"][0]["name"], "off");
    assert_eq!(written["docs"]["doc.shop.money"]["path"], "docs.md");
    assert_eq!(written["macros"]["macro.shop.cents"]["depends_on"]["macros"], json!(["macro.dbt.run_query"]));
    assert_eq!(written["exposures"]["exposure.shop.kpi"]["type"], "dashboard");
    assert_eq!(written["group_map"], json!({"sales": ["model.shop.orders"]}));
}

#[test]
fn parents_and_children_are_told_once_each_and_of_every_node() {
    let written = written();
    assert_eq!(written["parent_map"]["model.shop.orders"], json!(["seed.shop.상품", "source.shop.events"]));
    assert_eq!(written["child_map"]["seed.shop.상품"], json!(["model.shop.orders"]));
    assert_eq!(written["child_map"]["exposure.shop.kpi"], json!([]));
    assert_eq!(written["child_map"]["model.shop.orders"], json!(["test.shop.unique_orders_금액"]));
}

#[test]
fn nodes_have_the_keys_of_their_kind_and_no_others() {
    let written = written();
    let orders = &written["nodes"]["model.shop.orders"];
    assert_eq!(orders["compiled"], true);
    assert_eq!(orders["build_path"], "target/run/shop/models/orders.sql");
    assert_eq!(orders["compiled_path"], "target/compiled/shop/models/orders.sql");
    assert_eq!(orders["extra_ctes"], json!([{"id": "model.shop.e", "sql": "select 1"}]));
    assert_eq!(orders["relation_name"], r#""db"."main"."orders""#);
    assert_eq!(orders["docs"], json!({"show": false, "node_color": "gold"}));
    assert_eq!(orders["refs"], json!([{"name": "상품", "package": null, "version": null}]));
    assert_eq!(orders["columns"]["금액"]["policy"], "masked");
    assert_eq!(orders["columns"]["금액"]["doc_blocks"], json!(["doc.shop.금액"]));
    assert_eq!(orders["columns"]["금액"]["config"], json!({"meta": {}, "tags": ["money"]}));

    let seed = &written["nodes"]["seed.shop.상품"];
    assert_eq!(seed["root_path"], "/home/me/shop");
    assert_eq!(seed["depends_on"], json!({"macros": []}));
    assert_eq!(seed.get("refs"), None);

    let test = &written["nodes"]["test.shop.unique_orders_금액"];
    assert_eq!(test["attached_node"], "model.shop.orders");
    assert_eq!(test["test_metadata"]["name"], "unique");
    assert_eq!(test["checksum"], json!({"name": "none", "checksum": ""}));
    assert_eq!(test.get("compiled"), None, "it was not compiled");
    assert_eq!(written["nodes"]["test.shop.assert_x"].get("test_metadata"), None);
    assert_eq!(written["nodes"]["operation.shop.shop-on-run-start-0"]["index"], 0);

    let source = &written["sources"]["source.shop.events"];
    assert_eq!(source["external"], json!({"location": "s3://x"}));
    assert_eq!(
        source["freshness"],
        json!({"warn_after": {"count": 1, "period": "day"}, "error_after": null})
    );
    assert_eq!(
        source["quoting"],
        json!({"column": null, "database": true, "identifier": null, "schema": null})
    );
}
