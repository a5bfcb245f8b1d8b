use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Column, Function, FunctionRef, MacroId, Metric, MetricRef, Model, NodeConfig, NodeId, SavedQuery,
    SemanticModel, UnitTest,
};
use crate::diagnostic::Diagnostic;
use crate::sql::RelationName;
use crate::text::{FileId, Span};
use indexmap::IndexMap;

/// dbt's `resource_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ResourceType {
    Model,
    Seed,
    Snapshot,
    Analysis,
    Test,
    Source,
    Exposure,
    UnitTest,
    Function,
    SemanticModel,
    Metric,
    SavedQuery,
    Operation,
    /// SQL given on the command line (`--inline`).
    SqlOperation,
}

impl ResourceType {
    pub const ALL: [ResourceType; 14] = [
        Self::Model,
        Self::Seed,
        Self::Snapshot,
        Self::Analysis,
        Self::Test,
        Self::Source,
        Self::Exposure,
        Self::UnitTest,
        Self::Function,
        Self::SemanticModel,
        Self::Metric,
        Self::SavedQuery,
        Self::Operation,
        Self::SqlOperation,
    ];

    /// As in unique ids and artifacts: `model`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Seed => "seed",
            Self::Snapshot => "snapshot",
            Self::Analysis => "analysis",
            Self::Test => "test",
            Self::Source => "source",
            Self::Exposure => "exposure",
            Self::UnitTest => "unit_test",
            Self::Function => "function",
            Self::SemanticModel => "semantic_model",
            Self::Metric => "metric",
            Self::SavedQuery => "saved_query",
            Self::Operation => "operation",
            Self::SqlOperation => "sql_operation",
        }
    }

    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether `ref()` can name it.
    #[must_use]
    pub fn is_refable(self) -> bool {
        matches!(self, Self::Model | Self::Seed | Self::Snapshot)
    }
}

/// A `ref()` call: `ref('package', 'name', v=1)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ref {
    pub package: Option<String>,
    pub name: String,
    /// A number or a text, as written.
    #[serde(with = "crate::text::kept_json")]
    pub version: Option<Value>,
    /// Where it was written, when it could be told.
    pub span: Option<Span>,
}

/// A `source()` call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRef {
    pub source: String,
    pub table: String,
    pub span: Option<Span>,
}

/// Anything that xform knows by a unique id, with what all of them have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub id: NodeId,
    pub resource_type: ResourceType,
    pub name: String,
    pub package: String,
    /// Relative to its resource folder (`staging/stg_orders.sql`).
    pub path: String,
    /// Relative to its package's folder (`models/staging/stg_orders.sql`).
    pub original_file_path: String,
    pub fqn: Vec<String>,
    /// The file it was written in: the SQL, the CSV, or the YAML of a source or test.
    pub file: FileId,
    /// The template: all of the file, or a part of it. Empty for seeds and sources.
    pub body: Span,
    /// The template's text; dbt's `raw_code`.
    pub raw_code: Arc<str>,
    pub config: NodeConfig,
    /// Where it is or will be in the warehouse; `None` for what is never there (data
    /// tests that store nothing, exposures, analyses).
    pub relation: Option<RelationName>,
    pub database: String,
    pub schema: String,
    pub alias: String,
    pub description: String,
    /// The doc blocks that the description holds, in order: `doc.shop.status`.
    pub doc_blocks: Vec<String>,
    pub columns: IndexMap<String, Column>,
    #[serde(with = "crate::text::kept_json")]
    pub meta: Map<String, Value>,
    pub tags: Vec<String>,
    #[serde(with = "crate::text::kept_json")]
    pub docs: Map<String, Value>,
    pub refs: Vec<Ref>,
    pub functions: Vec<FunctionRef>,
    pub sources: Vec<SourceRef>,
    /// Of a model or exposure its `metric()` calls; of a metric or saved query the metrics it
    /// is made of.
    pub metrics: Vec<MetricRef>,
    pub depends_on: Vec<NodeId>,
    pub depends_on_macros: Vec<MacroId>,
    /// Where a properties file describes it.
    pub patch: Option<Span>,
    /// `package://path` of that file, as dbt writes it.
    pub patch_path: Option<String>,
    /// dbt's checksum: SHA-256 of the template, its white space made single; of a seed, of its
    /// text, trimmed; empty where there is no file of its own.
    pub checksum: String,
    /// What the files say, put together, no Jinja rendered; a value that `config()` computes is the
    /// text of its expression. dbt's `unrendered_config`.
    #[serde(with = "crate::text::kept_json")]
    pub unrendered_config: Map<String, Value>,
    pub group: Option<String>,
    /// Seconds since the epoch.
    pub created_at: f64,
    /// Why it cannot be built: it needs what xform does not have yet. It is known and may be
    /// referred to, and ends in this error when it is its turn.
    pub not_supported: Option<Diagnostic>,
    pub kind: NodeKind,
}

