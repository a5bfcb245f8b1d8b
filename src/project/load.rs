use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Map;

use super::known_files::KnownFiles;
use super::locate::locate;
use super::project_config::{early_text, identifier};
use super::read_text::{read_yaml, setting, shown_path};
use super::vars::parse_vars;
use super::yaml_context::{YamlRenderer, is_template};
use super::{
    Flags, Package, ProjectConfig, ProjectFiles, Target, Vars, catalogs, flags, packages, profile,
    project_config,
};
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::system::System;
use crate::text::{Files, Span, Spanned};
use crate::yaml::{Reader, Yaml};

/// What the command line says about the project; what it leaves out is looked for in
/// `DBT_*` variables, the project's `flags:` and dbt's defaults, in that order.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// The command: `build`.
    pub command: String,
    /// The id of this run of xform; one is made where it is empty.
    pub invocation_id: String,
    pub project_dir: Option<PathBuf>,
    pub profiles_dir: Option<PathBuf>,
    pub profile: Option<String>,
    pub target: Option<String>,
    /// `--vars`, as YAML.
    pub vars: Option<String>,
    pub threads: Option<usize>,
    pub target_path: Option<PathBuf>,
    pub log_path: Option<PathBuf>,
    pub full_refresh: Option<bool>,
    pub store_failures: Option<bool>,
    pub empty: Option<bool>,
    /// `--sample`, as written.
    pub sample: Option<String>,
    /// `--event-time-start`, as written.
    pub event_time_start: Option<String>,
    /// `--event-time-end`, as written.
    pub event_time_end: Option<String>,
    pub cache_selected_only: Option<bool>,
    pub populate_cache: Option<bool>,
    pub fail_fast: Option<bool>,
    pub warn_error: Option<bool>,
    /// `--warn-error-options`, as YAML.
    pub warn_error_options: Option<String>,
    pub show_all_deprecations: Option<bool>,
    pub use_colors_file: Option<bool>,
    pub log_file_max_bytes: Option<usize>,
    pub maximum_seed_size_mib: Option<usize>,
    pub quiet: Option<bool>,
    pub debug: Option<bool>,
    pub print: Option<bool>,
    pub introspect: Option<bool>,
    pub version_check: Option<bool>,
    pub check: Option<bool>,
    pub batch_tests: Option<bool>,
    pub write_json: Option<bool>,
    /// The command is one that works in the warehouse: it may be reached while files are read.
    pub connects: bool,
    pub partial_parse: Option<bool>,
    pub use_colors: Option<bool>,
    pub printer_width: Option<usize>,
    pub indirect_selection: Option<String>,
    /// The folder with the artifacts to compare with and to defer to.
    pub state: Option<PathBuf>,
    /// In place of `state`, for deferral alone.
    pub defer_state: Option<PathBuf>,
    pub defer: Option<bool>,
    pub favor_state: Option<bool>,
    pub log_format: Option<String>,
    pub log_format_file: Option<String>,
    pub log_level: Option<String>,
    pub log_level_file: Option<String>,
    /// All of the command line's arguments as dbt's `invocation_args_dict` names them.
    pub invocation_args: Map<String, serde_json::Value>,
}

/// A project as it is on disk, with everything it names outside of itself.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub files: ProjectFiles,
    pub target: Target,
    pub vars: Vars,
    pub flags: Flags,
    /// What `selectors.yml` beside the project file holds, its Jinja rendered.
    pub selectors: Option<Yaml>,
    /// Absolute.
    pub target_path: PathBuf,
    /// Absolute.
    pub log_path: PathBuf,
}

impl Loaded {
    /// The project itself.
    #[must_use]
    pub fn root_package(&self) -> Option<&Package> {
        self.files.packages.iter().find(|package| package.is_root)
    }
}

/// Finds and reads the project, its packages, its profile and every file. `None` when
/// there is too little to go on with.
pub fn load(system: &dyn System, files: &Files, options: &LoadOptions) -> Checked<Option<Loaded>> {
    let mut diagnostics = Vec::new();
    let loaded = load_into(system, files, options, &mut diagnostics);
    Checked::new(loaded, diagnostics)
}

