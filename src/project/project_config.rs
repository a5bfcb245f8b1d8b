//! Reads the project file: see <https://docs.getdbt.com/reference/dbt_project.yml>.

use serde_json::{Map, Value};

use super::flags;
use super::package::{Dispatch, ProjectConfig};
use super::version::{DBT_VERSION, is_compatible};
use super::yaml_context::{YamlRenderer, is_template};
use crate::diagnostic::{Code, Diagnostic, WarningName, suggest};
use crate::format::{Commas, KeywordCase, Style};
use crate::text::{SourceFile, Span, Spanned};
use crate::yaml::{Mapping, Reader, Yaml, YamlKind};

/// Trees of configuration: the key in the file, and the name they are kept under.
const CONFIG_TREES: [(&str, &str); 15] = [
    ("models", "models"),
    ("seeds", "seeds"),
    ("snapshots", "snapshots"),
    ("sources", "sources"),
    ("data_tests", "data_tests"),
    ("data-tests", "data_tests"),
    ("tests", "data_tests"),
    ("exposures", "exposures"),
    ("analyses", "analyses"),
    ("metrics", "metrics"),
    ("semantic-models", "semantic_models"),
    ("saved-queries", "saved_queries"),
    ("unit_tests", "unit_tests"),
    ("unit-tests", "unit_tests"),
    ("functions", "functions"),
];

/// Old names of keys and their new ones.
const RENAMED: [(&str, &str); 3] = [
    ("source-paths", "model-paths"),
    ("data-paths", "seed-paths"),
    ("modules-path", "packages-install-path"),
];

/// Whether a top-level key is rendered later, with more names than the file has, or
/// never: hooks, comments, variables and configuration trees.
fn is_rendered_later(key: &str) -> bool {
    matches!(key, "on-run-start" | "on-run-end" | "query-comment" | "vars")
        || CONFIG_TREES.iter().any(|(tree, _)| *tree == key)
}

/// The value of a top-level key, rendered; errors in it are left to [`read`].
pub(super) fn early_text(yaml: Option<&Yaml>, key: &str, renderer: &YamlRenderer) -> Option<Spanned<String>> {
    let value = yaml?.as_mapping()?.get(key)?;
    let rendered = renderer.render(value, false, |_| false, &mut Vec::new());
    Some(Spanned::new(rendered.as_text()?.to_owned(), value.span))
}

/// Reads a project file. What is wrong with it is told, and read as if it were missing;
/// `folder` gives the name where the file has none.
pub(super) fn read(
    yaml: Option<&Yaml>,
    file: &SourceFile,
    folder: &str,
    renderer: &YamlRenderer,
    diagnostics: &mut Vec<Diagnostic>,
) -> ProjectConfig {
    let fallback = Spanned::new(identifier(folder), Span::start_of(file.id()));
    let mut config = ProjectConfig::new(fallback);
    config.file = Some(file.id());
    let Some(yaml) = yaml else {
        diagnostics.push(
            Diagnostic::new(Code::InvalidProject, format!("`{}` is empty", file.path()))
                .label(Span::start_of(file.id()), "")
                .help("write at least a name: `name: shop`"),
        );
        return config;
    };
    let rendered = renderer.render(yaml, false, is_rendered_later, diagnostics);
    let what = format!("the project file `{}`", file.path());
    let Some(mut reader) = Reader::new(&rendered, what, Code::InvalidProject, diagnostics) else {
        return config;
    };
    read_name(&mut reader, &mut config);
    read_versions(&mut reader, &mut config);
    read_paths(&mut reader, &mut config);
    read_behaviour(&mut reader, &mut config);
    read_trees(&mut reader, &mut config);
    // dbt reads no file with keys of its users' own.
    if !file.path().ends_with("dbt_project.yml") {
        config.format = read_format(&mut reader);
        config.rules = reader.value("rules").cloned();
    }
    let vars = yaml.as_mapping().and_then(|mapping| mapping.get("vars"));
    let rules = vars.and_then(|vars| vars.as_mapping()?.get("xform_rules"));
    config.rules = config.rules.or_else(|| rules.cloned());
    reader.allow(&["project-root", "dbt-cloud", "packages", "anchors"]);
    let known = reader.known_keys();
    for told in reader.finish() {
        diagnostics.push(
            if told.code() == Code::UnknownKey && told.span().is_some_and(|at| is_top(&rendered, at)) {
                unknown_key(&told, &rendered, &known)
            } else {
                told
            },
        );
    }
    config
}

