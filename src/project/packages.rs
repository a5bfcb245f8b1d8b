//! Finds the packages a project asks for: see <https://docs.getdbt.com/docs/build/packages>.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::load::vars_file;
use super::locate::{PROJECT_FILES, project_file};
use super::package::{Package, ProjectConfig};
use super::project_config;
use super::read_text::{absolute, read_yaml, shown_path};
use super::yaml_context::YamlRenderer;
use crate::builtin;
use crate::diagnostic::{Code, Diagnostic};
use crate::sql::Dialect;
use crate::system::System;
use crate::text::{Files, Span, Spanned};
use crate::yaml::{Reader, Yaml};

/// What an entry of packages.yml names.
enum Entry {
    /// A folder, relative to the package that asks.
    Local(Spanned<String>),
    /// A package that must be installed: its likely name, and whether it is just a guess.
    Installed { name: String, is_guess: bool, asked: Spanned<String> },
}

/// Kinds of entries with the keys they may have.
const ENTRY_KINDS: [(&str, &[&str]); 5] = [
    ("local", &["name"]),
    ("package", &["version", "install-prerelease", "install_prerelease", "name"]),
    ("git", &["revision", "subdirectory", "warn-unpinned", "warn_unpinned", "name"]),
    ("tarball", &["name"]),
    ("private", &["provider", "revision", "subdirectory", "warn-unpinned", "warn_unpinned", "name"]),
];

/// Loads the packages below a root project, each once, after those it depends on.
pub(super) struct PackageLoader<'a> {
    system: &'a dyn System,
    files: &'a Files,
    /// Of the root project, for paths that are shown.
    root: &'a Path,
    /// Names the project file as `target` and `var` allow.
    renderer: &'a YamlRenderer,
    /// Folders of installed packages by their name there.
    installed: BTreeMap<String, PathBuf>,
    is_version_checked: bool,
    packages: Vec<Package>,
    /// Names by folder; the package may still be loading.
    names: BTreeMap<PathBuf, String>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// The packages of a root project, dependencies first, the root last.
