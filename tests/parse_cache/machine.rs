use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use xform::system::{Call, Entry, FileStamp, OsSystem, Ran, Script, System, Variables};

/// The disk as it is, with an environment and a clock of its own; the target folder is there
/// only for those who may see it.
#[derive(Clone, Debug)]
pub struct Machine {
    pub root: PathBuf,
    pub env: BTreeMap<String, String>,
    pub now: DateTime<Utc>,
    pub sees_target: bool,
}

impl Machine {
    fn hides(&self, path: &Path) -> bool {
        !self.sees_target && self.root.join(path).starts_with(self.root.join("target"))
    }

    fn seen(&self, path: &Path) -> io::Result<()> {
        if self.hides(path) { Err(io::Error::new(io::ErrorKind::NotFound, "hidden")) } else { Ok(()) }
    }
}

impl System for Machine {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.seen(path)?;
        OsSystem.read(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if self.hides(path) { Ok(()) } else { OsSystem.write(path, bytes) }
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if self.hides(path) { Ok(()) } else { OsSystem.append(path, bytes) }
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        if self.hides(path) { Ok(()) } else { OsSystem.create_dir_all(path) }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if self.hides(path) { Ok(()) } else { OsSystem.remove(path) }
    }

    fn exists(&self, path: &Path) -> bool {
        !self.hides(path) && OsSystem.exists(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        !self.hides(path) && OsSystem.is_dir(path)
    }

    fn stamp(&self, path: &Path) -> Option<(u64, DateTime<Utc>)> {
        self.seen(path).ok()?;
        OsSystem.stamp(path)
    }

    fn file_stamp(&self, path: &Path) -> Option<FileStamp> {
        self.seen(path).ok()?;
        OsSystem.file_stamp(path)
    }

    fn shared(&self) -> Option<Arc<dyn System>> {
        Some(Arc::new(self.clone()))
    }

    fn walk(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = OsSystem.walk(folder)?;
        entries.retain(|entry| !self.hides(&entry.path));
        Ok(entries)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.seen(path)?;
        OsSystem.canonicalize(path)
    }

    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name).cloned()
    }

    fn variables(&self) -> Variables {
        Variables::new(self.env.clone())
    }

    fn current_dir(&self) -> PathBuf {
        self.root.clone()
    }

    /// The folder of the process is that of all tests: it stays.
    fn enter(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }

    fn home_dir(&self) -> Option<PathBuf> {
        None
    }

    fn run(&self, call: &Call<'_>) -> io::Result<Ran> {
        Err(io::Error::new(io::ErrorKind::Unsupported, format!("`{}` is not for parsing", call.program)))
    }

    fn program(&self) -> Option<PathBuf> {
        OsSystem.program()
    }

    fn cores(&self) -> usize {
        OsSystem.cores()
    }

    fn stream(
        &self,
        script: &Script<'_>,
        _is_stopped: &dyn Fn() -> bool,
        _line: &mut dyn FnMut(&str),
    ) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, format!("`{}` is not for parsing", script.program)))
    }

    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn unwatched(&self) -> &dyn System {
        self
    }
}
