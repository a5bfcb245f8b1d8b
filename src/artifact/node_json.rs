use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::manifest::{Column, Constraint, DataTest, MacroId, Node, NodeId, NodeKind};

/// What compiling added to a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompiledNode {
    pub code: Arc<str>,
    /// Where it was written: `target/compiled/shop/models/orders.sql`.
    pub path: Option<String>,
    /// The ephemeral models it holds, with their SQL.
    pub extra_ctes: Vec<(NodeId, String)>,
}

/// A model, seed, data test, analysis, snapshot or operation in `manifest.json`.
#[derive(Debug, Serialize)]
pub(super) struct NodeJson<'a> {
    database: &'a str,
    schema: &'a str,
    name: &'a str,
    resource_type: &'static str,
    package_name: &'a str,
    path: &'a str,
    original_file_path: &'a str,
    unique_id: &'a str,
    fqn: &'a [String],
    alias: &'a str,
    checksum: ChecksumJson<'a>,
    config: &'a Map<String, Value>,
    tags: &'a [String],
    description: &'a str,
    doc_blocks: &'a [String],
    columns: BTreeMap<&'a str, ColumnJson<'a>>,
    meta: &'a Map<String, Value>,
    group: Option<&'a str>,
    docs: DocsJson<'a>,
    patch_path: Option<&'a str>,
    build_path: Option<&'a str>,
    unrendered_config: &'a Map<String, Value>,
    created_at: f64,
    relation_name: Option<String>,
    raw_code: &'a str,
    #[serde(flatten)]
    template: Option<TemplateJson<'a>>,
    #[serde(flatten)]
    kind: KindJson<'a>,
}

/// What all nodes with a template have, which is all but seeds.
#[derive(Debug, Serialize)]
struct TemplateJson<'a> {
    language: &'static str,
    refs: Vec<RefJson<'a>>,
    sources: Vec<[&'a str; 2]>,
    metrics: Vec<Vec<&'a str>>,
    functions: Vec<Vec<&'a str>>,
    depends_on: DependsOnJson<'a>,
    compiled_path: Option<&'a str>,
    #[serde(flatten)]
    compiled: Option<CompiledJson<'a>>,
    contract: ContractJson,
}

#[derive(Debug, Serialize)]
struct CompiledJson<'a> {
    compiled: bool,
    compiled_code: &'a str,
    extra_ctes_injected: bool,
    extra_ctes: Vec<CteJson<'a>>,
}

#[derive(Debug, Serialize)]
struct CteJson<'a> {
    id: &'a str,
    sql: &'a str,
}

#[derive(Debug, Serialize)]
struct ContractJson {
    enforced: bool,
    alias_types: bool,
    checksum: Option<String>,
}

/// What only one kind of node has.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum KindJson<'a> {
    Model {
        access: &'a str,
        constraints: Value,
        version: Option<&'a Value>,
        latest_version: Option<&'a Value>,
        deprecation_date: Option<&'a str>,
        primary_key: &'a [String],
        time_spine: Option<&'a Value>,
    },
    Seed {
        root_path: &'a str,
        depends_on: MacrosJson<'a>,
    },
    GenericTest {
        column_name: Option<&'a str>,
        file_key_name: Option<&'a str>,
        attached_node: Option<&'a str>,
        test_metadata: TestMetadataJson<'a>,
    },
    Operation {
        index: usize,
    },
    Function {
        arguments: &'a [Value],
        returns: &'a Value,
        overloads: [Value; 0],
    },
    Other {},
}

#[derive(Debug, Serialize)]
struct MacrosJson<'a> {
    macros: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct TestMetadataJson<'a> {
    name: &'a str,
    kwargs: &'a Map<String, Value>,
    namespace: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ChecksumJson<'a> {
    name: &'static str,
    checksum: &'a str,
}

