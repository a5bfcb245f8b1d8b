use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::hub::Hub;
use super::lock::hash;
use super::{Fetcher, Pinned, Source, Wanted};
use crate::diagnostic::{Code, Diagnostic, WarningName};
use crate::project::PackageFiles;
use crate::text::Files;
use crate::yaml::Yaml;

/// So many packages are one too many: something asks for itself without end.
const MOST_PACKAGES: usize = 1000;

/// What was chosen for a project.
#[derive(Debug, Default)]
pub struct Resolved {
    pub pinned: Vec<Pinned>,
    /// The hash of what packages.yml says.
    pub hash: String,
    pub warnings: Vec<Diagnostic>,
}

/// A package with all that ask for it.
struct Asked {
    /// With the folder of the project that asks.
    by: Vec<(Wanted, PathBuf)>,
    pinned: Option<Pinned>,
}

/// Follows what the packages ask for, and chooses one version of each.
///
/// # Errors
/// An entry that cannot be read, a package that cannot be had, versions that do not fit together,
/// two packages of one name.
pub fn resolve(
    fetcher: &Fetcher<'_>,
    files: &Files,
    project: &PackageFiles,
) -> Result<Resolved, Vec<Diagnostic>> {
    let mut told = Vec::new();
    let root = &project.root.root;
    let entries = project.entries(fetcher.system, files, root, &mut told);
    let wanted = read_all(&entries, &mut told);
    if told.iter().any(Diagnostic::is_error) {
        return Err(told);
    }
    let hub = Hub::new(fetcher.system.env("DBT_PACKAGE_HUB_URL").filter(|url| !url.is_empty()));
    let mut resolver =
        Resolver { fetcher, files, project, hub, order: Vec::new(), asked: BTreeMap::new(), told };
    let hash = hash(&wanted);
    let mut waiting: Vec<(Wanted, PathBuf)> =
        wanted.into_iter().map(|wanted| (wanted, root.clone())).collect();
    while !waiting.is_empty() {
        let mut next = Vec::new();
        for (wanted, owner) in waiting {
            match resolver.take(wanted, &owner) {
                Ok(more) => next.extend(more),
                Err(error) => {
                    resolver.told.push(error);
                    return Err(resolver.told);
                }
            }
            if resolver.order.len() > MOST_PACKAGES {
                return Err(vec![Diagnostic::new(
                    Code::PackageConflict,
                    format!("more than {MOST_PACKAGES} packages are asked for"),
                )]);
            }
        }
        waiting = next;
    }
    resolver.finish(hash)
}

fn read_all(entries: &[crate::project::PackageEntry], told: &mut Vec<Diagnostic>) -> Vec<Wanted> {
    let mut all = Vec::new();
    for entry in entries {
        match Wanted::read(entry) {
            Ok(wanted) => all.push(wanted),
            Err(wrong) => told.extend(wrong),
        }
    }
    all
}

struct Resolver<'a> {
    fetcher: &'a Fetcher<'a>,
    files: &'a Files,
    project: &'a PackageFiles,
    hub: Hub,
    /// Keys, in the order they were met.
    order: Vec<String>,
    asked: BTreeMap<String, Asked>,
    told: Vec<Diagnostic>,
}

