use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use chrono::TimeDelta;

use super::test_batches::{Foretold, TestBatches};
use super::{Executor, NodeResult, ReadyQueue, Status, Timing};
use crate::adapter::{Canceller, Transaction};
use crate::artifact::Paths;
use crate::compile::Compiled;
use crate::context::SharedConnection;
use crate::diagnostic::{Code, Diagnostic, internal_error};
use crate::jinja::Value;
use crate::manifest::{Freshness, Node, NodeId, ResourceType};
use crate::materialize::{self, FreshnessFound, Job, Outcome, Verdict};
use crate::plan::{Action, Task};

/// One thread of a run, with its connection.
pub(super) struct Worker<'a> {
    pub(super) executor: &'a Executor<'a>,
    number: usize,
    pub(super) connection: SharedConnection,
    /// The data tests that are answered together; `None` where each asks for itself, in the way
    /// of its materialization.
    tests: Option<&'a TestBatches>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(executor: &'a Executor<'a>, number: usize, connection: SharedConnection) -> Self {
        Self { executor, number, connection, tests: None }
    }

    /// With data tests that are answered together.
    pub(super) fn with_tests(self, tests: Option<&'a TestBatches>) -> Self {
        Self { tests, ..self }
    }

    /// `Thread-1`; dbt's word for it in artifacts.
    pub(super) fn name(&self) -> String {
        match self.number {
            0 => "main".to_owned(),
            number => format!("Thread-{number}"),
        }
    }

    /// Does what is to be done for a node; whatever goes wrong is in the result.
    pub(super) fn run(&self, node: &Node, task: &Task, queue: &ReadyQueue) -> NodeResult {
        self.timed(node, |clock| match task.action {
            _ if let Some(reason) = &node.not_supported => Err(reason.clone().into()),
            _ if self.executor.invocation.system.env(PANIC).as_deref() == Some(&*node.name) => {
                panic!("asked for by {PANIC}")
            }
            Action::Nothing => Ok(NodeResult::new(node, Status::NoOp)),
            Action::Compile => {
                let compiled = clock.phase("compile", || self.compile(node))?;
                Ok(NodeResult {
                    compiled_code: Some(compiled.code.to_string()),
                    ..NodeResult::new(node, Status::Success)
                })
            }
            Action::LoadSeed => {
                let outcome = self.ran(node, None, clock, materialize::model)?;
                Ok(seed_result(node, outcome))
            }
            Action::BuildModel if node.is_microbatch() => {
                let batches = clock.phase("compile", || self.batches(node, task))?;
                Ok(clock.phase("execute", || self.make_batches(node, task, &batches, queue)))
            }
            Action::BuildModel => {
                let compiled = clock.phase("compile", || self.compile(node))?;
                let outcome = self.ran(node, Some(&compiled), clock, materialize::model)?;
                Ok(model_result(node, &compiled, outcome))
            }
            Action::Clone => {
                let outcome = self.ran(node, None, clock, materialize::clone)?;
                let message = if outcome.response.is_some() { "OK" } else { "No-op" };
                Ok(NodeResult {
                    message: Some(message.to_owned()),
                    response: outcome.response,
                    ..NodeResult::new(node, Status::Success)
                })
            }
            Action::CheckFreshness => {
                let Some(source) = node.source() else { return Ok(NodeResult::new(node, Status::NoOp)) };
                let found =
                    clock.phase("execute", || materialize::freshness(&self.job(node, None), source))?;
                Ok(freshness_result(node, found))
            }
            Action::RunTest => {
                let compiled = clock.phase("compile", || self.compile(node))?;
                let outcome = self.run_data_test(node, &compiled, clock)?;
                Ok(test_result(node, &compiled, outcome))
            }
            Action::RunUnitTest => self.run_unit_test(node, clock),
            Action::Show => {
                let compiled = match node.resource_type {
                    ResourceType::Seed => None,
                    _ => Some(clock.phase("compile", || self.compile(node))?),
                };
                let limit = self.executor.options.preview_limit;
                let outcome = clock
                    .phase("execute", || materialize::preview(&self.job(node, compiled.as_deref()), limit))?;
                Ok(NodeResult {
                    preview: outcome.rows,
                    compiled_code: compiled.map(|_| outcome.run_code),
                    ..NodeResult::new(node, Status::Success)
                })
            }
        })
    }

    /// The result of a node that is known to fail. Its SQL is written for all that, to be
    /// looked at.
    pub(super) fn refuse(&self, node: &Node, diagnostics: &[Diagnostic]) -> NodeResult {
        let compiled = self.executor.compiler.compile_ahead(&node.id).ok().flatten();
        let mut result = self.timed(node, |clock| {
            clock.phase("compile", || match &compiled {
                Some(compiled) => self.update(&self.paths().compiled(node), compiled.code.as_bytes()),
                None => Ok(()),
            })?;
            let Some(first) = diagnostics.first().cloned() else {
                return Ok(NodeResult::new(node, Status::Error));
            };
            Err(match &compiled {
                Some(compiled) => first.of(compiled),
                None => first.into(),
            })
        });
        // In the warehouse's own words, as it would have said it.
        result.message = diagnostics.first().map(|first| error_message(node, first, first.words()));
        result.diagnostics.extend(diagnostics.iter().skip(1).cloned());
        result
    }

    /// Runs a data test, unless it is known to find nothing.
    fn run_data_test(
        &self,
        node: &Node,
        compiled: &Compiled,
        clock: &mut Clock<'_>,
    ) -> Result<Outcome, Failure> {
        let Some(tests) = self.tests else {
            return self.ran(node, Some(compiled), clock, |job| materialize::data_test(job, None));
        };
        let statements = &tests.statements;
        let foretold = tests.foretell(&self.job(node, Some(compiled)));
        let outcome = self.ran(node, Some(compiled), clock, |job| {
            let passed = foretold.passes.then(|| materialize::passed_test(job, statements)).flatten();
            passed.map_or_else(|| materialize::data_test(job, Some(statements)), Ok)
        });
        clock.take_share(&foretold);
        outcome
    }

    /// Runs a unit test; what it needed a place for is gone afterwards.
    fn run_unit_test(&self, node: &Node, clock: &mut Clock<'_>) -> Result<NodeResult, Failure> {
        let job = self.job(node, None);
        let done = (|| -> Result<NodeResult, Failure> {
            let prepared =
                clock.phase("compile", || materialize::prepare_unit_test(&job, self.executor.compiler))?;
            let compiled = &prepared.compiled;
            self.update(&self.paths().compiled(node), compiled.code.as_bytes())?;
            let outcome = clock.phase("execute", || materialize::unit_test(&job, &prepared));
            let outcome = outcome.map_err(|failure| failure.of(compiled))?;
            self.keep_run_code(node, &outcome.run_code)?;
            Ok(unit_test_result(node, compiled, outcome))
        })();
        let cleaned = materialize::clean_unit_test(&job);
        let result = done?;
        cleaned?;
        Ok(result)
    }

    /// Runs an `on-run-start` or `on-run-end` hook.
    /// It is told of as in dbt: what passed, failed or was skipped, and how many failed.
    pub(super) fn run_hook(&self, node: &Node, name: &str, extra: &[(&str, Value)]) -> NodeResult {
        let result = self.timed(node, |clock| {
            clock.phase("compile", || ());
            let outcome = clock.phase("execute", || materialize::hook(&self.job(node, None), extra))?;
            self.keep_run_code(node, &outcome.run_code)?;
            Ok(NodeResult {
                message: Some(format!("{name} passed")),
                failures: Some(0),
                compiled_code: Some(outcome.run_code),
                ..NodeResult::new(node, Status::Success)
            })
        });
        let error = result.diagnostics.first().map(|error| error.message().to_owned());
        match error.filter(|_| result.status == Status::Error) {
            None => result,
            Some(error) => NodeResult {
                message: Some(format!("{name} failed, error:\n {error}")),
                failures: Some(1),
                ..result
            },
        }
    }

    /// Runs `body` with a clock, makes its failure a result, and lets Ctrl-C reach it.
    fn timed(
        &self,
        node: &Node,
        body: impl FnOnce(&mut Clock<'_>) -> Result<NodeResult, Failure>,
    ) -> NodeResult {
        self.executor.stop.register(&node.id, self.canceller());
        let started = Instant::now();
        let mut clock =
            Clock { worker: self, timing: Vec::new(), kept_run_code: false, foretold: Foretold::default() };
        // A defect of ours, or of a library, is not to take the other nodes down with it.
        let done = catch_unwind(AssertUnwindSafe(|| body(&mut clock))).unwrap_or_else(|payload| {
            self.roll_back();
            Err(internal_error(&*payload).label(node.body.part(0..0), "").into())
        });
        let mut result = done.unwrap_or_else(|failure| self.failed(node, failure));
        if clock.kept_run_code {
            result.build_path = Some(self.paths().shown(&self.paths().run(node)));
        }
        result.execution_time = started.elapsed().saturating_sub(clock.foretold.spent) + clock.foretold.share;
        result.timing = clock.timing;
        if result.compiled_code.is_some() && node.resource_type != ResourceType::Operation {
            result.compiled_path = Some(self.paths().shown(&self.paths().compiled(node)));
        }
        result.thread = self.name();
        self.executor.stop.unregister(&node.id);
        result
    }

    /// The result of a node that could not be built. One that could not be tried, for an
    /// ephemeral model that it needs is broken, is skipped, as in dbt.
    fn failed(&self, node: &Node, failure: Failure) -> NodeResult {
        let result = NodeResult {
            message: Some(error_message(node, &failure.diagnostic, failure.diagnostic.message())),
            compiled_code: failure.compiled_code,
            diagnostics: vec![failure.diagnostic],
            ..NodeResult::new(node, Status::Error)
        };
        match self.broken_ephemeral(node).filter(|_| result.compiled_code.is_none()) {
            None => result,
            Some(parent) => {
                let kind = result.diagnostics.first().map_or("", |first| first.code().kind().heading());
                let message = format!(
                    "{kind} in {}, caused by {} in referenced ephemeral model {parent}",
                    node.id,
                    kind.to_lowercase()
                );
                NodeResult {
                    message: Some(message),
                    status: Status::Skipped,
                    blamed_parent: Some(parent),
                    ..result
                }
            }
        }
    }

    /// The ephemeral model, among those that a node needs, that is to blame when it cannot be
    /// compiled.
    fn broken_ephemeral(&self, node: &Node) -> Option<NodeId> {
        let parents = node.depends_on.iter().filter_map(|id| self.executor.manifest.node(id));
        let broken = |parent: &&Node| {
            parent.is_ephemeral()
                && self.executor.compiler.compile(&parent.id, Some(&self.connection)).is_err()
        };
        let parent = parents.into_iter().find(broken)?;
        Some(self.broken_ephemeral(parent).unwrap_or_else(|| parent.id.clone()))
    }

    pub(super) fn canceller(&self) -> Canceller {
        let warehouse = self.connection.lock().unwrap_or_else(PoisonError::into_inner).canceller();
        let stopped = Arc::clone(&self.executor.invocation.stopped);
        Canceller::new(move || {
            stopped.store(true, std::sync::atomic::Ordering::SeqCst);
            warehouse.cancel();
        })
    }

    /// Ends what a node may have left open; nobody knows what is in the warehouse now.
    pub(super) fn roll_back(&self) {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        // There may be no transaction.
        let _ = connection.transaction(Transaction::Rollback);
        self.executor.cache.clear();
    }

    pub(super) fn job<'j>(&'j self, node: &'j Node, compiled: Option<&'j Compiled>) -> Job<'j> {
        Job {
            invocation: self.executor.invocation,
            manifest: self.executor.manifest,
            cache: self.executor.cache,
            node,
            compiled,
            connection: Arc::clone(&self.connection),
            batch: None,
            ran: std::sync::Arc::default(),
        }
    }

    fn compile(&self, node: &Node) -> Result<Arc<Compiled>, Diagnostic> {
        let compiled = self.executor.compiler.compile(&node.id, Some(&self.connection))?;
        let path = self.paths().compiled(node);
        self.update(&path, compiled.code.as_bytes())?;
        Ok(compiled)
    }

    /// Runs a node and keeps the SQL that ran, of a failure too: that is when it is looked at.
    fn ran(
        &self,
        node: &Node,
        compiled: Option<&Compiled>,
        clock: &mut Clock<'_>,
        work: impl FnOnce(&Job<'_>) -> Result<Outcome, Diagnostic>,
    ) -> Result<Outcome, Failure> {
        let job = self.job(node, compiled);
        let done = clock.phase("execute", || work(&job));
        let code = job.ran.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_kept = self.keep_run_code(node, &code).map(|()| !code.is_empty());
        clock.kept_run_code = matches!(is_kept, Ok(true));
        let outcome = done.map_err(|failure| match compiled {
            Some(compiled) => failure.of(compiled),
            None => failure.into(),
        })?;
        is_kept?;
        Ok(outcome)
    }

    fn keep_run_code(&self, node: &Node, code: &str) -> Result<(), Diagnostic> {
        if code.is_empty() {
            return Ok(());
        }
        self.update(&self.paths().run(node), code.as_bytes())
    }

    pub(super) fn paths(&self) -> &Paths {
        self.executor.paths
    }

    pub(super) fn update(&self, path: &std::path::Path, bytes: &[u8]) -> Result<(), Diagnostic> {
        self.executor.invocation.system.update(path, bytes).map_err(|error| {
            Diagnostic::error(
                Code::CannotWriteFile,
                format!("`{}` cannot be written: {error}", path.display()),
            )
            .help("check that the target folder may be written to, or name another with `--target-path`")
        })
    }
}

