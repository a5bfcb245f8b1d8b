use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::Package;
use super::known_files::{KnownFile, KnownFiles};
use super::locate::PROJECT_FILES;
use super::read_text::{cannot_read, shown_path, slashed, take_in, without_mark};
use crate::builtin;
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::system::{ContentDigest, Entry, FileStamp, System};
use crate::text::{Files, SourceFile};

/// Files at the top of a project that are no properties.
const NOT_PROPERTIES: [&str; 9] = [
    "vars.yml",
    "catalogs.yml",
    "project.yml",
    "dbt_project.yml",
    "packages.yml",
    "dependencies.yml",
    "package-lock.yml",
    "profiles.yml",
    "selectors.yml",
];

/// What a file is for, by the folder it is in and its ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    Macro,
    Model,
    Seed,
    Snapshot,
    /// The body of a user-defined function.
    Function,
    Analysis,
    /// A singular test.
    Test,
    /// A generic test in `tests/generic`.
    GenericTest,
    /// Rows for unit tests, in `tests/fixtures`.
    Fixture,
    /// YAML.
    Properties,
    /// Markdown with doc blocks.
    Docs,
}

/// A file of a package.
#[derive(Clone, Debug)]
pub struct ProjectFile {
    pub package: String,
    pub kind: FileKind,
    /// The folder of its kind it was found in (`models`), relative to the package; `.`
    /// where that is the package's own folder.
    pub resource_path: String,
    /// Relative to the package, `/` between folders: `models/staging/stg_orders.sql`.
    pub path: String,
    pub absolute_path: PathBuf,
    /// The text; of a seed an empty one, as seeds are read by the warehouse. Of a file that was
    /// read before and has not changed, it is fetched when somebody asks for it.
    pub source: Arc<SourceFile>,
    /// SHA-256 of the text without white space around it, in hexadecimal, as dbt has it;
    /// of a seed of more than 1 MiB its path.
    pub checksum: String,
    /// What the checksum is: `sha256`, or `path`.
    pub checksum_name: &'static str,
    /// What tells the bytes of the file from all others; `None` of a seed too large to be read.
    pub digest: Option<ContentDigest>,
}

impl ProjectFile {
    /// The path below the folder of its kind: `staging/stg_orders.sql`.
    #[must_use]
    pub fn relative_path(&self) -> &str {
        let below = self.path.strip_prefix(&self.resource_path).and_then(|path| path.strip_prefix('/'));
        below.unwrap_or(&self.path)
    }
}

/// Every file of the project and its packages, read once, in order of package and path.
#[derive(Clone, Debug, Default)]
pub struct ProjectFiles {
    /// Packages in order of loading: built in, installed, root last.
    pub packages: Vec<Package>,
    pub files: Vec<ProjectFile>,
    pub changed: Arc<Changed>,
}

/// Files that were changed after they were looked at and before they were read, as they are shown.
#[derive(Debug, Default)]
pub struct Changed(Mutex<BTreeSet<String>>);

impl Changed {
    fn note(&self, shown: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(shown.to_owned());
    }

    /// That nothing can be said of a project that is another one from file to file.
    #[must_use]
    pub fn told(&self) -> Vec<Diagnostic> {
        let changed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = |shown: &String| {
            Diagnostic::new(Code::CannotReadFile, format!("`{shown}` was changed while the project was read"))
                .help("run the command again")
        };
        changed.iter().map(told).collect()
    }
}

impl ProjectFiles {
    /// Finds and reads the files of all packages. `not_sources` are folders, absolute,
    /// that hold no sources wherever they are: `target`, `logs`. A seed of more than
    /// `largest_hashed_seed` bytes is known by its path, as in dbt. What is `known` of files is
    /// taken for true and kept.
    pub(super) fn discover(
        system: &dyn System,
        files: &Files,
        packages: Vec<Package>,
        not_sources: &[PathBuf],
        largest_hashed_seed: u64,
        known: Option<KnownFiles>,
    ) -> Checked<Self> {
        let mut diagnostics = Vec::new();
        let mut reading = Reading {
            system,
            files,
            root: PathBuf::new(),
            largest_hashed_seed,
            before: known,
            now: HashMap::new(),
            changed: Arc::default(),
        };
        let root = packages.iter().find(|package| package.is_root).map(|package| package.root.clone());
        reading.root = root.unwrap_or_default();
        let mut found = Vec::new();
        for package in &packages {
            if package.is_builtin {
                found.extend(builtin_files(files, package));
                continue;
            }
            let finder = Finder::new(system, &reading.root, package, not_sources, &mut diagnostics);
            let in_package = finder.find();
            found.extend(reading.read_all(package, in_package, &mut diagnostics));
        }
        let Reading { before, now, changed, .. } = reading;
        if let Some(before) = before {
            before.keep(system, now);
        }
        Checked::new(Self { packages, files: found, changed }, diagnostics)
    }
}

