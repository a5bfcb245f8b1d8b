use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::BatchTurn;
use super::batch_board::BatchBoard;
use crate::manifest::NodeId;
use crate::plan::{Plan, Task};

/// Hands out tasks as those they wait for end, and tells which can no longer be done.
#[derive(Debug)]
pub struct ReadyQueue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// By place in the plan, so that tasks come out in its order.
    ready: BTreeSet<usize>,
    tasks: Vec<Task>,
    place: BTreeMap<NodeId, usize>,
    waiting_for: Vec<usize>,
    children: Vec<Vec<usize>>,
    /// The parent to blame of each task that cannot be done.
    blocked: BTreeMap<usize, NodeId>,
    /// Tasks that ended before they were handed out.
    given_up: BTreeSet<usize>,
    running: usize,
    left: usize,
    is_closed: bool,
    /// How many tasks were last said to be at work at the same time.
    told: usize,
    /// Whether a worker is telling the warehouse so, before whom nobody begins.
    is_telling: bool,
    /// Batches of models that are being built, for whoever has nothing else to do.
    shared: VecDeque<BatchTurn>,
}

/// What a worker is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Do it, then call [`ReadyQueue::done`].
    Run(Task),
    /// A parent failed: report it skipped, then call [`ReadyQueue::done`] as failed.
    Skip { task: Task, failed_parent: NodeId },
    /// Make a batch of a model that another worker builds, and tell its board.
    Help(BatchTurn),
    /// So many tasks are at work at the same time from now on: tell the warehouse, call
    /// [`ReadyQueue::told`], and ask again.
    Tell(usize),
    /// There is nothing more to do.
    End,
}

/// How long fewer tasks have to be at work before the warehouse is told.
const LULL: Duration = Duration::from_millis(20);

