use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use walkdir::WalkDir;

use super::{Call, Entry, FileStamp, Make, Ran, Script, System, Variables, env_file};

/// The machine xform runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsSystem;

/// Variables of the file `.env`, for which those of the process count more.
static ENV_FILE: OnceLock<BTreeMap<String, String>> = OnceLock::new();

/// The variables of `.env` that the process itself has not: what a child is given besides.
#[allow(clippy::disallowed_methods, reason = "this is the door that the rule is about")]
fn of_env_file() -> impl Iterator<Item = (&'static String, &'static String)> {
    ENV_FILE.get().into_iter().flatten().filter(|(name, _)| std::env::var_os(name).is_none())
}

impl OsSystem {
    /// Takes in the variables of the file `.env` in the working folder, where there is one.
    /// See <https://docs.getdbt.com/reference/dbt-jinja-functions/env_var>.
    ///
    /// # Errors
    /// Why the file cannot be read.
    #[allow(clippy::disallowed_methods, reason = "the door itself")]
    pub fn load_env_file() -> Result<(), String> {
        let text = match std::fs::read_to_string(".env") {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err("it is not UTF-8".to_owned());
            }
            // A folder of that name, as those of Python environments, is no such file.
            Err(_) if !Path::new(".env").is_file() => return Ok(()),
            Err(error) => return Err(error.to_string()),
        };
        let variables = env_file::read(&text, |name| std::env::var(name).ok());
        // A second call in one process: the first one serves.
        let _ = ENV_FILE.set(variables);
        Ok(())
    }
}

/// Beside the target, so that the rename stays on one file system.
#[allow(clippy::disallowed_methods, reason = "part of the door")]
fn write_whole(path: &Path, make: Make<'_>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let begin = || tempfile::Builder::new().prefix(".xform-").tempfile_in(folder);
    // Mostly the folder is there.
    let mut file = match begin() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(folder)?;
            begin()?
        }
        begun => begun?,
    };
    make(file.as_file_mut())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path)?;
    Ok(())
}

/// The clock is the machine's own, whatever time tests say it is: it is that of the files.
#[allow(clippy::disallowed_methods, reason = "part of the door")]
fn stamp_of(metadata: &std::fs::Metadata) -> FileStamp {
    let nanoseconds = |time: io::Result<std::time::SystemTime>| {
        let time: DateTime<Utc> = time.ok()?.into();
        time.timestamp_nanos_opt()
    };
    let modified = nanoseconds(metadata.modified()).unwrap_or(i64::MAX);
    #[cfg(unix)]
    let (changed, inode) = {
        use std::os::unix::fs::MetadataExt;
        let changed = metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec());
        (changed, metadata.ino())
    };
    #[cfg(not(unix))]
    let (changed, inode) = (nanoseconds(metadata.created()).unwrap_or(i64::MAX), 0);
    let now = Utc::now().timestamp_nanos_opt().unwrap_or(i64::MIN);
    FileStamp::new(metadata.len(), modified, changed, inode, now)
}

#[allow(clippy::disallowed_methods, reason = "this is the door that the rule is about")]
impl System for OsSystem {
    fn scratch(&self) -> io::Result<tempfile::TempDir> {
        tempfile::Builder::new().prefix("xform-").tempdir()
    }

    fn stream(
        &self,
        script: &Script<'_>,
        is_stopped: &dyn Fn() -> bool,
        line: &mut dyn FnMut(&str),
    ) -> io::Result<()> {
        super::child::stream(script, of_env_file(), is_stopped, line)
    }

    fn read_input(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        write_whole(path, &mut |file| file.write_all(bytes))
    }

    fn write_streamed(&self, path: &Path, make: Make<'_>) -> io::Result<()> {
        write_whole(path, make)
    }

    fn update(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if std::fs::read(path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        match std::fs::write(path, bytes) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::write(path, bytes)
            }
            written => written,
        }
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(bytes)
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let removed = match std::fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(path),
            Ok(_) => std::fs::remove_file(path),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn is_dir(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn walk(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.walk_without(folder, &[])
    }

    fn walk_without(&self, folder: &Path, without: &[PathBuf]) -> io::Result<Vec<Entry>> {
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let is_hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
        let is_left_out = |path: &Path| without.iter().any(|other| path == other);
        let entries =
            WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter().filter_entry(|entry| {
                entry.depth() == 0 || !is_hidden(entry.file_name()) && !is_left_out(entry.path())
            });
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.file_type().is_file() {
                let metadata = entry.metadata()?;
                let stamp = Some(stamp_of(&metadata));
                found.push(Entry { path: entry.into_path(), size: metadata.len(), stamp });
            }
        }
        Ok(found)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::canonicalize(path)
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().or_else(|| ENV_FILE.get()?.get(name).cloned())
    }

    fn variables(&self) -> Variables {
        let of_file = of_env_file().map(|(name, value)| (name.clone(), value.clone()));
        let of_process = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Variables::new(of_file.chain(of_process))
    }

    fn stamp(&self, path: &Path) -> Option<(u64, DateTime<Utc>)> {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.len(), metadata.modified().ok()?.into()))
    }

    fn file_stamp(&self, path: &Path) -> Option<FileStamp> {
        std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|metadata| stamp_of(&metadata))
    }

    fn shared(&self) -> Option<Arc<dyn System>> {
        Some(Arc::new(*self))
    }

    fn unwatched(&self) -> &dyn System {
        self
    }

    fn current_dir(&self) -> PathBuf {
        std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
    }

    fn enter(&self, folder: &Path) -> io::Result<()> {
        std::env::set_current_dir(folder)
    }

    fn home_dir(&self) -> Option<PathBuf> {
        std::env::home_dir().filter(|home| !home.as_os_str().is_empty())
    }

    fn run(&self, call: &Call<'_>) -> io::Result<Ran> {
        let done = std::process::Command::new(call.program)
            .args(call.arguments)
            .current_dir(call.folder)
            .envs(of_env_file())
            .envs(call.variables.iter().copied())
            .stdin(std::process::Stdio::null())
            .output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Ran { is_well: done.status.success(), stdout: text(&done.stdout), stderr: text(&done.stderr) })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn link(&self, target: &Path, link: &Path) -> io::Result<()> {
        #[cfg(unix)]
        return std::os::unix::fs::symlink(target, link);
        #[cfg(windows)]
        return std::os::windows::fs::symlink_dir(target, link);
    }

    fn program(&self) -> Option<PathBuf> {
        std::env::current_exe().ok()
    }

    fn cores(&self) -> usize {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    }

    fn now(&self) -> DateTime<Utc> {
        self.env("XFORM_TEST_NOW")
            .and_then(|text| DateTime::parse_from_rfc3339(&text).ok())
            .map_or_else(Utc::now, |time| time.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_writes_only_what_is_not_there() -> io::Result<()> {
        let folder = OsSystem.scratch()?;
        let path = folder.path().join("가/나/주문.sql");
        let read = || OsSystem.read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        OsSystem.update(&path, "select 1 as 값".as_bytes())?;
        assert_eq!(read()?, "select 1 as 값");
        let stamp = OsSystem.file_stamp(&path);
        OsSystem.update(&path, "select 1 as 값".as_bytes())?;
        assert_eq!(OsSystem.file_stamp(&path), stamp);
        // Shorter than before: nothing of the old text is left.
        OsSystem.update(&path, b"select 2")?;
        assert_eq!(read()?, "select 2");
        assert_eq!(OsSystem.walk(folder.path())?.len(), 1);
        Ok(())
    }
}