fn is_top(yaml: &Yaml, at: Span) -> bool {
    yaml.as_mapping().is_some_and(|mapping| mapping.entries.iter().any(|(key, _)| key.span == at))
}

/// dbt reads no project file with keys of its author's own.
fn unknown_key(told: &Diagnostic, yaml: &Yaml, known: &[&str]) -> Diagnostic {
    let name = yaml.as_mapping().and_then(|mapping| {
        mapping
            .entries
            .iter()
            .find(|(key, _)| Some(key.span) == told.span())
            .map(|(key, _)| key.value.clone())
    });
    let name = name.unwrap_or_default();
    let diagnostic = Diagnostic::error(Code::InvalidProject, told.message())
        .said(format!("at path []: Additional properties are not allowed ('{name}' was unexpected)"))
        .help(suggest::similar("key", &name, known.iter().copied()).unwrap_or_else(|| {
            if name == "rules" {
                return "write the rules under `vars`, as `xform_rules`: dbt reads no other key".to_owned();
            }
            "remove it; what is your own goes under `vars`, or under `meta` of a resource".to_owned()
        }));
    match told.labels() {
        [label, ..] => diagnostic.label(label.span, label.text.clone()),
        [] => diagnostic,
    }
}

/// Keys of the root project's file that dbt will give up, with another value than the default.
pub(super) fn deprecated_paths(yaml: Option<&Yaml>) -> Vec<Diagnostic> {
    let keys = [
        ("log-path", "logs", WarningName::ConfigLogPathDeprecation, "--log-path` or `DBT_LOG_PATH"),
        (
            "target-path",
            "target",
            WarningName::ConfigTargetPathDeprecation,
            "--target-path` or `DBT_TARGET_PATH",
        ),
    ];
    let mapping = yaml.and_then(Yaml::as_mapping);
    let found = keys.into_iter().filter_map(|(key, default, name, better)| {
        let (key, value) = mapping?.entry(key)?;
        (value.as_text() != Some(default)).then(|| {
            Diagnostic::deprecation(name, format!("`{}` in the project file is deprecated", key.value))
                .said(format!("The `{}` config in `dbt_project.yml` has been deprecated", key.value))
                .fact("deprecated_path", key.value.as_str())
                .label(value.place(), "")
                .help(format!("use `{better}` instead"))
        })
    });
    found.collect()
}

fn read_name(reader: &mut Reader<'_>, config: &mut ProjectConfig) {
    let Some(name) = reader.require::<Spanned<String>>("name") else { return };
    if !is_identifier(&name) {
        let valid = identifier(&name);
        reader.complain(
            Diagnostic::new(
                Code::InvalidProject,
                format!("`{}` cannot be the name of a project", name.value),
            )
            .label(name.span, "a name has letters, digits and underscores, and begins with no digit")
            .help(format!("call it `{valid}`")),
        );
    }
    config.name = name;
}

fn read_versions(reader: &mut Reader<'_>, config: &mut ProjectConfig) {
    config.version = reader.scalar("version").map(|version| version.value);
    config.profile = reader.get("profile");
    let config_version = reader.value("config-version");
    if let Some(value) = config_version.filter(|value| value.kind != YamlKind::Int(2)) {
        reader.complain(
            Diagnostic::new(Code::InvalidProject, "`config-version` must be 2")
                .label(value.span, "a format that dbt has given up, or none")
                .help("write `config-version: 2`, or leave it out"),
        );
    }
    config.require_dbt_version = reader.one_or_list("require-dbt-version").unwrap_or_default();
    for ranges in &config.require_dbt_version {
        if is_compatible(DBT_VERSION, ranges).is_none() {
            reader.complain(
                Diagnostic::new(Code::InvalidProject, format!("`{}` is no range of versions", ranges.value))
                    .label(ranges.span, "")
                    .help("a version has three numbers: `\">=1.6.0\"`, `[\">=1.6.0\", \"<2.0.0\"]`"),
            );
        }
    }
}

/// The complaint about a project that asks for another version of dbt, if it does.
pub(super) fn check_version(config: &ProjectConfig) -> Option<Diagnostic> {
    let ranges = &config.require_dbt_version;
    let range = ranges.iter().find(|range| is_compatible(DBT_VERSION, range) == Some(false))?;
    let name = &config.name.value;
    let all: Vec<_> = ranges.iter().map(|range| range.value.as_str()).collect();
    Some(
        Diagnostic::new(
            Code::IncompatibleVersion,
            format!("the project `{name}` asks for dbt {}", all.join(", ")),
        )
        .label(range.span, format!("xform works as dbt {DBT_VERSION}, which is not in this range"))
        .help("change `require-dbt-version`, or try without the check: `--no-version-check`"),
    )
}

