use std::path::PathBuf;

use serde_json::{Map, Value};

use super::{Source, Wanted};

/// A package of which one version was chosen.
#[derive(Clone, Debug)]
pub struct Pinned {
    pub wanted: Wanted,
    /// The name in its project file, under which it is installed.
    pub name: String,
    /// Of the hub the version, of a repository the commit.
    pub version: Option<String>,
    /// Where it was fetched to; the folder itself of a local one.
    pub folder: PathBuf,
    /// Of the hub: the newest version there is.
    pub latest: Option<String>,
}

impl Pinned {
    /// Its entry in the lock file.
    #[must_use]
    pub fn locked(&self) -> Map<String, Value> {
        let mut keys = self.wanted.locked.clone();
        keys.insert("name".to_owned(), self.name.as_str().into());
        if let Some(version) = &self.version {
            let key = if matches!(self.wanted.source, Source::Hub { .. }) { "version" } else { "revision" };
            keys.insert(key.to_owned(), version.as_str().into());
        }
        keys
    }

    /// As the line `Installed from …` has it.
    #[must_use]
    pub fn shown_version(&self) -> String {
        match (&self.wanted.source, &self.version) {
            (Source::Local { path }, _) => format!("<local @ {path}>"),
            (Source::Hub { .. }, Some(version)) => format!("version {version}"),
            (Source::Git { .. }, Some(commit)) => format!("revision {commit}"),
            (Source::Tarball { url }, _) => format!("tarball (url: {url})"),
            _ => self.wanted.shown(),
        }
    }
}