fn load_into(
    system: &dyn System,
    files: &Files,
    options: &LoadOptions,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Loaded> {
    let mut vars = Vars::default();
    match options.vars.as_deref().map(|text| parse_vars(text, files)) {
        Some(Ok(given)) => vars.command_line = given,
        Some(Err(error)) => {
            diagnostics.push(error);
            return None;
        }
        None => {}
    }
    diagnostics.extend(flags::reserved_variables(system));
    let project = project(system, files, options, &vars, diagnostics)?;
    let Project { root, config, renderer, target, .. } = project;
    let flags = Flags::resolve(system, options, &config.flags).drain_into(diagnostics);
    if flags.version_check {
        diagnostics.extend(project_config::check_version(&config));
    }
    let target_path =
        options.target_path.clone().or_else(|| setting(system, "TARGET_PATH").map(PathBuf::from));
    let target_path = root.join(target_path.unwrap_or_else(|| PathBuf::from(&config.target_path)));
    let log_path = options.log_path.clone().or_else(|| setting(system, "LOG_PATH").map(PathBuf::from));
    let log_path = match log_path {
        Some(path) => system.current_dir().join(path),
        None => root.join(&config.log_path),
    };
    let package =
        Package { config, root: root.clone(), is_root: true, is_builtin: false, depends_on: Vec::new() };
    catalogs::check(system, files, &root, &renderer, diagnostics);
    let selectors = read_selectors(system, files, &root, &renderer, diagnostics);
    let loaded = packages::load(system, files, package, &renderer, flags.version_check, diagnostics);
    let target = target?;
    let mut packages = packages::builtin_packages(files, &target.kind);
    packages.extend(loaded);
    for package in &packages {
        if package.is_root {
            vars.root.clone_from(&package.config.vars);
        } else {
            vars.packages.insert(package.name().to_owned(), package.config.vars.clone());
        }
    }
    let not_sources = [target_path.clone(), log_path.clone()];
    // `--no-partial-parse` does without what earlier commands found out.
    let known = flags.partial_parse.then(|| KnownFiles::read(system, &target_path));
    let files = ProjectFiles::discover(system, files, packages, &not_sources, flags.maximum_seed_size, known)
        .drain_into(diagnostics);
    Some(Loaded { files, target, vars, flags, selectors, target_path, log_path })
}

/// What is known of an invocation before its project is read with care.
#[derive(Clone, Debug)]
pub struct Early {
    /// With the project's own `flags:`, where its file can be read.
    pub flags: Flags,
    /// The target folder, absolute; `None` where there is no project.
    pub target_path: Option<PathBuf>,
    /// The folder of dbt.log, absolute; `None` where there is neither a project nor a wish.
    pub log_path: Option<PathBuf>,
}

/// Looks into the project file for how to report, without a word about what is wrong with it.
#[must_use]
pub fn look_ahead(system: &dyn System, options: &LoadOptions) -> Early {
    let located = locate(system, options.project_dir.as_deref()).ok();
    let yaml = located.as_ref().and_then(|located| {
        let text = system.read_text(located.file.as_deref()?).ok()?;
        crate::yaml::parse(&Files::new().add("project", text)).value
    });
    let key = |key: &str| yaml.as_ref()?.as_mapping()?.get(key);
    let project_flags = key("flags").and_then(Yaml::as_mapping);
    let project_flags = project_flags.map(|flags| flags::check_project_flags(flags, &mut Vec::new()));
    let flags = Flags::resolve(system, options, &project_flags.unwrap_or_default()).value;
    let given = options.target_path.clone().or_else(|| setting(system, "TARGET_PATH").map(PathBuf::from));
    let target_path = located.as_ref().map(|located| {
        let written = key("target-path").and_then(Yaml::as_text).filter(|text| !is_template(text));
        located.root.join(given.unwrap_or_else(|| written.unwrap_or("target").into()))
    });
    let given = options.log_path.clone().or_else(|| setting(system, "LOG_PATH").map(PathBuf::from));
    let log_path = given.map(|path| system.current_dir().join(path)).or_else(|| {
        let written = key("log-path").and_then(Yaml::as_text).filter(|text| !is_template(text));
        Some(located?.root.join(written.unwrap_or("logs")))
    });
    Early { flags, target_path, log_path }
}

/// Reads the project file alone, for commands that need neither warehouse nor files
/// (`clean`): what is wrong with the profile is not told.
pub fn load_root(system: &dyn System, files: &Files, options: &LoadOptions) -> Checked<Option<Package>> {
    let mut diagnostics = Vec::new();
    let mut vars = Vars::default();
    match options.vars.as_deref().map(|text| parse_vars(text, files)) {
        Some(Ok(given)) => vars.command_line = given,
        Some(Err(error)) => return Checked::new(None, vec![error]),
        None => {}
    }
    let read = project(system, files, options, &vars, &mut diagnostics);
    let package = read.map(|Project { root, config, profile_told, .. }| {
        diagnostics.drain(profile_told);
        Package { config, root, is_root: true, is_builtin: false, depends_on: Vec::new() }
    });
    Checked::new(package, diagnostics)
}

/// Reads the project file and the project's own files, for commands that look at text alone
/// (`format`): the files, and the kind of warehouse where a profile tells. What is wrong with
/// the profile is not told.
pub fn load_texts(
    system: &dyn System,
    files: &Files,
    options: &LoadOptions,
) -> Checked<Option<(ProjectFiles, Option<String>)>> {
    let mut diagnostics = Vec::new();
    let read = project(system, files, options, &Vars::default(), &mut diagnostics);
    let Some(Project { root, config, profile_told, target, .. }) = read else {
        return Checked::new(None, diagnostics);
    };
    diagnostics.drain(profile_told);
    let not_sources = [root.join(&config.target_path), root.join(&config.log_path)];
    let package = Package { config, root, is_root: true, is_builtin: false, depends_on: Vec::new() };
    // Seeds are not text to it: none is small enough to be read.
    let found = ProjectFiles::discover(system, files, vec![package], &not_sources, 0, None);
    Checked::new(Some((found.drain_into(&mut diagnostics), target.map(|target| target.kind))), diagnostics)
}

/// The root project, before its packages.
pub(super) struct Project {
    pub root: PathBuf,
    pub config: ProjectConfig,
    pub renderer: YamlRenderer,
    target: Option<Target>,
    /// Which diagnostics are about the profile.
    pub profile_told: Range<usize>,
}

pub(super) fn project(
    system: &dyn System,
    files: &Files,
    options: &LoadOptions,
    vars: &Vars,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Project> {
    let located = match locate(system, options.project_dir.as_deref()) {
        Ok(located) => located,
        Err(error) => {
            diagnostics.push(error);
            return None;
        }
    };
    let root = located.root;
    let folder = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut renderer = YamlRenderer::new(system, vars);
    let file_vars = vars_file(system, files, &root, &root, &renderer, diagnostics);
    if let Some(file_vars) = &file_vars {
        renderer = renderer.with_file_vars(file_vars);
    }
    let read = match &located.file {
        Some(path) => Some(read_yaml(system, files, path, &shown_path(&root, path), diagnostics)?),
        None => None,
    };
    // The profile is needed before the rest can be rendered, which may use `target`.
    let yaml = read.as_ref().and_then(|(_, yaml)| yaml.as_ref());
    let name = early_text(yaml, "name", &renderer).map(|name| name.value);
    let name = name.unwrap_or_else(|| identifier(&folder));
    let target_path = early_text(yaml, "target-path", &renderer).map(|path| path.value);
    let wanted = profile::Wanted {
        options,
        root: &root,
        project: &name,
        profile: early_text(yaml, "profile", &renderer),
        target_path: target_path.as_deref().unwrap_or("target"),
    };
    let before = diagnostics.len();
    let target = profile::find(system, files, &wanted, &renderer, diagnostics);
    let profile_told = before..diagnostics.len();
    if let Some(target) = &target {
        renderer = renderer.with_target(target);
    }
    diagnostics.extend(project_config::deprecated_paths(yaml));
    let mut config = match &read {
        Some((file, yaml)) => project_config::read(yaml.as_ref(), file, &folder, &renderer, diagnostics),
        None => bare_config(system, files, &root, &name),
    };
    if let Some(file_vars) = file_vars {
        if !config.vars.is_empty() {
            let place = yaml.and_then(|yaml| yaml.as_mapping()?.entry("vars")).map(|(key, _)| key.span);
            diagnostics.push(
                Diagnostic::new(
                    Code::InvalidProject,
                    "variables are in both `vars.yml` and the project file",
                )
                .said("Variables cannot be defined in both vars.yml and dbt_project.yml.")
                .also(place, "and here")
                .help("move them into `vars.yml`, which is read first"),
            );
        }
        config.vars = file_vars;
    }
    Some(Project { root, config, renderer, target, profile_told })
}

/// `selectors.yml` at the root of the project; `None` when there is none, it is empty, or it is
/// no YAML, which is told.
fn read_selectors(
    system: &dyn System,
    files: &Files,
    root: &Path,
    renderer: &YamlRenderer,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Yaml> {
    let path = root.join("selectors.yml");
    if !system.exists(&path) {
        return None;
    }
    let (_, yaml) = read_yaml(system, files, &path, "selectors.yml", diagnostics)?;
    Some(renderer.render(&yaml?, false, |_| false, diagnostics))
}

/// The variables of a package's file `vars.yml`, where it has one. They are read before the
/// project file, which may use them; their values may use `env_var()` and the variables of the
/// command line. See <https://docs.getdbt.com/docs/build/project-variables>.
pub(super) fn vars_file(
    system: &dyn System,
    files: &Files,
    root: &Path,
    folder: &Path,
    renderer: &YamlRenderer,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Map<String, serde_json::Value>> {
    let path = folder.join("vars.yml");
    if !system.exists(&path) {
        return None;
    }
    let shown = shown_path(root, &path);
    let (_, yaml) = read_yaml(system, files, &path, &shown, diagnostics)?;
    let rendered = renderer.render(&yaml?, false, |_| false, diagnostics);
    let mut reader = Reader::new(&rendered, format!("`{shown}`"), Code::InvalidProject, diagnostics)?;
    let vars = reader.get("vars");
    diagnostics.extend(reader.finish());
    vars
}

/// The configuration of a folder without a project file: models and seeds are wherever
/// they are, unless there are the usual folders for them.
fn bare_config(system: &dyn System, files: &Files, root: &Path, name: &str) -> ProjectConfig {
    let file = files.add("project.yml", "");
    let mut config = ProjectConfig::new(Spanned::new(name.to_owned(), Span::start_of(file.id())));
    for paths in [&mut config.model_paths, &mut config.seed_paths] {
        if !paths.iter().any(|path| system.is_dir(&root.join(path))) {
            *paths = vec![".".to_owned()];
        }
    }
    config.docs_paths = config.resource_paths();
    config
}

#[cfg(test)]
#[path = "tests/mod.rs"]
mod tests;
