use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::Invocation;
use crate::jinja::Value;
use crate::manifest::{Doc, Ref, ResourceType, SourceRef};

/// What is known of a node before it is parsed: what `model`, `this` and `config` can
/// show at parse time.
#[derive(Clone, Debug)]
pub struct Subject {
    pub package: String,
    pub name: String,
    pub unique_id: String,
    pub resource_type: ResourceType,
    pub path: String,
    pub original_file_path: String,
    pub fqn: Vec<String>,
    pub raw_code: Arc<str>,
    pub database: String,
    pub schema: String,
    pub alias: String,
    /// Configuration from the project file and properties.
    pub config: Map<String, Json>,
    /// Of a generic test: the arguments of its call, texts in them unrendered. The template
    /// sees them rendered, as `_dbt_generic_test_kwargs`.
    pub test_kwargs: Map<String, Json>,
}

/// What a template asked for while it was rendered in parse mode.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The arguments of each `config()` call, in order.
    pub configs: Vec<Map<String, Json>>,
    pub refs: Vec<Ref>,
    pub sources: Vec<SourceRef>,
}

/// What a template sees while the project is parsed: `execute` is false, `ref` and
/// `source` are remembered, nothing asks the warehouse.
#[derive(Debug)]
pub struct ParseContext {}

impl ParseContext {
    #[must_use]
    pub fn new(invocation: &Arc<Invocation>, subject: Subject) -> Self {
        let _ = (invocation, subject);
        todo!()
    }

    /// The names, as the engine wants them.
    #[must_use]
    pub fn value(&self) -> Value {
        todo!()
    }

    /// What was asked for so far.
    #[must_use]
    pub fn recorded(&self) -> Recorded {
        todo!()
    }

    /// The names that values in YAML files see (`var`, `env_var`, `target` …, no macros):
    /// see <https://docs.getdbt.com/reference/dbt-jinja-functions>.
    #[must_use]
    pub fn for_properties(invocation: &Arc<Invocation>, package: &str) -> Value {
        let _ = (invocation, package);
        todo!()
    }

    /// The same and `doc`, which descriptions see. `docs` is by `doc.package.name`, as
    /// in the manifest.
    #[must_use]
    pub fn for_descriptions(
        invocation: &Arc<Invocation>,
        package: &str,
        docs: &Arc<BTreeMap<String, Doc>>,
    ) -> Value {
        let _ = (invocation, package, docs);
        todo!()
    }
}
