//! A small project for the tests of this room: the built-in macros, a package and a
//! model, on a database in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use chrono::{TimeZone, Utc};
use serde_json::{Map, Value as Json, json};

use super::{
    CompileContext, Invocation, LogLevel, LogSink, MacroNamespace, ParseContext, RelationCache, RunContext,
    SharedConnection, Subject,
};
use crate::adapter;
use crate::builtin;
use crate::diagnostic::Diagnostic;
use crate::jinja::{Engine, Value, carve, to_json};
use crate::manifest::{
    DataTest, Hook, HookEvent, Manifest, Node, NodeConfig, NodeId, NodeKind, ResourceType, Source,
    TestMetadata,
};
use crate::project::{Flags, Package, ProjectConfig, Target, Vars};
use crate::sql::{Dialect, RelationName};
use crate::system::MemorySystem;
use crate::text::{Files, Span, Spanned};

/// What was logged and warned, as `level: text`.
#[derive(Default)]
pub(super) struct Heard(Mutex<Vec<String>>);

impl Heard {
    pub(super) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Without the statements.
    pub(super) fn loud(&self) -> Vec<String> {
        self.all().into_iter().filter(|line| !line.starts_with("Debug: On ")).collect()
    }
}

impl LogSink for Heard {
    fn log(&self, level: LogLevel, text: &str) {
        self.0.lock().unwrap().push(format!("{level:?}: {text}"));
    }

    fn warn(&self, diagnostic: Diagnostic) {
        self.0.lock().unwrap().push(format!("warning: {diagnostic}"));
    }
}

pub(super) struct World {
    pub(super) invocation: Arc<Invocation>,
    pub(super) manifest: Arc<Manifest>,
    pub(super) cache: Arc<RelationCache>,
    pub(super) heard: Arc<Heard>,
    /// The text of `models/orders.sql`.
    pub(super) file: Span,
}

/// Macros of the project `shop` and of the package `utils`.
const SHOP: &str = "{% macro cents(column) %}{{ column }} / 100{% endmacro %}
{% macro fail(what) %}{{ exceptions.raise_compiler_error('no ' ~ what) }}{% endmacro %}
{% macro default__greet() %}shop says hello{% endmacro %}";
const UTILS: &str = "{% macro greet() %}{{ return(adapter.dispatch('greet', 'utils')()) }}{% endmacro %}
{% macro default__greet() %}utils says hello{% endmacro %}
{% macro duckdb__quack() %}quack{% endmacro %}
{% macro default__quack() %}silence{% endmacro %}";

impl World {
    pub(super) fn new() -> Self {
        Self::with(|_, _| ())
    }

    /// On that machine.
    pub(super) fn on(system: MemorySystem) -> Self {
        Self::build(system, |_, _| ())
    }

    /// With changes to the root project's file and to the model.
    pub(super) fn with(change: impl FnOnce(&mut ProjectConfig, &mut Node)) -> Self {
        let system = MemorySystem::new()
            .env_var("TZ", "Asia/Seoul")
            .env_var("STAGE", "시험")
            .env_var("DBT_ENV_SECRET_KEY", "x")
            .env_var("DBT_ENV_CUSTOM_ENV_team", "data");
        Self::build(system, change)
    }

