use serde_json::{Map, Value};

use super::Level;

/// One thing to say: its words, and what it is to tools, in dbt's names.
/// See <https://docs.getdbt.com/reference/events-logging>.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub level: Level,
    /// dbt's event: `LogModelResult`.
    pub name: &'static str,
    /// dbt's code of it: `Q012`.
    pub code: &'static str,
    pub text: String,
    /// Of several lines and best left as it is: no time goes before it.
    pub is_block: bool,
    pub data: Map<String, Value>,
    pub thread: String,
}

impl Line {
    pub(super) fn new(
        level: Level,
        (name, code): (&'static str, &'static str),
        text: impl Into<String>,
    ) -> Self {
        let thread = "MainThread".to_owned();
        Self { level, name, code, text: text.into(), is_block: false, data: Map::new(), thread }
    }

    /// An empty line, to let the others breathe.
    pub(super) fn blank() -> Self {
        Self::new(Level::Info, ("Formatting", "Z017"), "").with("msg", "")
    }

    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
    }

    pub(super) fn block(mut self) -> Self {
        self.is_block = true;
        self
    }

    pub(super) fn on_thread(mut self, thread: &str) -> Self {
        if !thread.is_empty() {
            thread.clone_into(&mut self.thread);
        }
        self
    }
}
