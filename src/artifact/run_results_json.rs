use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::about::timestamp;
use super::{About, Metadata};

/// dbt's `run_results.json`, <https://schemas.getdbt.com/dbt/run-results/v6.json>.
#[derive(Debug, Serialize)]
pub struct RunResultsJson<'a> {
    metadata: Metadata<'a>,
    results: Vec<ResultJson<'a>>,
    /// In seconds.
    elapsed_time: f64,
    args: &'a Map<String, Value>,
}

impl<'a> RunResultsJson<'a> {
    /// `args` is the command line as dbt's `invocation_args_dict` shows it, `elapsed`
    /// is in seconds.
    #[must_use]
    pub fn new(
        about: &'a About,
        results: Vec<ResultJson<'a>>,
        elapsed: f64,
        args: &'a Map<String, Value>,
    ) -> Self {
        Self { metadata: about.metadata("run-results", 6), results, elapsed_time: elapsed, args }
    }
}

/// What became of one node.
#[derive(Debug, Serialize)]
pub struct ResultJson<'a> {
    pub status: &'a str,
    pub timing: Vec<TimingJson>,
    pub thread_id: &'a str,
    /// In seconds.
    pub execution_time: f64,
    /// What the warehouse said: `_message`, `rows_affected`.
    pub adapter_response: Map<String, Value>,
    pub message: Option<&'a str>,
    pub failures: Option<u64>,
    pub unique_id: &'a str,
    /// `None` for nodes that are never compiled.
    pub compiled: Option<bool>,
    pub compiled_code: Option<&'a str>,
    pub relation_name: Option<&'a str>,
    /// How the batches of a microbatch model went.
    pub batch_results: Option<Value>,
}

/// When a phase of a node began and ended.
#[derive(Debug, Serialize)]
pub struct TimingJson {
    name: String,
    started_at: String,
    completed_at: String,
}

impl TimingJson {
    #[must_use]
    pub fn new(name: &str, started_at: DateTime<Utc>, completed_at: DateTime<Utc>) -> Self {
        Self {
            name: name.to_owned(),
            started_at: timestamp(started_at),
            completed_at: timestamp(completed_at),
        }
    }
}
