use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::text::Span;

/// dbt's `unique_id` of a macro, as `macro.shop.cents`. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MacroId(Arc<str>);

impl MacroId {
    #[must_use]
    pub fn new(package: &str, name: &str) -> Self {
        Self(Arc::from(format!("macro.{package}.{name}")))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for MacroId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An argument of a macro, as a properties file or the macro's own header tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MacroArgument {
    pub name: String,
    pub data_type: Option<String>,
    pub description: String,
}

/// A macro, generic test (`test_unique`) or materialization
/// (`materialization_table_default`), under dbt's name for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Macro {
    pub id: MacroId,
    pub name: String,
    pub package: String,
    /// Relative to the package's folder.
    pub original_file_path: String,
    /// The whole block, header and end included.
    pub span: Span,
    /// Just the name in the header.
    pub name_span: Span,
    pub source: Arc<str>,
    pub description: String,
    pub meta: Map<String, Value>,
    pub docs: Map<String, Value>,
    pub arguments: Vec<MacroArgument>,
    /// Of a materialization; empty means SQL only.
    pub supported_languages: Vec<String>,
    pub depends_on_macros: Vec<MacroId>,
    /// Where a properties file describes it.
    pub patch: Option<Span>,
    /// `package://path` of that file, as dbt writes it.
    pub patch_path: Option<String>,
}

impl Macro {
    /// As traces name it: `shop.cents`.
    #[must_use]
    pub fn qualified_name(&self) -> String {
        format!("{}.{}", self.package, self.name)
    }
}
