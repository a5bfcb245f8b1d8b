use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::adapter::Canceller;
use crate::manifest::NodeId;

/// How a run is ended early: by Ctrl-C, or by the first failure under `--fail-fast`.
/// Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    has_begun: AtomicBool,
    /// Nothing is done until the user wants no more.
    is_waiting: AtomicBool,
    is_cancelled: AtomicBool,
    is_failing_fast: AtomicBool,
    /// The workers have ended: a failure under `--fail-fast` has no more to stop.
    is_settled: AtomicBool,
    /// Somebody sees to it that what runs is cancelled.
    is_insisting: AtomicBool,
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

    /// A run begins: from now on there is something to cancel, and to tell of.
    pub(super) fn begin(&self) {
        self.0.has_begun.store(true, Ordering::SeqCst);
    }

    /// Whether a run has begun, also one that has ended.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.has_begun.load(Ordering::SeqCst)
    }

    /// From now on nothing is done but to wait for Ctrl-C, as a server does: it ends the command as
    /// it should end.
    pub fn wait_for_the_user(&self) {
        self.0.is_waiting.store(true, Ordering::SeqCst);
        self.begin();
    }

    /// Whether the command waits for Ctrl-C, so that it is no news that something is cancelled.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.0.is_waiting.load(Ordering::SeqCst)
    }

    /// Waits for a while; whether the user has stopped the command, which is known at once.
    #[must_use]
    pub fn sleep(&self, time: Duration) -> bool {
        const STEP: Duration = Duration::from_millis(50);
        let mut left = time;
        while !self.is_cancelled() && !left.is_zero() {
            std::thread::sleep(left.min(STEP));
            left = left.saturating_sub(STEP);
        }
        self.is_cancelled()
    }

    /// The workers have ended: what runs now, as hooks do, only the user can stop.
    pub(super) fn settle(&self) {
        self.0.is_settled.store(true, Ordering::SeqCst);
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
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner).insert(node.clone(), canceller);
        if self.is_interrupting() {
            self.insist();
        }
    }

    /// A node has ended.
    pub(super) fn unregister(&self, node: &NodeId) {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner).remove(node);
    }

    /// The nodes that were running when the run was stopped.
    pub(super) fn interrupted(&self) -> BTreeSet<NodeId> {
        self.0.interrupted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_interrupting(&self) -> bool {
        self.is_cancelled() || (self.is_stopping() && !self.0.is_settled.load(Ordering::SeqCst))
    }

    fn interrupt(&self) {
        self.cancel_running();
        self.insist();
    }

    /// Cancels what runs; whether anything does.
    fn cancel_running(&self) -> bool {
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut interrupted = self.0.interrupted.lock().unwrap_or_else(PoisonError::into_inner);
        for (node, canceller) in running.iter() {
            interrupted.insert(node.clone());
            canceller.cancel();
        }
        !running.is_empty()
    }

    /// Cancels again and again until nothing runs any more. A warehouse that is told to stop
    /// between two statements of a node forgets it when the second begins.
    fn insist(&self) {
        if self.0.is_insisting.swap(true, Ordering::SeqCst) {
            return;
        }
        let stop = self.clone();
        let body = move || {
            while stop.is_interrupting() && stop.cancel_running() {
                std::thread::sleep(PAUSE);
            }
            stop.0.is_insisting.store(false, Ordering::SeqCst);
        };
        // Without a thread, what was cancelled the first time has to do.
        if std::thread::Builder::new().name("stop".to_owned()).spawn(body).is_err() {
            self.0.is_insisting.store(false, Ordering::SeqCst);
        }
    }
}

/// Long enough for a rollback to get through between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Instant;

    use super::*;

    /// A canceller that counts, as a warehouse that forgets the first three times.
    fn counting() -> (Canceller, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let canceller = Canceller::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        (canceller, count)
    }

    fn wait_for(count: &AtomicUsize, wanted: usize) {
        let started = Instant::now();
        while count.load(Ordering::SeqCst) < wanted {
            assert!(started.elapsed() < Duration::from_secs(30), "cancelled only {count:?} times");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn what_runs_is_cancelled_until_it_ends() {
        let (stop, node) = (Stop::new(), NodeId::new("model.shop.주문"));
        let (canceller, count) = counting();
        stop.register(&node, canceller);
        assert_eq!(count.load(Ordering::SeqCst), 0);
        assert_eq!((stop.cancel(), stop.cancel()), (1, 2));
        wait_for(&count, 4);
        stop.unregister(&node);
        assert_eq!(stop.interrupted().into_iter().collect::<Vec<_>>(), [node]);
    }

    #[test]
    fn what_begins_after_the_stop_is_cancelled_too() {
        let stop = Stop::new();
        stop.fail_fast();
        let (canceller, count) = counting();
        stop.register(&NodeId::new("model.shop.late"), canceller);
        wait_for(&count, 1);
        assert!(stop.is_stopping() && !stop.is_cancelled());
    }

    #[test]
    fn hooks_after_a_fast_failure_are_left_alone_but_by_the_user() {
        let stop = Stop::new();
        stop.fail_fast();
        stop.settle();
        let (canceller, count) = counting();
        stop.register(&NodeId::new("operation.shop.end"), canceller);
        std::thread::sleep(PAUSE * 3);
        assert_eq!(count.load(Ordering::SeqCst), 0);
        assert_eq!(stop.cancel(), 1);
        wait_for(&count, 1);
    }
}
