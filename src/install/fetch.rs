use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::http::{Failure, Http};
use super::{Source, Wanted, archive, git};
use crate::diagnostic::{Code, Diagnostic};
use crate::system::System;

/// No archive is larger, in bytes, before it is unpacked.
const LARGEST_ARCHIVE: u64 = 256 * 1024 * 1024;

/// Fetches packages into a folder of its own, which is gone with it.
#[derive(Debug)]
pub struct Fetcher<'a> {
    pub(super) system: &'a dyn System,
    pub(super) http: Http,
    /// The root project's folder.
    pub(super) root: &'a Path,
    folder: PathBuf,
    count: AtomicUsize,
}

impl<'a> Fetcher<'a> {
    /// Fetches below the folder of a project, beside where packages are installed, so that they
    /// need only be renamed; `id` names this run.
    #[must_use]
    pub fn new(system: &'a dyn System, root: &'a Path, id: &str) -> Self {
        let folder = root.join(format!(".xform-packages-{id}"));
        Self { system, http: Http::new(), root, folder, count: AtomicUsize::new(0) }
    }

    /// A folder that nothing is in yet.
    pub(super) fn new_folder(&self) -> PathBuf {
        self.folder.join(self.count.fetch_add(1, Ordering::Relaxed).to_string())
    }

    /// The folder of a repository's commit, with the commit.
    pub(super) fn git(&self, wanted: &Wanted) -> Result<(PathBuf, String), Diagnostic> {
        let Source::Git { url, revision, subdirectory, .. } = &wanted.source else {
            return Err(Diagnostic::new(Code::InternalError, "no repository"));
        };
        let folder = self.new_folder();
        let url = self.with_token(url);
        let commit = git::fetch(
            self.system,
            &url,
            revision.as_deref(),
            subdirectory.as_deref(),
            &folder,
            wanted.span,
        )?;
        let Some(below) = subdirectory else { return Ok((folder, commit)) };
        let stays = Path::new(below)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !stays || !self.system.is_dir(&folder.join(below)) {
            return Err(Diagnostic::new(
                Code::PackageUnavailable,
                format!("the repository `{url}` has no folder `{below}`"),
            )
            .label(wanted.span, "asked for here")
            .help("`subdirectory` is relative to the top of the repository"));
        }
        Ok((folder.join(below), commit))
    }

    /// A repository of a provider by its token instead of by ssh, where the environment has one.
    fn with_token(&self, url: &str) -> String {
        let providers = [
            ("git@github.com:", "https://x-access-token:TOKEN@github.com/", "DBT_ENV_SECRET_GITHUB_TOKEN"),
            ("git@gitlab.com:", "https://oauth2:TOKEN@gitlab.com/", "DBT_ENV_SECRET_GITLAB_TOKEN"),
        ];
        for (ssh, https, variable) in providers {
            if let (Some(path), Some(token)) = (url.strip_prefix(ssh), self.system.env(variable)) {
                return format!("{}{path}", https.replace("TOKEN", token.trim()));
            }
        }
        url.to_owned()
    }

    /// The folder of an archive.
    pub(super) fn tarball(&self, wanted: &Wanted, url: &str) -> Result<PathBuf, Diagnostic> {
        let unavailable = |why: String| {
            Diagnostic::new(Code::PackageUnavailable, format!("the archive `{url}` cannot be fetched: {why}"))
                .label(wanted.span, "asked for here")
                .help("check the address")
        };
        let bytes = match url.strip_prefix("file://") {
            Some(path) => {
                self.system.read(Path::new(path)).map_err(|error| unavailable(error.to_string()))?
            }
            None => self.http.get(url, LARGEST_ARCHIVE).map_err(|failure| {
                unavailable(match failure {
                    Failure::NotFound => "it is not there".to_owned(),
                    Failure::Other(why) => why,
                })
            })?,
        };
        archive::unpack(self.system, &bytes, &self.new_folder(), url)
            .map_err(|told| told.also(wanted.span, "asked for here"))
    }

    /// The folder of a local package, relative to the project that asks, else to the root.
    pub(super) fn local(&self, wanted: &Wanted, path: &str, owner: &Path) -> Result<PathBuf, Diagnostic> {
        let folders = [owner.join(path), self.root.join(path)];
        let found = folders.iter().find(|folder| self.system.is_dir(folder));
        let found = found.and_then(|folder| self.system.canonicalize(folder).ok());
        found.ok_or_else(|| {
            Diagnostic::new(Code::PackageUnavailable, format!("there is no folder `{path}`"))
                .label(wanted.span, "asked for here")
                .help("the path is relative to the folder of this file")
        })
    }
}

impl Drop for Fetcher<'_> {
    fn drop(&mut self) {
        // What stays behind is hidden, and does no harm.
        let _ = self.system.remove(&self.folder);
    }
}