impl Resolver<'_> {
    /// Takes one entry in; what its package asks for in turn.
    fn take(&mut self, wanted: Wanted, owner: &Path) -> Result<Vec<(Wanted, PathBuf)>, Diagnostic> {
        let key = match &wanted.source {
            Source::Local { path } => {
                self.fetcher.local(&wanted, path, owner)?.to_string_lossy().into_owned()
            }
            _ => wanted.key(),
        };
        let before = self.asked.entry(key.clone()).or_insert_with(|| Asked { by: Vec::new(), pinned: None });
        if let Some((first, _)) = before.by.first() {
            check_same(first, &wanted)?;
        } else {
            self.order.push(key.clone());
        }
        before.by.push((wanted, owner.to_path_buf()));
        let by = before.by.clone();
        let last = before.pinned.clone();
        let (pinned, more) = self.pin(&by)?;
        let is_same = last.is_some_and(|last| last.version == pinned.version);
        if let Some(asked) = self.asked.get_mut(&key) {
            asked.pinned = Some(pinned);
        }
        Ok(if is_same { Vec::new() } else { more })
    }

    /// Chooses a version for all that ask; what it asks for.
    fn pin(&mut self, by: &[(Wanted, PathBuf)]) -> Result<(Pinned, Vec<(Wanted, PathBuf)>), Diagnostic> {
        let Some((wanted, owner)) = by.first().cloned() else {
            return Err(Diagnostic::new(Code::InternalError, "nobody asks for the package"));
        };
        let (folder, version) = match &wanted.source {
            Source::Hub { .. } => return self.pin_of_hub(by),
            Source::Local { path } => (self.fetcher.local(&wanted, path, &owner)?, None),
            Source::Git { revision, warn_unpinned, url, .. } => {
                let is_moving =
                    revision.as_deref().is_none_or(|name| matches!(name, "HEAD" | "main" | "master"));
                if is_moving && *warn_unpinned {
                    self.told.push(unpinned(&wanted, url, revision.as_deref()));
                }
                let (folder, commit) = self.fetcher.git(&wanted)?;
                (folder, Some(commit))
            }
            Source::Tarball { url } => (self.fetcher.tarball(&wanted, url)?, None),
        };
        let system = self.fetcher.system;
        let config = self.project.project(system, self.files, &folder, &mut self.told).ok_or_else(|| {
            Diagnostic::new(Code::PackageUnavailable, format!("there is no project in `{}`", wanted.shown()))
                .said(format!("No dbt_project.yml found at expected path of {}", wanted.shown()))
                .label(wanted.span, "asked for here")
                .help(
                    "a package has a `dbt_project.yml` at its top; for another folder write `subdirectory:`",
                )
        })?;
        let entries = self.project.entries(system, self.files, &folder, &mut self.told);
        let more =
            read_all(&entries, &mut self.told).into_iter().map(|wanted| (wanted, folder.clone())).collect();
        let name = config.name.value;
        let wanted = self.as_root_sees(wanted, &folder);
        Ok((Pinned { wanted, name, version, folder, latest: None }, more))
    }

    /// A folder that another package names is written into the lock as the root sees it.
    fn as_root_sees(&self, mut wanted: Wanted, folder: &Path) -> Wanted {
        let Source::Local { path } = &wanted.source else { return wanted };
        let root = &self.project.root.root;
        let system = self.fetcher.system;
        if system.canonicalize(&root.join(path)).is_ok_and(|found| found == folder) {
            return wanted;
        }
        let below = system.canonicalize(root).ok();
        let below = below.and_then(|root| folder.strip_prefix(root).ok().map(Path::to_path_buf));
        let path = below.unwrap_or_else(|| folder.to_path_buf()).to_string_lossy().into_owned();
        wanted.locked.insert("local".to_owned(), path.into());
        wanted
    }

    fn pin_of_hub(
        &mut self,
        by: &[(Wanted, PathBuf)],
    ) -> Result<(Pinned, Vec<(Wanted, PathBuf)>), Diagnostic> {
        let all: Vec<&Wanted> = by.iter().map(|(wanted, _)| wanted).collect();
        let is_checked = self.project.flags.version_check;
        let chosen = self.hub.choose(&self.fetcher.http, &all, is_checked, &mut self.told)?;
        let (wanted, owner) = by[0].clone();
        let more = chosen.packages.iter().filter_map(|entry| {
            let value = Yaml::from_json(entry, wanted.span);
            let entry = crate::project::PackageEntry { written: value.clone(), value };
            Wanted::read(&entry).ok().map(|more| (more, owner.clone()))
        });
        let more = more.collect();
        let pinned = Pinned {
            wanted: wanted.clone(),
            name: chosen.name,
            version: Some(chosen.version),
            // Downloaded when it is installed.
            folder: PathBuf::new(),
            latest: Some(chosen.latest),
        };
        Ok((pinned, more))
    }

    fn finish(mut self, hash: String) -> Result<Resolved, Vec<Diagnostic>> {
        let asked = &self.asked;
        let pinned: Vec<Pinned> =
            self.order.iter().filter_map(|key| asked.get(key)?.pinned.clone()).collect();
        let mut names: BTreeMap<&str, &Pinned> = BTreeMap::new();
        for package in &pinned {
            let is_root = package.name == self.project.root.name();
            let other = names.insert(&package.name, package);
            if is_root || other.is_some() {
                let name = &package.name;
                let mut clash = Diagnostic::new(
                    Code::PackageConflict,
                    format!("two packages are called `{name}`"),
                )
                .said(format!(
                    "Found duplicate project \"{name}\". This occurs when a dependency has the same project name \
                     as some other dependency."
                ))
                .label(package.wanted.span, "one of them");
                clash = clash.also(other.map(|other| other.wanted.span), "the other");
                self.told.push(clash.help("keep one of them, or change the `name:` in a project file"));
            }
        }
        if self.told.iter().any(Diagnostic::is_error) {
            return Err(self.told);
        }
        Ok(Resolved { pinned, hash, warnings: self.told })
    }
}

/// Repositories and archives that are asked for twice must be the same.
fn check_same(first: &Wanted, second: &Wanted) -> Result<(), Diagnostic> {
    let (Source::Git { revision: one, url, .. }, Source::Git { revision: two, .. }) =
        (&first.source, &second.source)
    else {
        return Ok(());
    };
    if one == two {
        return Ok(());
    }
    let shown = |revision: &Option<String>| revision.clone().unwrap_or_else(|| "HEAD".to_owned());
    Err(Diagnostic::new(Code::PackageConflict, format!("two revisions of `{url}` are asked for"))
        .said(format!(
            "git dependencies should contain exactly one version. {url} contains: {} and {}",
            shown(one),
            shown(two)
        ))
        .label(second.span, shown(two))
        .also(first.span, shown(one))
        .help("ask for the same `revision` in both places"))
}

fn unpinned(wanted: &Wanted, url: &str, revision: Option<&str>) -> Diagnostic {
    let what =
        revision.map_or_else(|| "no revision".to_owned(), |name| format!("the moving revision `{name}`"));
    Diagnostic::warning(Code::UnpinnedPackage, format!("the git package `{url}` has {what}"))
        .stands_for(WarningName::DepsUnpinned)
        .said(format!(
            "The git Package \"{url}\" is {}. This can introduce breaking changes into your project without warning!",
            revision.map_or_else(|| "not pinned, using HEAD (default branch)".to_owned(), |name| format!("pinned to the \"{name}\" branch"))
        ))
        .fact("git", url)
        .fact("revision", revision.unwrap_or("HEAD"))
        .label(wanted.span, "what it holds may change at any time")
        .help("write `revision:` with a tag or a commit, or `warn-unpinned: false`")
}