fn builtin_files(files: &Files, package: &Package) -> Vec<ProjectFile> {
    let own = builtin::FILES.iter().filter(|file| file.package == package.name());
    let own = own.map(|file| ProjectFile {
        package: package.name().to_owned(),
        kind: FileKind::Macro,
        resource_path: "macros".to_owned(),
        path: format!("macros/{}", file.path),
        absolute_path: package.root.join(file.path),
        source: files.add(format!("<{}>/macros/{}", package.name(), file.path), file.text),
        checksum: hexadecimal(&sha256(file.text.trim().as_bytes())),
        checksum_name: "sha256",
        digest: Some(ContentDigest::of(file.text.as_bytes())),
    });
    own.collect()
}

/// The text as dbt hashes it: every line ends with a line feed alone.
fn unix_lines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A file that was found and not read yet.
struct FoundFile {
    kind: FileKind,
    resource_path: String,
    path: String,
    absolute_path: PathBuf,
    size: u64,
    /// Taken before the file is read.
    stamp: Option<FileStamp>,
}

/// How files are read.
struct Reading<'a> {
    system: &'a dyn System,
    files: &'a Files,
    root: PathBuf,
    largest_hashed_seed: u64,
    /// `None` where every file is to be read.
    before: Option<KnownFiles>,
    now: HashMap<String, KnownFile>,
    changed: Arc<Changed>,
}

/// What there is of a file.
enum Content {
    /// It is as it was when it was read before.
    Known(KnownFile),
    /// A seed that nobody reads but the warehouse.
    Large,
    /// The bytes with their digest and, where they are text, dbt's checksum.
    Read(Vec<u8>, ContentDigest, Option<[u8; 32]>),
    Failed(std::io::Error),
}

impl Reading<'_> {
    /// Reads files in parallel, and takes them in in their order.
    fn read_all(
        &mut self,
        package: &Package,
        found: Vec<FoundFile>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<ProjectFile> {
        let contents: Vec<Content> = found.par_iter().map(|file| self.content(file)).collect();
        let found = found.into_iter().zip(contents);
        found.filter_map(|(file, content)| self.take_in(package, file, content, diagnostics)).collect()
    }

    fn content(&self, file: &FoundFile) -> Content {
        if file.kind == FileKind::Seed && file.size > self.largest_hashed_seed {
            // Which it may not be for ever.
            let _ = self.system.stamp(&file.absolute_path);
            return Content::Large;
        }
        let known = self.before.as_ref().and_then(|before| before.find(&file.absolute_path, file.stamp));
        if let Some(known) = known {
            self.system.vouch(&file.absolute_path, known.stamp, known.digest);
            return Content::Known(known);
        }
        match self.system.read(&file.absolute_path) {
            Ok(bytes) => {
                let checksum = std::str::from_utf8(&bytes).ok().map(|text| match file.kind {
                    FileKind::Seed => sha256(unix_lines(text).trim().as_bytes()),
                    _ => sha256(without_mark(text).trim().as_bytes()),
                });
                let digest = ContentDigest::of(&bytes);
                Content::Read(bytes, digest, checksum)
            }
            Err(error) => Content::Failed(error),
        }
    }

    /// `None` where the file cannot be used, which is told.
    fn take_in(
        &mut self,
        package: &Package,
        file: FoundFile,
        content: Content,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<ProjectFile> {
        let FoundFile { kind, resource_path, path, absolute_path, stamp, .. } = file;
        let shown = shown_path(&self.root, &absolute_path);
        let is_seed = kind == FileKind::Seed;
        let hashed = |checksum: &[u8; 32]| (hexadecimal(checksum), "sha256");
        let (source, (checksum, checksum_name), digest) = match content {
            Content::Large => (self.files.add(shown, ""), (path.clone(), "path"), None),
            Content::Known(known) => {
                let source = if is_seed {
                    self.files.add(shown, "")
                } else {
                    self.later(shown, &absolute_path, known)
                };
                self.note(&absolute_path, known);
                (source, hashed(&known.checksum), Some(known.digest))
            }
            Content::Read(bytes, digest, Some(checksum)) => {
                if let Some(stamp) = stamp.filter(FileStamp::is_settled) {
                    self.note(&absolute_path, KnownFile { stamp, digest, checksum });
                }
                let bytes = if is_seed { Vec::new() } else { bytes };
                (take_in(bytes, &shown, self.files, diagnostics), hashed(&checksum), Some(digest))
            }
            Content::Read(bytes, ..) => {
                take_in(bytes, &shown, self.files, diagnostics);
                return None;
            }
            Content::Failed(error) => {
                diagnostics.push(cannot_read(&shown, &error));
                return None;
            }
        };
        Some(ProjectFile {
            package: package.name().to_owned(),
            kind,
            resource_path,
            path,
            absolute_path,
            source,
            checksum,
            checksum_name,
            digest,
        })
    }

    fn note(&mut self, path: &Path, known: KnownFile) {
        if let Some(path) = path.to_str() {
            self.now.insert(path.to_owned(), known);
        }
    }

    /// The text of a file that is read when somebody asks for it. Should it be another one by
    /// then, that is noted.
    fn later(&self, shown: String, path: &Path, known: KnownFile) -> Arc<SourceFile> {
        let Some(system) = self.system.shared() else {
            let bytes = self.system.unwatched().read(path).unwrap_or_default();
            return take_in(bytes, &shown, self.files, &mut Vec::new());
        };
        let (changed, path, told) = (Arc::clone(&self.changed), path.to_owned(), shown.clone());
        self.files.add_fetched(shown, move || {
            let bytes = system.read(&path).unwrap_or_default();
            if ContentDigest::of(&bytes) != known.digest {
                changed.note(&told);
            }
            Arc::from(without_mark(&String::from_utf8_lossy(&bytes)))
        })
    }
}

/// Finds the files of one package.
struct Finder<'a> {
    system: &'a dyn System,
    package: &'a Package,
    not_sources: Vec<PathBuf>,
    ignored: Gitignore,
    diagnostics: &'a mut Vec<Diagnostic>,
    /// Files below each resource path, walked once.
    walked: BTreeMap<String, Vec<Entry>>,
}