fn read_paths(reader: &mut Reader<'_>, config: &mut ProjectConfig) {
    let renamed: Vec<_> =
        RENAMED.iter().filter_map(|(old, new)| Some((*old, *new, reader.value(old)?))).collect();
    for (old, new, value) in renamed {
        reader.complain(
            Diagnostic::new(Code::DeprecatedKey, format!("`{old}` is now called `{new}`"))
                .stands_for(match old {
                    "source-paths" => WarningName::ConfigSourcePathDeprecation,
                    "data-paths" => WarningName::ConfigDataPathDeprecation,
                    _ => WarningName::PackageInstallPathDeprecation,
                })
                .said(format!(
                    "The `{old}` config has been renamed to `{new}`. Please update your `dbt_project.yml`"
                ))
                .fact("deprecated_path", old)
                .fact("exp_path", new)
                .label(value.place(), format!("read as `{new}`"))
                .help(format!("write `{new}` instead of `{old}`")),
        );
    }
    let mut paths = |key: &'static str, old: Option<&'static str>, paths: &mut Vec<String>| {
        let given: Option<Vec<String>> = reader.list(key).or_else(|| reader.list(old?));
        if let Some(given) = given {
            *paths = given.iter().map(|path| normalized(path)).collect();
        }
    };
    paths("model-paths", Some("source-paths"), &mut config.model_paths);
    paths("seed-paths", Some("data-paths"), &mut config.seed_paths);
    paths("macro-paths", None, &mut config.macro_paths);
    paths("test-paths", None, &mut config.test_paths);
    paths("snapshot-paths", None, &mut config.snapshot_paths);
    paths("analysis-paths", None, &mut config.analysis_paths);
    paths("function-paths", None, &mut config.function_paths);
    paths("asset-paths", None, &mut config.asset_paths);
    config.docs_paths = config.resource_paths();
    paths("docs-paths", None, &mut config.docs_paths);
    let mut path = |key: &'static str, old: Option<&'static str>, path: &mut String| {
        let given: Option<String> = reader.get(key).or_else(|| reader.get(old?));
        if let Some(given) = given {
            *path = normalized(&given);
        }
    };
    path("target-path", None, &mut config.target_path);
    path("log-path", None, &mut config.log_path);
    path("packages-install-path", Some("modules-path"), &mut config.packages_install_path);
    config.clean_targets = vec![config.target_path.clone()];
    if let Some(targets) = reader.list::<String>("clean-targets") {
        config.clean_targets = targets.iter().map(|path| normalized(path)).collect();
    }
}

fn read_behaviour(reader: &mut Reader<'_>, config: &mut ProjectConfig) {
    config.vars = reader.get("vars").unwrap_or_default();
    config.restrict_access = reader.get("restrict-access").unwrap_or_default();
    config.on_run_start = reader.one_or_list("on-run-start").unwrap_or_default();
    config.on_run_end = reader.one_or_list("on-run-end").unwrap_or_default();
    config.quoting = read_quoting(reader);
    config.dispatch = read_dispatch(reader);
    config.query_comment = read_query_comment(reader);
    if let Some(mapping) = reader.get::<Mapping>("flags") {
        let mut told = Vec::new();
        config.flags = flags::check_project_flags(&mapping, &mut told);
        reader.complain_all(told);
    }
}

fn read_format(reader: &mut Reader<'_>) -> Style {
    let mut style = Style::default();
    let Some(yaml) = reader.value("format") else { return style };
    let mut told = Vec::new();
    if let Some(mut inner) = Reader::new(yaml, "`format`", Code::InvalidProject, &mut told) {
        let mut complaints = Vec::new();
        if let Some(length) = inner.get::<i64>("line_length") {
            style.line_length = usize::try_from(length).unwrap_or(style.line_length);
        }
        if let Some(indent) = inner.get::<i64>("indent") {
            style.indent = usize::try_from(indent).unwrap_or(style.indent).min(16);
        }
        let wrong = |word: &Spanned<String>, names: &[&'static str]| {
            Diagnostic::new(
                Code::InvalidProject,
                format!("`{}` is not one of {}", word.value, names.join(", ")),
            )
            .label(word.span, "")
            .help(suggest::similar("word", &word.value, names.iter().copied()))
        };
        if let Some(word) = inner.get::<Spanned<String>>("keyword_case") {
            match KeywordCase::find(&word.value) {
                Some(case) => style.keyword_case = case,
                None => complaints.push(wrong(&word, &KeywordCase::NAMES)),
            }
        }
        if let Some(word) = inner.get::<Spanned<String>>("commas") {
            match Commas::find(&word.value) {
                Some(commas) => style.commas = commas,
                None => complaints.push(wrong(&word, &Commas::NAMES)),
            }
        }
        told.extend(inner.finish());
        told.extend(complaints);
    }
    reader.complain_all(told);
    style
}