pub(super) fn load(
    system: &dyn System,
    files: &Files,
    root: Package,
    renderer: &YamlRenderer,
    is_version_checked: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Package> {
    let mut root = root;
    let folder = root.root.clone();
    let installed = installed(system, &folder.join(&root.config.packages_install_path));
    let mut loader = PackageLoader {
        system,
        files,
        root: &folder,
        renderer,
        installed,
        is_version_checked,
        packages: Vec::new(),
        names: BTreeMap::from([(folder.clone(), root.config.name.value.clone())]),
        diagnostics,
    };
    root.depends_on = loader.dependencies(&folder);
    // dbt loads whatever is installed, asked for or not.
    for (name, folder) in loader.installed.clone() {
        let is_local_copy = loader.packages.iter().any(|package| package.name() == name);
        if !is_local_copy {
            loader.package(&folder, None);
        }
    }
    let mut packages = loader.packages;
    check_names(&packages, &root, diagnostics);
    packages.push(root);
    packages
}

/// The library: `dbt` and what belongs to the warehouse.
pub(super) fn builtin_packages(files: &Files, warehouse: &str) -> Vec<Package> {
    let prefixes = Dialect::find(warehouse).map_or(&["default"][..], Dialect::macro_prefixes);
    // The nearest comes last.
    let names = prefixes.iter().rev().map(|prefix| match *prefix {
        "default" => "dbt".to_owned(),
        prefix => format!("dbt_{prefix}"),
    });
    let names = names.filter(|name| builtin::FILES.iter().any(|file| file.package == name));
    let packages = names.map(|name| {
        let file = files.add(format!("<{name}>"), "");
        Package {
            config: ProjectConfig::new(Spanned::new(name.clone(), Span::start_of(file.id()))),
            root: PathBuf::from(format!("<{name}>")),
            is_root: false,
            is_builtin: true,
            depends_on: Vec::new(),
        }
    });
    packages.collect()
}

/// The folders below the install path that hold a project.
fn installed(system: &dyn System, folder: &Path) -> BTreeMap<String, PathBuf> {
    let entries = system.walk(folder).unwrap_or_default().into_iter();
    let projects = entries.filter_map(|entry| {
        let below = entry.path.strip_prefix(folder).ok()?;
        let mut parts = below.components();
        let (name, file) = (parts.next()?, parts.next()?);
        let is_project_file = PROJECT_FILES.iter().any(|known| file.as_os_str() == *known);
        (is_project_file && parts.next().is_none())
            .then(|| (name.as_os_str().to_string_lossy().into_owned(), folder.join(name)))
    });
    projects.collect()
}

fn check_names(packages: &[Package], root: &Package, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, &Package> = BTreeMap::new();
    for package in packages.iter().chain([root]) {
        let name = package.name();
        let clash = |other: &str| {
            Diagnostic::new(Code::InvalidProject, format!("two packages are called `{name}`"))
                .label(package.config.name.span, format!("the name of {other} too"))
                .help("give one of them another `name:` in its project file")
        };
        if builtin::FILES.iter().any(|file| file.package == name) {
            diagnostics.push(clash("a package of xform"));
        } else if let Some(first) = seen.insert(name, package) {
            diagnostics.push(clash("another package").also(first.config.name.span, "this one"));
        }
    }
}

impl PackageLoader<'_> {
    /// Loads what a package asks for; the names.
    fn dependencies(&mut self, folder: &Path) -> Vec<(String, Span)> {
        let mut names = Vec::new();
        for entry in self.entries(folder) {
            let found = match &entry {
                Entry::Local(path) => self.local(folder, path),
                Entry::Installed { name, is_guess, asked } => self.installed(name, *is_guess, asked),
            };
            let (Entry::Local(asked) | Entry::Installed { asked, .. }) = &entry;
            names.extend(found.map(|name| (name, asked.span)));
        }
        names
    }

    fn local(&mut self, folder: &Path, path: &Spanned<String>) -> Option<String> {
        let target = absolute(self.system, &folder.join(&path.value));
        if project_file(self.system, &target).is_none() {
            self.diagnostics.push(
                Diagnostic::new(Code::MissingPackage, format!("there is no project in `{}`", path.value))
                    .label(path.span, "no `project.yml` or `dbt_project.yml` in this folder")
                    .help("the path is relative to the folder of this file"),
            );
            return None;
        }
        self.package(&target, Some(path.span))
    }

    fn installed(&mut self, name: &str, is_guess: bool, asked: &Spanned<String>) -> Option<String> {
        let plain = |name: &str| name.to_lowercase().replace('-', "_");
        let mut found = self
            .installed
            .iter()
            .find(|(folder, _)| plain(folder) == plain(name))
            .map(|(_, folder)| folder.clone());
        if found.is_none() && is_guess {
            // A repository's name tells little: take one that nobody else asks for.
            let mut free = self
                .installed
                .values()
                .filter(|folder| !self.names.contains_key(&absolute(self.system, folder)));
            found = free.next().cloned();
        }
        let Some(folder) = found else {
            self.diagnostics.push(
                Diagnostic::new(
                    Code::MissingPackage,
                    format!("the package `{}` is not installed", asked.value),
                )
                .label(asked.span, "asked for here")
                .said(format!(
                    "The package `{}` is not installed. Run \"dbt deps\" to install package dependencies.",
                    asked.value
                ))
                .help(format!("run `xform deps`, which installs it in `dbt_packages/{name}`")),
            );
            return None;
        };
        self.package(&folder, Some(asked.span))
    }

    /// Loads the package in a folder, unless it is there already; its name.
    fn package(&mut self, folder: &Path, asked: Option<Span>) -> Option<String> {
        let folder = absolute(self.system, folder);
        if let Some(name) = self.names.get(&folder) {
            return Some(name.clone());
        }
        let path = project_file(self.system, &folder)?;
        let shown = shown_path(self.root, &path);
        let (file, yaml) = read_yaml(self.system, self.files, &path, &shown, self.diagnostics)?;
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut config = project_config::read(yaml.as_ref(), &file, &name, self.renderer, self.diagnostics);
        let vars = vars_file(self.system, self.files, self.root, &folder, self.renderer, self.diagnostics);
        config.vars.extend(vars.unwrap_or_default());
        if self.is_version_checked {
            let complaint = project_config::check_version(&config);
            self.diagnostics.extend(complaint.map(|told| told.also(asked, "the package is asked for here")));
        }
        let name = config.name.value.clone();
        self.names.insert(folder.clone(), name.clone());
        let depends_on = self.dependencies(&folder);
        self.packages.push(Package { config, root: folder, is_root: false, is_builtin: false, depends_on });
        Some(name)
    }

    /// The entries of packages.yml, else of dependencies.yml.
    fn entries(&mut self, folder: &Path) -> Vec<Entry> {
        let written = written(self.system, self.files, self.root, folder, self.renderer, self.diagnostics);
        written.iter().filter_map(|entry| read_entry(&entry.value, self.diagnostics)).collect()
    }
}

