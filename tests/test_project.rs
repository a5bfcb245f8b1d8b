//! A project in a temporary folder: written, run with the real binary, compared.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A project on disk that is gone when the test ends.
pub struct TestProject {
    folder: TempDir,
    env: Vec<(String, String)>,
}

impl TestProject {
    /// An empty folder with a `project.yml` that names the project `shop`.
    pub fn new() -> Self {
        Self::bare().file("project.yml", "name: shop\n")
    }

    /// An empty folder.
    pub fn bare() -> Self {
        let folder = tempfile::Builder::new().prefix("xform-test-").tempdir().unwrap();
        Self { folder, env: Vec::new() }
    }

    pub fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.write(path, bytes);
        self
    }

    pub fn model(self, name: &str, sql: &str) -> Self {
        self.file(&format!("models/{name}.sql"), sql)
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file while the test goes on.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn exists(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// Waits until a file is there, as a sign that a process that runs has come so far.
    #[track_caller]
    pub fn wait_for(&self, path: &str) {
        let started = Instant::now();
        while !self.exists(path) {
            assert!(started.elapsed() < Duration::from_mins(1), "`{path}` never came");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The binary, ready to run in the project, with nothing of the outer environment
    /// that would change what it does.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xform"));
        command.args(arguments).current_dir(self.folder.path()).env("HOME", self.folder.path().join("home"));
        for (name, _) in
            std::env::vars().filter(|(name, _)| name.starts_with("DBT_") || name.starts_with("XFORM_"))
        {
            command.env_remove(name);
        }
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command line, words parted by spaces.
    pub fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments.split_whitespace())
    }

    pub fn run_with<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        let output = self.command(arguments).output().unwrap();
        Ran::new(&output, self.folder.path())
    }

    /// The rows of a query, as the binary shows them in JSON.
    pub fn query(&self, sql: &str) -> serde_json::Value {
        let arguments = ["show", "--quiet", "--limit", "-1", "--output", "json", "--inline", sql];
        let ran = self.run_with(arguments).succeeds();
        let shown: serde_json::Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
        shown["show"].clone()
    }
}

/// What a run left, with times, ids and paths replaced.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn new(output: &Output, folder: &Path) -> Self {
        let text = |bytes: &[u8]| normalized(&String::from_utf8_lossy(bytes), folder);
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Everything that was printed.
    pub fn text(&self) -> String {
        let mut text = self.stdout.clone();
        if !self.stderr.is_empty() {
            let _ = write!(text, "\n[stderr]\n{}", self.stderr);
        }
        text
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.text());
        assert!(!self.text().contains("panicked"), "{}", self.text());
        self
    }

    #[track_caller]
    pub fn succeeds(self) -> Self {
        self.exits(0)
    }

    #[track_caller]
    pub fn says(self, wanted: &str) -> Self {
        assert!(self.text().contains(wanted), "`{wanted}` is not in:\n{}", self.text());
        self
    }

    #[track_caller]
    pub fn says_nothing_of(self, unwanted: &str) -> Self {
        assert!(!self.text().contains(unwanted), "`{unwanted}` is in:\n{}", self.text());
        self
    }
}

/// Text that is the same in every run: times, durations and the folder are replaced.
pub fn normalized(text: &str, folder: &Path) -> String {
    let folder_text = folder.to_string_lossy().into_owned();
    let real = folder.canonicalize().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    let mut text = text.replace(&folder_text, "<project>");
    if !real.is_empty() {
        text = text.replace(&real, "<project>");
    }
    let patterns = [
        (r"(?m)^\d\d:\d\d:\d\d(\.\d+)?", "HH:MM:SS"),
        (r"in \d+\.\d+s", "in 0.00s"),
        (r"\(\d+\.\d+s\)", "(0.00s)"),
        (r"in \d+ hours \d+ minutes and \d+\.\d+ seconds", "in 0 hours 0 minutes and 0.00 seconds"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>"),
    ];
    for (pattern, replacement) in patterns {
        text = fancy_regex::Regex::new(pattern).unwrap().replace_all(&text, replacement).into_owned();
    }
    text
}