/// What only one kind of node has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NodeKind {
    Model(Box<Model>),
    Seed {
        /// The package's folder on disk; the CSV is at `original_file_path` below it.
        root_path: String,
    },
    Snapshot,
    Analysis,
    Test(Box<DataTest>),
    Source(Box<Source>),
    Exposure(Box<Exposure>),
    UnitTest(Box<UnitTest>),
    Function(Box<Function>),
    SemanticModel(Box<SemanticModel>),
    Metric(Box<Metric>),
    SavedQuery(Box<SavedQuery>),
    Operation(Hook),
    SqlOperation,
}

/// A data test: singular when it has no metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataTest {
    pub metadata: Option<TestMetadata>,
    pub column_name: Option<String>,
    /// The node whose entry asked for it.
    pub attached_node: Option<NodeId>,
    /// Key of the file the entry is in, as dbt writes it; for generic tests.
    pub file_key_name: Option<String>,
    /// The YAML entry or the SQL file that asked for it.
    pub span: Span,
}

/// The generic test that a data test calls, and with what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestMetadata {
    pub name: String,
    /// The package in `package.test_name`.
    pub namespace: Option<String>,
    /// As written, with `model` and `column_name` added.
    #[serde(with = "crate::text::kept_json")]
    pub kwargs: Map<String, Value>,
}

/// A table that something else fills.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub source_name: String,
    pub source_description: String,
    #[serde(with = "crate::text::kept_json")]
    pub source_meta: Map<String, Value>,
    pub identifier: String,
    pub loader: String,
    #[serde(with = "crate::text::kept_json")]
    pub quoting: Map<String, Value>,
    pub loaded_at_field: Option<String>,
    pub loaded_at_query: Option<String>,
    /// With all its keys, as the manifest shows it; `None` where it is switched off.
    #[serde(with = "crate::text::kept_json")]
    pub freshness: Option<Value>,
    /// dbt-duckdb's `external_location`, rendered: a path or URL read in place of a table.
    pub external_location: Option<String>,
    /// The source's `database` and `schema` as the file has them, Jinja not rendered.
    pub unrendered_database: Option<String>,
    pub unrendered_schema: Option<String>,
    /// Other keys, dbt's `external` among them.
    #[serde(with = "crate::text::kept_json")]
    pub extra: Map<String, Value>,
}

/// A use of the project outside of it, such as a dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    pub kind: String,
    pub label: Option<String>,
    pub maturity: Option<String>,
    pub url: Option<String>,
    #[serde(with = "crate::text::kept_json")]
    pub owner: Map<String, Value>,
}

/// When a project's operation runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum HookEvent {
    RunStart,
    RunEnd,
}

/// An `on-run-start` or `on-run-end` entry of a project file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    pub event: HookEvent,
    /// Its place among those of the same event and package, from 0.
    pub index: usize,
}

impl Node {
    /// A node of which nothing is said yet but what it is: `model.shop.orders` in the package
    /// `shop`, written at `body`. Everything else is empty.
    #[must_use]
    pub fn new(resource_type: ResourceType, package: &str, name: &str, body: Span, kind: NodeKind) -> Self {
        Self {
            id: NodeId::new(&format!("{}.{package}.{name}", resource_type.name())),
            resource_type,
            name: name.to_owned(),
            package: package.to_owned(),
            path: String::new(),
            original_file_path: String::new(),
            fqn: Vec::new(),
            file: body.file,
            body,
            raw_code: Arc::from(""),
            config: NodeConfig::default(),
            relation: None,
            database: String::new(),
            schema: String::new(),
            alias: name.to_owned(),
            description: String::new(),
            doc_blocks: Vec::new(),
            columns: IndexMap::new(),
            meta: Map::new(),
            tags: Vec::new(),
            docs: Map::new(),
            refs: Vec::new(),
            functions: Vec::new(),
            sources: Vec::new(),
            metrics: Vec::new(),
            depends_on: Vec::new(),
            depends_on_macros: Vec::new(),
            patch: None,
            patch_path: None,
            checksum: String::new(),
            unrendered_config: Map::new(),
            group: None,
            created_at: 0.0,
            not_supported: None,
            kind,
        }
    }

