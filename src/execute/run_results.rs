use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{BatchResults, NodeResult};
use crate::artifact::{About, ResultJson, RunResultsJson, TimingJson};
use crate::project::TimeWindow;

/// `run_results.json` of a run; `args` is the command line as dbt's
/// `invocation_args_dict` shows it.
#[must_use]
pub fn run_results_json<'a>(
    results: &'a [Arc<NodeResult>],
    elapsed: Duration,
    about: &'a About,
    args: &'a Map<String, Value>,
) -> RunResultsJson<'a> {
    let results = results.iter().map(|result| result_json(result)).collect();
    RunResultsJson::new(about, results, elapsed.as_secs_f64(), args)
}

fn result_json(result: &NodeResult) -> ResultJson<'_> {
    let is_seed = result.id.as_str().starts_with("seed.");
    let timing =
        result.timing.iter().map(|phase| TimingJson::new(phase.name, phase.started_at, phase.completed_at));
    ResultJson {
        status: result.status.name(),
        timing: timing.collect(),
        thread_id: &result.thread,
        execution_time: result.execution_time.as_secs_f64(),
        adapter_response: adapter_response(result),
        message: result.message.as_deref(),
        failures: result.failures,
        unique_id: result.id.as_str(),
        compiled: (!is_seed).then_some(result.compiled_code.is_some()),
        compiled_code: result.compiled_code.as_deref(),
        // dbt leaves it out of seeds.
        relation_name: result.relation_name.as_deref().filter(|_| !is_seed),
        batch_results: result.batch_results.as_ref().map(batch_results),
    }
}

/// Windows of event time as dbt writes them.
fn batch_results(results: &BatchResults) -> Value {
    let moment = |moment: DateTime<Utc>| moment.format("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let windows = |windows: &[TimeWindow]| -> Vec<[String; 2]> {
        windows.iter().map(|window| [moment(window.start), moment(window.end)]).collect()
    };
    json!({"successful": windows(&results.successful), "failed": windows(&results.failed)})
}

/// What the warehouse said, as artifacts have it.
pub(super) fn adapter_response(result: &NodeResult) -> Map<String, Value> {
    let mut keys = Map::new();
    if let Some(response) = &result.response {
        keys.insert("_message".to_owned(), response.message.as_str().into());
        if let Some(rows) = response.rows_affected {
            keys.insert("rows_affected".to_owned(), rows.into());
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::adapter::Response;
    use crate::execute::{Status, Timing};
    use crate::manifest::NodeId;
    use crate::sql::QuotePolicy;

    #[test]
    fn results_are_told_in_dbts_words() {
        let started = DateTime::UNIX_EPOCH;
        let failed = NodeResult {
            id: NodeId::new("test.shop.unique_주문_id"),
            status: Status::Fail,
            message: Some("Got 3 results, configured to fail if != 0".to_owned()),
            failures: Some(3),
            failing_rows: None,
            diagnostics: Vec::new(),
            preview: None,
            response: Some(Response { message: "OK".to_owned(), rows_affected: Some(3) }),
            timing: vec![Timing { name: "execute", started_at: started, completed_at: started }],
            thread: "Thread-1".to_owned(),
            execution_time: Duration::from_millis(250),
            compiled_code: Some("select 1".to_owned()),
            compiled_path: None,
            build_path: None,
            relation_name: None,
            batch_results: None,
            freshness: None,
            blamed_parent: None,
        };
        let seed = NodeResult {
            id: NodeId::new("seed.shop.users"),
            status: Status::Skipped,
            compiled_code: None,
            response: None,
            ..failed.clone()
        };
        let about = About {
            invocation_id: "id".to_owned(),
            invocation_started_at: started,
            generated_at: started,
            project_name: "shop".to_owned(),
            adapter_type: "duckdb".to_owned(),
            quoting: QuotePolicy::default(),
            env: BTreeMap::new(),
        };
        let args = Map::from_iter([("which".to_owned(), json!("build"))]);
        let results = [Arc::new(failed), Arc::new(seed)];
        let artifact = run_results_json(&results, Duration::from_secs(2), &about, &args);
        let written = serde_json::to_value(artifact).unwrap_or_default();
        assert_eq!(written["elapsed_time"], 2.0);
        assert_eq!(written["args"]["which"], "build");
        assert_eq!(
            written["results"][0],
            json!({
                "status": "fail",
                "timing": [{
                    "name": "execute",
                    "started_at": "1970-01-01T00:00:00.000000Z",
                    "completed_at": "1970-01-01T00:00:00.000000Z",
                }],
                "thread_id": "Thread-1",
                "execution_time": 0.25,
                "adapter_response": {"_message": "OK", "rows_affected": 3},
                "message": "Got 3 results, configured to fail if != 0",
                "failures": 3,
                "unique_id": "test.shop.unique_주문_id",
                "compiled": true,
                "compiled_code": "select 1",
                "relation_name": null,
                "batch_results": null,
            })
        );
        assert_eq!(written["results"][1]["compiled"], Value::Null);
        assert_eq!(written["results"][1]["adapter_response"], json!({}));
    }
}
