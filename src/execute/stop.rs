use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::adapter::Canceller;
use crate::manifest::NodeId;

/// How a run is ended early: by Ctrl-C, or by the first failure under `--fail-fast`.
/// Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    is_cancelled: AtomicBool,
    is_failing_fast: AtomicBool,
    interrupts: AtomicU8,
    running: Mutex<BTreeMap<NodeId, Canceller>>,
    /// What was running when the user asked to stop.
    interrupted: Mutex<BTreeSet<NodeId>>,
}

impl Stop {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The user wants no more: nothing new begins, and what runs is cancelled. Gives how
    /// often it was called, this time included.
    #[must_use]
    pub fn cancel(&self) -> u8 {
        self.0.is_cancelled.store(true, Ordering::SeqCst);
        self.interrupt();
        self.0.interrupts.fetch_add(1, Ordering::SeqCst).saturating_add(1)
    }

    /// A node failed under `--fail-fast`: nothing new begins, and what runs is cancelled.
    pub fn fail_fast(&self) {
        self.0.is_failing_fast.store(true, Ordering::SeqCst);
        self.interrupt();
    }

    /// The user asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::SeqCst)
    }

    /// Nothing new is to begin.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.is_cancelled() || self.0.is_failing_fast.load(Ordering::SeqCst)
    }

    /// A node begins to run over the connection that `canceller` stops.
    pub(super) fn register(&self, node: &NodeId, canceller: Canceller) {
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_stopping() {
            canceller.cancel();
        }
        running.insert(node.clone(), canceller);
    }

    /// A node has ended.
    pub(super) fn unregister(&self, node: &NodeId) {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner).remove(node);
    }

    /// The nodes that were running when the run was stopped.
    pub(super) fn interrupted(&self) -> BTreeSet<NodeId> {
        self.0.interrupted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn interrupt(&self) {
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut interrupted = self.0.interrupted.lock().unwrap_or_else(PoisonError::into_inner);
        for (node, canceller) in running.iter() {
            interrupted.insert(node.clone());
            canceller.cancel();
        }
    }
}