    /// What people call it: of an `on-run-start` or `on-run-end` operation
    /// `shop.on-run-start.0`, else its name.
    #[must_use]
    pub fn hook_name(&self) -> String {
        match &self.kind {
            NodeKind::Operation(hook) => {
                let event = match hook.event {
                    HookEvent::RunStart => "on-run-start",
                    HookEvent::RunEnd => "on-run-end",
                };
                format!("{}.{event}.{}", self.package, hook.index)
            }
            _ => self.name.clone(),
        }
    }

    /// Whether it is a model that is built batch by batch.
    #[must_use]
    pub fn is_microbatch(&self) -> bool {
        self.resource_type == ResourceType::Model
            && self.config.materialized() == "incremental"
            && self.config.text("incremental_strategy") == Some("microbatch")
    }

    /// Whether it becomes a CTE of what refers to it.
    #[must_use]
    pub fn is_ephemeral(&self) -> bool {
        self.resource_type == ResourceType::Model && self.config.materialized() == "ephemeral"
    }

    /// The model it is, if it is one.
    #[must_use]
    pub fn model(&self) -> Option<&Model> {
        match &self.kind {
            NodeKind::Model(model) => Some(model),
            _ => None,
        }
    }

    /// The version of a versioned model, as text: `2`.
    #[must_use]
    pub fn version(&self) -> Option<String> {
        self.model()?.version.as_ref().map(version_text)
    }

    /// Its name, with the version where it has one: `orders.v2`. What `ref()` tells apart.
    #[must_use]
    pub fn versioned_name(&self) -> String {
        match self.version() {
            Some(version) => format!("{}.v{version}", self.name),
            None => self.name.clone(),
        }
    }

    /// Whether `contract: {enforced: true}` is configured.
    #[must_use]
    pub fn has_enforced_contract(&self) -> bool {
        let enforced = self.config.get("contract").and_then(|contract| contract.get("enforced"));
        enforced == Some(&Value::Bool(true))
    }

    /// The function it is, if it is one.
    #[must_use]
    pub fn function(&self) -> Option<&Function> {
        match &self.kind {
            NodeKind::Function(function) => Some(function),
            _ => None,
        }
    }

    /// The data test it is, if it is one.
    #[must_use]
    pub fn data_test(&self) -> Option<&DataTest> {
        match &self.kind {
            NodeKind::Test(test) => Some(test),
            _ => None,
        }
    }

    /// The unit test it is, if it is one.
    #[must_use]
    pub fn unit_test(&self) -> Option<&UnitTest> {
        match &self.kind {
            NodeKind::UnitTest(test) => Some(test),
            _ => None,
        }
    }

    /// The name that tells a unit test from those of other versions of its model:
    /// `adds_tax_v2`; of all other nodes just the name.
    #[must_use]
    pub fn name_with_version(&self) -> String {
        match self.unit_test().and_then(|test| test.version.as_ref()) {
            Some(version) => format!("{}_v{}", self.name, version_text(version)),
            None => self.name.clone(),
        }
    }

    /// The source it is, if it is one.
    #[must_use]
    pub fn source(&self) -> Option<&Source> {
        match &self.kind {
            NodeKind::Source(source) => Some(source),
            _ => None,
        }
    }

    /// Where the user wrote the node: the text of its template, or the entry that it is.
    #[must_use]
    pub fn place(&self) -> Span {
        let entry = self.data_test().map(|test| test.span).or_else(|| self.entry());
        entry.unwrap_or_else(|| {
            let (all, text) = (self.raw_code.len(), self.raw_code.trim());
            let start = all - self.raw_code.trim_start().len();
            if all == self.body.range().len() { self.body.part(start..start + text.len()) } else { self.body }
        })
    }

    /// The entry of a properties file that the node is, where its template is in no file of
    /// the user's: of a generic test, and of a snapshot that is declared with a `relation`.
    #[must_use]
    pub fn entry(&self) -> Option<Span> {
        match &self.kind {
            NodeKind::Test(test) => test.metadata.as_ref().map(|_| test.span),
            NodeKind::Snapshot => {
                let ending = self.original_file_path.rsplit_once('.').map(|(_, ending)| ending);
                self.patch.filter(|_| matches!(ending, Some("yml" | "yaml")))
            }
            _ => None,
        }
    }

    /// The name a user would select it by: `source:raw.orders` for a source, the name
    /// for others, with the version of one of several.
    #[must_use]
    pub fn search_name(&self) -> String {
        match &self.kind {
            NodeKind::Source(source) => format!("{}.{}", source.source_name, self.name),
            _ => self.versioned_name(),
        }
    }
}

/// A version as it is written in names: a number as such, a text without quotes.
#[must_use]
pub fn version_text(version: &Value) -> String {
    version.as_str().map_or_else(|| version.to_string(), str::to_owned)
}