impl<'a> Finder<'a> {
    fn new(
        system: &'a dyn System,
        root: &Path,
        package: &'a Package,
        not_sources: &[PathBuf],
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        let config = &package.config;
        let mut excluded = not_sources.to_vec();
        for path in [&config.target_path, &config.log_path, &config.packages_install_path] {
            excluded.push(package.root.join(path));
        }
        // A package that is itself installed below such a folder is read all the same.
        excluded.retain(|folder| !package.root.starts_with(folder));
        let ignored = ignore_rules(system, root, package, diagnostics);
        Self { system, package, not_sources: excluded, ignored, diagnostics, walked: BTreeMap::new() }
    }

    fn find(mut self) -> Vec<FoundFile> {
        let config = &self.package.config;
        let kinds = [
            (Resource::Macro, &config.macro_paths),
            (Resource::Model, &config.model_paths),
            (Resource::Seed, &config.seed_paths),
            (Resource::Snapshot, &config.snapshot_paths),
            (Resource::Analysis, &config.analysis_paths),
            (Resource::Test, &config.test_paths),
            (Resource::Docs, &config.docs_paths),
            (Resource::Function, &config.function_paths),
        ];
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for (resource, paths) in kinds {
            for path in paths {
                for file in self.below(path, resource) {
                    if seen.insert((file.path.clone(), file.kind)) {
                        found.push(file);
                    }
                }
            }
        }
        found.sort_by(|one, two| (&one.path, one.kind).cmp(&(&two.path, two.kind)));
        found
    }

    fn below(&mut self, resource_path: &str, resource: Resource) -> Vec<FoundFile> {
        let folder = self.package.root.join(resource_path);
        self.walk(resource_path, &folder);
        let entries = self.walked.get(resource_path).map_or(&[][..], Vec::as_slice);
        let mut found = Vec::new();
        for entry in entries {
            let below = slashed(entry.path.strip_prefix(&folder).unwrap_or(&entry.path));
            let name = below.rsplit('/').next().unwrap_or_default();
            let is_hidden = name.starts_with(['.', '#', '~']);
            let is_top = resource_path == "." && NOT_PROPERTIES.contains(&below.as_str());
            if is_hidden || is_top {
                continue;
            }
            let path = shown_path(&self.package.root, &entry.path);
            if let Some(kind) = resource.kind(&below) {
                found.push(FoundFile {
                    kind,
                    resource_path: resource_path.to_owned(),
                    path,
                    absolute_path: entry.path.clone(),
                    size: entry.size,
                    stamp: entry.stamp,
                });
            }
        }
        found
    }

