use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::catalog_cache::{is_catalog_kept, keep_catalog_and};
use super::{Retried, Unsealed};
use crate::artifact::{
    CompiledNode, PastResult, PastRun, SemanticManifestJson, graph_summary_json, manifest_json, write,
    write_streamed,
};
use crate::check::check_before_building;
use crate::compile::Compiler;
use crate::context::RelationCache;
use crate::diagnostic::{Code, Diagnostic};
use crate::execute::{
    Event, Executor, Finished, NodeResult, Reporter, RunOptions, Status, Stop, run_results_json,
};
use crate::manifest::{Manifest, NodeId};
use crate::plan::{Action, Plan, Purpose};
use crate::select::{Criteria, Selection, Surroundings, select};
use crate::session::Session;
use crate::state::{deferral, deferred_manifest};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Exit code 0.
    Well,
    /// A node or a test failed: exit code 1.
    WithFailures,
    /// The project or the command line could not be understood, or the warehouse not be
    /// reached: exit code 2.
    NotUnderstood,
}

impl Ended {
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Ended::Well => 0,
            Ended::WithFailures => 1,
            Ended::NotUnderstood => 2,
        }
    }
}

/// What a command works in.
pub struct Shell<'a> {
    pub session: &'a Session,
    pub reporter: &'a dyn Reporter,
    pub stop: &'a Stop,
    /// Whether `manifest.json` and `run_results.json` are written.
    pub write_json: bool,
    /// Where what is kept of the warehouse is put for later.
    pub unsealed: &'a std::cell::OnceCell<Unsealed>,
    /// What an earlier command left to be done: only that is.
    pub retried: Option<&'a Retried>,
}

