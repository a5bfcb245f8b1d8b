use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use super::Batch;
use super::arguments::{Arguments, unknown_method};
use super::modules::{naive_value, utc_value};
use super::node_value::NodeValue;
use super::values::{dict, list};
use crate::jinja::{Enumerator, Error, Object, State, Value, from_json};
use crate::manifest::{Manifest, NodeId};
use crate::project::TimeWindow;

/// What `on-run-end` hooks are told of a node that ran.
/// See <https://docs.getdbt.com/reference/dbt-classes#result-objects>.
#[derive(Clone, Debug)]
pub struct RunResult {
    pub id: NodeId,
    pub status: &'static str,
    pub message: Option<String>,
    pub failures: Option<u64>,
    pub thread: String,
    /// In seconds.
    pub execution_time: f64,
    pub adapter_response: Json,
    /// Of each phase its name, and when it began and ended.
    pub timing: Vec<(&'static str, DateTime<Utc>, DateTime<Utc>)>,
    pub compiled_code: Option<Arc<str>>,
    /// Successful and failed batches of a microbatch model.
    pub batches: Option<(Vec<TimeWindow>, Vec<TimeWindow>)>,
}

/// A result as a template sees it: attributes, and `to_dict()` for what of it is plain data.
struct ResultValue {
    manifest: Arc<Manifest>,
    result: RunResult,
}

const KEYS: &[&str] = &[
    "status",
    "timing",
    "thread_id",
    "execution_time",
    "adapter_response",
    "message",
    "failures",
    "node",
    "agate_table",
    "batch_results",
];

impl RunResult {
    /// `results` of `on-run-end` hooks.
    #[must_use]
    pub fn list(manifest: &Arc<Manifest>, results: Vec<Self>) -> Value {
        let value = |result| Value::from_object(ResultValue { manifest: Arc::clone(manifest), result });
        list(results.into_iter().map(value).collect())
    }
}

impl ResultValue {
    fn node(&self) -> Value {
        let result = &self.result;
        NodeValue::value(&self.manifest, &result.id, result.compiled_code.clone(), None::<Batch>)
    }

    fn timing(&self) -> Value {
        let phase = |(name, started, completed): &(&'static str, DateTime<Utc>, DateTime<Utc>)| {
            dict([
                ("name", Value::from(*name)),
                ("started_at", naive_value(started.naive_utc())),
                ("completed_at", naive_value(completed.naive_utc())),
            ])
        };
        list(self.result.timing.iter().map(phase).collect())
    }

    fn batches(&self) -> Value {
        let window = |window: &TimeWindow| list(vec![utc_value(window.start), utc_value(window.end)]);
        let windows = |windows: &[TimeWindow]| list(windows.iter().map(window).collect());
        match &self.result.batches {
            None => Value::from(()),
            Some((successful, failed)) => {
                dict([("successful", windows(successful)), ("failed", windows(failed))])
            }
        }
    }

    fn find(&self, key: &str) -> Option<Value> {
        let result = &self.result;
        Some(match key {
            "status" => Value::from(result.status),
            "timing" => self.timing(),
            "thread_id" => Value::from(result.thread.as_str()),
            "execution_time" => Value::from(result.execution_time),
            "adapter_response" => from_json(&result.adapter_response),
            "message" => Value::from(result.message.clone()),
            "failures" => Value::from(result.failures),
            "node" => self.node(),
            "unique_id" => Value::from(result.id.as_str()),
            "agate_table" => Value::from(()),
            "batch_results" => self.batches(),
            _ => return None,
        })
    }

    /// The result with its node as plain data, as artifacts have it.
    fn to_dict(&self) -> Value {
        let result = &self.result;
        let stamp = |moment: &DateTime<Utc>| moment.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        let timing = result.timing.iter().map(|(name, started, completed)| {
            json!({"name": name, "started_at": stamp(started), "completed_at": stamp(completed)})
        });
        let timing = from_json(&Json::Array(timing.collect()));
        dict(KEYS.iter().filter_map(|key| {
            let value = if *key == "timing" { timing.clone() } else { self.find(key)? };
            Some((*key, value))
        }))
    }
}

impl fmt::Debug for ResultValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<result of {}>", self.result.id)
    }
}

impl Object for ResultValue {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.find(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(KEYS)
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "to_dict" => {
                Arguments::bind("result.to_dict", &["omit_none"], args)?;
                Ok(self.to_dict())
            }
            "get" => {
                let args = Arguments::bind("result.get", &["key", "default"], args)?;
                let found = self.find(&args.text("key")?);
                Ok(found.unwrap_or_else(|| args.get("default").cloned().unwrap_or(Value::from(()))))
            }
            "keys" | "values" | "items" => Err(Error::from(crate::jinja::ErrorKind::UnknownMethod)),
            _ => Err(unknown_method("result", method, ["to_dict", "get"])),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<result of {}>", self.result.id)
    }
}