fn read_quoting(reader: &mut Reader<'_>) -> Map<String, Value> {
    let Some(yaml) = reader.value("quoting") else { return Map::new() };
    let mut told = Vec::new();
    let mut quoting = Map::new();
    if let Some(mut inner) = Reader::new(yaml, "`quoting`", Code::InvalidProject, &mut told) {
        for key in ["database", "schema", "identifier", "snowflake_ignore_case"] {
            if let Some(flag) = inner.get::<bool>(key) {
                quoting.insert(key.to_owned(), flag.into());
            }
        }
        told.extend(inner.finish());
    }
    reader.complain_all(told);
    quoting
}

fn read_dispatch(reader: &mut Reader<'_>) -> Vec<Dispatch> {
    let mut told = Vec::new();
    let mut all = Vec::new();
    for yaml in reader.list::<Yaml>("dispatch").unwrap_or_default() {
        let Some(mut inner) = Reader::new(&yaml, "an entry of `dispatch`", Code::InvalidProject, &mut told)
        else {
            continue;
        };
        let namespace = inner.require("macro_namespace");
        let search_order = if inner.value("search_order").is_some() {
            inner.list("search_order")
        } else {
            inner.require::<Value>("search_order").map(|_| Vec::new())
        };
        told.extend(inner.finish());
        if let (Some(namespace), Some(search_order)) = (namespace, search_order) {
            all.push(Dispatch { namespace, search_order });
        }
    }
    reader.complain_all(told);
    all
}

fn read_query_comment(reader: &mut Reader<'_>) -> Option<Value> {
    let yaml = reader.raw("query-comment")?;
    match &yaml.kind {
        YamlKind::Null | YamlKind::Text(_) | YamlKind::Bool(false) => {}
        YamlKind::Mapping(_) => {
            let mut told = Vec::new();
            if let Some(mut inner) = Reader::new(yaml, "`query-comment`", Code::InvalidProject, &mut told) {
                let _: Option<String> = inner.get("comment");
                let _: Option<bool> = inner.get("append");
                let _: Option<bool> = inner.get("job-label");
                told.extend(inner.finish());
            }
            reader.complain_all(told);
        }
        _ => {
            let _: Option<String> = reader.get("query-comment");
            return None;
        }
    }
    Some(match yaml.to_json() {
        Value::Bool(_) => Value::Null,
        json => json,
    })
}

fn read_trees(reader: &mut Reader<'_>, config: &mut ProjectConfig) {
    for (key, name) in CONFIG_TREES {
        let Some(yaml) = reader.value(key) else { continue };
        if yaml.as_mapping().is_none() {
            let _: Option<Map<String, Value>> = reader.get(key);
            continue;
        }
        if config.configs.insert(name.to_owned(), yaml.to_json()).is_some() {
            let first =
                config.config_yaml.iter().find(|(tree, _)| tree == name).map(|(_, yaml)| yaml.place());
            reader.complain(
                Diagnostic::new(
                    Code::InvalidProject,
                    format!("`{key}` says the same as an older key of this file"),
                )
                .label(yaml.place(), "this one is read")
                .also(first, "this one is not")
                .help("put both under `data_tests`, the newer name of `tests`"),
            );
            config.config_yaml.retain(|(tree, _)| tree != name);
        }
        config.config_yaml.push((name.to_owned(), yaml.clone()));
    }
}

/// A path without `./` before and `/` after it.
pub(super) fn normalized(path: &str) -> String {
    let mut path = path.trim_end_matches('/');
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    if path.is_empty() { ".".to_owned() } else { path.to_owned() }
}

/// Whether dbt takes it as the name of a project: letters, digits and underscores of any
/// script, no digit first.
pub(super) fn is_identifier(name: &str) -> bool {
    let first = name.chars().next();
    first.is_some_and(|first| first.is_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// A name made of any text, such as that of a folder.
pub(super) fn identifier(text: &str) -> String {
    let mut name: String =
        text.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect();
    if !is_identifier(&name) {
        name.insert(0, '_');
    }
    if is_template(text) || name.chars().all(|letter| letter == '_') { "project".to_owned() } else { name }
}