/// An entry of `packages:`.
#[derive(Clone, Debug)]
pub struct PackageEntry {
    /// Rendered.
    pub value: Yaml,
    pub written: Yaml,
}

/// The entries of a folder's packages.yml, else of its dependencies.yml. Paths are shown
/// relative to `root`.
pub(super) fn written(
    system: &dyn System,
    files: &Files,
    root: &Path,
    folder: &Path,
    renderer: &YamlRenderer,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<PackageEntry> {
    let mut entries = Vec::new();
    let mut first: Option<Span> = None;
    for (name, is_rendered) in [("packages.yml", true), ("dependencies.yml", false)] {
        let path = folder.join(name);
        if !system.exists(&path) {
            continue;
        }
        let shown = shown_path(root, &path);
        let Some((_, Some(plain))) = read_yaml(system, files, &path, &shown, diagnostics) else { continue };
        let yaml =
            if is_rendered { renderer.render(&plain, true, |_| false, diagnostics) } else { plain.clone() };
        let Some(mut reader) = Reader::new(&yaml, format!("`{shown}`"), Code::InvalidProject, diagnostics)
        else {
            continue;
        };
        let packages = reader.list::<Yaml>("packages");
        if let Some(projects) =
            reader.value("projects").filter(|projects| projects.as_sequence() != Some(&[]))
        {
            reader.complain(
                Diagnostic::warning(Code::NotSupported, "references to other projects are not supported")
                    .label(projects.place(), "models of these projects cannot be found")
                    .help("name the project's folder under `packages:` as `local:`"),
            );
        }
        let place = reader.value("packages").map(Yaml::place);
        diagnostics.extend(reader.finish());
        let Some(packages) = packages else { continue };
        if let (Some(first), Some(second)) = (first, place) {
            diagnostics.push(
                Diagnostic::new(Code::InvalidProject, "packages are listed in two files")
                    .label(second, "these are not read")
                    .also(first, "the others are here")
                    .help("list all packages in packages.yml"),
            );
            continue;
        }
        first = place;
        let plain = plain.as_mapping().and_then(|plain| plain.get("packages")?.as_sequence());
        let plain = plain.unwrap_or_default();
        // An item that could not be rendered is missing in one of the two.
        let pairs = packages.into_iter().enumerate();
        entries = pairs
            .map(|(index, value)| {
                let at_same_place = plain.iter().find(|written| written.span == value.span);
                let written = at_same_place.or_else(|| plain.get(index)).unwrap_or(&value).clone();
                PackageEntry { value, written }
            })
            .collect();
    }
    entries
}

/// Reads an entry of `packages:`.
fn read_entry(yaml: &Yaml, diagnostics: &mut Vec<Diagnostic>) -> Option<Entry> {
    let mut reader = Reader::new(yaml, "an entry of `packages`", Code::InvalidProject, diagnostics)?;
    let Some((kind, keys)) = ENTRY_KINDS.iter().find(|(kind, _)| reader.value(kind).is_some()) else {
        diagnostics.push(
            Diagnostic::new(Code::InvalidProject, "an entry of `packages` names no package")
                .label(yaml.place(), "")
                .help(
                    "write `local:` with a folder, or `package:` with `version:`, or `git:` with `revision:`",
                ),
        );
        return None;
    };
    let asked = reader.get::<Spanned<String>>(kind);
    let folder = reader.value("subdirectory").and_then(Yaml::as_text).map(str::to_owned);
    let named = reader.value("name").and_then(Yaml::as_text).map(str::to_owned);
    reader.allow(keys);
    diagnostics.extend(reader.finish());
    let asked = asked?;
    if *kind == "local" {
        return Some(Entry::Local(asked));
    }
    let path = folder.unwrap_or_else(|| asked.value.clone());
    let last = path.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    let last = last.trim_end_matches(".git").trim_end_matches(".gz").trim_end_matches(".tar");
    let name = named.unwrap_or_else(|| last.to_owned());
    Some(Entry::Installed { name, is_guess: *kind != "package", asked })
}
