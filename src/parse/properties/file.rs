use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::semantic::{MetricEntry, SavedQueryEntry, SemanticModelEntry, of_model};
use super::{
    ColumnEntry, ExposureEntry, GroupEntry, MacroPatch, Patch, Renderer, SourceEntry, TestEntry,
    UnitTestEntry,
};
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::manifest::ResourceType;
use crate::parse::cache::Digester;
use crate::parse::config::{Level, is_config};
use crate::project::ProjectFile;
use crate::text::{FileId, Files};
use crate::yaml::{self, Reader, Yaml, YamlKind};

/// The properties file that an entry is in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Origin {
    pub file: FileId,
    pub package: String,
    /// Relative to the package's folder.
    pub path: String,
    /// The folders between the folder of its kind and the file.
    pub folders: Vec<String>,
}

impl Origin {
    pub(in crate::parse) fn new(file: &ProjectFile) -> Self {
        Self {
            file: file.source.id(),
            package: file.package.clone(),
            path: file.path.clone(),
            folders: folders(file),
        }
    }

    /// The path below the folder of its kind: `staging/schema.yml`.
    pub(in crate::parse) fn path_below(&self) -> String {
        let name = self.path.rsplit_once('/').map_or(self.path.as_str(), |(_, name)| name);
        self.folders.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join("/")
    }

    /// `package://path`, as dbt names the file in artifacts.
    pub(in crate::parse) fn patch_path(&self) -> String {
        format!("{}://{}", self.package, self.path)
    }
}

/// The path below the folder of its kind: `staging/stg_orders.sql`.
pub(in crate::parse) fn path_below(file: &ProjectFile) -> &str {
    let below = file.path.strip_prefix(file.resource_path.trim_end_matches('/'));
    below.map_or(file.path.as_str(), |below| below.trim_start_matches('/'))
}

/// The folders of that path.
pub(in crate::parse) fn folders(file: &ProjectFile) -> Vec<String> {
    let path = path_below(file);
    let Some((folders, _)) = path.rsplit_once('/') else { return Vec::new() };
    folders.split('/').map(str::to_owned).collect()
}

/// What properties files say, entries in the order of the files.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Properties {
    pub patches: Vec<Patch>,
    pub macros: Vec<MacroPatch>,
    pub sources: Vec<SourceEntry>,
    pub exposures: Vec<ExposureEntry>,
    pub groups: Vec<GroupEntry>,
    pub unit_tests: Vec<UnitTestEntry>,
    pub semantic_models: Vec<SemanticModelEntry>,
    pub metrics: Vec<MetricEntry>,
    pub saved_queries: Vec<SavedQueryEntry>,
}

impl Properties {
    /// Adds what another file says.
    pub(in crate::parse) fn extend(&mut self, other: Self) {
        self.patches.extend(other.patches);
        self.macros.extend(other.macros);
        self.sources.extend(other.sources);
        self.exposures.extend(other.exposures);
        self.groups.extend(other.groups);
        self.unit_tests.extend(other.unit_tests);
        self.semantic_models.extend(other.semantic_models);
        self.metrics.extend(other.metrics);
        self.saved_queries.extend(other.saved_queries);
    }

    /// Gives each entry that has one its digest. Some of what a source says is read from the text
    /// of its file again, so that counts there.
    pub(in crate::parse) fn take_digests(&mut self, file: &ProjectFile, files: &Files) {
        for patch in &mut self.patches {
            patch.digest = Digester::new("patch").value(patch, files).map(Digester::digest);
        }
        for source in &mut self.sources {
            let bytes = file.digest.map(|digest| *digest.as_bytes());
            let digester = Digester::new("source").bytes(&bytes.unwrap_or_default());
            source.digest = digester.value(source, files).map(Digester::digest);
        }
    }
}

/// Values that are rendered later, or never.
const RAW_KEYS: &[&str] = &[
    "description",
    "tests",
    "data_tests",
    "pre-hook",
    "post-hook",
    "pre_hook",
    "post_hook",
    "sql_header",
    "loaded_at_query",
];

