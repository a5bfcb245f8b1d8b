use std::sync::Arc;
use std::time::Duration;

use serde_json::Map;

use super::NodeResult;
use crate::artifact::{About, FreshnessJson, SourcesJson, TimingJson, python_time};

/// `sources.json` of a run of `source freshness`. As in dbt, a source of which nothing could be
/// found out is not in it.
#[must_use]
pub fn sources_json<'a>(
    results: &'a [Arc<NodeResult>],
    elapsed: Duration,
    about: &'a About,
) -> SourcesJson<'a> {
    let results = results.iter().filter_map(|result| {
        let found = result.freshness.as_ref()?;
        let age = found.snapshotted_at - found.max_loaded_at;
        let timing = result.timing.iter();
        let response =
            found.response.iter().map(|response| ("_message".to_owned(), response.message.as_str().into()));
        Some(FreshnessJson {
            unique_id: result.id.as_str(),
            max_loaded_at: python_time(found.max_loaded_at),
            snapshotted_at: python_time(found.snapshotted_at),
            max_loaded_at_time_ago_in_s: age.as_seconds_f64(),
            status: result.status.name(),
            criteria: &found.criteria,
            adapter_response: response.collect::<Map<_, _>>(),
            timing: timing
                .map(|phase| TimingJson::new(phase.name, phase.started_at, phase.completed_at))
                .collect(),
            thread_id: &result.thread,
            execution_time: result.execution_time.as_secs_f64(),
        })
    });
    SourcesJson::new(about, results.collect(), elapsed.as_secs_f64())
}