    fn build(system: MemorySystem, change: impl FnOnce(&mut ProjectConfig, &mut Node)) -> Self {
        let files = Arc::new(Files::new());
        let mut engine = Engine::new();
        let mut macros: Vec<(String, String)> = Vec::new();
        let mut take = |package: &str, path: &str, text: &str| {
            let file = files.add(path, text);
            let blocks = carve(&file);
            assert!(!blocks.has_errors(), "{path}: {:?}", blocks.diagnostics);
            assert_eq!(engine.add_macros(&file, package, &blocks.value), []);
            macros.extend(blocks.value.iter().map(|block| (package.to_owned(), block.macro_name())));
        };
        for file in builtin::FILES {
            take(file.package, file.path, file.text);
        }
        take("utils", "utils.sql", UTILS);
        take("shop", "macros/shop.sql", SHOP);
        let model_file = files.add("models/orders.sql", "select amount, '원' as unit\nfrom raw_orders");
        let project = files.add("project.yml", "name: shop");
        let mut config = ProjectConfig::new(Spanned::new("shop".to_owned(), Span::start_of(project.id())));
        config.file = Some(project.id());
        let mut orders =
            node(ResourceType::Model, "orders", model_file.span(), NodeKind::Model(Box::default()));
        orders.raw_code = model_file.shared_text();
        change(&mut config, &mut orders);
        let package = |name: &str, is_builtin| Package {
            config: ProjectConfig::new(Spanned::new(name.to_owned(), Span::start_of(project.id()))),
            root: PathBuf::new(),
            is_root: false,
            is_builtin,
            depends_on: Vec::new(),
        };
        let root = Package { config, is_root: true, ..package("shop", false) };
        let packages = vec![package("dbt", true), package("dbt_duckdb", true), package("utils", false), root];
        let Json::Object(keys) = json!({"type": "duckdb", "path": ":memory:"}) else { unreachable!() };
        let heard = Arc::new(Heard::default());
        let mut vars = Vars::default();
        vars.root.insert("days".to_owned(), json!([1, 2]));
        let names = macros.iter().map(|(package, name)| (package.as_str(), name.as_str()));
        let invocation = Arc::new(Invocation {
            system: Arc::new(system),
            files,
            engine: Arc::new(engine),
            macros: MacroNamespace::new(&packages, names),
            adapter: adapter::for_target("duckdb", &keys, Path::new("/")).unwrap(),
            target: Arc::new(Target {
                places: crate::project::TargetPlaces::default(),
                profile_name: "shop".to_owned(),
                name: "dev".to_owned(),
                kind: "duckdb".to_owned(),
                database: "memory".to_owned(),
                schema: "main".to_owned(),
                threads: 1,
                keys,
            }),
            vars: vars.into(),
            flags: Flags { which: "run".to_owned(), ..Flags::default() }.into(),
            packages: packages.into(),
            root_package: "shop".to_owned(),
            target_path: PathBuf::from("target"),
            id: "an-id".to_owned(),
            started_at: Utc.timestamp_opt(1_767_225_600, 0).unwrap(),
            log: Arc::clone(&heard) as Arc<dyn LogSink>,
            selected_resources: OnceLock::new(),
            deferral: OnceLock::new(),
            stopped: Arc::default(),
            notes: None,
        });
        let manifest = Arc::new(manifest(orders, project.span()));
        Self { invocation, manifest, cache: Arc::default(), heard, file: model_file.span() }
    }

    pub(super) fn connection(&self) -> SharedConnection {
        Arc::new(Mutex::new(self.invocation.adapter.connect().unwrap()))
    }

    pub(super) fn parse(&self) -> ParseContext {
        ParseContext::new(&self.invocation, subject())
    }

    pub(super) fn compile(&self) -> CompileContext {
        self.compile_node("model.shop.orders")
    }

    pub(super) fn compile_node(&self, id: &str) -> CompileContext {
        let connection = Some(self.connection());
        CompileContext::new(&self.invocation, &self.manifest, &NodeId::new(id), &self.cache, connection)
    }

    pub(super) fn run(&self) -> RunContext {
        let id = NodeId::new("model.shop.orders");
        RunContext::new(&self.invocation, &self.manifest, &id, &self.cache, self.connection(), None)
    }

    /// Evaluates a text with some names: the value of one expression, else the text.
    pub(super) fn evaluate(&self, context: &Value, text: &str) -> Result<Value, Diagnostic> {
        self.invocation.engine.evaluate(text, self.file, context)
    }

    /// What a compiled template makes of a text.
    pub(super) fn text(&self, text: &str) -> String {
        match self.evaluate(&self.compile().value(), text) {
            Ok(value) => value.to_string(),
            Err(error) => panic!("{text}: {error} {:?}", error.notes()),
        }
    }

    /// The value of an expression in a template that is compiled, as JSON.
    pub(super) fn json(&self, text: &str) -> Json {
        match self.evaluate(&self.compile().value(), text) {
            Ok(value) => to_json(&value),
            Err(error) => panic!("{text}: {error} {:?}", error.notes()),
        }
    }

    /// The code and message of the error that a text gives.
    pub(super) fn error(&self, text: &str) -> String {
        match self.evaluate(&self.compile().value(), text) {
            Ok(value) => panic!("{text} gave {value}"),
            Err(error) => format!("{}: {error}", error.code()),
        }
    }
}