impl<'a> NodeJson<'a> {
    pub(super) fn new(
        node: &'a Node,
        compiled: Option<&'a CompiledNode>,
        build_path: Option<&'a str>,
    ) -> Self {
        let checksum_name = if node.checksum.is_empty() { "none" } else { "sha256" };
        let is_seed = matches!(node.kind, NodeKind::Seed { .. });
        Self {
            database: &node.database,
            schema: &node.schema,
            name: &node.name,
            resource_type: node.resource_type.name(),
            package_name: &node.package,
            path: &node.path,
            original_file_path: &node.original_file_path,
            unique_id: node.id.as_str(),
            fqn: &node.fqn,
            alias: &node.alias,
            checksum: ChecksumJson { name: checksum_name, checksum: &node.checksum },
            config: node.config.values(),
            tags: &node.tags,
            description: &node.description,
            doc_blocks: &node.doc_blocks,
            columns: ColumnJson::of(node),
            meta: &node.meta,
            group: node.group.as_deref(),
            docs: DocsJson::new(&node.docs),
            patch_path: node.patch_path.as_deref(),
            build_path,
            unrendered_config: &node.unrendered_config,
            created_at: node.created_at,
            relation_name: node.relation.as_ref().map(ToString::to_string),
            raw_code: &node.raw_code,
            template: (!is_seed).then(|| TemplateJson::new(node, compiled)),
            kind: KindJson::new(node),
        }
    }
}

impl<'a> TemplateJson<'a> {
    fn new(node: &'a Node, compiled: Option<&'a CompiledNode>) -> Self {
        let contract = node.config.get("contract");
        let contract_flag = |key: &str, default: bool| {
            contract.and_then(|contract| contract.get(key)).and_then(Value::as_bool).unwrap_or(default)
        };
        Self {
            language: node.model().map_or("sql", |model| model.language.name()),
            refs: RefJson::of(node),
            sources: source_pairs(node),
            metrics: metric_calls(node),
            functions: node
                .functions
                .iter()
                .map(|call| call.package.iter().chain([&call.name]).map(String::as_str).collect())
                .collect(),
            depends_on: DependsOnJson::of(node),
            compiled_path: compiled.and_then(|compiled| compiled.path.as_deref()),
            compiled: compiled.map(CompiledJson::new),
            contract: ContractJson {
                enforced: contract_flag("enforced", false),
                alias_types: contract_flag("alias_types", true),
                checksum: node.model().and_then(|model| model.contract_checksum.clone()),
            },
        }
    }
}

impl<'a> CompiledJson<'a> {
    fn new(compiled: &'a CompiledNode) -> Self {
        let cte = |(id, sql): &'a (NodeId, String)| CteJson { id: id.as_str(), sql };
        Self {
            compiled: true,
            compiled_code: &compiled.code,
            extra_ctes_injected: true,
            extra_ctes: compiled.extra_ctes.iter().map(cte).collect(),
        }
    }
}

impl<'a> KindJson<'a> {
    fn new(node: &'a Node) -> Self {
        match &node.kind {
            NodeKind::Model(model) => Self::Model {
                access: node.config.text("access").unwrap_or("protected"),
                constraints: Constraint::list_json(&model.constraints),
                version: model.version.as_ref(),
                latest_version: model.latest_version.as_ref(),
                deprecation_date: model.deprecation_date.as_deref(),
                primary_key: &model.primary_key,
                time_spine: model.time_spine.as_ref(),
            },
            NodeKind::Seed { root_path } => {
                Self::Seed { root_path, depends_on: MacrosJson { macros: macro_ids(node) } }
            }
            NodeKind::Test(test) => Self::test(test),
            NodeKind::Operation(hook) => Self::Operation { index: hook.index },
            NodeKind::Function(function) => {
                Self::Function { arguments: &function.arguments, returns: &function.returns, overloads: [] }
            }
            NodeKind::Snapshot
            | NodeKind::Analysis
            | NodeKind::Source(_)
            | NodeKind::Exposure(_)
            | NodeKind::UnitTest(_)
            | NodeKind::SemanticModel(_)
            | NodeKind::Metric(_)
            | NodeKind::SavedQuery(_)
            | NodeKind::SqlOperation => Self::Other {},
        }
    }

    fn test(test: &'a DataTest) -> Self {
        let Some(metadata) = &test.metadata else { return Self::Other {} };
        Self::GenericTest {
            column_name: test.column_name.as_deref(),
            file_key_name: test.file_key_name.as_deref(),
            attached_node: test.attached_node.as_ref().map(NodeId::as_str).filter(is_no_source),
            test_metadata: TestMetadataJson {
                name: &metadata.name,
                kwargs: &metadata.kwargs,
                namespace: metadata.namespace.as_deref(),
            },
        }
    }
}

