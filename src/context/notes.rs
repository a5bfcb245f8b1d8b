use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Invocation, LogLevel, LogSink};
use crate::diagnostic::Diagnostic;
use crate::system::{Recording, RecordingSystem};

/// What templates have asked for that may be another thing in another run: noted by those who
/// answer.
#[derive(Debug, Default)]
pub struct Notes {
    macros: Mutex<BTreeSet<(String, String)>>,
    flags: Mutex<BTreeSet<String>>,
    arguments: AtomicBool,
    docs: AtomicBool,
    is_heard: AtomicBool,
}

impl Notes {
    /// A macro that does not come with xform was found by its name.
    pub(super) fn found_macro(&self, package: &str, name: &str) {
        let mut macros = self.macros.lock().unwrap_or_else(PoisonError::into_inner);
        if !macros.iter().any(|(of, known)| of == package && known == name) {
            macros.insert((package.to_owned(), name.to_owned()));
        }
    }

    /// A flag was looked at.
    pub(super) fn flag(&self, name: &str) {
        let mut flags = self.flags.lock().unwrap_or_else(PoisonError::into_inner);
        if !flags.contains(name) {
            flags.insert(name.to_owned());
        }
    }

    /// All arguments of the command were looked at.
    pub(super) fn arguments(&self) {
        self.arguments.store(true, Ordering::Relaxed);
    }

    /// Doc blocks could be looked at.
    pub fn docs(&self) {
        self.docs.store(true, Ordering::Relaxed);
    }
}

/// Watches what templates ask of an invocation.
pub struct Watch {
    system: Arc<RecordingSystem>,
    notes: Arc<Notes>,
}

/// All that was asked for beside what is the same for all templates of a project.
pub struct Asked {
    /// What the templates wanted to know of the machine.
    pub recording: Recording,
    /// Package and name of each macro that was found and does not come with xform.
    pub macros: BTreeSet<(String, String)>,
    /// The flags that were looked at, in capitals; see [`flag`](super::flag).
    pub flags: BTreeSet<String>,
    /// Whether all arguments of the command were.
    pub arguments: bool,
    /// Whether they could look at doc blocks.
    pub docs: bool,
}

impl Watch {
    /// The same invocation, for templates that are watched.
    #[must_use]
    pub fn over(invocation: &Invocation) -> (Invocation, Self) {
        let system = Arc::new(RecordingSystem::new(Arc::clone(&invocation.system)));
        let notes = Arc::new(Notes::default());
        let log = Overhears { inner: Arc::clone(&invocation.log), notes: Arc::clone(&notes) };
        let watched = Invocation {
            system: Arc::clone(&system) as Arc<_>,
            macros: invocation.macros.noted(&notes),
            log: Arc::new(log),
            notes: Some(Arc::clone(&notes)),
            ..invocation.clone()
        };
        (watched, Self { system, notes })
    }

    /// What was asked for so far. `None` when the answers are others each time, and when the
    /// templates said something, which is to be said each time.
    #[must_use]
    pub fn asked(&self) -> Option<Asked> {
        let notes = &self.notes;
        let is_so = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        if is_so(&notes.is_heard) {
            return None;
        }
        let recording = self.system.recording()?;
        Some(Asked {
            recording,
            macros: notes.macros.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            flags: notes.flags.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            arguments: is_so(&notes.arguments),
            docs: is_so(&notes.docs),
        })
    }
}

/// Passes on what templates say, and notes that they did.
struct Overhears {
    inner: Arc<dyn LogSink>,
    notes: Arc<Notes>,
}

impl LogSink for Overhears {
    fn log(&self, level: LogLevel, text: &str) {
        self.notes.is_heard.store(true, Ordering::Relaxed);
        self.inner.log(level, text);
    }

    fn sent(&self, on: &str, sql: &str) {
        self.notes.is_heard.store(true, Ordering::Relaxed);
        self.inner.sent(on, sql);
    }

    fn warn(&self, diagnostic: Diagnostic) {
        self.notes.is_heard.store(true, Ordering::Relaxed);
        self.inner.warn(diagnostic);
    }
}
