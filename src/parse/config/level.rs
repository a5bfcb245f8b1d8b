use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::text::Span;

/// A configured value and where it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    #[serde(with = "crate::text::kept_json")]
    pub value: Value,
    /// The value as the file has it: Jinja not rendered, one text not made a list.
    #[serde(with = "crate::text::kept_json")]
    pub written: Value,
    pub place: Option<Span>,
}

/// What one place says, by dbt's name of the key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Level {
    pub settings: IndexMap<String, Setting>,
}

impl Level {
    /// From values that all have the same place.
    pub(in crate::parse) fn new(values: Map<String, Value>, place: Option<Span>) -> Self {
        let mut level = Self::default();
        for (key, value) in values {
            level.set(&key, value, place);
        }
        level
    }

    /// Sets a key under its one name: hooks may be written `pre_hook`.
    pub(in crate::parse) fn set(&mut self, key: &str, value: Value, place: Option<Span>) {
        let key = match key {
            "pre_hook" => "pre-hook",
            "post_hook" => "post-hook",
            key => key,
        };
        let written = value.clone();
        self.settings.insert(key.to_owned(), Setting { value, written, place });
    }

    /// As [`set`](Level::set), with the value as the file has it.
    pub(in crate::parse) fn set_written(
        &mut self,
        key: &str,
        value: Value,
        written: Value,
        place: Option<Span>,
    ) {
        self.set(key, value, place);
        self.note_written(key, written);
    }

    /// Tells how a value that is set is written in the file.
    pub(in crate::parse) fn note_written(&mut self, key: &str, written: Value) {
        let key = key.replace("pre_hook", "pre-hook").replace("post_hook", "post-hook");
        if let Some(setting) = self.settings.get_mut(&key) {
            setting.written = written;
        }
    }

    pub(in crate::parse) fn get(&self, key: &str) -> Option<&Setting> {
        self.settings.get(key)
    }

    pub(in crate::parse) fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// The values alone.
    #[cfg(test)]
    pub(in crate::parse) fn values(&self) -> Map<String, Value> {
        self.settings.iter().map(|(key, setting)| (key.clone(), setting.value.clone())).collect()
    }
}
