use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use super::ready_queue::Next;
use super::test_batches::TestBatches;
use super::worker::Worker;
use super::{Event, NodeResult, ReadyQueue, Reporter, Status, Stop};
use crate::adapter::{AdapterError, ErrorKind, unconnected};
use crate::artifact::Paths;
use crate::compile::Compiler;
use crate::context::{Invocation, LogLevel, RelationCache, RunResult, SharedConnection};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::jinja::{Value, list_value, tuple_value};
use crate::manifest::{HookEvent, Manifest, Node, NodeId, NodeKind, ResourceType};
use crate::materialize::{Job, create_schemas};
use crate::plan::{Action, Plan};

/// What a run does beside its tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// At least 1.
    pub threads: usize,
    pub fail_fast: bool,
    /// Whether `on-run-start` and `on-run-end` hooks run.
    pub hooks: bool,
    /// Rows a preview fetches; `None` for all.
    pub preview_limit: Option<usize>,
    /// Whether the warehouse is connected to also where templates become SQL and none of them
    /// asks it anything.
    pub connects: bool,
}

/// How a run stands to the warehouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Connected,
    /// Connected, where there is anything to connect to.
    ToCompile,
    /// Nothing is asked.
    Unconnected,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// In the order they ended; hooks among them.
    pub results: Vec<Arc<NodeResult>>,
    pub elapsed: Duration,
    pub was_cancelled: bool,
}

impl Finished {
    /// Whether anything failed.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.was_cancelled
            || self.results.iter().any(|result| result.status.is_failure() || result.is_broken())
    }
}

/// Takes a plan through.
pub struct Executor<'a> {
    pub invocation: &'a Arc<Invocation>,
    pub manifest: &'a Arc<Manifest>,
    pub compiler: &'a Compiler,
    pub cache: &'a Arc<RelationCache>,
    pub reporter: &'a dyn Reporter,
    pub paths: &'a Paths,
    pub stop: &'a Stop,
    pub options: RunOptions,
    /// The time up to which microbatch models are built.
    pub clock: DateTime<Utc>,
    /// Nodes that the warehouse is not asked for: what is wrong with them was found before.
    pub known_failures: BTreeMap<NodeId, Vec<Diagnostic>>,
}