/// The sections of unit tests: dbt's, and one for those that only xform understands.
const UNIT_TESTS: [&str; 2] = ["unit_tests", "xform_unit_tests"];

/// The same of the semantic layer, whose filters are for other tools to render.
pub(in crate::parse) const METRIC_RAW_KEYS: &[&str] = &["description", "filter", "where"];

/// Reads a properties file.
pub(in crate::parse) fn read(file: &ProjectFile, renderer: &Renderer<'_>) -> Checked<Properties> {
    let Checked { value, mut diagnostics } = yaml::parse(&file.source);
    let mut properties = Properties::default();
    let Some(yaml) = value else { return Checked::new(properties, diagnostics) };
    let origin = Origin::new(file);
    let Some(mut reader) = Reader::new(&yaml, "this properties file", Code::InvalidYaml, &mut diagnostics)
    else {
        return Checked::new(properties, diagnostics);
    };
    reader.allow(&["version", "anchors"]);
    let mut told = Vec::new();
    let section = |reader: &mut Reader<'_>, key: &'static str, told: &mut Vec<Diagnostic>| -> Vec<Yaml> {
        let items: Vec<Yaml> = reader.list(key).unwrap_or_default();
        let raw: Vec<&str> =
            RAW_KEYS.iter().copied().chain(["metrics"].into_iter().filter(|_| key == "models")).collect();
        items.iter().map(|item| renderer.yaml(item, &raw, told)).collect()
    };
    let kinds = [
        ("models", ResourceType::Model),
        ("seeds", ResourceType::Seed),
        ("snapshots", ResourceType::Snapshot),
        ("analyses", ResourceType::Analysis),
        ("tests", ResourceType::Test),
        ("data_tests", ResourceType::Test),
        ("functions", ResourceType::Function),
    ];
    for (key, kind) in kinds {
        for item in section(&mut reader, key, &mut told) {
            properties.patches.extend(Patch::read(kind, &item, &origin, renderer, &mut told));
            if kind == ResourceType::Model {
                of_model(&item, &origin, renderer, &mut properties, &mut told);
            }
        }
    }
    for item in section(&mut reader, "sources", &mut told) {
        properties.sources.extend(SourceEntry::read(&item, &origin, renderer, &mut told));
    }
    for item in section(&mut reader, "exposures", &mut told) {
        properties.exposures.extend(ExposureEntry::read(&item, &origin, renderer, &mut told));
    }
    for item in section(&mut reader, "macros", &mut told) {
        properties.macros.extend(MacroPatch::read(&item, &origin, renderer, &mut told));
    }
    for item in section(&mut reader, "groups", &mut told) {
        properties.groups.extend(GroupEntry::read(&item, &origin, &mut told));
    }
    for key in UNIT_TESTS {
        for item in section(&mut reader, key, &mut told) {
            properties.unit_tests.extend(UnitTestEntry::read(&item, &origin, renderer, &mut told));
        }
    }
    for item in section(&mut reader, "semantic_models", &mut told) {
        properties.semantic_models.extend(SemanticModelEntry::read(&item, &origin, renderer, &mut told));
    }
    for item in reader.list::<Yaml>("metrics").unwrap_or_default() {
        let item = renderer.yaml(&item, METRIC_RAW_KEYS, &mut told);
        properties.metrics.extend(MetricEntry::read(&item, &origin, renderer, &mut told));
    }
    for item in reader.list::<Yaml>("saved_queries").unwrap_or_default() {
        let item = renderer.yaml(&item, METRIC_RAW_KEYS, &mut told);
        properties.saved_queries.extend(SavedQueryEntry::read(&item, &origin, renderer, &mut told));
    }
    diagnostics.extend(told);
    diagnostics.extend(reader.finish());
    Checked::new(properties, diagnostics)
}

/// What messages call an entry: `the exposure` with the name that it gives itself, else what
/// it is one of, `an exposure`.
pub(super) fn named(yaml: &Yaml, one: &str) -> String {
    let name = yaml.as_mapping().and_then(|mapping| mapping.get("name")?.as_text());
    match (name, one.split_once(' ')) {
        (Some(name), Some((_, kind))) => format!("the {kind} `{name}`"),
        _ => one.to_owned(),
    }
}