/// A variable that makes the node it names panic, so that tests can see what happens then.
const PANIC: &str = "XFORM_TEST_PANIC";

/// A failure, with the SQL that was compiled before it.
struct Failure {
    diagnostic: Diagnostic,
    compiled_code: Option<String>,
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostic, compiled_code: None }
    }
}

trait OfCompiled {
    /// The failure of a node that had been compiled.
    fn of(self, compiled: &Compiled) -> Failure;
}

impl OfCompiled for Diagnostic {
    fn of(self, compiled: &Compiled) -> Failure {
        Failure { diagnostic: self, compiled_code: Some(compiled.code.to_string()) }
    }
}

/// An error in dbt's form for artifacts: its kind, the node to blame, then what is wrong.
fn error_message(node: &Node, diagnostic: &Diagnostic, text: &str) -> String {
    let kind = diagnostic.code().kind().heading();
    let what = node.resource_type.name().replace('_', " ");
    let (name, path) = (&node.name, &node.original_file_path);
    format!("{kind} in {what} {name} ({path})\n  {}", text.replace('\n', "\n  "))
}

/// Notes when each phase of a node began and ended.
struct Clock<'a> {
    worker: &'a Worker<'a>,
    timing: Vec<Timing>,
    /// Whether the SQL that ran is in `target/run/`.
    kept_run_code: bool,
    /// Of a data test that is answered with others.
    foretold: Foretold,
}