impl Shell<'_> {
    /// Tells of something that belongs to no node. An error ends the command.
    pub(super) fn tell(&self, diagnostic: Diagnostic) {
        self.reporter.report(Event::Diagnostic(diagnostic));
    }

    /// Ends the command with an error.
    pub(super) fn fail(&self, diagnostic: Diagnostic) -> Ended {
        self.refuse(vec![diagnostic])
    }

    /// Ends the command with errors.
    pub(super) fn refuse(&self, diagnostics: Vec<Diagnostic>) -> Ended {
        self.reporter.report(Event::Failed(diagnostics));
        Ended::NotUnderstood
    }

    /// The nodes that the criteria mean; what is wrong with them is told.
    ///
    /// # Errors
    /// A criterion cannot be understood.
    pub(super) fn select(&self, manifest: &Manifest, criteria: &Criteria) -> Result<Selection, Ended> {
        if let Some(retried) = self.retried {
            return retried.selection(manifest).map_err(|told| self.fail(told));
        }
        let session = self.session;
        let around = Surroundings::new(manifest, &session.selectors, session.state.as_deref());
        let checked = select(&around, criteria);
        self.log_changes(&around, &checked.value);
        let mut all_well = Ok(());
        for diagnostic in checked.diagnostics {
            let told = self.warn(diagnostic);
            all_well = all_well.and(told);
        }
        all_well.map(|()| checked.value)
    }

    /// Tells of something that the user's own settings may make an error or hide.
    ///
    /// # Errors
    /// It is an error.
    pub(super) fn warn(&self, diagnostic: Diagnostic) -> Result<(), Ended> {
        let judged = self.session.invocation.flags.warn_error_options.judge(diagnostic);
        let is_error = judged.as_ref().is_some_and(Diagnostic::is_error);
        if let Some(told) = judged {
            self.tell(told);
        }
        if is_error { Err(Ended::NotUnderstood) } else { Ok(()) }
    }

    /// Says of the selected nodes why the `state:` methods found them, to those who look on.
    fn log_changes(&self, around: &Surroundings<'_>, selection: &Selection) {
        let Some(comparison) = around.compared() else { return };
        for id in selection {
            let reasons = comparison.standing(id).reasons();
            if !reasons.is_empty() {
                let text = format!("{id} is not what it was: {}", reasons.join(", "));
                self.reporter.report(Event::Log { level: crate::context::LogLevel::Debug, text });
            }
        }
    }

    /// Plans and runs the selected nodes, and writes the artifacts.
    ///
    /// # Errors
    /// The warehouse cannot be reached, or an artifact cannot be written.
    pub(super) fn run(
        &self,
        manifest: &Arc<Manifest>,
        selection: &Selection,
        purpose: Purpose,
        preview_limit: Option<usize>,
    ) -> Result<Finished, Ended> {
        Ok(self.run_and_keep(manifest, selection, purpose, preview_limit)?.0)
    }

    /// As [`run`](Self::run), with the compiler that rendered the templates.
    ///
    /// # Errors
    /// As `run`.
    pub(super) fn run_and_keep(
        &self,
        manifest: &Arc<Manifest>,
        selection: &Selection,
        purpose: Purpose,
        preview_limit: Option<usize>,
    ) -> Result<(Finished, Compiler), Ended> {
        let session = self.session;
        let plan = Plan::new(manifest, &selection.iter().cloned().collect(), purpose);
        let plan = match self.retried {
            Some(retried) => retried.applied(plan),
            None => plan,
        };
        let to_run: BTreeSet<NodeId> = plan.tasks.iter().map(|task| task.id.clone()).collect();
        if session.invocation.flags.defer || purpose == Purpose::Clone {
            self.defer(manifest, &to_run)?;
        }
        // A second run of one command, as `seed --show` makes one, goes on with the first.
        let _ = session.invocation.selected_resources.set(to_run.iter().map(ToString::to_string).collect());
        self.make_target_folder()?;
        let cache = Arc::new(RelationCache::default());
        let compiler =
            Compiler::new(Arc::clone(&session.invocation), Arc::clone(manifest), Arc::clone(&cache));
        if plan.tasks.is_empty() {
            let text = "Nothing to do. No node is selected that this command runs";
            self.tell_nothing_to_do(text);
            let finished =
                Finished { results: Vec::new(), elapsed: std::time::Duration::ZERO, was_cancelled: false };
            self.write_artifacts(manifest, &compiler, &finished)?;
            return Ok((finished, compiler));
        }
        if plan.tasks.iter().any(|task| task.action != Action::Compile) {
            let connections = session.invocation.target.threads.clamp(1, plan.tasks.len());
            session.invocation.adapter.connect_ahead(connections);
        }
        let executor = Executor {
            invocation: &session.invocation,
            manifest,
            compiler: &compiler,
            cache: &cache,
            reporter: self.reporter,
            paths: &session.paths,
            stop: self.stop,
            options: RunOptions {
                threads: session.invocation.target.threads,
                fail_fast: session.invocation.flags.fail_fast,
                hooks: self.has_hooks(purpose),
                preview_limit,
                // What is in the warehouse counts where queries are checked.
                connects: session.invocation.flags.check && !is_catalog_kept(session),
            },
            clock: plan.clock.unwrap_or(session.invocation.started_at),
            known_failures: self.known_failures(manifest, &plan, purpose, &compiler),
        };
        let finished = executor.run(&plan).map_err(|diagnostic| self.fail(diagnostic))?;
        keep_catalog_and(self, || {
            self.keep_run(purpose, &finished);
            self.write_artifacts(manifest, &compiler, &finished)
        })?;
        Ok((finished, compiler))
    }

    /// What is sure to fail of what is about to be built.
    fn known_failures(
        &self,
        manifest: &Arc<Manifest>,
        plan: &Plan,
        purpose: Purpose,
        compiler: &Compiler,
    ) -> BTreeMap<NodeId, Vec<Diagnostic>> {
        let flags = &self.session.invocation.flags;
        if !flags.check || !matches!(purpose, Purpose::Build | Purpose::Run) {
            return BTreeMap::new();
        }
        let is_made = |action| matches!(action, Action::BuildModel | Action::LoadSeed | Action::RunTest);
        let planned = plan.tasks.iter().filter(|task| is_made(task.action)).map(|task| task.id.clone());
        check_before_building(&self.session.invocation, manifest, &planned.collect(), compiler)
    }

    /// Whether a command runs the project's hooks. That `source freshness` does can be switched
    /// off: <https://docs.getdbt.com/reference/global-configs/behavior-changes#source_freshness_run_project_hooks>.
    fn has_hooks(&self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::Build | Purpose::Run | Purpose::Test | Purpose::Seed | Purpose::Snapshot => true,
            Purpose::Freshness => {
                let behaviour = &self.session.invocation.flags.behaviour;
                behaviour.get("source_freshness_run_project_hooks").and_then(Value::as_bool) != Some(false)
            }
            _ => false,
        }
    }

    /// Finds out what an earlier run built, for templates to stand on.
    ///
    /// # Errors
    /// There is no manifest of an earlier run.
    fn defer(&self, manifest: &Manifest, selected: &BTreeSet<NodeId>) -> Result<(), Ended> {
        let session = self.session;
        let flags = &session.invocation.flags;
        let previous = deferred_manifest(session.defer_state.as_deref()).map_err(|told| self.fail(told))?;
        let found = deferral(manifest, previous, selected, flags.favor_state, flags.defer);
        let _ = session.invocation.deferral.set(found);
        Ok(())
    }

    /// A target folder that cannot be written is told before anything runs.
    fn make_target_folder(&self) -> Result<(), Ended> {
        let target = self.session.paths.target();
        self.session.invocation.system.create_dir_all(target).map_err(|error| {
            let shown = self.session.paths.shown(target);
            self.fail(
                Diagnostic::error(
                    Code::CannotWriteFile,
                    format!("the folder `{shown}` cannot be made: {error}"),
                )
                .help("check what is in its place, or name another with `--target-path`"),
            )
        })
    }

    pub(super) fn tell_nothing_to_do(&self, text: &str) {
        self.reporter.report(Event::Log { level: crate::context::LogLevel::Info, text: text.to_owned() });
    }

    /// Writes `manifest.json` with what was compiled, and `run_results.json`.
    fn write_artifacts(
        &self,
        manifest: &Manifest,
        compiler: &Compiler,
        finished: &Finished,
    ) -> Result<(), Ended> {
        if !self.write_json {
            return Ok(());
        }
        let session = self.session;
        let skipped = finished.results.iter().filter(|result| result.status == Status::Skipped);
        let skipped: BTreeSet<&NodeId> = skipped.map(|result| &result.id).collect();
        let build_paths = finished.results.iter();
        let build_paths =
            build_paths.filter_map(|result| Some((result.id.clone(), result.build_path.clone()?))).collect();
        // Of what was shown, the query with its limit.
        let shown = finished.results.iter().filter(|result| result.preview.is_some());
        let shown: BTreeMap<&NodeId, &str> =
            shown.filter_map(|result| Some((&result.id, result.compiled_code.as_deref()?))).collect();
        let compiled: BTreeMap<_, _> = compiler
            .compiled()
            .into_iter()
            // What was compiled ahead and never came to its turn does not count.
            .filter(|(id, _)| !skipped.contains(id))
            .filter_map(|(id, compiled)| {
                let node = manifest.node(&id)?;
                // An ephemeral model that was only needed by others has no file of its own.
                let path = (!node.is_ephemeral()).then(|| session.paths.shown(&session.paths.compiled(node)));
                let extra_ctes =
                    compiled.ctes.iter().map(|cte| (cte.id.clone(), cte.code.to_string())).collect();
                let code = shown.get(&id).map_or_else(|| Arc::clone(&compiled.code), |code| Arc::from(*code));
                Some((id, CompiledNode { code, path, extra_ctes }))
            })
            .collect();
        let about = session.about();
        let system = &*session.invocation.system;
        let args = &session.invocation.flags.invocation_args;
        let results = run_results_json(&finished.results, finished.elapsed, &about, args);
        write_streamed(system, &session.paths.manifest(), |out| {
            manifest_json(manifest, &about, &compiled, &build_paths, out)
        })
        .and_then(|()| {
            write(system, &session.paths.semantic_manifest(), &SemanticManifestJson::new(manifest))
        })
        .and_then(|()| write(system, &session.paths.run_results(), &results))
        .and_then(|()| {
            let summary = graph_summary_json(manifest, &about.invocation_id);
            write(system, &session.paths.graph_summary(), &summary)
        })
        .map_err(|diagnostic| self.fail(diagnostic))
    }

    /// Keeps what became of the nodes for the documentation, where nodes ran.
    fn keep_run(&self, purpose: Purpose, finished: &Finished) {
        let invocation = &self.session.invocation;
        let command = match purpose {
            Purpose::Build => "build",
            Purpose::Run => "run",
            Purpose::Test => "test",
            Purpose::Seed => "seed",
            Purpose::Snapshot => "snapshot",
            Purpose::Clone => "clone",
            Purpose::Freshness => "source freshness",
            Purpose::Compile | Purpose::Show => return,
        };
        if !invocation.flags.write_json {
            return;
        }
        let result = |result: &NodeResult| {
            let seconds = result.execution_time.as_secs_f64();
            let (id, status) = (result.id.as_str(), result.status.name());
            PastResult::new(id, status, seconds, result.failures, result.message.as_deref())
        };
        let results = finished.results.iter().map(|one| result(one)).collect();
        let seconds = finished.elapsed.as_secs_f64();
        PastRun::new(&invocation.id, command, invocation.started_at, seconds, results)
            .keep(&*invocation.system, &self.session.paths.past_runs());
    }

    /// Writes `manifest.json` alone.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write_manifest(&self, manifest: &Manifest) -> Result<(), Ended> {
        if !self.write_json {
            return Ok(());
        }
        let session = self.session;
        let (about, none) = (session.about(), BTreeMap::new());
        let system = &*session.invocation.system;
        write_streamed(system, &session.paths.manifest(), |out| {
            manifest_json(manifest, &about, &none, &BTreeMap::new(), out)
        })
        .and_then(|()| {
            write(system, &session.paths.semantic_manifest(), &SemanticManifestJson::new(manifest))
        })
        .map_err(|diagnostic| self.fail(diagnostic))
    }
}

/// How a run that came to its end is to be called.
pub(super) fn ended(finished: &Finished) -> Ended {
    if finished.has_failures() { Ended::WithFailures } else { Ended::Well }
}
