use crate::diagnostic::Checked;
use crate::text::{SourceFile, Span, Spanned};

/// What a carved block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockKind {
    Macro,
    /// `{% test %}` and `{% data_test %}`.
    Test,
    Materialization {
        /// `None` for `default`.
        adapter: Option<String>,
        supported_languages: Vec<String>,
    },
    Snapshot,
    Docs,
}

/// A parameter in the header of a macro.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: Spanned<String>,
    pub has_default: bool,
}

/// A block of a file: `{% macro … %} … {% endmacro %}` and its like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub kind: BlockKind,
    /// As in the header: `unique` for `{% test unique(…) %}`.
    pub name: Spanned<String>,
    /// From the first `{%` through the last `%}`.
    pub span: Span,
    /// What stands between the two tags, untrimmed.
    pub body: Span,
    pub parameters: Vec<Parameter>,
}

impl Block {
    /// dbt's name of the macro it becomes: `test_unique`, `materialization_table_default`;
    /// of other blocks the name itself.
    #[must_use]
    pub fn macro_name(&self) -> String {
        let name = self.name.value.as_str();
        match &self.kind {
            BlockKind::Test => format!("test_{name}"),
            BlockKind::Materialization { adapter, .. } => {
                format!("materialization_{name}_{}", adapter.as_deref().unwrap_or("default"))
            }
            BlockKind::Macro | BlockKind::Snapshot | BlockKind::Docs => name.to_owned(),
        }
    }
}

/// The blocks of a file at top level, in order, whatever stands between them. Knows
/// comments, `raw` blocks and strings. An unclosed or misnamed block is a diagnostic.
pub fn carve(file: &SourceFile) -> Checked<Vec<Block>> {
    let _ = file;
    todo!()
}