/// dbt does not say of a source that tests are attached to it.
fn is_no_source(id: &&str) -> bool {
    !id.starts_with("source.")
}

/// A column that a properties file declares.
#[derive(Debug, Serialize)]
pub(super) struct ColumnJson<'a> {
    name: &'a str,
    description: &'a str,
    doc_blocks: &'a [String],
    meta: &'a Map<String, Value>,
    data_type: Option<&'a str>,
    constraints: Value,
    quote: Option<bool>,
    config: ColumnConfigJson<'a>,
    tags: &'a [String],
    /// What the column is to the semantic layer, as written.
    granularity: Option<&'a Value>,
    dimension: Option<&'a Value>,
    entity: Option<&'a Value>,
    #[serde(flatten)]
    extra: BTreeMap<&'a str, &'a Value>,
}

#[derive(Debug, Serialize)]
struct ColumnConfigJson<'a> {
    meta: &'a Map<String, Value>,
    tags: &'a [String],
}

impl<'a> ColumnJson<'a> {
    /// All columns of a node, by name.
    pub(super) fn of(node: &'a Node) -> BTreeMap<&'a str, Self> {
        node.columns.iter().map(|(name, column)| (name.as_str(), Self::new(column))).collect()
    }

    fn new(column: &'a Column) -> Self {
        let own = [
            "name",
            "description",
            "doc_blocks",
            "meta",
            "data_type",
            "constraints",
            "quote",
            "config",
            "tags",
            "granularity",
            "dimension",
            "entity",
        ];
        let extra = column.extra.iter().filter(|(key, _)| !own.contains(&key.as_str()));
        Self {
            name: &column.name,
            description: &column.description,
            doc_blocks: &column.doc_blocks,
            meta: &column.meta,
            data_type: column.data_type.as_deref(),
            constraints: Constraint::list_json(&column.constraints),
            quote: column.quote,
            config: ColumnConfigJson { meta: &column.meta, tags: &column.tags },
            tags: &column.tags,
            granularity: column.extra.get("granularity"),
            dimension: column.extra.get("dimension"),
            entity: column.extra.get("entity"),
            extra: extra.map(|(key, value)| (key.as_str(), value)).collect(),
        }
    }
}

/// How documentation shows a node.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct DocsJson<'a> {
    show: bool,
    node_color: Option<&'a str>,
}

impl<'a> DocsJson<'a> {
    pub(super) fn new(docs: &'a Map<String, Value>) -> Self {
        Self {
            show: docs.get("show").and_then(Value::as_bool).unwrap_or(true),
            node_color: docs.get("node_color").and_then(Value::as_str),
        }
    }
}

/// A `ref()` call.
#[derive(Debug, Serialize)]
pub(super) struct RefJson<'a> {
    name: &'a str,
    package: Option<&'a str>,
    version: Option<&'a Value>,
}

impl<'a> RefJson<'a> {
    /// All calls of a node, in order.
    pub(super) fn of(node: &'a Node) -> Vec<Self> {
        let call = |call: &'a crate::manifest::Ref| Self {
            name: &call.name,
            package: call.package.as_deref(),
            version: call.version.as_ref(),
        };
        node.refs.iter().map(call).collect()
    }
}

/// What a node depends on.
#[derive(Debug, Serialize)]
pub(super) struct DependsOnJson<'a> {
    macros: Vec<&'a str>,
    nodes: Vec<&'a str>,
}

impl<'a> DependsOnJson<'a> {
    pub(super) fn of(node: &'a Node) -> Self {
        Self { macros: macro_ids(node), nodes: node.depends_on.iter().map(NodeId::as_str).collect() }
    }
}

fn macro_ids(node: &Node) -> Vec<&str> {
    node.depends_on_macros.iter().map(MacroId::as_str).collect()
}

/// The `metric()` calls of a node, each as its arguments.
pub(super) fn metric_calls(node: &Node) -> Vec<Vec<&str>> {
    node.metrics
        .iter()
        .map(|call| call.package.as_deref().into_iter().chain([call.name.as_str()]).collect())
        .collect()
}

/// The `source()` calls of a node, each as source and table.
pub(super) fn source_pairs(node: &Node) -> Vec<[&str; 2]> {
    node.sources.iter().map(|call| [call.source.as_str(), call.table.as_str()]).collect()
}
