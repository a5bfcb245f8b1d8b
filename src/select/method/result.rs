use std::collections::BTreeSet;

use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::NodeId;
use crate::select::Surroundings;
use crate::state::compared_run_results;

/// `result:error`: nodes that ended so in an earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultMethod {
    status: String,
}

/// Every status of `run_results.json`. One with a space is written with `_` or `-`.
const STATUSES: [&str; 9] =
    ["success", "error", "fail", "warn", "skipped", "pass", "partial success", "runtime error", "no-op"];

impl ResultMethod {
    pub(super) fn new(raw: &str, value: &str) -> Result<Self, Diagnostic> {
        let plain = |text: &str| text.to_lowercase().replace(['_', '-'], " ");
        if let Some(status) = STATUSES.iter().find(|status| plain(status) == plain(value)) {
            return Ok(Self { status: (*status).to_owned() });
        }
        let message = format!("`{value}` in `{raw}` is not how a node can end");
        let help = suggest::similar("result", value, STATUSES).unwrap_or_else(|| {
            let all = STATUSES.map(|status| format!("`{}`", status.replace(' ', "_"))).join(", ");
            format!("the results are {all}")
        });
        Err(Diagnostic::new(Code::InvalidSelector, message).help(help))
    }

    pub(super) fn find(&self, around: &Surroundings<'_>) -> Result<BTreeSet<NodeId>, Diagnostic> {
        let results = compared_run_results(around.previous)?.get("results").and_then(Value::as_array);
        let ended_so = |result: &&Value| result.get("status").and_then(Value::as_str) == Some(&self.status);
        let ids = results.into_iter().flatten().filter(ended_so);
        let ids = ids.filter_map(|result| Some(NodeId::new(result.get("unique_id")?.as_str()?)));
        Ok(ids.filter(|id| around.manifest.node(id).is_some()).collect())
    }
}
