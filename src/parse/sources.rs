use std::sync::Arc;

use serde_json::{Map, Value};

use super::config::{ConfigStack, Level};
use super::drafts::Identity;
use super::freshness;
use super::parser::Parser;
use super::properties::{Common, SourceEntry, TableEntry};
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::manifest::{Freshness, Node, NodeConfig, NodeKind, ResourceType, Source};
use crate::sql::{QuotePolicy, RelationName};
use crate::text::Spanned;

/// The id of a table of a source.
pub(super) fn unique_id(source: &SourceEntry, table: &TableEntry) -> String {
    format!("source.{}.{}.{}", source.origin.package, source.name.value, table.name.value)
}

/// The node of a table of a source.
pub(super) fn draft(parser: &Parser<'_>, source: &SourceEntry, table: &TableEntry) -> Checked<Option<Node>> {
    let mut diagnostics = Vec::new();
    let package = &source.origin.package;
    let mut fqn = vec![package.clone()];
    fqn.extend(source.origin.folders.iter().cloned());
    fqn.extend([source.name.value.clone(), table.name.value.clone()]);
    let mut stack = ConfigStack::new(parser.configs, ResourceType::Source, package, &fqn);
    let of_project = stack.resolve().config;
    stack.properties(&source.config);
    stack.properties(&table.config);
    let configured = stack.resolve();
    let identity = Identity {
        kind: ResourceType::Source,
        unique_id: unique_id(source, table),
        name: table.name.value.clone(),
        package: package.clone(),
        path: source.origin.path.clone(),
        original_file_path: source.origin.path.clone(),
        fqn,
        file: source.origin.file,
        body: table.span,
        raw_code: Arc::from(""),
        version: None,
    };
    let identifier = table.identifier.clone().unwrap_or_else(|| table.name.value.clone());
    let quoting: Map<String, Value> = source
        .common
        .quoting
        .iter()
        .chain(&table.common.quoting)
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let source_meta = match source.config.get("meta").map(|setting| &setting.value) {
        Some(Value::Object(meta)) => meta.clone(),
        _ => Map::new(),
    };
    let config = &configured.config;
    let (own, all) = (&table.common, &source.common);
    for (entry, level, place) in [(own, &table.config, table.span), (all, &source.config, source.name.span)] {
        for (key, setting) in level.settings.iter().filter(|(key, _)| *key == "freshness") {
            let what = format!("the `{key}` of `{}`", table.name.value);
            diagnostics.extend(freshness::check(&setting.value, &what, setting.place));
        }
        if LoadedAt::read(entry, level).is_twofold() {
            let message = "both `loaded_at_field` and `loaded_at_query` are given";
            diagnostics.push(
                Diagnostic::error(Code::InvalidConfig, message)
                    .label(place, "")
                    .help("keep the one that tells when the rows were loaded"),
            );
        }
    }
    let loaded_at = LoadedAt::read(own, &table.config)
        .or(LoadedAt::read(all, &source.config))
        .or(LoadedAt::of_project(&of_project));
    let freshness = freshness::freshness(source, table, of_project.get("freshness"));
    let external_location = config
        .text("external_location")
        .or_else(|| config.get("meta")?.get("external_location")?.as_str())
        .filter(|_| parser.invocation.adapter.capabilities().reads_files)
        .map(str::to_owned);
    let kind = NodeKind::Source(Box::new(Source {
        source_name: source.name.value.clone(),
        source_description: parser.description(package, source.description.as_ref(), &mut diagnostics),
        source_meta,
        identifier: identifier.clone(),
        loader: own.loader.clone().or_else(|| all.loader.clone()).unwrap_or_default(),
        quoting: quoting.clone(),
        loaded_at_field: loaded_at.field.clone(),
        loaded_at_query: loaded_at.query.clone(),
        freshness: freshness.clone(),
        external_location,
        unrendered_database: source.database.as_ref().map(|text| as_written(parser, text)),
        unrendered_schema: source.schema.as_ref().map(|text| as_written(parser, text)),
        extra: table.extra.clone(),
    }));
    let mut node = identity.node(parser, &configured, kind);
    let keys = [
        ("freshness", freshness.clone().unwrap_or_default()),
        ("loaded_at_field", loaded_at.field.clone().into()),
        ("loaded_at_query", loaded_at.query.clone().into()),
    ];
    let mut values = node.config.values().clone();
    for (key, value) in keys {
        if key != "freshness" || freshness::is_said(source, table) || of_project.get(key).is_some() {
            node.unrendered_config.insert(key.to_owned(), value.clone());
        }
        values.insert(key.to_owned(), value);
    }
    // As dbt: what the project file says of them is left out.
    let levels = [&source.config, &table.config];
    let mut meta = Map::new();
    for setting in levels.iter().filter_map(|level| level.get("meta")) {
        meta.extend(setting.written.as_object().cloned().unwrap_or_default());
    }
    let mut tags = Vec::new();
    for setting in levels.iter().filter_map(|level| level.get("tags")) {
        match &setting.written {
            Value::Array(more) => tags.extend(more.iter().cloned()),
            tag => tags.push(tag.clone()),
        }
    }
    node.unrendered_config.insert("meta".to_owned(), meta.into());
    node.unrendered_config.insert("tags".to_owned(), tags.into());
    node.config = NodeConfig::new(values);
    let is_watched = freshness.as_ref().and_then(Freshness::read).is_some();
    let can_ask = parser.invocation.adapter.capabilities().has_table_freshness;
    if is_watched && node.config.is_enabled() && loaded_at == LoadedAt::default() && !can_ask {
        let name = format!("{}.{}", source.name.value, table.name.value);
        let message = format!(
            "The configured adapter does not support metadata-based freshness. \
             A loaded_at_field must be specified for source '{name}'."
        );
        diagnostics.push(
            Diagnostic::new(Code::MissingLoadedAt, message)
                .label(table.span, "its freshness cannot be told")
                .help("name the column that tells when a row was loaded: `loaded_at_field: loaded_at`"),
        );
    }
    (node.description, node.doc_blocks) =
        parser.documented(package, table.description.as_ref(), &mut diagnostics);
    node.columns = parser.columns(package, &table.columns, &mut diagnostics);
    node.patch = Some(table.span);
    node.database =
        source.database.clone().map_or_else(|| parser.invocation.target.database.clone(), |text| text.value);
    node.schema = source.schema.clone().map_or_else(|| source.name.value.clone(), |text| text.value);
    node.alias.clone_from(&identifier);
    let policy = |key: &str, default: bool| quoting.get(key).and_then(Value::as_bool).unwrap_or(default);
    let dialect = parser.invocation.adapter.dialect();
    let default = QuotePolicy::of(dialect);
    let quoting = QuotePolicy {
        database: policy("database", default.database),
        schema: policy("schema", default.schema),
        identifier: policy("identifier", default.identifier),
    };
    let relation = RelationName::new(dialect, &node.database, &node.schema, &identifier);
    node.relation = Some(RelationName { quoting, ..relation });
    Checked::new(Some(node), diagnostics)
}

