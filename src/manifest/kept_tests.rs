//! Nodes of every kind, written and read again.

use serde_json::{Map, Value, json};

use super::testing::node;
use super::*;
use crate::diagnostic::{Code, Diagnostic, WarningName};
use crate::sql::{Dialect, RelationName};
use crate::text::{FileId, Files, Frame, Span, listing_files, with_files_of_list};

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn constraint(span: Span) -> Constraint {
    let target = Ref { package: None, name: "users".to_owned(), version: Some(json!(2)), span: Some(span) };
    Constraint {
        kind: ConstraintKind::ForeignKey,
        name: Some("fk".to_owned()),
        expression: None,
        warn_unenforced: true,
        warn_unsupported: false,
        to: Some("ref('users')".to_owned()),
        target: Some(ForeignKeyTarget::Ref(target)),
        to_columns: vec!["id".to_owned()],
        columns: Vec::new(),
        on_column: true,
        span,
    }
}

fn kinds(span: Span) -> Vec<(ResourceType, NodeKind)> {
    let metric = MetricRef { package: None, name: "매출".to_owned(), span: Some(span) };
    let rows = UnitTestRows {
        format: UnitTestFormat::Sql,
        rows: json!([{"a": 1.5, "나": null}]),
        fixture: Some("f".to_owned()),
        span,
    };
    let given = UnitTestInput {
        input: "this".to_owned(),
        stands_for: StandsFor::Node(NodeId::new("model.shop.a")),
        span,
        rows: rows.clone(),
    };
    let model = Model {
        language: Language::Python,
        version: Some(json!(2)),
        latest_version: Some(json!("3")),
        deprecation_date: Some("2024-01-01T00:00:00Z".to_owned()),
        constraints: vec![constraint(span)],
        primary_key: vec!["id".to_owned()],
        contract_checksum: Some("00".to_owned()),
        latest_version_pointer: Some(RelationName::new(Dialect::DuckDb, "d", "s", "i")),
        deprecation_span: Some(span),
        time_spine: Some(json!({"standard_granularity_column": "day"})),
    };
    let test = DataTest {
        metadata: Some(TestMetadata {
            name: "unique".to_owned(),
            namespace: Some("utils".to_owned()),
            kwargs: map(&json!({"model": "m", "values": [1, 2.5, null]})),
        }),
        column_name: Some("id".to_owned()),
        attached_node: Some(NodeId::new("model.shop.a")),
        file_key_name: Some("models.a".to_owned()),
        span,
    };
    let source = Source {
        source_name: "raw".to_owned(),
        source_description: "d".to_owned(),
        source_meta: map(&json!({"a": 1})),
        identifier: "i".to_owned(),
        loader: String::new(),
        quoting: map(&json!({"schema": true})),
        loaded_at_field: None,
        loaded_at_query: Some("select 1".to_owned()),
        freshness: Some(json!({"warn_after": {"count": 1, "period": "day"}})),
        external_location: None,
        unrendered_database: None,
        unrendered_schema: Some("{{ s }}".to_owned()),
        extra: map(&json!({"external": {}})),
    };
    let exposure = Exposure {
        kind: "dashboard".to_owned(),
        label: None,
        maturity: Some("high".to_owned()),
        url: None,
        owner: map(&json!({"name": "a"})),
    };
    let unit_test = UnitTest {
        model: "a".to_owned(),
        subject: Subject::Macro {
            package: "shop".to_owned(),
            name: "m".to_owned(),
            arguments: vec![json!(1)],
            keywords: map(&json!({"k": []})),
        },
        given: vec![given],
        expect: rows,
        expects_table: true,
        overrides: Some(map(&json!({"vars": {"a": 1}}))),
        versions: Some(json!({"include": [1]})),
        version: Some(json!(1)),
        span,
    };
    let function = Function {
        language: Language::Sql,
        arguments: vec![json!({"name": "x"})],
        returns: json!({"data_type": "int"}),
    };
    let definition = map(&json!({"entities": [{"name": "id"}]}));
    let of_metric = Metric {
        definition: definition.clone(),
        measures: vec![metric],
        semantic_model: Some("s".to_owned()),
    };
    vec![
        (ResourceType::Model, NodeKind::Model(Box::new(model))),
        (ResourceType::Seed, NodeKind::Seed { root_path: "/shop".to_owned() }),
        (ResourceType::Snapshot, NodeKind::Snapshot),
        (ResourceType::Analysis, NodeKind::Analysis),
        (ResourceType::Test, NodeKind::Test(Box::new(test))),
        (ResourceType::Source, NodeKind::Source(Box::new(source))),
        (ResourceType::Exposure, NodeKind::Exposure(Box::new(exposure))),
        (ResourceType::UnitTest, NodeKind::UnitTest(Box::new(unit_test))),
        (ResourceType::Function, NodeKind::Function(Box::new(function))),
        (
            ResourceType::SemanticModel,
            NodeKind::SemanticModel(Box::new(SemanticModel { definition: definition.clone() })),
        ),
        (ResourceType::Metric, NodeKind::Metric(Box::new(of_metric))),
        (ResourceType::SavedQuery, NodeKind::SavedQuery(Box::new(SavedQuery { definition }))),
        (ResourceType::Operation, NodeKind::Operation(Hook { event: HookEvent::RunEnd, index: 3 })),
        (ResourceType::SqlOperation, NodeKind::SqlOperation),
    ]
}

