//! Finds the warehouse: see <https://docs.getdbt.com/docs/core/connect-data-platform/profiles.yml>.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::read_text::{absolute, read_confidential_yaml, setting, shown_path};
use super::yaml_context::YamlRenderer;
use super::{LoadOptions, Target, TargetPlaces};
use crate::diagnostic::{Code, Diagnostic, WarningName, suggest};
use crate::sql::Dialect;
use crate::system::System;
use crate::text::{Files, Spanned};
use crate::yaml::{Reader, Yaml, YamlKind};

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub options: &'a LoadOptions,
    /// The project's folder.
    pub root: &'a Path,
    pub project: &'a str,
    /// The project's `profile:`.
    pub profile: Option<Spanned<String>>,
    /// The project's target folder, for the embedded database.
    pub target_path: &'a str,
}

/// The target of a run; `None` when it cannot be used, which is told. Without any
/// profiles.yml, or a profile in the project file, it is the embedded database.
pub(super) fn find(
    system: &dyn System,
    files: &Files,
    wanted: &Wanted<'_>,
    renderer: &YamlRenderer,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Target> {
    let named = wanted.options.profile.clone().or_else(|| setting(system, "PROFILE"));
    let file = match profiles_file(system, wanted) {
        Ok(file) => file,
        Err(error) => {
            diagnostics.push(error);
            return None;
        }
    };
    let (name, at) = match (named, &wanted.profile) {
        (Some(name), _) => (name, None),
        (None, Some(profile)) if file.is_some() => (profile.value.clone(), Some(profile.span)),
        _ => return embedded(system, wanted, diagnostics),
    };
    let Some(path) = file else {
        diagnostics.push(
            Diagnostic::new(
                Code::MissingProfile,
                format!("there is no profiles.yml with the profile `{name}`"),
            )
            .said(format!("Could not find profile named '{name}'"))
            .help("write one beside the project file, or name its folder with `--profiles-dir`"),
        );
        return None;
    };
    let shown = shown_path(wanted.root, &path);
    let (_, yaml) = read_confidential_yaml(system, files, &path, &shown, diagnostics)?;
    let profiles = yaml.as_ref().and_then(Yaml::as_mapping);
    if let Some((key, _)) = profiles.and_then(|profiles| profiles.entry("config")) {
        diagnostics.push(
            Diagnostic::deprecation(
                WarningName::ProjectFlagsMovedDeprecation,
                "`config` in profiles.yml is of an older dbt: nothing in it is read",
            )
            .said("User config should be moved from the 'config' key in profiles.yml to the 'flags' key in dbt_project.yml.")
            .label(key.span, "")
            .help("move its entries to `flags:` in the project file"),
        );
    }
    let Some(profile) = profiles.and_then(|profiles| profiles.get(&name)) else {
        let names =
            profiles.into_iter().flat_map(|profiles| &profiles.entries).map(|(name, _)| name.value.as_str());
        let names: Vec<_> = names.filter(|name| *name != "config").collect();
        let help = suggest::similar("profile", &name, names.iter().copied())
            .unwrap_or_else(|| format!("`{shown}` has {}", listed(&names)));
        diagnostics.push(
            Diagnostic::new(Code::MissingProfile, format!("there is no profile `{name}` in `{shown}`"))
                .said(format!("Could not find profile named '{name}'"))
                .also(at, "asked for here")
                .help(help),
        );
        return None;
    };
    let found = Found { system, wanted, renderer, name: &name, shown: &shown };
    found.target(profile, diagnostics)
}

/// The folder that profiles.yml is looked for in, or was found in.
#[must_use]
pub fn profiles_folder(system: &dyn System, options: &LoadOptions, root: Option<&Path>) -> PathBuf {
    let given = options.profiles_dir.clone().or_else(|| setting(system, "PROFILES_DIR").map(PathBuf::from));
    if let Some(folder) = given {
        return absolute(system, &folder);
    }
    let home = system.home_dir().map(|home| home.join(".dbt"));
    let folders = [Some(system.current_dir()), root.map(Path::to_path_buf), home.clone()];
    let mut folders = folders.into_iter().flatten();
    folders
        .find(|folder| system.exists(&folder.join("profiles.yml")))
        .or(home)
        .unwrap_or_else(|| system.current_dir())
}

/// profiles.yml: in the folder that was named, else the working folder, else the
/// project's, else `~/.dbt`.
fn profiles_file(system: &dyn System, wanted: &Wanted<'_>) -> Result<Option<PathBuf>, Diagnostic> {
    let variable = || setting(system, "PROFILES_DIR").map(PathBuf::from);
    if let Some(folder) = wanted.options.profiles_dir.clone().or_else(variable) {
        let file = absolute(system, &folder).join("profiles.yml");
        return if system.exists(&file) {
            Ok(Some(file))
        } else {
            let message = format!("there is no profiles.yml in `{}`", folder.display());
            let words =
                format!("dbt looked for a profiles.yml file in {}, but did not find one", folder.display());
            Err(Diagnostic::new(Code::MissingProfile, message)
                .said(words)
                .help("the folder comes from `--profiles-dir` or `DBT_PROFILES_DIR`"))
        };
    }
    let home = system.home_dir().map(|home| home.join(".dbt"));
    let folders = [Some(system.current_dir()), Some(wanted.root.to_path_buf()), home];
    let mut files = folders.into_iter().flatten().map(|folder| folder.join("profiles.yml"));
    Ok(files.find(|file| system.exists(file)))
}

/// The database file that a project without a profile has.
fn embedded(system: &dyn System, wanted: &Wanted<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Target> {
    let target = wanted.options.target.clone().or_else(|| setting(system, "TARGET"));
    if let Some(target) = target.filter(|target| target != "dev") {
        diagnostics.push(
            Diagnostic::new(Code::InvalidProfile, format!("there is no target `{target}`"))
                .note("the project names no profile, so its only target is `dev`, a DuckDB file of its own")
                .help("write a profiles.yml with this target, and `profile:` in the project file"),
        );
        return None;
    }
    let path = wanted.root.join(wanted.target_path).join(format!("{}.duckdb", wanted.project));
    let threads = match wanted.options.threads {
        Some(threads) => threads,
        None => system.cores(),
    };
    let mut keys = Map::new();
    keys.insert("type".to_owned(), "duckdb".into());
    keys.insert("path".to_owned(), path.to_string_lossy().into());
    keys.insert("schema".to_owned(), "main".into());
    keys.insert("database".to_owned(), wanted.project.into());
    keys.insert("threads".to_owned(), threads.into());
    Some(Target {
        profile_name: wanted.project.to_owned(),
        name: "dev".to_owned(),
        kind: "duckdb".to_owned(),
        database: wanted.project.to_owned(),
        schema: "main".to_owned(),
        threads: threads.max(1),
        keys,
        places: TargetPlaces::default(),
    })
}

/// A profile that was found.
struct Found<'a> {
    system: &'a dyn System,
    wanted: &'a Wanted<'a>,
    renderer: &'a YamlRenderer,
    name: &'a str,
    shown: &'a str,
}

impl Found<'_> {
    fn target(&self, profile: &Yaml, diagnostics: &mut Vec<Diagnostic>) -> Option<Target> {
        let before = diagnostics.len();
        let what = format!("the profile `{}`", self.name);
        let mut reader = Reader::new(profile, what, Code::InvalidProfile, diagnostics)?;
        let outputs = reader.require::<Yaml>("outputs");
        let default = reader.value("target").cloned();
        reader.allow(&["config"]);
        diagnostics.extend(reader.finish());
        let outputs = outputs?;
        let Some(mapping) = outputs.as_mapping() else {
            diagnostics.push(
                Diagnostic::new(Code::InvalidProfile, "`outputs` must be a mapping of targets")
                    .label(outputs.place(), format!("this is {}", outputs.describe())),
            );
            return None;
        };
        let given = self.wanted.options.target.clone().or_else(|| setting(self.system, "TARGET"));
        let (name, at) = match (given, default) {
            (Some(name), _) => (name, None),
            (None, Some(yaml)) => {
                let rendered = self.renderer.render(&yaml, true, |_| false, diagnostics);
                let Some(text) = rendered.scalar_text() else {
                    if diagnostics.len() == before {
                        diagnostics.push(
                            Diagnostic::new(Code::InvalidProfile, "`target` must be the name of an output")
                                .label(yaml.place(), format!("this is {}", yaml.describe())),
                        );
                    }
                    return None;
                };
                (text, Some(yaml.span))
            }
            (None, None) => ("default".to_owned(), None),
        };
        let Some((key, output)) = mapping.entry(&name) else {
            let names: Vec<_> = mapping.entries.iter().map(|(name, _)| name.value.as_str()).collect();
            let help = suggest::similar("target", &name, names.iter().copied())
                .unwrap_or_else(|| format!("the profile has {}", listed(&names)));
            diagnostics.push(
                Diagnostic::new(
                    Code::InvalidProfile,
                    format!("the profile `{}` in `{}` has no target `{name}`", self.name, self.shown),
                )
                .said(format!(
                    "The profile '{}' does not have a target named '{name}'. The valid target names for this profile \
                     are:\n   - {}",
                    self.name,
                    names.join("\n   - ")
                ))
                .also(at.or_else(|| Some(outputs.place())), if at.is_some() { "asked for here" } else { "" })
                .help(help),
            );
            return None;
        };
        let output = self.renderer.render(output, true, |_| false, diagnostics);
        let target = self.output(&key.value, &output, diagnostics);
        let is_broken = diagnostics[before..].iter().any(Diagnostic::is_error);
        target.filter(|_| !is_broken)
    }

    fn output(&self, name: &str, output: &Yaml, diagnostics: &mut Vec<Diagnostic>) -> Option<Target> {
        let what = format!("the target `{name}`");
        let mut reader = Reader::new(output, what, Code::InvalidProfile, diagnostics)?;
        let Some(kind) = reader.require::<Spanned<String>>("type") else {
            diagnostics.extend(reader.finish_open());
            return None;
        };
        let Some(dialect) = Dialect::find(&kind.value) else {
            diagnostics.push(
                Diagnostic::new(
                    Code::NotSupported,
                    format!("the warehouse `{}` is not supported", kind.value),
                )
                .label(
                    kind.span,
                    "xform builds on `duckdb` and `postgres` so far, and compiles for five others",
                )
                .help(
                    suggest::similar("warehouse", &kind.value, Dialect::ALL.map(Dialect::name))
                        .unwrap_or_else(|| {
                            "write `type: duckdb` with a `path:`, or leave the profile out".to_owned()
                        }),
                ),
            );
            return None;
        };
        if dialect != Dialect::DuckDb {
            return self.unconnected(dialect, name, output, reader, diagnostics);
        }
        let path = reader.scalar("path").map_or_else(|| ":memory:".to_owned(), |path| path.value);
        let schema = reader.scalar("schema").map_or_else(|| "main".to_owned(), |schema| schema.value);
        let aliases: Vec<String> = output
            .to_json()
            .get("attach")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.get("alias")?.as_str()?.to_owned()))
            .collect();
        let database = database(&mut reader, &path, &aliases);
        let threads = self.threads(&mut reader);
        // Which keys there are, the adapter knows.
        diagnostics.extend(reader.finish_open());
        let mut keys = match output.to_json() {
            Value::Object(keys) => keys,
            _ => Map::new(),
        };
        for (key, value) in [("path", &path), ("schema", &schema), ("database", &database)] {
            keys.insert(key.to_owned(), value.as_str().into());
        }
        keys.insert("threads".to_owned(), threads.into());
        Some(Target {
            profile_name: self.name.to_owned(),
            name: name.to_owned(),
            kind: kind.value,
            database,
            schema,
            threads,
            keys,
            places: TargetPlaces::of(output),
        })
    }

    /// A target of a warehouse that there is no connection to: only what names relations is
    /// read, under the names of
    /// <https://docs.getdbt.com/docs/core/connect-data-platform/about-core-connections>.
    fn unconnected(
        &self,
        dialect: Dialect,
        name: &str,
        output: &Yaml,
        mut reader: Reader<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Target> {
        let (databases, schemas): (&[&str], &[&str]) = match dialect {
            Dialect::BigQuery => (&["project", "database"], &["dataset", "schema"]),
            Dialect::Spark => (&[], &["schema"]),
            Dialect::Databricks => (&["catalog", "database"], &["schema"]),
            Dialect::Postgres | Dialect::Redshift => (&["dbname", "database"], &["schema"]),
            _ => (&["database", "dbname"], &["schema"]),
        };
        let mut first = |keys: &'static [&'static str], default: Option<&str>| {
            let given = keys.iter().find_map(|key| reader.scalar(key)).map(|text| text.value);
            match (given.or_else(|| default.map(str::to_owned)), keys.first()) {
                (Some(text), _) => Some(text),
                (None, None) => Some(String::new()),
                (None, Some(key)) => reader.require::<Spanned<String>>(key).map(|text| text.value),
            }
        };
        // What Databricks has when no catalog is named.
        let catalog = (dialect == Dialect::Databricks).then_some("hive_metastore");
        let database = first(databases, catalog);
        let schema = first(schemas, None);
        let threads = self.threads(&mut reader);
        diagnostics.extend(reader.finish_open());
        let (database, schema) = (database?, schema?);
        let mut keys = match output.to_json() {
            Value::Object(keys) => keys,
            _ => Map::new(),
        };
        for (key, value) in [("schema", &schema), ("database", &database)] {
            keys.insert(key.to_owned(), value.as_str().into());
        }
        keys.insert("threads".to_owned(), threads.into());
        let (profile_name, name) = (self.name.to_owned(), name.to_owned());
        let kind = dialect.name().to_owned();
        let places = TargetPlaces::of(output);
        Some(Target { profile_name, name, kind, database, schema, threads, keys, places })
    }

    fn threads(&self, reader: &mut Reader<'_>) -> usize {
        let given = reader.value("threads");
        let number = match given.map(|yaml| &yaml.kind) {
            None => Some(1),
            Some(YamlKind::Int(number)) => usize::try_from(*number).ok(),
            Some(YamlKind::Text(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        if let (Some(yaml), None | Some(0)) = (given, number) {
            reader.complain(
                Diagnostic::new(Code::InvalidProfile, "`threads` must be a whole number from 1")
                    .label(yaml.place(), "")
                    .help("write the number of nodes to run at once: `threads: 4`"),
            );
        }
        self.wanted.options.threads.or(number).unwrap_or(1).max(1)
    }
}

/// The database's name is that of its file, or one of those that are attached; another one in
/// `database:` is a mistake.
fn database(reader: &mut Reader<'_>, path: &str, attached: &[String]) -> String {
    let derived = database_of(path);
    let Some(given) = reader.scalar("database") else { return derived };
    let is_attached = attached.iter().any(|alias| alias.eq_ignore_ascii_case(&given.value));
    if given.value != derived && !is_attached && !path.starts_with("md:") && !path.starts_with("ducklake:") {
        reader.complain(
            Diagnostic::new(
                Code::InvalidProfile,
                format!("`database` is `{}`, but the file is called `{derived}`", given.value),
            )
            .label(given.span, "DuckDB names a database after its file")
            .help(format!("write `database: {derived}`, or leave it out")),
        );
    }
    given.value
}

/// What DuckDB calls the database of a path.
fn database_of(path: &str) -> String {
    if path == ":memory:" || path.starts_with(":memory:") {
        return "memory".to_owned();
    }
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    if let Some(name) = path.strip_prefix("md:") {
        return if name.is_empty() { "my_db".to_owned() } else { name.to_owned() };
    }
    let path = path.strip_prefix("ducklake:").unwrap_or(path);
    Path::new(path)
        .file_stem()
        .map_or_else(|| "memory".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        _ => format!("`{}`", names.join("`, `")),
    }
}
