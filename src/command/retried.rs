use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Manifest, NodeId};
use crate::plan::{BatchesLeft, Plan};
use crate::project::{TimeWindow, moment};
use crate::select::Selection;

/// What an earlier command left to be done, according to its `run_results.json`.
/// See <https://docs.getdbt.com/reference/commands/retry>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retried {
    /// What did not end well; hooks are not among them, they run with whatever is run.
    ids: BTreeSet<NodeId>,
    /// Of microbatch models: the batches that failed.
    batches: BTreeMap<NodeId, BatchesLeft>,
    /// When the earlier command began.
    clock: Option<DateTime<Utc>>,
}

/// dbt's words for results that are tried again.
const NOT_WELL: [&str; 5] = ["error", "fail", "skipped", "runtime error", "partial success"];

/// What ids of results begin with that are no nodes to be selected.
const NO_NODES: [&str; 1] = ["operation."];

impl Retried {
    /// From the artifact.
    #[must_use]
    pub fn read(artifact: &Value) -> Self {
        let started = artifact.pointer("/metadata/invocation_started_at").and_then(Value::as_str);
        let mut read = Self { clock: started.and_then(moment), ..Self::default() };
        for result in artifact.get("results").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| result.get(key).and_then(Value::as_str).unwrap_or_default();
            let id = text("unique_id");
            if !NOT_WELL.contains(&text("status")) || NO_NODES.iter().any(|kind| id.starts_with(kind)) {
                continue;
            }
            let windows = |key: &str| -> Vec<TimeWindow> {
                let windows = result.pointer(&format!("/batch_results/{key}")).and_then(Value::as_array);
                windows.into_iter().flatten().filter_map(window).collect()
            };
            let left = BatchesLeft { failed: windows("failed"), successful: windows("successful") };
            if !left.failed.is_empty() {
                read.batches.insert(NodeId::new(id), left);
            }
            read.ids.insert(NodeId::new(id));
        }
        read
    }

    /// Whether there is nothing left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The nodes that are tried again.
    ///
    /// # Errors
    /// One of them is not there any more.
    pub(super) fn selection(&self, manifest: &Manifest) -> Result<Selection, Diagnostic> {
        match self.ids.iter().find(|id| manifest.node(id).is_none()) {
            None => Ok(self.ids.iter().cloned().collect()),
            Some(gone) => {
                let message = format!("Couldn't find model '{gone}' -- does it exist or is it disabled?");
                Err(Diagnostic::error(Code::UnresolvedRef, message)
                    .note("the earlier command did not get it done, and it is to be tried again")
                    .help("run the command itself again, without it"))
            }
        }
    }

    /// The plan with what is left of microbatch models, by the clock of the earlier command.
    pub(super) fn applied(&self, plan: Plan) -> Plan {
        let plan = self.batches.iter().fold(plan, |plan, (id, left)| plan.with_batches(id, left.clone()));
        Plan { clock: self.clock, ..plan }
    }
}

/// `["2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"]`.
fn window(pair: &Value) -> Option<TimeWindow> {
    let at = |index: usize| moment(pair.get(index)?.as_str()?);
    Some(TimeWindow { start: at(0)?, end: at(1)? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_did_not_end_well_is_left() {
        let result =
            |id: &str, status: &str| json!({"unique_id": id, "status": status, "batch_results": null});
        let mut partial = result("model.shop.나날", "partial success");
        partial["batch_results"] = json!({
            "successful": [["2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"]],
            "failed": [["2026-01-02T00:00:00+00:00", "2026-01-03T00:00:00+00:00"]],
        });
        let read = Retried::read(&json!({
            "metadata": {"invocation_started_at": "2026-01-03T12:00:00.000000Z"},
            "results": [
                result("model.shop.a", "success"),
                result("model.shop.b", "error"),
                result("test.shop.c", "fail"),
                result("test.shop.d", "warn"),
                result("model.shop.e", "skipped"),
                result("operation.shop.f", "error"),
                partial,
            ],
        }));
        let ids: Vec<_> = read.ids.iter().map(NodeId::as_str).collect();
        assert_eq!(ids, ["model.shop.b", "model.shop.e", "model.shop.나날", "test.shop.c"]);
        assert_eq!(read.clock, moment("2026-01-03 12:00:00"));
        let left = read.batches.get(&NodeId::new("model.shop.나날")).cloned().unwrap_or_default();
        assert_eq!(left.failed.len(), 1);
        assert_eq!(left.successful[0].end, left.failed[0].start);
        assert!(Retried::read(&json!({})).is_empty());
    }
}
