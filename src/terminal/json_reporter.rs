use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::line::Line;
use super::narrator::{Narrator, timestamp};
use super::{Level, Output, Theme};
use crate::context::LogLevel;
use crate::execute::{Event, Reporter};
use crate::system::System;
use crate::text::Files;

/// Reports to tools: one event a line, on standard output, in dbt's form
/// (<https://docs.getdbt.com/reference/events-logging#structured-logging>).
pub struct JsonReporter {
    level: Level,
    shows_prints: bool,
    invocation_id: String,
    output: Arc<dyn Output>,
    system: Arc<dyn System>,
    narrator: Mutex<Narrator>,
}

impl JsonReporter {
    /// `level` is the least to be told; `shows_prints` whether what templates `print()` is.
    #[must_use]
    pub fn new(
        level: Level,
        shows_prints: bool,
        invocation_id: &str,
        output: Arc<dyn Output>,
        system: Arc<dyn System>,
        files: Arc<Files>,
    ) -> Self {
        let mut narrator = Narrator::new(files, Theme::PLAIN);
        narrator.is_for_tools = true;
        let narrator = Mutex::new(narrator);
        Self { level, shows_prints, invocation_id: invocation_id.to_owned(), output, system, narrator }
    }
}

impl Reporter for JsonReporter {
    fn report(&self, event: Event) {
        if matches!(event, Event::Log { level: LogLevel::Print, .. }) && !self.shows_prints {
            return;
        }
        let mut narrator = self.narrator.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.system.now();
        // What a command was asked for is told however quiet it is to be.
        let is_wanted = |line: &Line| {
            line.level >= self.level || matches!(line.name, "PrintEvent" | "ShowNode" | "ListCmdOut")
        };
        let lines = narrator.tell(&event, now);
        let mut text = String::new();
        for line in lines.iter().filter(|line| is_wanted(line)) {
            text.push_str(&object(line, now, &self.invocation_id).to_string());
            text.push('\n');
        }
        if !text.is_empty() {
            self.output.stdout(&text);
        }
    }
}

fn object(line: &Line, now: DateTime<Utc>, invocation_id: &str) -> Value {
    json!({
        "info": {
            "name": line.name,
            "code": line.code,
            "level": line.level.name(),
            "msg": line.text,
            "ts": timestamp(now),
            "invocation_id": invocation_id,
            "pid": std::process::id(),
            "thread": line.thread,
            "category": "",
            "extra": {},
            "log_version": 3,
        },
        "data": line.data,
    })
}
