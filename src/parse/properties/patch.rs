use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::constraint::constraints;
use super::file::{columns, lifted_config, named, tests};
use super::version::{PatchVersion, VersionEntry, deprecation_date};
use super::{ColumnEntry, Origin, Renderer, Signature, TestEntry};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Constraint, ResourceType, version_text};
use crate::parse::cache::Digest;
use crate::parse::config::{Level, check};
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml};

/// What a properties file says of a model, seed, analysis or singular test.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Patch {
    pub kind: ResourceType,
    pub name: Spanned<String>,
    pub origin: Origin,
    pub description: Option<Spanned<String>>,
    pub config: Level,
    /// What the version's own entry configures, over `config`.
    pub version_config: Level,
    pub columns: Vec<ColumnEntry>,
    /// On the node as a whole.
    pub tests: Vec<TestEntry>,
    /// Whether names of columns are quoted when they say nothing themselves.
    pub quote_columns: bool,
    /// What a snapshot that is written here alone takes its rows from: `ref('orders')`.
    pub relation: Option<Spanned<String>>,
    /// Of a versioned model there is one of these for each version.
    pub version: Option<PatchVersion>,
    pub deprecation_date: Option<Spanned<String>>,
    /// On the table as a whole.
    pub constraints: Vec<Constraint>,
    /// Of a function.
    pub signature: Option<Signature>,
    /// Makes a model a time spine of the semantic layer; as written.
    #[serde(with = "crate::text::kept_json")]
    pub time_spine: Option<Value>,
    /// Of all of the above, once the file is read.
    pub digest: Option<Digest>,
}

impl Patch {
    /// Reads an entry, one patch for each version of a versioned model; none when it has no
    /// name.
    pub(super) fn read(
        kind: ResourceType,
        yaml: &Yaml,
        origin: &Origin,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Self> {
        let what = named(yaml, &format!("a {}", spoken(kind)));
        let Some(mut reader) = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics) else {
            return Vec::new();
        };
        let name: Option<Spanned<String>> = reader.require("name");
        let config =
            lifted_config(&mut reader, &["docs", "group", "access", "contract"], renderer, diagnostics);
        let is_model = kind == ResourceType::Model;
        let patch = name.map(|name| Self {
            kind,
            name,
            origin: origin.clone(),
            description: reader.get("description"),
            config: check(kind, &what, config, diagnostics),
            columns: columns(&mut reader, &what, renderer, diagnostics),
            tests: if kind.is_refable() { tests(&mut reader, renderer, diagnostics) } else { Vec::new() },
            quote_columns: reader.get("quote_columns").unwrap_or_default(),
            relation: if kind == ResourceType::Snapshot { reader.get("relation") } else { None },
            version_config: Level::default(),
            version: None,
            deprecation_date: if is_model { deprecation_date(&mut reader) } else { None },
            constraints: constraints(&mut reader, &what, None),
            signature: (kind == ResourceType::Function)
                .then(|| Signature::take(&mut reader, &what, diagnostics)),
            time_spine: if is_model { time_spine(&mut reader, &what, diagnostics) } else { None },
            digest: None,
        });
        let versions =
            if is_model { VersionEntry::read_all(&mut reader, &what, renderer, diagnostics) } else { None };
        if is_model {
            // Read by the semantic layer.
            reader.allow(&super::semantic::MODEL_KEYS);
        }
        refuse(&mut reader, &what);
        diagnostics.extend(super::file::finish(reader, kind, yaml));
        match (patch, versions) {
            (Some(patch), Some(versions)) => {
                versions.into_iter().map(|version| version.patch(&patch)).collect()
            }
            (patch, _) => patch.into_iter().collect(),
        }
    }
}

impl Patch {
    /// The name of the file that the patch describes, without its ending. Of a version that does
    /// not say where it is defined it is `name_vN`; the latest may also be `name`, where
    /// `is_file` finds no other.
    pub(in crate::parse) fn file_stem(&self, is_file: impl Fn(&str) -> bool) -> String {
        let Some(version) = &self.version else { return self.name.value.clone() };
        if let Some(stem) = &version.defined_in {
            return stem.value.clone();
        }
        let suffixed = self.suffixed_name();
        if version.is_latest() && !is_file(&suffixed) && is_file(&self.name.value) {
            return self.name.value.clone();
        }
        suffixed
    }

    /// The name, of a version `name_vN`.
    pub(in crate::parse) fn suffixed_name(&self) -> String {
        match &self.version {
            Some(version) => format!("{}_v{}", self.name.value, version_text(&version.version)),
            None => self.name.value.clone(),
        }
    }
}

/// `time_spine:` with all of its keys; see
/// <https://docs.getdbt.com/docs/build/metricflow-time-spine>.
fn time_spine(reader: &mut Reader<'_>, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Value> {
    let yaml = reader.value("time_spine")?;
    let what = format!("`time_spine` of {what}");
    let mut below = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
    let column: Option<String> = below.require("standard_granularity_column");
    let items: Vec<Yaml> = below.list("custom_granularities").unwrap_or_default();
    let mut customs = Vec::new();
    for item in &items {
        let what = format!("a custom granularity of {what}");
        let Some(mut custom) = Reader::new(item, what, Code::InvalidConfig, diagnostics) else { continue };
        let (name, column): (Option<String>, Option<String>) =
            (custom.require("name"), custom.get("column_name"));
        customs.push(json!({ "name": name, "column_name": column }));
        diagnostics.extend(custom.finish());
    }
    diagnostics.extend(below.finish());
    Some(json!({ "standard_granularity_column": column?, "custom_granularities": customs }))
}

fn spoken(kind: ResourceType) -> &'static str {
    match kind {
        ResourceType::Test => "data test",
        kind => kind.name(),
    }
}

/// Tells of what a model's entry can say in dbt and not yet in xform.
fn refuse(reader: &mut Reader<'_>, what: &str) {
    for key in ["primary_key", "freshness"] {
        if let Some(value) = reader.value(key) {
            let message = format!("`{key}` of {what} is not supported yet and has no effect");
            reader.complain(Diagnostic::warning(Code::NotSupported, message).label(value.place(), ""));
        }
    }
}
