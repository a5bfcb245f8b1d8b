use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::constraint::constraints;
use super::{Renderer, TestEntry};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Column;
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml};

/// A column as written: its description not yet rendered, with the tests on it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ColumnEntry {
    pub column: Column,
    pub description: Option<Spanned<String>>,
    pub tests: Vec<TestEntry>,
}

impl ColumnEntry {
    /// Reads an item of `columns:`; `of` is what has the column, for messages.
    pub(super) fn read(
        yaml: &Yaml,
        of: &str,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let written = yaml.as_mapping().and_then(|mapping| mapping.get("name")).and_then(Yaml::as_text);
        let what = match written {
            Some(name) => format!("the column `{name}` of {of}"),
            None => format!("a column of {of}"),
        };
        let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let entry = Self::take(&mut reader, &what, renderer, diagnostics);
        diagnostics.extend(reader.finish());
        entry
    }

    fn take(
        reader: &mut Reader<'_>,
        what: &str,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let name: Option<Spanned<String>> = reader.require("name");
        let description = reader.get("description");
        let mut config: Map<String, Value> = reader.get("config").unwrap_or_default();
        let mut meta: Map<String, Value> = reader.get("meta").unwrap_or_default();
        if let Some(Value::Object(more)) = config.shift_remove("meta") {
            meta.extend(more);
        }
        let mut tags: Vec<String> = reader.one_or_list("tags").unwrap_or_default();
        match config.shift_remove("tags") {
            Some(Value::String(tag)) => tags.push(tag),
            Some(Value::Array(more)) => tags.extend(more.iter().filter_map(Value::as_str).map(str::to_owned)),
            _ => {}
        }
        let mut extra = config;
        for key in ["docs", "policy_tags", "granularity", "dimension", "entity"] {
            if let Some(value) = reader.get(key) {
                extra.insert(key.to_owned(), value);
            }
        }
        let tests = super::file::tests(reader, renderer, diagnostics);
        let column = Column {
            name: name.as_ref()?.value.clone(),
            description: String::new(),
            doc_blocks: Vec::new(),
            data_type: reader.get("data_type"),
            quote: reader.get("quote"),
            meta,
            tags,
            constraints: constraints(reader, what, name.as_ref().map(|name| name.value.as_str())),
            extra,
            span: name.map(|name| name.span),
        };
        Some(Self { column, description, tests })
    }
}
