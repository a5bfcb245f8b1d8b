use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::adapter::{Response, Rows};
use crate::diagnostic::Diagnostic;
use crate::manifest::{Node, NodeId};
use crate::materialize::FreshnessFound;
use crate::project::TimeWindow;

/// How a node ended, in dbt's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Success,
    Error,
    /// Of a microbatch model: some batches failed, not all.
    PartialSuccess,
    Skipped,
    Pass,
    Fail,
    Warn,
    /// Nothing was to be done for it, as for exposures.
    NoOp,
}

impl Status {
    /// As in `run_results.json`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Status::Success => "success",
            Status::Error => "error",
            Status::PartialSuccess => "partial success",
            Status::Skipped => "skipped",
            Status::Pass => "pass",
            Status::Fail => "fail",
            Status::Warn => "warn",
            Status::NoOp => "no-op",
        }
    }

    /// Whether the run as a whole failed by it, and children are not to be built.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Status::Error | Status::Fail | Status::PartialSuccess)
    }
}

/// When a phase (`compile`, `execute`) of a node began and ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    pub name: &'static str,
    pub started_at: DateTime<Utc>,
    pub completed_at: DateTime<Utc>,
}

/// How the batches of a microbatch model went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchResults {
    pub successful: Vec<TimeWindow>,
    /// Those that were skipped among them.
    pub failed: Vec<TimeWindow>,
}

/// What became of one node.
#[derive(Clone, Debug)]
pub struct NodeResult {
    pub id: NodeId,
    pub status: Status,
    /// As dbt's `message`: `OK`, `Got 2 results, configured to fail if != 0`.
    pub message: Option<String>,
    /// Of a data test: how many failures it counted.
    pub failures: Option<u64>,
    /// Of a failed data test: its first failing rows.
    pub failing_rows: Option<Rows>,
    /// What went wrong, in full.
    pub diagnostics: Vec<Diagnostic>,
    /// For `show`: the rows asked for.
    pub preview: Option<Rows>,
    pub response: Option<Response>,
    pub timing: Vec<Timing>,
    /// `Thread-1`.
    pub thread: String,
    pub execution_time: Duration,
    pub compiled_code: Option<String>,
    /// Where that was written: `target/compiled/shop/models/orders.sql`.
    pub compiled_path: Option<String>,
    /// Where the SQL that ran is kept: `target/run/shop/models/orders.sql`.
    pub build_path: Option<String>,
    pub relation_name: Option<String>,
    /// Of a microbatch model.
    pub batch_results: Option<BatchResults>,
    /// Of a source whose freshness was looked at.
    pub freshness: Option<FreshnessFound>,
    /// Of a skipped node: the parent that failed.
    pub blamed_parent: Option<NodeId>,
}

impl NodeResult {
    /// Whether it was skipped for an error that no other result tells: that of an ephemeral
    /// model.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.status == Status::Skipped && !self.diagnostics.is_empty()
    }

    /// The result of a node that was not run; `blamed_parent` is the failure it waited for.
    #[must_use]
    pub fn skipped(node: &Node, blamed_parent: Option<NodeId>) -> Self {
        Self { blamed_parent, ..Self::new(node, Status::Skipped) }
    }

    /// A result with nothing more to say yet.
    #[must_use]
    pub fn new(node: &Node, status: Status) -> Self {
        Self {
            id: node.id.clone(),
            status,
            message: None,
            failures: None,
            failing_rows: None,
            diagnostics: Vec::new(),
            preview: None,
            response: None,
            timing: Vec::new(),
            thread: String::new(),
            execution_time: Duration::ZERO,
            compiled_code: None,
            compiled_path: None,
            build_path: None,
            freshness: None,
            relation_name: node.relation.as_ref().map(ToString::to_string),
            batch_results: None,
            blamed_parent: None,
        }
    }
}
