use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

use super::{MacroNamespace, Notes};
use crate::adapter::Adapter;
use crate::diagnostic::Diagnostic;
use crate::jinja::Engine;
use crate::manifest::Deferral;
use crate::project::{Flags, Package, Target, Vars};
use crate::system::System;
use crate::text::Files;

/// How loud a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    Debug,
    Info,
    /// `print()`: to standard output whatever the format.
    Print,
}

/// Who hears what templates say: `log`, `print`, `exceptions.warn`.
pub trait LogSink: Send + Sync {
    fn log(&self, level: LogLevel, text: &str);

    /// A statement is sent to the warehouse, for the node `on`, or `master`.
    fn sent(&self, on: &str, sql: &str) {
        self.log(LogLevel::Debug, &format!("On {on}: {sql}"));
    }

    fn warn(&self, diagnostic: Diagnostic);
}

/// What is the same for every template of one run.
#[derive(Clone)]
pub struct Invocation {
    pub system: Arc<dyn System>,
    pub files: Arc<Files>,
    pub engine: Arc<Engine>,
    pub macros: MacroNamespace,
    pub adapter: Arc<dyn Adapter>,
    pub target: Arc<Target>,
    pub vars: Arc<Vars>,
    pub flags: Arc<Flags>,
    /// In order of loading, the root project last.
    pub packages: Arc<Vec<Package>>,
    pub root_package: String,
    /// Where artifacts go, and what is kept from run to run.
    pub target_path: PathBuf,
    /// A random UUID.
    pub id: String,
    pub started_at: DateTime<Utc>,
    pub log: Arc<dyn LogSink>,
    /// Unique ids of what the command selected, once that is known: what templates see
    /// as `selected_resources`.
    pub selected_resources: OnceLock<Vec<String>>,
    /// What an earlier run built, where the command stands on it (`--defer`, `clone`).
    pub deferral: OnceLock<Deferral>,
    /// Whether what runs was told to stop: processes of ours look at it.
    pub stopped: Arc<AtomicBool>,
    /// Who notes what templates ask for, where somebody does.
    pub notes: Option<Arc<Notes>>,
}

impl Invocation {
    /// The same, for templates that are rendered only to be looked at: what they say is not
    /// heard, but counted.
    #[must_use]
    pub fn silenced(&self) -> (Self, Arc<Silence>) {
        let silence = Arc::new(Silence::default());
        (Self { log: Arc::clone(&silence) as Arc<dyn LogSink>, ..self.clone() }, silence)
    }

    /// Notes something, where somebody notes.
    pub fn note(&self, what: impl FnOnce(&Notes)) {
        if let Some(notes) = &self.notes {
            what(notes);
        }
    }
}

/// Lets nothing be heard, and counts what was said.
#[derive(Debug, Default)]
pub struct Silence(AtomicUsize);

impl Silence {
    /// How often something was said so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl LogSink for Silence {
    fn log(&self, _level: LogLevel, _text: &str) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn warn(&self, _diagnostic: Diagnostic) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Invocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invocation").field("id", &self.id).finish_non_exhaustive()
    }
}
