use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeZone, Utc};

use super::{Entry, FileStamp, System, Variables};

/// A machine made of memory: files, environment and a clock that stands still.
#[derive(Clone, Debug)]
pub struct MemorySystem {
    /// One disk for all clones.
    files: Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>,
    stamps: BTreeMap<PathBuf, FileStamp>,
    env: BTreeMap<String, String>,
    current_dir: PathBuf,
    now: DateTime<Utc>,
}

impl Default for MemorySystem {
    fn default() -> Self {
        Self {
            files: Arc::default(),
            stamps: BTreeMap::new(),
            env: BTreeMap::new(),
            current_dir: PathBuf::from("/project"),
            now: Utc.timestamp_opt(1_767_225_600, 0).single().unwrap_or_default(),
        }
    }
}

impl MemorySystem {
    /// No files, no environment; the working folder is `/project`, the time the first
    /// moment of 2026.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more file; a relative path is below the working folder.
    #[must_use]
    pub fn file(self, path: impl AsRef<Path>, text: impl Into<Vec<u8>>) -> Self {
        self.files().insert(self.absolute(path.as_ref()), text.into());
        self
    }

    /// With a file that has this stamp, whatever is written into it.
    #[must_use]
    pub fn stamped(mut self, path: impl AsRef<Path>, stamp: FileStamp) -> Self {
        self.stamps.insert(self.absolute(path.as_ref()), stamp);
        self
    }

    /// With one more environment variable.
    #[must_use]
    pub fn env_var(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Vec<u8>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        let mut absolute = PathBuf::new();
        for part in self.current_dir.join(path).components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => {
                    absolute.pop();
                }
                part => absolute.push(part),
            }
        }
        absolute
    }
}

impl System for MemorySystem {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "no such file");
        self.files().get(&self.absolute(path)).cloned().ok_or_else(missing)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.files().insert(self.absolute(path), bytes.to_vec());
        Ok(())
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.files().entry(self.absolute(path)).or_default().extend_from_slice(bytes);
        Ok(())
    }

    fn create_dir_all(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let path = self.absolute(path);
        self.files().retain(|file, _| !file.starts_with(&path));
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let bytes = self.read(from)?;
        self.write(to, &bytes)?;
        self.remove(from)
    }

    fn exists(&self, path: &Path) -> bool {
        let path = self.absolute(path);
        self.files().keys().any(|file| file.starts_with(&path))
    }

    fn is_dir(&self, path: &Path) -> bool {
        let path = self.absolute(path);
        self.files().keys().any(|file| file != &path && file.starts_with(&path))
    }

    fn walk(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let folder = self.absolute(folder);
        let is_hidden = |path: &Path| {
            let below = path.strip_prefix(&folder).unwrap_or(path);
            below.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
        };
        let files = self.files();
        let below = files.iter().filter(|(path, _)| path.starts_with(&folder) && !is_hidden(path));
        Ok(below
            .map(|(path, bytes)| Entry {
                path: path.clone(),
                size: bytes.len() as u64,
                stamp: self.stamps.get(path).copied(),
            })
            .collect())
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        if self.exists(path) {
            return Ok(self.absolute(path));
        }
        Err(io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }

    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name).cloned()
    }

    fn variables(&self) -> Variables {
        Variables::new(self.env.clone())
    }

    fn file_stamp(&self, path: &Path) -> Option<FileStamp> {
        self.stamps.get(&self.absolute(path)).copied()
    }

    fn shared(&self) -> Option<Arc<dyn System>> {
        Some(Arc::new(self.clone()))
    }

    fn unwatched(&self) -> &dyn System {
        self
    }

    fn current_dir(&self) -> PathBuf {
        self.current_dir.clone()
    }

    fn enter(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }

    fn home_dir(&self) -> Option<PathBuf> {
        self.env("HOME").map(PathBuf::from)
    }

    fn cores(&self) -> usize {
        4
    }

    fn now(&self) -> DateTime<Utc> {
        self.now
    }
}