impl ReadyQueue {
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let place: BTreeMap<NodeId, usize> =
            plan.tasks.iter().enumerate().map(|(at, task)| (task.id.clone(), at)).collect();
        let mut children = vec![Vec::new(); plan.tasks.len()];
        let mut waiting_for = vec![0; plan.tasks.len()];
        for (at, task) in plan.tasks.iter().enumerate() {
            for parent in task.waits_for.iter().filter_map(|parent| place.get(parent)) {
                children[*parent].push(at);
                waiting_for[at] += 1;
            }
        }
        let ready =
            waiting_for.iter().enumerate().filter(|(_, left)| **left == 0).map(|(at, _)| at).collect();
        let state = State {
            ready,
            tasks: plan.tasks.clone(),
            place,
            waiting_for,
            children,
            blocked: BTreeMap::new(),
            given_up: BTreeSet::new(),
            running: 0,
            left: plan.tasks.len(),
            is_closed: false,
            told: 0,
            is_telling: false,
            shared: VecDeque::new(),
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The next task; waits until there is one or none can come any more.
    #[must_use]
    pub fn next(&self) -> Next {
        let mut state = self.lock();
        loop {
            if state.is_closed || state.left == 0 {
                return Next::End;
            }
            if state.is_telling {
                state = self.wait(state);
                continue;
            }
            if let Some(turn) = state.shared.pop_front() {
                return Next::Help(turn);
            }
            let coming = state.ready.len();
            if state.running == 0 && coming > 0 && coming != state.told {
                return state.tell(coming);
            }
            if let Some(at) = state.ready.pop_first() {
                state.running += 1;
                let task = state.tasks[at].clone();
                return match state.blocked.get(&at) {
                    Some(failed_parent) => Next::Skip { task, failed_parent: failed_parent.clone() },
                    None => Next::Run(task),
                };
            }
            if state.running == 0 {
                // Tasks of a circle wait for each other; the parser refuses circles.
                return Next::End;
            }
            if state.running >= state.told {
                state = self.wait(state);
                continue;
            }
            let waited = self.changed.wait_timeout(state, LULL).unwrap_or_else(PoisonError::into_inner);
            let is_lull = waited.1.timed_out();
            state = waited.0;
            if is_lull && state.is_idle() {
                let running = state.running;
                return state.tell(running);
            }
        }
    }

    /// The warehouse knows what [`next`](ReadyQueue::next) gave to tell.
    pub fn told(&self) {
        self.lock().is_telling = false;
        self.changed.notify_all();
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// A task that [`next`](ReadyQueue::next) gave has ended. What waited for a failed one
    /// is skipped, and so on down; the first failure on the way is the one to blame.
    pub fn done(&self, id: &NodeId, failed: bool) {
        let mut state = self.lock();
        let Some(at) = state.place.get(id).copied() else { return };
        state.running -= 1;
        state.end(at, id, failed);
        drop(state);
        self.changed.notify_all();
    }

    /// A task has failed that was not handed out yet, and never will be.
    pub fn give_up(&self, id: &NodeId, holds_back: bool) {
        let mut state = self.lock();
        let Some(at) = state.place.get(id).copied() else { return };
        if state.given_up.insert(at) {
            state.ready.remove(&at);
            state.end(at, id, holds_back);
        }
    }

    /// Lets other workers make batches too; who shares them takes what is left of them with
    /// [`take_back`](ReadyQueue::take_back).
    pub(super) fn share(&self, turns: Vec<BatchTurn>) {
        self.lock().shared.extend(turns);
        self.changed.notify_all();
    }

    /// The next batch of a board that nobody has begun.
    pub(super) fn take_back(&self, board: &Arc<BatchBoard>) -> Option<BatchTurn> {
        let mut state = self.lock();
        let at = state.shared.iter().position(|turn| Arc::ptr_eq(&turn.board, board))?;
        state.shared.remove(at)
    }

    /// Nothing more is handed out.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether there is nothing for one more worker, and fewer are at work than was told.
    fn is_idle(&self) -> bool {
        let has_work = !self.ready.is_empty() || !self.shared.is_empty();
        !(has_work || self.is_closed || self.is_telling) && (1..self.told).contains(&self.running)
    }

    fn tell(&mut self, workers: usize) -> Next {
        self.told = workers;
        self.is_telling = true;
        Next::Tell(workers)
    }

    /// Lets go of what waited for a task.
    fn end(&mut self, at: usize, id: &NodeId, failed: bool) {
        self.left -= 1;
        let blame = self.blocked.get(&at).cloned().or_else(|| failed.then(|| id.clone()));
        for child in self.children[at].clone() {
            if let Some(blame) = &blame {
                self.blocked.entry(child).or_insert_with(|| blame.clone());
            }
            self.waiting_for[child] -= 1;
            if self.waiting_for[child] == 0 && !self.given_up.contains(&child) {
                self.ready.insert(child);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Action, Reason};

    fn plan(tasks: &[(&str, &[&str])]) -> Plan {
        let task = |(id, parents): &(&str, &[&str])| Task {
            id: NodeId::new(id),
            action: Action::BuildModel,
            reason: Reason::Requested,
            waits_for: parents.iter().map(|parent| NodeId::new(parent)).collect(),
            batches: None,
        };
        Plan { tasks: tasks.iter().map(task).collect(), clock: None }
    }

    fn drain(queue: &ReadyQueue, failing: &str) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            match queue.next() {
                Next::Run(task) => {
                    seen.push(task.id.to_string());
                    queue.done(&task.id, task.id.as_str() == failing);
                }
                Next::Skip { task, failed_parent } => {
                    seen.push(format!("{} skipped for {failed_parent}", task.id));
                    queue.done(&task.id, true);
                }
                Next::Help(_) => panic!("nothing was shared"),
                Next::Tell(_) => queue.told(),
                Next::End => return seen,
            }
        }
    }

    #[test]
    fn children_come_after_all_their_parents() {
        let queue = ReadyQueue::new(&plan(&[("a", &[]), ("b", &[]), ("c", &["a", "b"])]));
        assert_eq!(drain(&queue, ""), ["a", "b", "c"]);
    }

    #[test]
    fn what_follows_from_a_failure_is_skipped_and_the_rest_is_done() {
        let queue =
            ReadyQueue::new(&plan(&[("a", &[]), ("b", &[]), ("c", &["a"]), ("d", &["c"]), ("e", &["b"])]));
        assert_eq!(drain(&queue, "a"), ["a", "b", "c skipped for a", "d skipped for a", "e"]);
    }

    #[test]
    fn what_was_given_up_is_never_handed_out_and_holds_back_its_children() {
        let queue = ReadyQueue::new(&plan(&[("a", &[]), ("b", &["a"]), ("c", &["b"]), ("d", &["a"])]));
        queue.give_up(&NodeId::new("b"), true);
        assert_eq!(drain(&queue, ""), ["a", "c skipped for b", "d"]);
    }

    #[test]
    fn a_closed_queue_gives_nothing_more() {
        let queue = ReadyQueue::new(&plan(&[("a", &[]), ("b", &[])]));
        assert_eq!(queue.next(), Next::Tell(2));
        queue.told();
        assert!(matches!(queue.next(), Next::Run(_)));
        queue.close();
        assert_eq!(queue.next(), Next::End);
    }

    #[test]
    fn it_says_how_many_tasks_are_at_work_when_work_begins_and_when_workers_stay_idle() {
        let id = NodeId::new;
        let queue = ReadyQueue::new(&plan(&[("a", &[]), ("b", &[]), ("c", &["a", "b"]), ("d", &["c"])]));
        assert_eq!(queue.next(), Next::Tell(2));
        queue.told();
        assert!(matches!(queue.next(), Next::Run(_)));
        assert!(matches!(queue.next(), Next::Run(_)));
        queue.done(&id("a"), false);
        assert_eq!(queue.next(), Next::Tell(1), "nothing came for a while");
        queue.told();
        queue.done(&id("b"), false);
        assert!(matches!(queue.next(), Next::Run(task) if task.id == id("c")), "one, as was told");
        queue.done(&id("c"), false);
        assert!(matches!(queue.next(), Next::Run(task) if task.id == id("d")));
        queue.done(&id("d"), false);
        assert_eq!(queue.next(), Next::End);
    }
}
