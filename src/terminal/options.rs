use super::Theme;
use super::theme::is_dumb;
use crate::project::Flags;
use crate::system::System;

/// How important a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
    /// Above every line: nothing is shown.
    None,
}

impl Level {
    /// dbt's word for it, as in `--log-level`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
            Level::None => "none",
        }
    }

    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        [Self::Debug, Self::Info, Self::Warn, Self::Error, Self::None]
            .into_iter()
            .find(|level| level.name() == name)
    }

    /// The least level that these flags want to see on the console.
    #[must_use]
    pub fn of_console(flags: &Flags) -> Self {
        if flags.quiet {
            Level::Error
        } else if flags.debug {
            Level::Debug
        } else {
            Self::find(&flags.log_level).unwrap_or(Level::Info)
        }
    }
}

/// Where log lines go; a command's own output always goes to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// `--output` of `show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviewFormat {
    Text,
    Json,
}

/// What the command that runs wants of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// How `show` prints rows.
    pub preview: PreviewFormat,
    /// Whether the command's output is the point of it (`ls`, `show`, `compile --inline`), so
    /// that scripts read standard output: everything else goes to standard error.
    pub is_answer: bool,
    /// Whether dbt.log tells of it.
    pub is_logged: bool,
}

/// How a [`TerminalReporter`](super::TerminalReporter) reports.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub theme: Theme,
    pub level: Level,
    /// Whether what templates `print()` is shown.
    pub shows_prints: bool,
    /// The column that result lines are filled up to.
    pub printer_width: usize,
    pub log_stream: Stream,
    /// Whether to draw a live display on the terminal instead of plain lines.
    pub is_live: bool,
    /// Columns of the terminal that `log_stream` leads to, if it does: lines and tables of
    /// failures are made to fit.
    pub terminal_width: Option<usize>,
    /// Columns of the terminal that standard output leads to, if it does: previews fit.
    pub preview_width: Option<usize>,
    pub preview: PreviewFormat,
    /// Whether the command's output is the point of it: then it has standard output for
    /// itself, and what goes without saying is not said.
    pub is_answer: bool,
}

impl Options {
    /// What suits these flags on a stream; `terminal_width` is that of the terminal that
    /// `log_stream` leads to, if it leads to one.
    #[must_use]
    pub fn new(
        system: &dyn System,
        flags: &Flags,
        log_stream: Stream,
        terminal_width: Option<usize>,
    ) -> Self {
        let is_terminal = terminal_width.is_some();
        let level = Level::of_console(flags);
        Self {
            theme: Theme::detect(system, is_terminal, flags.use_colors),
            level,
            shows_prints: flags.print,
            printer_width: flags.printer_width,
            log_stream,
            is_live: is_terminal && level == Level::Info && !is_dumb(system),
            terminal_width,
            preview_width: terminal_width,
            preview: PreviewFormat::Text,
            is_answer: false,
        }
    }
}
