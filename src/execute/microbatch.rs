//! Models that are built batch by batch.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::batch_board::{BatchBoard, BatchResult, BatchTurn};
use super::worker::Worker;
use super::{BatchResults, Event, NodeResult, ReadyQueue, Status};
use crate::context::Batch;
use crate::diagnostic::{Diagnostic, internal_error};
use crate::manifest::{Node, NodeId};
use crate::materialize;
use crate::plan::{Moments, Task, batches};

impl Worker<'_> {
    /// The batches of a model that its task, the flags and the warehouse ask for.
    ///
    /// # Errors
    /// The warehouse cannot be asked whether the table is there.
    pub(super) fn batches(&self, node: &Node, task: &Task) -> Result<Vec<Batch>, Diagnostic> {
        if let Some(left) = &task.batches {
            return Ok(left.batches(node));
        }
        let is_incremental = materialize::is_incremental(&self.job(node, None))?;
        let invocation = self.executor.invocation;
        let now = self.executor.clock;
        Ok(batches(node, Moments { flags: &invocation.flags, now, is_incremental }))
    }

    /// Makes batches one after the other: the first and the last alone, those between by as
    /// many workers as are free where the model's config `concurrent_batches` says that they
    /// may be. When the first fails there is nothing for the others to add to.
    pub(super) fn make_batches(
        &self,
        node: &Node,
        task: &Task,
        batches: &[Batch],
        queue: &ReadyQueue,
    ) -> NodeResult {
        let board = Arc::new(BatchBoard::default());
        let total = batches.len();
        let turn = |index: usize, batch: &Batch| BatchTurn {
            node: node.id.clone(),
            batch: *batch,
            index: index + 1,
            total,
            board: Arc::clone(&board),
        };
        let mut turns: Vec<BatchTurn> =
            batches.iter().enumerate().map(|(index, batch)| turn(index, batch)).collect();
        if node.config.flag("concurrent_batches") == Some(true) && total > 3 {
            let last = turns.split_off(total - 1);
            let between = turns.split_off(1);
            self.take_turns(turns);
            if is_worth_more(&board) {
                let number = between.len();
                queue.share(between);
                while let Some(turn) = queue.take_back(&board) {
                    self.take_turn(&turn);
                }
                board.wait_for(1 + number);
                self.take_turns(last);
            } else {
                self.skip(between.into_iter().chain(last));
            }
        } else {
            let others = turns.split_off(total.min(1));
            self.take_turns(turns);
            if is_worth_more(&board) { self.take_turns(others) } else { self.skip(others) }
        }
        result(node, task, board.results())
    }

    fn take_turns(&self, turns: Vec<BatchTurn>) {
        for turn in turns {
            self.take_turn(&turn);
        }
    }

    /// Makes a batch, or skips it when the run is to stop, and tells the board.
    pub(super) fn take_turn(&self, turn: &BatchTurn) {
        let executor = self.executor;
        let node = executor.manifest.node(&turn.node).filter(|_| !executor.stop.is_stopping());
        let Some(node) = node else { return self.skip([turn.clone()]) };
        let label = turn.batch.label();
        executor.reporter.report(Event::BatchStarted {
            id: node.id.clone(),
            index: turn.index,
            total: turn.total,
            label: label.clone(),
            thread: self.name(),
        });
        // Each is cancelled over the connection of who makes it.
        let running = NodeId::new(&format!("{}@{label}", node.id));
        executor.stop.register(&running, self.canceller());
        let started = Instant::now();
        let made = catch_unwind(AssertUnwindSafe(|| self.make_batch(node, &turn.batch)));
        let made = made.unwrap_or_else(|payload| {
            self.roll_back();
            Err(internal_error(&*payload).label(node.body.part(0..0), ""))
        });
        executor.stop.unregister(&running);
        self.end(turn, made.err(), started.elapsed());
    }

    fn make_batch(&self, node: &Node, batch: &Batch) -> Result<(), Diagnostic> {
        let compiled = self.executor.compiler.compile_batch(node, &self.connection, batch)?;
        let label = batch.label();
        self.update(&self.paths().compiled_batch(node, &label), compiled.code.as_bytes())?;
        let mut job = self.job(node, Some(&compiled));
        job.batch = Some(*batch);
        let outcome = materialize::model(&job)?;
        self.update(&self.paths().run_batch(node, &label), outcome.run_code.as_bytes())
    }

    fn skip(&self, turns: impl IntoIterator<Item = BatchTurn>) {
        for turn in turns {
            self.tell(&turn, Status::Skipped, Vec::new(), Duration::ZERO);
        }
    }

    fn end(&self, turn: &BatchTurn, failure: Option<Diagnostic>, execution_time: Duration) {
        let status = if failure.is_some() { Status::Error } else { Status::Success };
        self.tell(turn, status, failure.into_iter().collect(), execution_time);
    }

    fn tell(&self, turn: &BatchTurn, status: Status, diagnostics: Vec<Diagnostic>, execution_time: Duration) {
        self.executor.reporter.report(Event::BatchFinished {
            id: turn.node.clone(),
            index: turn.index,
            total: turn.total,
            label: turn.batch.label(),
            status,
            execution_time,
            thread: self.name(),
        });
        let window = turn.batch.window;
        turn.board.tell(BatchResult { index: turn.index, window, status, diagnostics });
    }
}

/// Whether the first batch made what the others add to.
fn is_worth_more(board: &BatchBoard) -> bool {
    board.results().iter().all(|result| result.status == Status::Success)
}

/// The one result of all batches.
fn result(node: &Node, task: &Task, ended: Vec<BatchResult>) -> NodeResult {
    let total = ended.len();
    let mut results = BatchResults::default();
    let mut diagnostics = Vec::new();
    for batch in ended {
        let list =
            if batch.status == Status::Success { &mut results.successful } else { &mut results.failed };
        list.push(batch.window);
        diagnostics.extend(batch.diagnostics);
    }
    let made = results.successful.len();
    let status = match (made, total - made) {
        (_, 0) => Status::Success,
        (0, _) => Status::Error,
        _ => Status::PartialSuccess,
    };
    let message = match status {
        Status::Success => "SUCCESS".to_owned(),
        Status::PartialSuccess => format!("PARTIAL SUCCESS ({made}/{total})"),
        _ => "ERROR".to_owned(),
    };
    // What an earlier run has made is not made again, but is there.
    results.successful.extend(task.batches.iter().flat_map(|left| &left.successful));
    NodeResult {
        message: Some(message),
        failures: Some(0),
        diagnostics,
        batch_results: Some(results),
        ..NodeResult::new(node, status)
    }
}