/// A node with something in all of its fields.
fn filled(resource_type: ResourceType, kind: NodeKind, file: Span, patch: Span) -> Node {
    let column = Column {
        name: "금액".to_owned(),
        description: "d".to_owned(),
        doc_blocks: vec!["doc.shop.d".to_owned()],
        data_type: Some("int".to_owned()),
        quote: Some(true),
        meta: map(&json!({"m": 0.1})),
        tags: vec!["t".to_owned()],
        constraints: vec![constraint(patch)],
        extra: map(&json!({"granularity": "day"})),
        span: Some(patch),
    };
    let wrong = Diagnostic::new(Code::UserWarning, "a `금액` is wrong")
        .label(file, "here")
        .also(Some(patch), "there")
        .called_from(Frame { name: "shop.m".to_owned(), call: Some(patch) })
        .note("a note")
        .help("do this")
        .fact("key", json!([1, 2.5]))
        .said("Said")
        .stands_for(WarningName::JinjaLogWarning);
    let text = || Some("x".to_owned());
    Node {
        columns: [("금액".to_owned(), column)].into_iter().collect(),
        description: "d".to_owned(),
        doc_blocks: vec!["doc.shop.d".to_owned()],
        meta: map(&json!({"a": null})),
        tags: vec!["t".to_owned()],
        docs: map(&json!({"show": true})),
        refs: vec![Ref { package: text(), name: "b".to_owned(), version: None, span: Some(file) }],
        functions: vec![FunctionRef { package: None, name: "f".to_owned(), span: None }],
        sources: vec![SourceRef { source: "s".to_owned(), table: "t".to_owned(), span: Some(file) }],
        metrics: vec![MetricRef { package: text(), name: "m".to_owned(), span: None }],
        depends_on: vec![NodeId::new("model.shop.b")],
        depends_on_macros: vec![MacroId::new("shop", "m")],
        patch: Some(patch),
        patch_path: text(),
        unrendered_config: map(&json!({"z": 1, "a": 2})),
        group: text(),
        not_supported: Some(wrong),
        ..node(file, resource_type, "주문", kind)
    }
}

#[test]
fn a_node_of_any_kind_comes_back_into_other_numbers_of_files() {
    let (before, now) = (Files::new(), Files::new());
    let add = |files: &Files| -> [FileId; 2] {
        ["models/a.sql", "models/a.yml"].map(|path| files.add(path, "select 1").id())
    };
    let then = add(&before);
    now.add("another.sql", "");
    let again = add(&now);
    let span = |ids: [FileId; 2], at: usize| Span::new(ids[at], at, at + 3);
    let kinds_again = kinds(span(again, 1));
    assert_eq!(kinds_again.len(), ResourceType::ALL.len());
    for ((resource_type, kind), (_, kind_again)) in kinds(span(then, 1)).into_iter().zip(kinds_again) {
        let node = filled(resource_type, kind, span(then, 0), span(then, 1));
        let (bytes, list) = listing_files(|| postcard::to_stdvec(&node).unwrap());
        let find = |id: &FileId| now.find(before.get(*id).path()).unwrap().id();
        let list: Vec<FileId> = list.iter().map(find).collect();
        let read: Node = with_files_of_list(list, || postcard::from_bytes(&bytes).unwrap());
        let expected = filled(resource_type, kind_again, span(again, 0), span(again, 1));
        assert_eq!(format!("{read:?}"), format!("{expected:?}"));
        assert_eq!(read, expected);
        assert_ne!(read, node);
    }
}