impl Clock<'_> {
    /// The time of a query for several tests is divided by them: each takes so much more, and
    /// none the time it waited for the answer. The phases begin that much earlier.
    fn take_share(&mut self, foretold: &Foretold) {
        self.foretold = *foretold;
        let share = TimeDelta::from_std(foretold.share).unwrap_or_default();
        let mut begins = None;
        for phase in self.timing.iter_mut().rev() {
            match begins {
                None => phase.started_at -= share,
                Some(begins) if phase.completed_at > begins => {
                    let earlier = phase.completed_at - begins;
                    phase.started_at -= earlier;
                    phase.completed_at -= earlier;
                }
                Some(_) => {}
            }
            begins = Some(phase.started_at);
        }
    }

    fn phase<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let system = &self.worker.executor.invocation.system;
        let started_at = system.now();
        let value = work();
        self.timing.push(Timing { name, started_at, completed_at: system.now() });
        value
    }
}

fn seed_result(node: &Node, outcome: Outcome) -> NodeResult {
    NodeResult {
        message: Some(outcome.response.as_ref().map_or("OK".to_owned(), |response| response.message.clone())),
        response: outcome.response,
        ..NodeResult::new(node, Status::Success)
    }
}

fn model_result(node: &Node, compiled: &Compiled, outcome: Outcome) -> NodeResult {
    NodeResult { compiled_code: Some(compiled.code.to_string()), ..seed_result(node, outcome) }
}

