use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde_json::Map;

use super::{JsonReporter, Level, LogFile, Options, Output, Standard, Stream, Tee, TerminalReporter, Wanted};
use crate::context::Invocation;
use crate::execute::{Event, Reporter};
use crate::project::{Flags, LoadOptions};
use crate::system::System;
use crate::text::Files;

/// The reporters that suit an invocation: before the project is read those that the
/// command line and the environment ask for, afterwards also what the project's `flags:`
/// say, and the log file.
pub struct Screen {
    system: Arc<dyn System>,
    files: Arc<Files>,
    output: Arc<dyn Output>,
    wanted: Wanted,
    now: RwLock<Arc<dyn Reporter>>,
    /// What was told before there was a log file; `None` once there is one.
    early: Mutex<Option<Vec<Event>>>,
}

impl Screen {
    /// Standard output for what these options ask for.
    #[must_use]
    pub fn new(system: &Arc<dyn System>, files: &Arc<Files>, options: &LoadOptions, wanted: Wanted) -> Self {
        let flags = Flags::resolve(&**system, options, &Map::new()).value;
        let output: Arc<dyn Output> = Arc::new(Standard::new());
        let screen = Self {
            system: Arc::clone(system),
            files: Arc::clone(files),
            output,
            wanted,
            now: RwLock::new(Arc::new(Tee::new(Vec::new()))),
            early: Mutex::new(Some(Vec::new())),
        };
        let reporter = screen.reporter(&flags, "");
        *screen.now.write().unwrap_or_else(PoisonError::into_inner) = reporter;
        screen
    }

    /// The project was read: its own flags count from now on, and the log begins with
    /// what was told so far. A log that cannot be written is told, and done without.
    pub fn opened(&self, invocation: &Invocation, log_path: &Path) {
        let flags = &invocation.flags;
        let console = self.reporter(flags, &invocation.id);
        let early = self.early.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
        let level = Level::find(&flags.log_level_file).unwrap_or(Level::Debug);
        let path = log_path.join("dbt.log");
        let (system, files) = (Arc::clone(&self.system), Arc::clone(&self.files));
        let log: Option<Arc<dyn Reporter>> = match level {
            Level::None => None,
            level if flags.log_format_file == "json" => {
                let log = FileOutput { path, system: Arc::clone(&system) };
                Some(Arc::new(JsonReporter::new(level, true, &invocation.id, Arc::new(log), system, files)))
            }
            level => match LogFile::open(&path, level, &invocation.id, system, files) {
                Ok(log) => Some(Arc::new(log)),
                Err(diagnostic) => {
                    console.report(Event::Diagnostic(
                        diagnostic.with_severity(crate::diagnostic::Severity::Warning),
                    ));
                    None
                }
            },
        };
        if let Some(log) = &log {
            for event in early {
                log.report(event);
            }
        }
        let both: Arc<dyn Reporter> = Arc::new(Tee::new(std::iter::once(console).chain(log).collect()));
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = both;
    }

    fn reporter(&self, flags: &Flags, invocation_id: &str) -> Arc<dyn Reporter> {
        let (output, system, files) =
            (Arc::clone(&self.output), Arc::clone(&self.system), Arc::clone(&self.files));
        if flags.log_format == "json" {
            let level = Level::of_console(flags);
            return Arc::new(JsonReporter::new(level, flags.print, invocation_id, output, system, files));
        }
        let columns = |terminal: &console::Term| terminal.is_term().then(|| usize::from(terminal.size().1));
        let output_width = columns(&console::Term::stdout());
        let mut options = if self.wanted.is_answer {
            Options::new(&*self.system, flags, Stream::Stderr, columns(&console::Term::stderr()))
        } else {
            Options::new(&*self.system, flags, Stream::Stdout, output_width)
        };
        options.preview_width = output_width;
        options.preview = self.wanted.preview;
        options.is_answer = self.wanted.is_answer && options.level == Level::Info;
        Arc::new(TerminalReporter::new(options, output, system, files))
    }
}

impl Reporter for Screen {
    fn report(&self, event: Event) {
        if let Some(early) = &mut *self.early.lock().unwrap_or_else(PoisonError::into_inner) {
            early.push(event.clone());
        }
        let now = Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner));
        now.report(event);
    }
}

/// Lines that go to a file.
struct FileOutput {
    path: std::path::PathBuf,
    system: Arc<dyn System>,
}

impl Output for FileOutput {
    fn stdout(&self, text: &str) {
        // The log is for later; a full disk must not stop the run that it tells of.
        let _ = self.system.append(&self.path, text.as_bytes());
    }

    fn stderr(&self, text: &str) {
        self.stdout(text);
    }
}

/// Prints what the command line parser has to say: help and the version on standard
/// output, what is wrong on standard error; `coloured` where a terminal wants colours.
pub fn print_usage(system: &dyn System, plain: &str, coloured: &str, is_asked_for: bool) {
    let output = Standard::new();
    let is_terminal =
        if is_asked_for { console::Term::stdout().is_term() } else { console::Term::stderr().is_term() };
    let theme = super::Theme::detect(system, is_terminal, None);
    let text = if theme == super::Theme::PLAIN { plain } else { coloured };
    if is_asked_for { output.stdout(text) } else { output.stderr(text) }
}
