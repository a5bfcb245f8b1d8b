use chrono::{DateTime, Timelike, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{About, Metadata, TimingJson};

/// How old a source was when it was last looked at, as `sources.json` tells it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct SourceAge {
    pub unique_id: String,
    /// `pass`, `warn`, `error` or, of dbt's, `runtime error`.
    pub status: String,
    #[serde(default)]
    pub snapshotted_at: String,
    #[serde(default)]
    pub max_loaded_at: String,
    /// In seconds.
    #[serde(default)]
    pub max_loaded_at_time_ago_in_s: f64,
}

/// The sources that the bytes of a `sources.json` tell of; none where they cannot be read.
#[must_use]
pub fn source_ages(bytes: &[u8]) -> Vec<SourceAge> {
    #[derive(Deserialize)]
    struct Ages {
        results: Vec<serde_json::Value>,
    }
    let ages = serde_json::from_slice(bytes).map_or_else(|_| Vec::new(), |ages: Ages| ages.results);
    ages.into_iter().filter_map(|age| serde_json::from_value(age).ok()).collect()
}

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