fn test_result(node: &Node, compiled: &Compiled, outcome: Outcome) -> NodeResult {
    let (status, severity) = match outcome.verdict {
        Some(Verdict::Fail) => (Status::Fail, Some(crate::diagnostic::Severity::Error)),
        Some(Verdict::Warn) => (Status::Warn, Some(crate::diagnostic::Severity::Warning)),
        Some(Verdict::Pass) | None => (Status::Pass, None),
    };
    let diagnostics = severity.map(|severity| test_diagnostic(node, &outcome).with_severity(severity));
    NodeResult {
        message: outcome.message,
        failures: outcome.failures,
        failing_rows: outcome.rows,
        diagnostics: diagnostics.into_iter().collect(),
        response: outcome.response,
        compiled_code: Some(compiled.code.to_string()),
        ..NodeResult::new(node, status)
    }
}

fn freshness_result(node: &Node, found: FreshnessFound) -> NodeResult {
    let limits = Freshness::read(&found.criteria).unwrap_or_default();
    let (status, severity, limit) = match found.verdict {
        Verdict::Fail => (Status::Error, Some(crate::diagnostic::Severity::Error), limits.error_after),
        Verdict::Warn => (Status::Warn, Some(crate::diagnostic::Severity::Warning), limits.warn_after),
        Verdict::Pass => (Status::Pass, None, None),
    };
    let diagnostic = severity.zip(limit).map(|(severity, limit)| {
        let what = match found.max_loaded_at.timestamp() {
            ..-60_000_000_000 => "has no rows".to_owned(),
            _ => format!("was last loaded at {} UTC", found.max_loaded_at.format("%Y-%m-%d %H:%M:%S")),
        };
        let message = format!("`{}` {what}, and may be {limit} old", node.search_name());
        Diagnostic::new(Code::StaleSource, message)
            .with_severity(severity)
            .label(node.body, "")
            .help("see why it was not loaded, or allow it a greater age under `freshness:`")
    });
    NodeResult {
        diagnostics: diagnostic.into_iter().collect(),
        freshness: Some(found),
        ..NodeResult::new(node, status)
    }
}