impl Executor<'_> {
    /// Runs everything. Failures of nodes are in their results.
    ///
    /// # Errors
    /// The warehouse cannot be reached, or the schemas cannot be created: then nothing ran.
    /// Or what ran is lost, as the database's file is gone.
    pub fn run(&self, plan: &Plan) -> Result<Finished, Diagnostic> {
        let started = Instant::now();
        let total = plan.tasks.len();
        let threads = self.options.threads.clamp(1, total.max(1));
        let way = self.way(plan);
        if way != Way::Connected {
            self.stop.begin();
            self.reporter.report(Event::RunStarted { total, threads: self.options.threads });
            self.compile_ahead(plan);
        }
        let way = if way == Way::Unconnected && !self.is_settled(plan) { Way::ToCompile } else { way };
        let first = self.connect(way)?;
        if way == Way::Connected {
            self.stop.begin();
            self.create_schemas(plan, &first)?;
            self.reporter.report(Event::RunStarted { total, threads: self.options.threads });
        }
        let results = Mutex::new(Vec::new());
        let queue = ReadyQueue::new(plan);
        self.tell_known_failures(plan, &queue, &first, &results);
        let is_ready =
            !self.stop.is_stopping() && self.run_hooks(HookEvent::RunStart, plan, &first, &results);
        if is_ready {
            if way == Way::Connected {
                self.compile_ahead(plan);
            }
            self.work((plan, &queue), threads, way, &first, &results);
            self.invocation.adapter.set_busy(1);
        }
        self.stop.settle();
        let was_cancelled = self.stop.is_cancelled();
        if was_cancelled {
            self.tell_what_was_left(plan, &results);
        } else if !is_ready || self.stop.is_stopping() {
            self.skip_all(plan, &results);
        }
        if !was_cancelled {
            self.run_hooks(HookEvent::RunEnd, plan, &first, &results);
        }
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        let elapsed = started.elapsed();
        self.reporter.report(Event::RunFinished { results: results.clone(), elapsed });
        self.invocation.adapter.check().map_err(|error| connection_failed(&error))?;
        Ok(Finished { results, elapsed, was_cancelled })
    }

    /// Templates can become SQL where no warehouse is.
    fn way(&self, plan: &Plan) -> Way {
        let is_compile = plan.tasks.iter().all(|task| task.action == Action::Compile);
        match (is_compile, self.options.connects) {
            (false, _) => Way::Connected,
            (true, true) => Way::ToCompile,
            (true, false) => Way::Unconnected,
        }
    }

    /// Whether all is compiled, and the warehouse was not asked for it.
    fn is_settled(&self, plan: &Plan) -> bool {
        plan.tasks.iter().all(|task| self.compiler.settled(&task.id).is_some())
    }

    fn connect(&self, way: Way) -> Result<SharedConnection, Diagnostic> {
        let adapter = &self.invocation.adapter;
        let connection = match way {
            Way::Connected => adapter.connect(),
            Way::ToCompile => adapter.connect_to_compile(),
            Way::Unconnected => Ok(unconnected()),
        };
        Ok(Arc::new(Mutex::new(connection.map_err(|error| connection_failed(&error))?)))
    }

    /// The results of nodes that are known to fail, before anything is touched.
    fn tell_known_failures(
        &self,
        plan: &Plan,
        queue: &ReadyQueue,
        connection: &SharedConnection,
        results: &Mutex<Vec<Arc<NodeResult>>>,
    ) {
        let total = plan.tasks.len();
        let failures = plan
            .tasks
            .iter()
            .filter_map(|task| Some((self.manifest.node(&task.id)?, self.known_failures.get(&task.id)?)));
        let worker = Worker::new(self, 0, Arc::clone(connection));
        for (index, (node, diagnostics)) in failures.enumerate() {
            let (id, index, thread) = (node.id.clone(), index + 1, worker.name());
            self.reporter.report(Event::NodeStarted { id, index, total, thread });
            let result = Arc::new(worker.refuse(node, diagnostics));
            self.reporter.report(Event::NodeFinished { index, total, result: Arc::clone(&result) });
            results.lock().unwrap_or_else(PoisonError::into_inner).push(result);
            queue.give_up(&node.id, holds_back(node, Status::Error));
        }
        if self.options.fail_fast && !self.known_failures.is_empty() {
            self.stop.fail_fast();
        }
    }

    /// Renders every template that needs no answer of the warehouse, on all cores, so that
    /// the workers only have to wait for the warehouse. A failure is told at the node's turn.
    fn compile_ahead(&self, plan: &Plan) {
        plan.tasks
            .par_iter()
            .filter(|task| {
                !matches!(
                    task.action,
                    Action::LoadSeed | Action::Clone | Action::CheckFreshness | Action::Nothing
                )
            })
            .filter(|task| {
                // Each batch of a model is another template.
                let is_batched = self.manifest.node(&task.id).is_some_and(Node::is_microbatch);
                !(self.stop.is_stopping() || is_batched && task.action == Action::BuildModel)
            })
            .for_each(|task| {
                // A panic too: it comes again then.
                let _ = catch_unwind(AssertUnwindSafe(|| self.compiler.compile_ahead(&task.id)));
            });
    }

    fn create_schemas(&self, plan: &Plan, connection: &SharedConnection) -> Result<(), Diagnostic> {
        let Some(anchor) = plan.tasks.iter().find_map(|task| self.manifest.node(&task.id)) else {
            return Ok(());
        };
        let schemas: BTreeSet<(String, String)> = plan
            .tasks
            .iter()
            .filter(|task| {
                matches!(task.action, Action::BuildModel | Action::LoadSeed | Action::RunTest | Action::Clone)
            })
            .filter_map(|task| self.manifest.node(&task.id)?.relation.as_ref())
            .map(|relation| {
                let part = |part: &Option<String>| part.clone().unwrap_or_default();
                (part(&relation.database), part(&relation.schema))
            })
            .collect();
        if schemas.is_empty() {
            return Ok(());
        }
        let job = Job {
            invocation: self.invocation,
            manifest: self.manifest,
            cache: self.cache,
            node: anchor,
            compiled: None,
            connection: Arc::clone(connection),
            batch: None,
            ran: std::sync::Arc::default(),
        };
        create_schemas(&job, &schemas)
    }

    /// Runs the project's hooks for an event, the packages' before the root project's.
    /// Whether all went well; after a failure the others are skipped.
    fn run_hooks(
        &self,
        event: HookEvent,
        plan: &Plan,
        connection: &SharedConnection,
        results: &Mutex<Vec<Arc<NodeResult>>>,
    ) -> bool {
        if !self.options.hooks || plan.tasks.is_empty() {
            return true;
        }
        let mut hooks: Vec<(usize, usize, &Node)> = self
            .manifest
            .nodes
            .values()
            .filter_map(|node| match &node.kind {
                NodeKind::Operation(hook) if hook.event == event => {
                    let place = self.manifest.packages.get_index_of(&node.package).unwrap_or(usize::MAX);
                    Some((place, hook.index, node))
                }
                _ => None,
            })
            .collect();
        hooks.sort_by_key(|(place, index, _)| (*place, *index));
        let extra = match event {
            HookEvent::RunStart => self.schemas_for_hooks(plan),
            HookEvent::RunEnd => {
                let mut extra = self.schemas_for_hooks(plan);
                extra.push(("results", self.results_for_hooks(results)));
                extra
            }
        };
        let total = hooks.len();
        let mut all_well = true;
        for (index, (_, _, node)) in hooks.into_iter().enumerate() {
            let worker = Worker::new(self, 0, Arc::clone(connection));
            let name = node.hook_name();
            let result = Arc::new(if all_well {
                self.reporter.report(Event::HookStarted { id: node.id.clone(), index: index + 1, total });
                worker.run_hook(node, &name, &extra)
            } else {
                NodeResult {
                    message: Some(format!("{name} skipped")),
                    failures: Some(1),
                    thread: worker.name(),
                    ..NodeResult::skipped(node, None)
                }
            });
            all_well &= !result.status.is_failure();
            self.reporter.report(Event::HookFinished {
                index: index + 1,
                total,
                result: Arc::clone(&result),
            });
            results.lock().unwrap_or_else(PoisonError::into_inner).push(result);
        }
        all_well
    }

    /// `schemas` and `database_schemas`: where the run builds.
    /// See <https://docs.getdbt.com/reference/dbt-jinja-functions/on-run-end-context>.
    fn schemas_for_hooks(&self, plan: &Plan) -> Vec<(&'static str, Value)> {
        let pairs: BTreeSet<(String, String)> = plan
            .tasks
            .iter()
            .filter(|task| matches!(task.action, Action::BuildModel | Action::LoadSeed))
            .filter_map(|task| self.manifest.node(&task.id))
            .map(|node| (node.database.clone(), node.schema.clone()))
            .collect();
        let schemas: BTreeSet<&str> = pairs.iter().map(|(_, schema)| schema.as_str()).collect();
        let schemas = list_value(schemas.into_iter().map(Value::from).collect());
        let pair = |(database, schema): &(String, String)| {
            tuple_value(vec![Value::from(database.as_str()), Value::from(schema.as_str())])
        };
        let pairs = list_value(pairs.iter().map(pair).collect());
        vec![("schemas", schemas), ("database_schemas", pairs)]
    }

    /// `results`: those of nodes, not of hooks.
    fn results_for_hooks(&self, results: &Mutex<Vec<Arc<NodeResult>>>) -> Value {
        let results = results.lock().unwrap_or_else(PoisonError::into_inner);
        let is_node = |result: &&Arc<NodeResult>| {
            let node = self.manifest.node(&result.id);
            node.is_some_and(|node| node.resource_type != ResourceType::Operation)
        };
        let facts = results.iter().filter(is_node).map(|result| RunResult {
            id: result.id.clone(),
            status: result.status.name(),
            message: result.message.clone(),
            failures: result.failures,
            thread: result.thread.clone(),
            execution_time: result.execution_time.as_secs_f64(),
            adapter_response: super::run_results::adapter_response(result).into(),
            timing: result
                .timing
                .iter()
                .map(|phase| (phase.name, phase.started_at, phase.completed_at))
                .collect(),
            compiled_code: result.compiled_code.as_deref().map(Arc::from),
            batches: result
                .batch_results
                .as_ref()
                .map(|batches| (batches.successful.clone(), batches.failed.clone())),
        });
        RunResult::list(self.manifest, facts.collect())
    }

    fn work(
        &self,
        (plan, queue): (&Plan, &ReadyQueue),
        threads: usize,
        way: Way,
        first: &SharedConnection,
        results: &Mutex<Vec<Arc<NodeResult>>>,
    ) {
        let (started, total) = (AtomicUsize::new(self.known_failures.len()), plan.tasks.len());
        let has_tests = plan.tasks.iter().any(|task| task.action == Action::RunTest);
        let batches = (self.invocation.flags.batch_tests && has_tests).then(|| TestBatches::new(self, plan));
        let tests = batches.as_ref();
        std::thread::scope(|scope| {
            for number in 1..=threads {
                let started = &started;
                // The connection that created the schemas serves the first worker.
                let connection = (number == 1).then(|| Arc::clone(first));
                let body = move || match connection.map_or_else(|| self.connect(way), Ok) {
                    Ok(connection) => self.take_tasks(
                        queue,
                        &Worker::new(self, number, connection).with_tests(tests),
                        total,
                        started,
                        results,
                    ),
                    // The other workers go on.
                    Err(diagnostic) => {
                        self.reporter.report(Event::Diagnostic(diagnostic.with_severity(Severity::Warning)));
                    }
                };
                let thread = std::thread::Builder::new().name(format!("Thread-{number}")).stack_size(STACK);
                if let Err(error) = thread.spawn_scoped(scope, body) {
                    let text = format!("a worker thread could not be started: {error}");
                    self.reporter.report(Event::Log { level: LogLevel::Info, text });
                    if number == 1 {
                        // Somebody has to do the work.
                        let worker = Worker::new(self, number, Arc::clone(first)).with_tests(tests);
                        self.take_tasks(queue, &worker, total, started, results);
                    }
                    break;
                }
            }
        });
    }

    /// One worker's life: takes tasks until there are none, or the run is stopped.
    fn take_tasks(
        &self,
        queue: &ReadyQueue,
        worker: &Worker<'_>,
        total: usize,
        started: &AtomicUsize,
        results: &Mutex<Vec<Arc<NodeResult>>>,
    ) {
        loop {
            let next = if self.stop.is_stopping() { Next::End } else { queue.next() };
            let (task, failed_parent) = match next {
                Next::Run(task) => (task, None),
                Next::Skip { task, failed_parent } => (task, Some(failed_parent)),
                Next::Help(turn) => {
                    worker.take_turn(&turn);
                    continue;
                }
                Next::Tell(workers) => {
                    self.invocation.adapter.set_busy(workers.min(self.options.threads));
                    queue.told();
                    continue;
                }
                Next::End => break,
            };
            let Some(node) = self.manifest.node(&task.id) else {
                queue.done(&task.id, true);
                continue;
            };
            let index = started.fetch_add(1, Ordering::SeqCst) + 1;
            let mut result = match failed_parent {
                Some(parent) => NodeResult::skipped(node, Some(parent)),
                None => {
                    let thread = worker.name();
                    self.reporter.report(Event::NodeStarted { id: task.id.clone(), index, total, thread });
                    worker.run(node, &task, queue)
                }
            };
            let is_cut_short = matches!(result.status, Status::Error | Status::PartialSuccess);
            if self.stop.is_cancelled() && is_cut_short {
                // What was cancelled is told as such, not as an error.
                break;
            }
            if self.stop.is_stopping() && has_code(&result, Code::Cancelled) {
                // Another node failed under `--fail-fast`; this one is not to blame.
                result = self.skipped_by_failure(node);
            }
            if has_code(&result, Code::CannotWriteFile) {
                // No other node would fare better.
                self.stop.fail_fast();
            }
            let result = Arc::new(result);
            self.reporter.report(Event::NodeFinished { index, total, result: Arc::clone(&result) });
            if self.options.fail_fast && result.status.is_failure() {
                self.stop.fail_fast();
            }
            let holds_back = holds_back(node, result.status);
            results.lock().unwrap_or_else(PoisonError::into_inner).push(result);
            queue.done(&task.id, holds_back);
        }
        if self.stop.is_stopping() {
            // Wakes those who wait for a task that will not come.
            queue.close();
        }
    }

    /// The result of a node that did not run because another one failed, on which it does not
    /// depend.
    fn skipped_by_failure(&self, node: &Node) -> NodeResult {
        let is_fast = self.options.fail_fast && self.stop.is_stopping();
        let message = is_fast.then(|| "Skipping due to fail_fast".to_owned());
        NodeResult { message, ..NodeResult::skipped(node, None) }
    }

    /// Reports what never ran as skipped.
    fn skip_all(&self, plan: &Plan, results: &Mutex<Vec<Arc<NodeResult>>>) {
        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
        let ended: BTreeSet<NodeId> = results.iter().map(|result| result.id.clone()).collect();
        let total = plan.tasks.len();
        for node in plan.tasks.iter().filter_map(|task| self.manifest.node(&task.id)) {
            if !ended.contains(&node.id) {
                let result = Arc::new(self.skipped_by_failure(node));
                let index = (results.len() + 1).min(total);
                self.reporter.report(Event::NodeFinished { index, total, result: Arc::clone(&result) });
                results.push(result);
            }
        }
    }

    /// After Ctrl-C: what was running is told apart from what never began.
    fn tell_what_was_left(&self, plan: &Plan, results: &Mutex<Vec<Arc<NodeResult>>>) {
        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
        let ended: BTreeSet<NodeId> = results.iter().map(|result| result.id.clone()).collect();
        let running = self.stop.interrupted();
        let left = plan.tasks.iter().map(|task| &task.id).filter(|id| !ended.contains(*id));
        let (cancelled, not_started): (Vec<NodeId>, Vec<NodeId>) =
            left.cloned().partition(|id| running.contains(id));
        for node in cancelled.iter().chain(&not_started).filter_map(|id| self.manifest.node(id)) {
            results.push(Arc::new(NodeResult::skipped(node, None)));
        }
        self.reporter.report(Event::Cancelled { cancelled, not_started });
    }
}

