use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::text::Span;

/// A configured value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub value: Value,
    pub place: Option<Span>,
}

/// What one place says, by dbt's name of the key.
#[derive(Clone, Debug, Default, PartialEq)]
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
        self.settings.insert(key.to_owned(), Setting { value, place });
    }

    pub(in crate::parse) fn get(&self, key: &str) -> Option<&Setting> {
        self.settings.get(key)
    }

    pub(in crate::parse) fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// The values alone.
    pub(in crate::parse) fn values(&self) -> Map<String, Value> {
        self.settings.iter().map(|(key, setting)| (key.clone(), setting.value.clone())).collect()
    }
}
