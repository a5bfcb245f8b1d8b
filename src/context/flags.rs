use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::{Invocation, Notes};
use crate::jinja::{Enumerator, Object, ObjectRepr, Value, from_json, to_json};
use crate::project::{Flags, TimeWindow};

/// `flags`: the global flags under their names in capitals.
/// See <https://docs.getdbt.com/reference/dbt-jinja-functions/flags>.
#[derive(Debug)]
pub(super) struct FlagsValue {
    flags: Arc<Flags>,
    /// Who notes which are looked at.
    notes: Option<Arc<Notes>>,
}

/// What templates see of the flag of that name, in capitals; `None` where there is none.
#[must_use]
pub fn flag(flags: &Arc<Flags>, name: &str) -> Option<Json> {
    FlagsValue { flags: Arc::clone(flags), notes: None }.find(name).map(|value| to_json(&value))
}

const NAMES: &[&str] = &[
    "CACHE_SELECTED_ONLY",
    "DEBUG",
    "EMPTY",
    "EVENT_TIME_END",
    "EVENT_TIME_START",
    "FAIL_FAST",
    "FULL_REFRESH",
    "INDIRECT_SELECTION",
    "INTROSPECT",
    "LOG_FORMAT",
    "LOG_FORMAT_FILE",
    "LOG_LEVEL",
    "LOG_LEVEL_FILE",
    "PARTIAL_PARSE",
    "POPULATE_CACHE",
    "PRINT",
    "PRINTER_WIDTH",
    "QUIET",
    "SEND_ANONYMOUS_USAGE_STATS",
    "STATIC_PARSER",
    "STORE_FAILURES",
    "USE_COLORS",
    "USE_EXPERIMENTAL_PARSER",
    "VERSION_CHECK",
    "WARN_ERROR",
    "WARN_ERROR_OPTIONS",
    "WHICH",
    "WRITE_JSON",
];

impl FlagsValue {
    pub(super) fn value(invocation: &Invocation) -> Value {
        Value::from_object(Self { flags: Arc::clone(&invocation.flags), notes: invocation.notes.clone() })
    }

    fn find(&self, name: &str) -> Option<Value> {
        let flags = &self.flags;
        Some(match name {
            "WHICH" => Value::from(flags.which.as_str()),
            "FULL_REFRESH" => Value::from(flags.full_refresh.unwrap_or(false)),
            "STORE_FAILURES" => Value::from(flags.store_failures.unwrap_or(false)),
            "EMPTY" => Value::from(flags.empty),
            "CACHE_SELECTED_ONLY" => Value::from(flags.cache_selected_only),
            "POPULATE_CACHE" => Value::from(flags.populate_cache),
            "FAIL_FAST" => Value::from(flags.fail_fast),
            "WARN_ERROR" => Value::from(flags.warn_error),
            "WARN_ERROR_OPTIONS" => from_json(&flags.warn_error_options.to_json()),
            "SHOW_ALL_DEPRECATIONS" => Value::from(flags.show_all_deprecations),
            "QUIET" => Value::from(flags.quiet),
            "DEBUG" => Value::from(flags.debug),
            "PRINT" => Value::from(flags.print),
            "INTROSPECT" => Value::from(flags.introspect),
            "VERSION_CHECK" => Value::from(flags.version_check),
            "USE_COLORS" => Value::from(flags.use_colors.unwrap_or(true)),
            "PRINTER_WIDTH" => Value::from(flags.printer_width),
            "INDIRECT_SELECTION" => Value::from(flags.indirect_selection.as_str()),
            "LOG_FORMAT" => Value::from(flags.log_format.as_str()),
            "LOG_LEVEL" => Value::from(flags.log_level.as_str()),
            "LOG_FORMAT_FILE" => Value::from(flags.log_format_file.as_str()),
            "LOG_LEVEL_FILE" => Value::from(flags.log_level_file.as_str()),
            "EVENT_TIME_START" => self.event_time(|window| window.start),
            "EVENT_TIME_END" => self.event_time(|window| window.end),
            "WRITE_JSON" => Value::from(flags.write_json),
            _ => return self.other(name),
        })
    }

    fn event_time(&self, pick: fn(&TimeWindow) -> DateTime<Utc>) -> Value {
        match &self.flags.event_time {
            Some(window) => super::modules::naive_value(pick(window).naive_utc()),
            None => Value::from(()),
        }
    }

    /// What the project file or the command line said of any other flag, else what is
    /// so of xform whatever they say.
    fn other(&self, name: &str) -> Option<Value> {
        let lower = name.to_lowercase();
        let given = [&self.flags.invocation_args, &self.flags.behaviour];
        if let Some(value) = given.into_iter().find_map(|map| map.get(&lower).or_else(|| map.get(name))) {
            return Some(from_json(value));
        }
        match name {
            "PARTIAL_PARSE" | "SEND_ANONYMOUS_USAGE_STATS" | "STATIC_PARSER" | "USE_EXPERIMENTAL_PARSER" => {
                Some(Value::from(false))
            }
            _ => None,
        }
    }
}

impl Object for FlagsValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        if let Some(notes) = &self.notes {
            notes.flag(name);
        }
        self.find(name)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(NAMES)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<flags>")
    }
}