    /// Walks a resource path once, leaving out what is no source.
    fn walk(&mut self, resource_path: &str, folder: &Path) {
        if self.walked.contains_key(resource_path) {
            return;
        }
        // What a command writes there changes nothing of what it reads.
        let without: Vec<PathBuf> =
            self.not_sources.iter().filter(|other| other.starts_with(folder)).cloned().collect();
        let mut entries = match self.system.walk_without(folder, &without) {
            Ok(entries) => entries,
            Err(error) => {
                self.diagnostics.push(cannot_read(&shown_path(&self.package.root, folder), &error));
                Vec::new()
            }
        };
        let is_project_file = |path: &Path| {
            path.file_name().is_some_and(|name| PROJECT_FILES.iter().any(|known| name == *known))
        };
        let mut excluded = self.not_sources.clone();
        let nested = entries.iter().filter(|entry| is_project_file(&entry.path));
        let nested = nested.filter_map(|entry| entry.path.parent().map(Path::to_path_buf));
        excluded.extend(nested.filter(|nested| *nested != self.package.root));
        if resource_path == "." {
            let others = self.package.config.resource_paths().into_iter();
            let others =
                others.chain(self.package.config.function_paths.clone()).filter(|other| other != ".");
            excluded.extend(others.map(|other| self.package.root.join(other)));
        }
        entries.retain(|entry| {
            let is_excluded = excluded.iter().any(|folder| entry.path.starts_with(folder));
            let is_ignored = || {
                entry.path.starts_with(&self.package.root)
                    && self.ignored.matched_path_or_any_parents(&entry.path, false).is_ignore()
            };
            !is_excluded && !is_ignored()
        });
        self.walked.insert(resource_path.to_owned(), entries);
    }
}

/// The rules of `.dbtignore`, which are those of `.gitignore`.
/// See <https://docs.getdbt.com/reference/dbtignore>.
fn ignore_rules(
    system: &dyn System,
    root: &Path,
    package: &Package,
    diagnostics: &mut Vec<Diagnostic>,
) -> Gitignore {
    let path = package.root.join(".dbtignore");
    let shown = shown_path(root, &path);
    let mut rules = GitignoreBuilder::new(&package.root);
    if system.exists(&path) {
        match system.read(&path) {
            Ok(bytes) => {
                for line in String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').lines() {
                    if let Err(error) = rules.add_line(None, line) {
                        diagnostics.push(
                            Diagnostic::warning(
                                Code::InvalidProject,
                                format!("`{shown}` has a pattern that cannot be read: {error}"),
                            )
                            .help("patterns are those of `.gitignore`"),
                        );
                    }
                }
            }
            Err(error) => diagnostics.push(cannot_read(&shown, &error)),
        }
    }
    rules.build().unwrap_or_else(|_| Gitignore::empty())
}

/// A kind of folder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Resource {
    Macro,
    Model,
    Seed,
    Snapshot,
    Analysis,
    Test,
    Docs,
    Function,
}

impl Resource {
    /// What a file is, by its path below the folder.
    fn kind(self, path: &str) -> Option<FileKind> {
        let ending = path.rsplit_once('.').map(|(_, ending)| ending)?;
        match (self, ending) {
            (Self::Docs, "md") => Some(FileKind::Docs),
            (Self::Docs, _) => None,
            (_, "yml" | "yaml") => Some(FileKind::Properties),
            (Self::Macro, "sql") => Some(FileKind::Macro),
            (Self::Model, "sql" | "py") => Some(FileKind::Model),
            (Self::Seed, "csv") => Some(FileKind::Seed),
            (Self::Snapshot, "sql") => Some(FileKind::Snapshot),
            (Self::Function, "sql" | "py") => Some(FileKind::Function),
            (Self::Analysis, "sql") => Some(FileKind::Analysis),
            (Self::Test, "sql") if path.starts_with("generic/") => Some(FileKind::GenericTest),
            (Self::Test, "sql" | "csv") if path.starts_with("fixtures/") => Some(FileKind::Fixture),
            (Self::Test, "sql") => Some(FileKind::Test),
            _ => None,
        }
    }
}
