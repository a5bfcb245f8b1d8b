use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::narrator::Narrator;
use super::scrubbed::Secrets;
use super::{Level, Theme};
use crate::context::LogLevel;
use crate::diagnostic::{Code, Diagnostic};
use crate::execute::{Event, Reporter};
use crate::system::System;
use crate::text::Files;

/// How much is gathered before it is written.
const BUFFER: usize = 64 * 1024;

/// Reports to `logs/dbt.log`: everything, with times and threads. Lines are gathered and
/// written in large pieces, at errors, and at the end.
pub struct LogFile {
    path: PathBuf,
    level: Level,
    secrets: Secrets,
    system: Arc<dyn System>,
    state: Mutex<State>,
}

struct State {
    narrator: Narrator,
    buffer: String,
}

impl LogFile {
    /// Begins a new section of the log at `path`; lines below `level` are left out.
    ///
    /// # Errors
    /// The file cannot be written (`cannot-write-file`).
    pub fn open(
        path: &Path,
        level: Level,
        invocation_id: &str,
        (theme, secrets): (Theme, Secrets),
        system: Arc<dyn System>,
        files: Arc<Files>,
    ) -> Result<Self, Diagnostic> {
        let rule = "=".repeat(30);
        let gap = if system.exists(path) { "\n\n" } else { "" };
        let heading =
            format!("{gap}{rule} {} | {invocation_id} {rule}\n", system.now().format("%H:%M:%S%.6f"));
        system.append(path, heading.as_bytes()).map_err(|error| cannot_write(path, &error))?;
        let state = State { narrator: Narrator::new(files, theme), buffer: String::new() };
        Ok(Self { path: path.to_owned(), level, secrets, system, state: Mutex::new(state) })
    }

    /// Renames a log longer than `longest` bytes to `dbt.log.1`; 0 is no limit.
    ///
    /// # Errors
    /// The file cannot be written (`cannot-write-file`).
    pub fn put_aside(system: &dyn System, path: &Path, longest: u64) -> Result<(), Diagnostic> {
        put_aside(system, path, longest).map_err(|error| cannot_write(path, &error))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flush(&self, state: &mut State) {
        if !state.buffer.is_empty() {
            // The log is for later; a full disk must not stop the run that it tells of.
            let _ = self.system.append(&self.path, self.secrets.masked(&state.buffer).as_bytes());
            state.buffer.clear();
        }
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::new(Code::CannotWriteFile, format!("cannot write the log `{}`: {error}", path.display()))
        .help("choose another folder with `--log-path`, or switch it off with `--log-level-file none`")
}

fn put_aside(system: &dyn System, path: &Path, longest: u64) -> std::io::Result<()> {
    if longest == 0 {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let entries = if system.exists(path) { system.walk(folder)? } else { Vec::new() };
    if !entries.iter().any(|entry| entry.path == path && entry.size > longest) {
        return Ok(());
    }
    let mut aside = path.as_os_str().to_owned();
    aside.push(".1");
    system.rename(path, Path::new(&aside))
}

impl Reporter for LogFile {
    fn report(&self, event: Event) {
        if matches!(event, Event::Sent { .. } | Event::Log { level: LogLevel::Debug, .. })
            && self.level > Level::Debug
        {
            return;
        }
        let now = self.system.now();
        let time = now.format("%H:%M:%S%.6f").to_string();
        let mut state = self.state();
        let lines = state.narrator.tell(&event, now);
        let mut is_urgent = matches!(event, Event::RunFinished { .. } | Event::CommandFinished { .. });
        for line in lines.iter().filter(|line| line.level >= self.level) {
            is_urgent |= line.level >= Level::Error;
            let text = line.text.trim_end();
            let gap = if text.is_empty() { "" } else { " " };
            // A text in memory takes all that is written to it.
            _ = writeln!(state.buffer, "{time} [{:<5}] [{}]:{gap}{text}", line.level.name(), line.thread);
        }
        if is_urgent || state.buffer.len() > BUFFER {
            self.flush(&mut state);
        }
    }
}

impl Drop for LogFile {
    fn drop(&mut self) {
        let mut state = self.state();
        self.flush(&mut state);
    }
}
