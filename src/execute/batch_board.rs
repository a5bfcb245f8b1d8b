use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::Status;
use crate::context::Batch;
use crate::diagnostic::Diagnostic;
use crate::manifest::NodeId;
use crate::project::TimeWindow;

/// One batch of a model, to be made by whoever is free.
#[derive(Clone, Debug)]
pub struct BatchTurn {
    pub(super) node: NodeId,
    pub(super) batch: Batch,
    /// Counts from 1.
    pub(super) index: usize,
    pub(super) total: usize,
    pub(super) board: Arc<BatchBoard>,
}

impl PartialEq for BatchTurn {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && Arc::ptr_eq(&self.board, &other.board)
    }
}

impl Eq for BatchTurn {}

/// How a batch ended.
#[derive(Clone, Debug)]
pub(super) struct BatchResult {
    pub index: usize,
    pub window: TimeWindow,
    /// `Success`, `Error` or `Skipped`.
    pub status: Status,
    pub diagnostics: Vec<Diagnostic>,
}

/// Where those who make batches of a model tell how these ended.
#[derive(Debug, Default)]
pub(super) struct BatchBoard {
    ended: Mutex<Vec<BatchResult>>,
    changed: Condvar,
}

impl BatchBoard {
    pub(super) fn tell(&self, result: BatchResult) {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).push(result);
        self.changed.notify_all();
    }

    /// Waits until so many batches have ended.
    pub(super) fn wait_for(&self, number: usize) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        while ended.len() < number {
            ended = self.changed.wait(ended).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// All that have ended, in order of time.
    pub(super) fn results(&self) -> Vec<BatchResult> {
        let mut results = self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone();
        results.sort_by_key(|result| result.index);
        results
    }
}