fn unit_test_result(node: &Node, compiled: &Compiled, outcome: Outcome) -> NodeResult {
    let has_failed = outcome.verdict == Some(Verdict::Fail);
    let diagnostic = has_failed.then(|| {
        let model = node.unit_test().map_or("", |test| &test.model);
        let message = format!("unit test `{}` of `{model}` failed", node.name);
        Diagnostic::new(Code::UnitTestFailed, message).label(node.body, "actual differs from expected")
    });
    NodeResult {
        message: outcome.message,
        failures: outcome.failures,
        diagnostics: diagnostic.into_iter().collect(),
        response: outcome.response,
        compiled_code: Some(compiled.code.to_string()),
        relation_name: None,
        ..NodeResult::new(node, if has_failed { Status::Fail } else { Status::Pass })
    }
}

/// A failed test as a diagnostic: at the YAML entry or the SQL file that asked for it.
fn test_diagnostic(node: &Node, outcome: &Outcome) -> Diagnostic {
    let failures = outcome.failures.unwrap_or_default();
    let rows = if failures == 1 { "row" } else { "rows" };
    let message = format!("test `{}` found {failures} failing {rows}", node.name);
    let span = node.data_test().map_or(node.body, |test| test.span);
    Diagnostic::new(Code::DataTestFailed, message)
        .label(span, outcome.message.clone().unwrap_or_default())
        .help(format!("look at all of them with `xform show --select {} --limit -1`", node.name))
}