/// A text as the file has it, without its quotes.
fn as_written(parser: &Parser<'_>, text: &Spanned<String>) -> String {
    let written = parser.invocation.files.slice(text.span);
    let written = written.trim();
    let inside = ['"', '\''].iter().find_map(|quote| written.strip_prefix(*quote)?.strip_suffix(*quote));
    inside.unwrap_or(written).to_owned()
}

/// How it is found out when a table was loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct LoadedAt {
    field: Option<String>,
    query: Option<String>,
}

impl LoadedAt {
    /// What an entry says, as keys of its own or under `config:`.
    fn read(common: &Common, config: &Level) -> Self {
        let configured = |key: &str| {
            let setting = config.get(key)?;
            setting.value.as_str().map(str::to_owned)
        };
        Self {
            field: common.loaded_at_field.clone().or_else(|| configured("loaded_at_field")),
            query: common.loaded_at_query.clone().or_else(|| configured("loaded_at_query")),
        }
    }

    fn of_project(config: &NodeConfig) -> Self {
        let text = |key: &str| config.text(key).map(str::to_owned);
        Self { field: text("loaded_at_field"), query: text("loaded_at_query") }
    }

    fn is_twofold(&self) -> bool {
        self.field.is_some() && self.query.is_some()
    }

    /// This, over what is said further out: a field of its own takes the place of a query
    /// there; a query goes before a field, which is kept beside it, as in dbt.
    fn or(self, outer: Self) -> Self {
        let query = match self.field {
            Some(_) => self.query,
            None => self.query.or(outer.query),
        };
        Self { field: self.field.or(outer.field), query }
    }
}