/// Whether what waits for a node is not to be built.
fn holds_back(node: &Node, status: Status) -> bool {
    match status {
        Status::Skipped => true,
        // As dbt: a failed test holds back whatever the model says.
        status => status.is_failure() && node.config.text("on_error") != Some("continue"),
    }
}

fn has_code(result: &NodeResult, code: Code) -> bool {
    result.diagnostics.iter().any(|diagnostic| diagnostic.code() == code)
}

/// Templates may nest deep; the engine grows the stack from here on by itself.
const STACK: usize = 64 * 1024 * 1024;

/// A warehouse that cannot be reached, as a diagnostic.
#[must_use]
pub fn connection_failed(error: &AdapterError) -> Diagnostic {
    let code = match error.kind {
        ErrorKind::Locked => Code::DatabaseLocked,
        ErrorKind::NotSupported => Code::NotSupported,
        _ => Code::ConnectionFailed,
    };
    Diagnostic::error(code, error.message.clone()).help(error.help.clone())
}

/// A connection of a run, opened.
///
/// # Errors
/// The warehouse cannot be reached: `connection-failed`, or `database-locked`.
pub fn connect(invocation: &Invocation) -> Result<SharedConnection, Diagnostic> {
    let connection = invocation.adapter.connect().map_err(|error| connection_failed(&error))?;
    Ok(Arc::new(Mutex::new(connection)))
}
