use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{ContentDigest, FileStamp, Variables};

/// A file found by [`System::walk`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub path: PathBuf,
    /// In bytes.
    pub size: u64,
    /// As [`System::file_stamp`] gives it.
    pub stamp: Option<FileStamp>,
}

/// A program to run.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub program: &'a str,
    pub arguments: &'a [&'a str],
    pub folder: &'a Path,
    /// Variables besides those of the environment.
    pub variables: &'a [(&'a str, &'a str)],
}

/// What a program that ended left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    pub is_well: bool,
    pub stdout: String,
    pub stderr: String,
}

/// Writes the bytes of a file to where it is told, in pieces that are better few and large.
pub type Make<'a> = &'a mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>;

/// Everything outside of xform's memory.
pub trait System: Send + Sync + std::fmt::Debug {
    /// The bytes of a file.
    ///
    /// # Errors
    /// The file is not there or cannot be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Writes a file whole: readers see the old bytes or the new, never a part. Makes
    /// the folders above it.
    ///
    /// # Errors
    /// The folder or the file cannot be written.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// As [`write`](Self::write), for bytes that `make` gives one after another: they need not be
    /// in memory all at once. Where `make` fails, the old bytes stay.
    ///
    /// # Errors
    /// The folder or the file cannot be written, or the error of `make`.
    fn write_streamed(&self, path: &Path, make: Make<'_>) -> io::Result<()> {
        let mut bytes = Vec::new();
        make(&mut bytes)?;
        self.write(path, &bytes)
    }

    /// Brings a file that only people read to these bytes: nothing is written where they are there
    /// already, and a file in place otherwise, so that a reader of this moment, and a machine that
    /// stops at it, may see a part. Much cheaper than [`write`](Self::write) for thousands of small
    /// files. Makes the folders above it.
    ///
    /// # Errors
    /// The folder or the file cannot be written.
    fn update(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.write(path, bytes)
    }

    /// Adds bytes to the end of a file, made when missing, with the folders above it.
    ///
    /// # Errors
    /// The folder or the file cannot be written.
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// A folder cannot be made.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Removes a file or a folder with all that is in it; well if it is not there.
    ///
    /// # Errors
    /// Something in it cannot be removed.
    fn remove(&self, path: &Path) -> io::Result<()>;

    fn exists(&self, path: &Path) -> bool;

    fn is_dir(&self, path: &Path) -> bool;

    /// Size in bytes and time of the last change of a file, for those that only others read
    /// (a warehouse its data files); `None` when it is not there, and in memory.
    fn stamp(&self, path: &Path) -> Option<(u64, DateTime<Utc>)> {
        let _ = path;
        None
    }

    /// How a file stands; `None` when it is not there, and in memory, where reading costs nothing.
    fn file_stamp(&self, path: &Path) -> Option<FileStamp> {
        let _ = path;
        None
    }

    /// Says that the bytes of a file are known without reading it: it has a stamp that vouches
    /// for them. For who keeps note of what was read.
    fn vouch(&self, path: &Path, stamp: FileStamp, digest: ContentDigest) {
        let _ = (path, stamp, digest);
    }

    /// All files below a folder, in the order of their paths; symbolic links are
    /// followed, hidden folders (`.git`) are left out. Empty when there is no folder.
    ///
    /// # Errors
    /// A folder cannot be read.
    fn walk(&self, folder: &Path) -> io::Result<Vec<Entry>>;

    /// As [`walk`](Self::walk), but for what is below some other folders.
    ///
    /// # Errors
    /// A folder cannot be read.
    fn walk_without(&self, folder: &Path, without: &[PathBuf]) -> io::Result<Vec<Entry>> {
        let mut entries = self.walk(folder)?;
        entries.retain(|entry| !without.iter().any(|other| entry.path.starts_with(other)));
        Ok(entries)
    }

    /// The path without `.`, `..` and symbolic links.
    ///
    /// # Errors
    /// There is nothing at the path.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf>;

    /// An environment variable.
    fn env(&self, name: &str) -> Option<String>;

    /// All environment variables that are valid text.
    fn variables(&self) -> Variables;

    fn current_dir(&self) -> PathBuf;

    /// Makes a folder the working folder, where relative paths in SQL begin.
    ///
    /// # Errors
    /// It is not there.
    fn enter(&self, folder: &Path) -> io::Result<()>;

    fn home_dir(&self) -> Option<PathBuf>;

    /// Runs a program to its end, with nothing to read from.
    ///
    /// # Errors
    /// It cannot be started.
    fn run(&self, call: &Call<'_>) -> io::Result<Ran> {
        Err(io::Error::new(io::ErrorKind::Unsupported, format!("`{}` cannot be run here", call.program)))
    }

    /// All of standard input.
    ///
    /// # Errors
    /// It cannot be read.
    fn read_input(&self) -> io::Result<Vec<u8>> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "there is no standard input here"))
    }

    /// Moves a file, in the place of one that is there; or a folder to a place where there is none.
    ///
    /// # Errors
    /// It is not there, or the place is on another disk.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let _ = (from, to);
        Err(io::Error::new(io::ErrorKind::Unsupported, "nothing can be moved here"))
    }

    /// Makes `link` lead to the folder `target`, by a symbolic link.
    ///
    /// # Errors
    /// Links cannot be made here.
    fn link(&self, target: &Path, link: &Path) -> io::Result<()> {
        let _ = (target, link);
        Err(io::Error::new(io::ErrorKind::Unsupported, "there are no links here"))
    }

    /// The file of the program that runs.
    fn program(&self) -> Option<PathBuf> {
        None
    }

    /// How many threads can run at once, at least 1.
    fn cores(&self) -> usize;

    /// A folder that is there until the value goes.
    ///
    /// # Errors
    /// It cannot be made.
    fn scratch(&self) -> io::Result<tempfile::TempDir> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "there are no folders for a while here"))
    }

    /// Runs a program to its end, each line that it prints going to `line`. It is ended when
    /// `is_stopped` says so; its standard input closes when xform ends, however that comes.
    ///
    /// # Errors
    /// It cannot be started.
    fn stream(
        &self,
        script: &Script<'_>,
        is_stopped: &dyn Fn() -> bool,
        line: &mut dyn FnMut(&str),
    ) -> io::Result<()> {
        let _ = (is_stopped, line);
        Err(io::Error::new(io::ErrorKind::Unsupported, format!("`{}` cannot be run here", script.program)))
    }

    /// The time; `XFORM_TEST_NOW` (RFC 3339) stands in for the clock in tests.
    fn now(&self) -> DateTime<Utc>;

    /// Says that the answer of the command depends on the moment (the time, chance, a name
    /// that no other run has), so that it is not to be taken for that of another one.
    fn depends_on_moment(&self) {}

    /// The machine itself, to be kept by who reads from it later; `None` where it cannot be.
    fn shared(&self) -> Option<Arc<dyn System>> {
        None
    }

    /// The machine itself, for what makes an answer quicker and never another one: caches.
    fn unwatched(&self) -> &dyn System;
}

/// A program to run beside xform.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    pub program: &'a str,
    pub arguments: &'a [String],
    pub folder: &'a Path,
}

impl dyn System + '_ {
    /// A text file.
    ///
    /// # Errors
    /// It cannot be read, or is not UTF-8 (`InvalidData`, with the offset in the error).
    pub fn read_text(&self, path: &Path) -> io::Result<String> {
        String::from_utf8(self.read(path)?)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
    }
}
