use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};

use super::{NodeResult, Status};
use crate::context::{LogLevel, LogSink};
use crate::diagnostic::{Diagnostic, WarningName};
use crate::manifest::{Manifest, NodeId};
use crate::text::Span;

/// Something that happened. Reporters decide what people see of it.
#[derive(Clone, Debug)]
pub enum Event {
    /// xform began.
    Started,
    /// A project was opened for a command.
    CommandStarted {
        command: String,
        project: String,
        target: String,
    },
    /// The project was read.
    Parsed {
        manifest: Arc<Manifest>,
        elapsed: Duration,
    },
    /// The run begins: how many nodes will run on how many threads.
    RunStarted {
        total: usize,
        threads: usize,
    },
    /// `index` counts from 1.
    NodeStarted {
        id: NodeId,
        index: usize,
        total: usize,
        thread: String,
    },
    NodeFinished {
        index: usize,
        total: usize,
        result: Arc<NodeResult>,
    },
    /// A batch of a microbatch model begins; `label` is its time, `2020-01-01`.
    BatchStarted {
        id: NodeId,
        index: usize,
        total: usize,
        label: String,
        thread: String,
    },
    /// `Success`, `Error` or `Skipped`.
    BatchFinished {
        id: NodeId,
        index: usize,
        total: usize,
        label: String,
        status: Status,
        execution_time: Duration,
        thread: String,
    },
    /// An `on-run-start` or `on-run-end` operation begins.
    HookStarted {
        id: NodeId,
        index: usize,
        total: usize,
    },
    /// An `on-run-start` or `on-run-end` operation ended.
    HookFinished {
        index: usize,
        total: usize,
        result: Arc<NodeResult>,
    },
    /// Ctrl-C: the running statements are being cancelled.
    Cancelling,
    /// `cancelled` is what was running, `not_started` what never began.
    Cancelled {
        cancelled: Vec<NodeId>,
        not_started: Vec<NodeId>,
    },
    RunFinished {
        results: Vec<Arc<NodeResult>>,
        elapsed: Duration,
    },
    /// The project or the command line could not be understood: nothing was run. Of
    /// the diagnostics at least one is an error.
    Failed(Vec<Diagnostic>),
    /// The command ended; the last event.
    CommandFinished {
        success: bool,
        elapsed: Duration,
    },
    /// Something to tell that belongs to no node's result.
    Diagnostic(Diagnostic),
    /// How often each kind of deprecation was met, in order of first meeting; `are_more`
    /// where some of them were not told.
    Deprecations {
        met: Vec<(WarningName, usize)>,
        are_more: bool,
    },
    /// Something that a command did, with its name among dbt's events.
    News(News),
    /// What a template logged, or xform's own news.
    Log {
        level: LogLevel,
        text: String,
    },
    /// A statement that goes to the warehouse, for the node of that id, or `master`.
    Sent {
        on: String,
        sql: String,
    },
    /// The command's own output (`ls`, `show`, `compile --inline`): standard output, as is.
    Output(String),
}

/// Something that a command did.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    pub level: LogLevel,
    /// dbt's name of the event, and its code.
    pub name: &'static str,
    pub code: &'static str,
    pub text: String,
    pub facts: Map<String, Value>,
}

impl News {
    #[must_use]
    pub fn info(name: &'static str, code: &'static str, text: impl Into<String>) -> Self {
        Self { level: LogLevel::Info, name, code, text: text.into(), facts: Map::new() }
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(key.to_owned(), value.into());
        self
    }
}

/// Who is told. Called from several threads.
pub trait Reporter: Send + Sync {
    fn report(&self, event: Event);
}

/// Lets templates speak to a reporter. A template is rendered to be parsed and again to be
/// compiled; a warning that it gives each time is told once.
pub struct ReporterLog {
    reporter: Arc<dyn Reporter>,
    told: Mutex<BTreeSet<(String, Option<Span>)>>,
}

impl ReporterLog {
    #[must_use]
    pub fn new(reporter: Arc<dyn Reporter>) -> Self {
        Self { reporter, told: Mutex::default() }
    }
}

impl LogSink for ReporterLog {
    fn log(&self, level: LogLevel, text: &str) {
        self.reporter.report(Event::Log { level, text: text.to_owned() });
    }

    fn sent(&self, on: &str, sql: &str) {
        self.reporter.report(Event::Sent { on: on.to_owned(), sql: sql.to_owned() });
    }

    fn warn(&self, diagnostic: Diagnostic) {
        let key = (diagnostic.message().to_owned(), diagnostic.span());
        if self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(key) {
            self.reporter.report(Event::Diagnostic(diagnostic));
        }
    }
}