pub(super) fn subject() -> Subject {
    Subject {
        package: "shop".to_owned(),
        name: "orders".to_owned(),
        unique_id: "model.shop.orders".to_owned(),
        resource_type: ResourceType::Model,
        path: "orders.sql".to_owned(),
        original_file_path: "models/orders.sql".to_owned(),
        fqn: vec!["shop".to_owned(), "orders".to_owned()],
        raw_code: Arc::from("select 1"),
        database: "memory".to_owned(),
        schema: "main".to_owned(),
        alias: "orders".to_owned(),
        config: object(json!({"materialized": "view", "tags": ["일일"]})),
        version: None,
        test_kwargs: Map::new(),
        place: None,
    }
}

pub(super) fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(entries) => entries,
        other => panic!("{other} is no mapping"),
    }
}

/// A node of the package `shop`, in the schema `main`.
pub(super) fn node(resource_type: ResourceType, name: &str, body: Span, kind: NodeKind) -> Node {
    let id = match &kind {
        NodeKind::Source(source) => format!("source.shop.{}.{name}", source.source_name),
        _ => format!("{}.shop.{name}", resource_type.name()),
    };
    Node {
        id: NodeId::new(&id),
        path: format!("{name}.sql"),
        original_file_path: format!("models/{name}.sql"),
        fqn: vec!["shop".to_owned(), name.to_owned()],
        config: NodeConfig::new(object(json!({"materialized": "view", "enabled": true}))),
        relation: Some(RelationName::new(Dialect::DuckDb, "memory", "main", name)),
        database: "memory".to_owned(),
        schema: "main".to_owned(),
        ..Node::new(resource_type, "shop", name, body, kind)
    }
}

/// The model `orders`, which depends on `users`, the ephemeral `recent` and two sources,
/// but not on `late`; a disabled model, a test and an operation.
fn manifest(mut orders: Node, body: Span) -> Manifest {
    let users = node(ResourceType::Model, "users", body, NodeKind::Model(Box::default()));
    let mut recent = node(ResourceType::Model, "recent", body, NodeKind::Model(Box::default()));
    recent.config = NodeConfig::new(object(json!({"materialized": "ephemeral"})));
    let late = node(ResourceType::Model, "late", body, NodeKind::Model(Box::default()));
    let old = node(ResourceType::Model, "old", body, NodeKind::Model(Box::default()));
    let table = source(body, "events", None);
    let file = source(body, "files", Some("data/{name}.parquet"));
    let metadata = TestMetadata {
        name: "not_null".to_owned(),
        namespace: None,
        kwargs: object(
            json!({"model": "{{ get_where_subquery(ref('users')) }}", "column_name": "id", "n": [1, "{{ 1 + 1 }}"]}),
        ),
    };
    let test = DataTest {
        metadata: Some(metadata),
        column_name: Some("id".to_owned()),
        attached_node: Some(users.id.clone()),
        file_key_name: None,
        span: body,
    };
    let mut test = node(ResourceType::Test, "not_null_users_id", body, NodeKind::Test(Box::new(test)));
    test.depends_on = vec![users.id.clone()];
    let hook = Hook { event: HookEvent::RunEnd, index: 0 };
    let hook = node(ResourceType::Operation, "shop-on-run-end-0", body, NodeKind::Operation(hook));
    orders.depends_on =
        vec![users.id.clone(), recent.id.clone(), old.id.clone(), table.id.clone(), file.id.clone()];
    let nodes = [orders, users, recent, late, table, file, test, hook];
    let mut manifest = Manifest {
        project: "shop".to_owned(),
        nodes: nodes.into_iter().map(|node| (node.id.clone(), node)).collect(),
        disabled: BTreeMap::from([(old.id.clone(), old)]),
        ..Manifest::default()
    };
    manifest.reindex();
    manifest
}

fn source(body: Span, name: &str, external_location: Option<&str>) -> Node {
    let source = Source {
        unrendered_database: None,
        unrendered_schema: None,
        source_name: "raw".to_owned(),
        source_description: String::new(),
        source_meta: Map::new(),
        identifier: name.to_owned(),
        loader: String::new(),
        quoting: Map::new(),
        loaded_at_field: None,
        loaded_at_query: None,
        freshness: None,
        external_location: external_location.map(str::to_owned),
        extra: Map::new(),
    };
    node(ResourceType::Source, name, body, NodeKind::Source(Box::new(source)))
}
