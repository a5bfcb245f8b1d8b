use super::file::{columns, lifted_config, tests, text_name};
use super::{ColumnEntry, Origin, Renderer, TestEntry};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::ResourceType;
use crate::parse::config::{Level, check};
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml};

/// What a properties file says of a model, seed, analysis or singular test.
#[derive(Clone, Debug)]
pub struct Patch {
    pub kind: ResourceType,
    pub name: Spanned<String>,
    pub origin: Origin,
    pub description: Option<Spanned<String>>,
    pub config: Level,
    pub columns: Vec<ColumnEntry>,
    /// On the node as a whole.
    pub tests: Vec<TestEntry>,
    /// Whether names of columns are quoted when they say nothing themselves.
    pub quote_columns: bool,
    /// What a snapshot that is written here alone takes its rows from: `ref('orders')`.
    pub relation: Option<Spanned<String>>,
    /// It declares versions, which is refused: what else is wrong because of them is not
    /// worth telling.
    pub has_versions: bool,
}

impl Patch {
    /// Reads an entry; `None` when it has no name.
    pub(super) fn read(
        kind: ResourceType,
        yaml: &Yaml,
        origin: &Origin,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = match text_name(yaml) {
            Some(name) => format!("the {} `{name}`", spoken(kind)),
            None => format!("a {}", spoken(kind)),
        };
        let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let name: Option<Spanned<String>> = reader.require("name");
        let config =
            lifted_config(&mut reader, &["docs", "group", "access", "contract"], renderer, diagnostics);
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
            has_versions: reader.value("versions").is_some(),
        });
        refuse(&mut reader, &what);
        diagnostics.extend(super::file::finish(reader, kind, yaml));
        patch
    }
}

fn spoken(kind: ResourceType) -> &'static str {
    match kind {
        ResourceType::Test => "data test",
        kind => kind.name(),
    }
}

/// Tells of what a model's entry can say in dbt and not yet in xform.
fn refuse(reader: &mut Reader<'_>, what: &str) {
    reader.allow(&["constraints"]);
    reader.allow(&["latest_version"]);
    if let Some(value) = reader.value("versions") {
        let message = format!("{what} has versions, which are not supported yet");
        reader.complain(
            Diagnostic::new(Code::NotSupported, message)
                .label(value.place(), "")
                .help("make each version a model of its own name"),
        );
    }
    for key in ["deprecation_date", "time_spine", "primary_key", "freshness"] {
        if let Some(value) = reader.value(key) {
            let message = format!("`{key}` of {what} is not supported yet and has no effect");
            reader.complain(Diagnostic::warning(Code::NotSupported, message).label(value.place(), ""));
        }
    }
}
