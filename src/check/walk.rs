use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::inspect::Inspector;
use super::judge::LazyJudge;
use super::{NodeAnalysis, Standing};
use crate::diagnostic::internal_error;
use crate::manifest::{Manifest, NodeId};

/// Stack of a thread: queries may nest deep.
const STACK: usize = 64 * 1024 * 1024;

/// Nodes to look at, handed out when all their parents were.
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    nodes: Vec<NodeId>,
    waiting_for: Vec<usize>,
    children: Vec<Vec<usize>>,
    /// By place in the order of the graph.
    ready: BTreeSet<usize>,
    left: usize,
}

impl Queue {
    fn new(manifest: &Manifest, wanted: &BTreeSet<NodeId>) -> Self {
        let nodes: Vec<NodeId> =
            manifest.graph.topological_order().into_iter().filter(|id| wanted.contains(id)).collect();
        let place: BTreeMap<&NodeId, usize> = nodes.iter().enumerate().map(|(at, id)| (id, at)).collect();
        let mut children = vec![Vec::new(); nodes.len()];
        let mut waiting_for = vec![0; nodes.len()];
        for (at, id) in nodes.iter().enumerate() {
            let parents = manifest.graph.parents(id);
            for parent in parents.iter().filter_map(|parent| place.get(parent)) {
                children[*parent].push(at);
                waiting_for[at] += 1;
            }
        }
        let ready = (0..nodes.len()).filter(|at| waiting_for[*at] == 0).collect();
        let left = nodes.len();
        let state = State { nodes, waiting_for, children, ready, left };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next node; waits until there is one, `None` when all are done.
    fn next(&self) -> Option<(usize, NodeId)> {
        let mut state = self.lock();
        loop {
            if state.left == 0 {
                return None;
            }
            if let Some(at) = state.ready.pop_first() {
                return Some((at, state.nodes[at].clone()));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn done(&self, at: usize) {
        let mut state = self.lock();
        state.left -= 1;
        for child in std::mem::take(&mut state.children[at]) {
            state.waiting_for[child] -= 1;
            if state.waiting_for[child] == 0 {
                state.ready.insert(child);
            }
        }
        drop(state);
        self.changed.notify_all();
    }
}

/// Looks at all of `wanted`, parents before children, on all cores. What is found does not
/// depend on which thread was quicker: a node only knows of its own parents.
pub(super) fn walk(inspector: &Inspector<'_>, wanted: &BTreeSet<NodeId>) {
    let queue = Queue::new(inspector.manifest, wanted);
    let threads = rayon::current_num_threads().clamp(1, wanted.len().max(1));
    std::thread::scope(|scope| {
        for number in 1..threads {
            let name = format!("check-{number}");
            let thread = std::thread::Builder::new().name(name).stack_size(STACK);
            // One that cannot be started leaves its work to the others.
            let _ = thread.spawn_scoped(scope, || work(inspector, &queue));
        }
        let first = std::thread::Builder::new().stack_size(STACK);
        if first.spawn_scoped(scope, || work(inspector, &queue)).is_err() {
            work(inspector, &queue);
        }
    });
}

/// One thread's life.
fn work(inspector: &Inspector<'_>, queue: &Queue) {
    let mut judge = LazyJudge::new(&*inspector.invocation.adapter);
    while let Some((at, id)) = queue.next() {
        if let Some(node) = inspector.manifest.node(&id) {
            let look = AssertUnwindSafe(|| inspector.inspect(node, &mut judge));
            let found = catch_unwind(look).unwrap_or_else(|payload| NodeAnalysis {
                standing: Standing::Wrong,
                diagnostics: vec![internal_error(&*payload).label(node.body.part(0..0), "")],
                ..NodeAnalysis::new(&id)
            });
            let mut done = inspector.done.write().unwrap_or_else(PoisonError::into_inner);
            done.insert(id, Arc::new(found));
        }
        queue.done(at);
    }
}
