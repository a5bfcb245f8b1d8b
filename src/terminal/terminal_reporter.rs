use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::line::Line;
use super::live::Live;
use super::narrator::Narrator;
use super::{Level, Options, Output, Stream};
use crate::context::LogLevel;
use crate::execute::{Event, Reporter, Status};
use crate::system::System;
use crate::text::Files;

/// Reports to people: plain lines in dbt's form, or on a terminal a live display of what
/// is running, above which finished failures scroll by.
pub struct TerminalReporter {
    options: Options,
    output: Arc<dyn Output>,
    system: Arc<dyn System>,
    state: Mutex<State>,
}

struct State {
    narrator: Narrator,
    live: Option<Live>,
    was_last_blank: bool,
    /// Warnings told so far, and after them those that were not.
    warnings: usize,
}

/// How many warnings that belong to no node a person is told; the log has all.
const MOST_WARNINGS: usize = 30;

impl TerminalReporter {
    /// `files` are those that the diagnostics to come point into.
    #[must_use]
    pub fn new(
        options: Options,
        output: Arc<dyn Output>,
        system: Arc<dyn System>,
        files: Arc<Files>,
    ) -> Self {
        let mut narrator = Narrator::new(files, options.theme);
        narrator.printer_width = options.printer_width;
        narrator.table_width = options.terminal_width;
        narrator.preview_width = options.preview_width;
        narrator.preview = options.preview;
        narrator.is_live = options.is_live;
        let state = State { narrator, live: None, was_last_blank: false, warnings: 0 };
        Self { options, output, system, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, state: &State, stream: Stream, text: &str) {
        let write = || match stream {
            Stream::Stdout => self.output.stdout(text),
            Stream::Stderr => self.output.stderr(text),
        };
        match &state.live {
            Some(live) => live.suspend(write),
            None => write(),
        }
    }

    fn say(&self, state: &mut State, line: &Line) {
        if line.name == "ShowNode" {
            return self.write(state, Stream::Stdout, &format!("{}\n", line.text));
        }
        if line.level < self.options.level || self.options.is_answer && is_by_the_way(line) {
            return;
        }
        if self.options.is_live && line.name == "JinjaLogWarning" {
            state.warnings += 1;
            if state.warnings > MOST_WARNINGS {
                return;
            }
        }
        let is_blank = line.text.is_empty();
        let text = match (self.options.is_live, is_blank) {
            // Without times in front, two empty lines are one too many.
            (true, true) if state.was_last_blank => return,
            (true, _) => format!("{}\n", line.text),
            (false, _) if line.is_block => format!("{}\n", line.text),
            (false, _) => {
                let text = format!("{}  {}", self.system.now().format("%H:%M:%S"), line.text);
                format!("{}\n", text.trim_end())
            }
        };
        state.was_last_blank = is_blank;
        self.write(state, self.options.log_stream, &text);
    }

    /// Says how many warnings there were that were not told.
    fn tell_of_more_warnings(&self, state: &mut State) {
        let more = state.warnings.saturating_sub(MOST_WARNINGS);
        state.warnings = state.warnings.min(MOST_WARNINGS);
        if more > 0 {
            let text = format!(
                "{more} more {}: all of them are in dbt.log",
                if more == 1 { "warning" } else { "warnings" }
            );
            let text = self.options.theme.doubtful(&text);
            self.say(state, &Line::new(Level::Warn, ("Note", "Z050"), text));
            self.say(state, &Line::blank());
        }
    }

    /// Whether the live display tells of it already.
    fn is_shown_live(event: &Event) -> bool {
        match event {
            Event::NodeStarted { .. } => true,
            Event::NodeFinished { result, .. } | Event::HookFinished { result, .. } => {
                !result.status.is_failure() && result.status != Status::Warn
            }
            _ => false,
        }
    }
}

impl Reporter for TerminalReporter {
    fn report(&self, event: Event) {
        if matches!(event, Event::Sent { .. } | Event::Log { level: LogLevel::Debug, .. })
            && self.options.level > Level::Debug
        {
            // Each statement that is sent is one of these.
            return;
        }
        let mut state = self.state();
        match &event {
            Event::Output(text) => {
                let text = if text.ends_with('\n') { text.clone() } else { format!("{text}\n") };
                return self.write(&state, Stream::Stdout, &text);
            }
            Event::Log { level: LogLevel::Print, text } => {
                if self.options.shows_prints {
                    self.write(&state, Stream::Stdout, &format!("{text}\n"));
                }
                return;
            }
            _ => {}
        }
        let ends_live = matches!(
            event,
            Event::Cancelling
                | Event::RunFinished { .. }
                | Event::Failed(_)
                | Event::Cancelled { .. }
                | Event::CommandFinished { .. }
        );
        if ends_live {
            // Dropped before anything is written below it.
            drop(state.live.take());
        }
        let lines = state.narrator.tell(&event, self.system.now());
        if matches!(event, Event::RunStarted { .. }) {
            self.tell_of_more_warnings(&mut state);
        }
        let is_hidden = self.options.is_live && Self::is_shown_live(&event);
        for line in lines.iter().filter(|line| !is_hidden || line.level < Level::Info) {
            self.say(&mut state, line);
        }
        if self.options.is_live {
            if let (Event::RunStarted { total, .. }, None) = (&event, &state.live) {
                state.live =
                    (*total > 0).then(|| Live::new(*total, self.options.log_stream, self.options.theme));
            }
            let State { live, narrator, .. } = &mut *state;
            if let Some(live) = live {
                live.update(&event, narrator);
            }
        }
    }
}

impl Drop for TerminalReporter {
    fn drop(&mut self) {
        let mut state = self.state();
        drop(state.live.take());
        self.tell_of_more_warnings(&mut state);
    }
}

/// Whether a line is not worth its place where the command's output is the point.
fn is_by_the_way(line: &Line) -> bool {
    matches!(line.name, "MainReportVersion" | "FoundStats" | "ConcurrencyLine" | "Formatting")
}
