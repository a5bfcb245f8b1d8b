use std::path::PathBuf;
use std::sync::Arc;

use crate::system::System;

/// Files whose change is noticed, by how they stand on disk: looked at again and again, which works
/// in containers and on network drives, where the system tells of no changes.
pub struct Watched {
    system: Arc<dyn System>,
    places: Places,
    last: Option<Vec<Stamp>>,
}

/// What is looked at.
#[derive(Clone, Debug, Default)]
pub struct Places {
    pub folders: Vec<PathBuf>,
    /// Single files, and folders that are only to be there.
    pub files: Vec<PathBuf>,
    /// Folders inside of `folders` that do not count: what commands write.
    pub without: Vec<PathBuf>,
}

type Stamp = (PathBuf, u64, i64);

impl Watched {
    /// Nothing was looked at yet: whoever asks hears that it changed, and reads it then, so that
    /// nothing is missed that happens between reading and watching.
    #[must_use]
    pub fn new(system: Arc<dyn System>, places: Places) -> Self {
        Self { system, places, last: None }
    }

    /// Looks elsewhere from now on, too: what stands there counts as changed.
    pub fn look_at(&mut self, places: Places) {
        self.places = places;
    }

    /// Whether anything changed since it was last asked.
    pub fn has_changed(&mut self) -> bool {
        let now = Some(self.stamps());
        let has_changed = now != self.last;
        self.last = now;
        has_changed
    }

    fn stamps(&self) -> Vec<Stamp> {
        let mut stamps = Vec::new();
        for folder in &self.places.folders {
            // A folder that cannot be read now may be next time.
            for file in self.system.walk(folder).unwrap_or_default() {
                let is_left_out =
                    |without: &PathBuf| file.path.starts_with(without) && !folder.starts_with(without);
                if !self.places.without.iter().any(is_left_out) {
                    stamps.push(self.stamp(file.path));
                }
            }
        }
        stamps.extend(self.places.files.iter().map(|path| self.stamp(path.clone())));
        stamps.sort_unstable();
        stamps.dedup();
        stamps
    }

    fn stamp(&self, path: PathBuf) -> Stamp {
        let (size, modified) = self.system.stamp(&path).map_or((u64::MAX, 0), |(size, modified)| {
            (size, modified.timestamp_nanos_opt().unwrap_or(i64::MAX))
        });
        (path, size, modified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::OsSystem;

    #[test]
    fn new_changed_and_removed_files_are_noticed() -> std::io::Result<()> {
        let folder = OsSystem.scratch()?;
        let at = |name: &str| folder.path().join(name);
        OsSystem.write(&at("models/주문.sql"), b"select 1")?;
        let places = Places {
            folders: vec![at("models"), at("none")],
            files: vec![at("project.yml")],
            without: vec![at("models/target")],
        };
        let mut watched = Watched::new(Arc::new(OsSystem), places.clone());
        assert!(watched.has_changed() && !watched.has_changed());
        OsSystem.write(&at("models/주문.sql"), b"select 23")?;
        assert!(watched.has_changed() && !watched.has_changed());
        OsSystem.write(&at("models/new.sql"), b"")?;
        assert!(watched.has_changed());
        OsSystem.write(&at("models/target/index.html"), b"")?;
        assert!(!watched.has_changed());
        OsSystem.write(&at("project.yml"), b"")?;
        assert!(watched.has_changed());
        OsSystem.remove(&at("models/new.sql"))?;
        assert!(watched.has_changed() && !watched.has_changed());
        watched.look_at(places.clone());
        assert!(!watched.has_changed());
        OsSystem.write(&at("more/주문.sql"), b"select 1")?;
        assert!(!watched.has_changed());
        watched.look_at(Places { folders: vec![at("models"), at("more")], ..places });
        assert!(watched.has_changed() && !watched.has_changed());
        Ok(())
    }
}