/// The columns of an entry that messages call `what`.
pub(super) fn columns(
    reader: &mut Reader<'_>,
    what: &str,
    renderer: &Renderer<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<ColumnEntry> {
    let items: Vec<Yaml> = reader.list("columns").unwrap_or_default();
    items.iter().filter_map(|item| ColumnEntry::read(item, what, renderer, diagnostics)).collect()
}

/// The generic tests of an entry, under `data_tests:` or its old name `tests:`.
pub(super) fn tests(
    reader: &mut Reader<'_>,
    renderer: &Renderer<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<TestEntry> {
    if let (Some(old), Some(new)) = (reader.value("tests"), reader.value("data_tests")) {
        reader.complain(
            Diagnostic::new(Code::InvalidConfig, "there are both `tests` and `data_tests`")
                .label(old.place(), "")
                .also(new.place(), "")
                .help("put all of them under `data_tests:`; `tests:` is its old name"),
        );
    }
    let mut items: Vec<Yaml> = reader.list("tests").unwrap_or_default();
    items.extend(reader.list::<Yaml>("data_tests").unwrap_or_default());
    items.iter().filter_map(|item| TestEntry::read(item, renderer, diagnostics)).collect()
}

/// The `config:` of an entry, with the keys `lifted`, `meta` and `tags` that may stand
/// beside it as well.
pub(super) fn lifted_config(
    reader: &mut Reader<'_>,
    lifted: &[&'static str],
    renderer: &Renderer<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Level {
    let mut level = own_config(reader, renderer, diagnostics);
    for key in lifted.iter().chain(&["meta", "tags"]).copied() {
        let Some(value) = reader.value(key) else { continue };
        let beside = value.to_json();
        match level.get(key).cloned() {
            // Tags add up.
            Some(setting) if key == "tags" => {
                let mut tags = as_list(beside);
                tags.extend(as_list(setting.value));
                level.set(key, Json::Array(tags), setting.place);
            }
            Some(setting) => {
                reader.complain(
                    Diagnostic::new(Code::InvalidConfig, format!("`{key}` stands beside `config` and in it"))
                        .label(value.place(), "here")
                        .also(setting.place, "and here")
                        .help(format!("keep the `{key}` under `config:`")),
                );
            }
            None => level.set(key, beside, Some(value.place())),
        }
    }
    level
}

fn as_list(value: Json) -> Vec<Json> {
    match value {
        Json::Array(items) => items,
        value => vec![value],
    }
}

/// What stands below `config:` alone.
pub(super) fn own_config(
    reader: &mut Reader<'_>,
    renderer: &Renderer<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Level {
    let mut level = Level::default();
    match reader.value("config") {
        Some(Yaml { kind: YamlKind::Mapping(mapping), .. }) => {
            for (key, value) in &mapping.entries {
                let place = if value.kind == YamlKind::Null { key.span } else { value.place() };
                let rendered = renderer.config(&key.value, value, diagnostics);
                level.set_written(&key.value, rendered, value.to_json(), Some(place));
            }
        }
        Some(other) => reader.complain(
            Diagnostic::new(Code::InvalidConfig, "`config` must be a mapping")
                .label(other.place(), format!("this is {}", other.describe())),
        ),
        None => {}
    }
    level
}

/// Ends reading an entry: a key that is a config gets told where it belongs.
pub(super) fn finish<'a>(mut reader: Reader<'a>, kind: ResourceType, yaml: &'a Yaml) -> Vec<Diagnostic> {
    for (key, _) in yaml.as_mapping().into_iter().flat_map(|mapping| &mapping.entries) {
        let name = key.value.as_str();
        if !reader.knows(name) && is_config(kind, name) {
            reader.allow(&[name]);
            reader.complain(
                Diagnostic::new(Code::UnknownKey, format!("`{name}` is a config and has no effect here"))
                    .label(key.span, "")
                    .help(format!("put `{name}` under `config:`")),
            );
        }
    }
    reader.finish()
}
