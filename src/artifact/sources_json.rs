use chrono::{DateTime, Timelike, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{About, Metadata, TimingJson};

/// dbt's `sources.json`, <https://schemas.getdbt.com/dbt/sources/v3.json>.
#[derive(Debug, Serialize)]
pub struct SourcesJson<'a> {
    metadata: Metadata<'a>,
    results: Vec<FreshnessJson<'a>>,
    /// In seconds.
    elapsed_time: f64,
}

impl<'a> SourcesJson<'a> {
    /// `elapsed` is in seconds.
    #[must_use]
    pub fn new(about: &'a About, results: Vec<FreshnessJson<'a>>, elapsed: f64) -> Self {
        Self { metadata: about.metadata("sources", 3), results, elapsed_time: elapsed }
    }
}

/// How old one source is.
#[derive(Debug, Serialize)]
pub struct FreshnessJson<'a> {
    pub unique_id: &'a str,
    pub max_loaded_at: String,
    pub snapshotted_at: String,
    pub max_loaded_at_time_ago_in_s: f64,
    /// `pass`, `warn` or `error`.
    pub status: &'a str,
    pub criteria: &'a Value,
    pub adapter_response: Map<String, Value>,
    pub timing: Vec<TimingJson>,
    pub thread_id: &'a str,
    /// In seconds.
    pub execution_time: f64,
}

/// As Python writes a time in `sources.json`: `2026-01-01T00:00:00.000001+00:00`, without the
/// fraction where there is none.
#[must_use]
pub fn python_time(time: DateTime<Utc>) -> String {
    let micros = time.nanosecond() / 1000;
    let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
    format!("{}{fraction}+00:00", time.format("%Y-%m-%dT%H:%M:%S"))
}
