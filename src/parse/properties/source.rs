use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::file::{columns, lifted_config, named, tests};
use super::{ColumnEntry, Origin, Renderer, TestEntry};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::ResourceType;
use crate::parse::cache::Digest;
use crate::parse::config::{Level, check};
use crate::parse::freshness;
use crate::text::{Span, Spanned};
use crate::yaml::{Reader, Yaml};

/// A source as a properties file declares it.
/// See <https://docs.getdbt.com/reference/source-properties>.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SourceEntry {
    pub name: Spanned<String>,
    pub origin: Origin,
    /// The package whose source of this name the entry changes.
    pub overrides: Option<Spanned<String>>,
    pub description: Option<Spanned<String>>,
    pub database: Option<Spanned<String>>,
    pub schema: Option<Spanned<String>>,
    pub config: Level,
    /// What tables have unless they say otherwise.
    pub common: Common,
    pub tables: Vec<TableEntry>,
    /// Of all of the above and of the file, once that is read.
    pub digest: Option<Digest>,
}

/// What a source says for all its tables, and a table for itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Common {
    pub loader: Option<String>,
    pub loaded_at_field: Option<String>,
    pub loaded_at_query: Option<String>,
    /// `Some(Null)` switches freshness off.
    #[serde(with = "crate::text::kept_json")]
    pub freshness: Option<Value>,
    #[serde(with = "crate::text::kept_json")]
    pub quoting: Map<String, Value>,
    pub quote_columns: Option<bool>,
}

/// A table of a source.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TableEntry {
    pub name: Spanned<String>,
    pub span: Span,
    pub identifier: Option<String>,
    pub description: Option<Spanned<String>>,
    pub config: Level,
    pub common: Common,
    pub columns: Vec<ColumnEntry>,
    pub tests: Vec<TestEntry>,
    #[serde(with = "crate::text::kept_json")]
    pub extra: Map<String, Value>,
}

impl SourceEntry {
    /// Reads an entry; `None` when it has no name.
    pub(super) fn read(
        yaml: &Yaml,
        origin: &Origin,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = named(yaml, "a source");
        let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let name: Option<Spanned<String>> = reader.require("name");
        let config = lifted_config(&mut reader, &[], renderer, diagnostics);
        let items: Vec<Yaml> = reader.list("tables").unwrap_or_default();
        let tables =
            items.iter().filter_map(|item| TableEntry::read(item, &what, renderer, diagnostics)).collect();
        let entry = name.map(|name| Self {
            name,
            origin: origin.clone(),
            overrides: reader.get("overrides"),
            description: reader.get("description"),
            database: reader.get("database"),
            schema: reader.get("schema"),
            config: check(ResourceType::Source, &what, config, diagnostics),
            common: Common::take(&mut reader, &what),
            tables,
            digest: None,
        });
        diagnostics.extend(super::file::finish(reader, ResourceType::Source, yaml));
        entry
    }
}

impl Common {
    fn take(reader: &mut Reader<'_>, what: &str) -> Self {
        let freshness = reader.raw("freshness").map(|written| (written.to_json(), written.place()));
        if let Some((value, place)) = &freshness {
            reader.complain_all(freshness::check(value, what, Some(*place)));
        }
        Self {
            loader: reader.get("loader"),
            loaded_at_field: reader.get("loaded_at_field"),
            loaded_at_query: reader.get("loaded_at_query"),
            freshness: freshness.map(|(value, _)| value),
            quoting: reader.get("quoting").unwrap_or_default(),
            quote_columns: reader.get("quote_columns"),
        }
    }
}

impl TableEntry {
    fn read(
        yaml: &Yaml,
        of: &str,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = format!("{} of {of}", named(yaml, "a table"));
        let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let name: Option<Spanned<String>> = reader.require("name");
        let config = lifted_config(&mut reader, &[], renderer, diagnostics);
        let mut extra = Map::new();
        if let Some(external) = reader.get("external") {
            extra.insert("external".to_owned(), external);
        }
        let entry = name.map(|name| Self {
            span: name.span,
            name,
            identifier: reader.get("identifier"),
            description: reader.get("description"),
            config: check(ResourceType::Source, &what, config, diagnostics),
            common: Common::take(&mut reader, &what),
            columns: columns(&mut reader, &what, renderer, diagnostics),
            tests: tests(&mut reader, renderer, diagnostics),
            extra,
        });
        diagnostics.extend(super::file::finish(reader, ResourceType::Source, yaml));
        entry
    }
}
