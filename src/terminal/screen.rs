use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::scrubbed::{Scrubbed, Secrets};
use super::{
    JsonReporter, Level, LogFile, Options, Output, Standard, Stream, Tee, TerminalReporter, Theme, Wanted,
};
use crate::diagnostic::{Diagnostic, Severity, WarningName};
use crate::execute::{Event, Reporter};
use crate::project::{Early, Flags, LoadOptions, look_ahead};
use crate::system::System;
use crate::text::Files;

/// The reporters that suit an invocation, and the log file.
pub struct Screen {
    system: Arc<dyn System>,
    files: Arc<Files>,
    output: Arc<dyn Output>,
    wanted: Wanted,
    /// `None` only while they are made.
    now: Mutex<Option<Arc<dyn Reporter>>>,
    deprecations: Mutex<Deprecations>,
}

/// The deprecations met so far.
#[derive(Debug, Default)]
struct Deprecations {
    met: Vec<(WarningName, usize)>,
    are_all_told: bool,
}

impl Deprecations {
    /// Counts one; whether it is to be told.
    fn meet(&mut self, name: WarningName) -> bool {
        match self.met.iter_mut().find(|(met, _)| *met == name) {
            Some((_, times)) => {
                *times += 1;
                self.are_all_told
            }
            None => {
                self.met.push((name, 1));
                true
            }
        }
    }
}

impl Screen {
    /// Reporters for what the options, the environment and the project's own `flags:` ask
    /// for. A log that cannot be written is told, and done without.
    #[must_use]
    pub fn new(system: &Arc<dyn System>, files: &Arc<Files>, options: &LoadOptions, wanted: Wanted) -> Self {
        let Early { flags, log_path, .. } = look_ahead(&**system, options);
        let secrets = Secrets::of(&**system);
        let output: Arc<dyn Output> = Arc::new(Scrubbed::new(Standard::new(), secrets.clone()));
        let screen = Self {
            system: Arc::clone(system),
            files: Arc::clone(files),
            output,
            wanted,
            now: Mutex::new(None),
            deprecations: Mutex::new(Deprecations {
                met: Vec::new(),
                are_all_told: flags.show_all_deprecations,
            }),
        };
        let console = screen.reporter(&flags, &options.invocation_id);
        let log = log_path.filter(|_| wanted.is_logged).and_then(|folder| {
            screen.log(&folder.join("dbt.log"), &flags, &options.invocation_id, secrets).unwrap_or_else(
                |diagnostic| {
                    console.report(Event::Diagnostic(diagnostic.with_severity(Severity::Warning)));
                    None
                },
            )
        });
        *screen.now.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Arc::new(Tee::new(std::iter::once(console).chain(log).collect())));
        screen
    }

    /// Prints text on standard error, whatever the flags say.
    pub fn print_error(&self, text: &str) {
        self.output.stderr(text);
    }

    /// The log file, unless it is switched off.
    fn log(
        &self,
        path: &Path,
        flags: &Flags,
        invocation_id: &str,
        secrets: Secrets,
    ) -> Result<Option<Arc<dyn Reporter>>, Diagnostic> {
        let level = Level::find(&flags.log_level_file).unwrap_or(Level::Debug);
        let (system, files) = (Arc::clone(&self.system), Arc::clone(&self.files));
        if level == Level::None {
            return Ok(None);
        }
        LogFile::put_aside(&*system, path, flags.log_file_max_bytes)?;
        Ok(Some(if flags.log_format_file == "json" {
            let log = FileOutput { path: path.to_owned(), system: Arc::clone(&system) };
            let log = Scrubbed::new(log, secrets);
            Arc::new(JsonReporter::new(level, true, invocation_id, Arc::new(log), system, files))
        } else {
            let theme = if flags.use_colors_file == Some(true) { Theme::COLOURED } else { Theme::PLAIN };
            Arc::new(LogFile::open(path, level, invocation_id, (theme, secrets), system, files)?)
        }))
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
        match &event {
            Event::Diagnostic(told) if told.severity() == Severity::Warning => {
                let name = told.warning_name().filter(|name| name.is_deprecation());
                let mut deprecations = self.deprecations.lock().unwrap_or_else(PoisonError::into_inner);
                if name.is_some_and(|name| !deprecations.meet(name)) {
                    return;
                }
            }
            Event::CommandFinished { .. } => self.sum_up_deprecations(),
            _ => {}
        }
        self.pass_on(event);
    }
}

impl Screen {
    fn sum_up_deprecations(&self) {
        let Deprecations { met, are_all_told } =
            std::mem::take(&mut *self.deprecations.lock().unwrap_or_else(PoisonError::into_inner));
        if !met.is_empty() {
            self.pass_on(Event::Deprecations { met, are_more: !are_all_told });
        }
    }

    fn pass_on(&self, event: Event) {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(now) = now {
            now.report(event);
        }
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
