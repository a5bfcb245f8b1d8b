use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::args::{DocsCommand, FullRefreshArgs, SourceCommand, StyleArgs};
use super::global_args::either;
use super::kept::{KeptAnswers, Listener};
use super::run::completion_script;
use super::selection_args::ResourceTypeArgs;
use super::{Command, GlobalArgs, SelectionArgs};
use crate::command::{
    self, BuildOptions, ChangesOptions, CheckFormat, CheckOptions, CompileOptions, DebugOptions, DepsOptions,
    DocsOptions, Ended, FormatOptions, FreshnessOptions, GraphFormat, LineageFormat, LineageOptions,
    ListFormat, ListOptions, Retried, ServeOptions, Shell, ShowOptions,
};
use crate::context::{LogLevel, LogSink};
use crate::diagnostic::{Diagnostic, Kind};
use crate::execute::{Event, Reporter, ReporterLog, Stop};
use crate::plan::Purpose;
use crate::project::{LoadOptions, load, look_ahead};
use crate::select::Criteria;
use crate::session::{Session, new_invocation_id};
use crate::system::{RecordingSystem, System};
use crate::terminal::{PreviewFormat, Screen, Theme, Wanted};
use crate::text::Files;

/// What stands between the command line and the commands: who is told, how to stop, and
/// how to open the project.
pub(super) struct Door {
    /// What an earlier command left to be done, where this one goes on with it.
    retried: Option<Retried>,
    /// The machine as the command sees it; watched where its answer is kept.
    system: Arc<dyn System>,
    /// The machine itself, for what is told of the command.
    machine: Arc<dyn System>,
    watched: Option<Arc<RecordingSystem>>,
    files: Arc<Files>,
    options: LoadOptions,
    wanted: Wanted,
    started: Instant,
    /// What the command line itself gives reason to tell.
    told: Vec<Diagnostic>,
    timing_file: Option<std::path::PathBuf>,
    /// `--no-partial-parse`.
    does_without_answers: bool,
}

impl Door {
    pub(super) fn new(global: &GlobalArgs, system: Arc<dyn System>) -> Self {
        Self {
            machine: Arc::clone(&system),
            system,
            watched: None,
            files: Arc::new(Files::new()),
            options: LoadOptions { invocation_id: new_invocation_id(), ..global.load_options() },
            wanted: Wanted { preview: PreviewFormat::Text, is_answer: false, is_logged: true },
            started: Instant::now(),
            told: Vec::new(),
            retried: None,
            timing_file: global.record_timing_info.clone(),
            does_without_answers: global.no_partial_parse,
        }
    }

    /// Keeps what the command line gives, and what an earlier command left to be done.
    pub(super) fn take(&mut self, given: Map<String, Value>, command: &str, retried: Option<Retried>) {
        self.options.invocation_args = given;
        self.note("invocation_command", command.into());
        self.retried = retried;
    }

    /// Ends the command with an error before it has begun.
    pub(super) fn refuse(self, told: Diagnostic) -> Ended {
        self.with_screen(|_, screen| refuse(screen, vec![told]))
    }

    /// Has something told once it is known which warnings are errors.
    pub(super) fn will_tell(&mut self, diagnostic: Diagnostic) {
        self.told.push(diagnostic);
    }

    /// Does what the command line says.
    pub(super) fn run(mut self, command: Command) -> Ended {
        command.name().clone_into(&mut self.options.command);
        self.note("which", command.name().into());
        let no_kinds = ResourceTypeArgs::default();
        match command {
            Command::Build { selection, kinds, full_refresh, inputs, store_failures, batch_tests, check } => {
                self.options.check = check.wanted();
                inputs.apply(&mut self.options);
                self.options.store_failures = store_failures.wanted();
                self.options.batch_tests = batch_tests.wanted();
                let kinds = kinds.or_environment(&*self.system);
                self.build(Purpose::Build, &selection, &kinds, full_refresh, false)
            }
            Command::Run { selection, full_refresh, inputs, check } => {
                self.options.check = check.wanted();
                inputs.apply(&mut self.options);
                self.build(Purpose::Run, &selection, &no_kinds, full_refresh, false)
            }
            Command::Test { selection, kinds, store_failures, batch_tests } => {
                self.options.store_failures = store_failures.wanted();
                self.options.batch_tests = batch_tests.wanted();
                let kinds = kinds.or_environment(&*self.system);
                self.build(Purpose::Test, &selection, &kinds, FullRefreshArgs::default(), false)
            }
            Command::Seed { selection, full_refresh, empty, show } => {
                empty.apply(&mut self.options);
                self.build(Purpose::Seed, &selection, &no_kinds, full_refresh, show)
            }
            Command::Snapshot { selection, empty } => {
                empty.apply(&mut self.options);
                self.build(Purpose::Snapshot, &selection, &no_kinds, FullRefreshArgs::default(), false)
            }
            Command::Check { selection, kinds, output } => {
                self.watch();
                let format = CheckFormat::find(&output);
                self.wanted.is_answer = format != CheckFormat::Text;
                let kinds = kinds.or_environment(&*self.system);
                self.with_session(&selection, &kinds, |shell, criteria| {
                    command::check(shell, &CheckOptions { criteria, format })
                })
            }
            Command::Changes { selection, fail_on, output } => {
                self.watch();
                self.wanted.is_answer = true;
                let system = Arc::clone(&self.system);
                self.with_session(&selection, &no_kinds, |shell, criteria| {
                    let theme = Theme::of_output(&*system, shell.session.invocation.flags.use_colors);
                    let options = ChangesOptions {
                        criteria,
                        as_json: output == "json",
                        fails_on_breaking: fail_on.as_deref() == Some("breaking"),
                        faint: &|text| theme.faint(text),
                    };
                    command::changes(shell, &options)
                })
            }
            Command::Lineage { name, upstream, downstream, depth, filters, output } => {
                self.watch();
                self.wanted.is_answer = true;
                let format = LineageFormat::find(&output);
                let everything = SelectionArgs::default();
                let system = Arc::clone(&self.system);
                self.with_session(&everything, &no_kinds, |shell, _| {
                    let theme = Theme::of_output(&*system, shell.session.invocation.flags.use_colors);
                    let options = LineageOptions {
                        name,
                        upstream: upstream || !downstream,
                        downstream: downstream || !upstream,
                        depth,
                        with_rows: filters,
                        format,
                        faint: &|text| theme.faint(text),
                    };
                    command::lineage(shell, &options)
                })
            }
            Command::Compile {
                selection,
                full_refresh,
                empty,
                inline,
                output,
                no_introspect,
                introspect,
                check,
            } => {
                self.options.check = check.wanted();
                empty.apply(&mut self.options);
                self.options.full_refresh = full_refresh.wanted();
                self.options.introspect = either(introspect, no_introspect);
                let is_named = !selection.words().is_empty() || selection.selector.is_some();
                let (as_json, print) = (output == "json", is_named);
                self.wanted.is_answer = print || inline.is_some();
                self.with_session(&selection, &no_kinds, |shell, criteria| {
                    command::compile(shell, &CompileOptions { criteria, inline, as_json, print })
                })
            }
            Command::Clone { selection, kinds, full_refresh } => {
                self.options.full_refresh = full_refresh.wanted();
                self.with_session(&selection, &kinds, |shell, criteria| command::clone(shell, &criteria))
            }
            Command::Source { command: SourceCommand::Freshness { selection, output } } => {
                self.with_session(&selection, &no_kinds, |shell, criteria| {
                    command::freshness(shell, &FreshnessOptions { criteria, output })
                })
            }
            // It has become the command that it goes on with.
            Command::Retry { .. } => Ended::Well,
            Command::Parse => {
                self.watch();
                self.with_session(&SelectionArgs::default(), &no_kinds, |shell, _| command::parse(shell))
            }
            Command::List { mut selection, kinds, output, output_keys, graph } => {
                self.watch();
                let format = ListFormat::find(&output);
                self.wanted.is_answer = true;
                let mut kinds = kinds.or_environment(&*self.system);
                if let Err(diagnostic) = selection.take_models(&mut kinds) {
                    return self.with_screen(|_, screen| refuse(screen, vec![diagnostic]));
                }
                let system = Arc::clone(&self.system);
                self.with_session(&selection, &kinds, |shell, criteria| {
                    let theme = Theme::of_output(&*system, shell.session.invocation.flags.use_colors);
                    let graph = graph.as_deref().map(GraphFormat::find);
                    let faint = &|text: &str| theme.faint(text);
                    command::list(shell, &ListOptions { criteria, format, keys: output_keys, graph, faint })
                })
            }
            Command::Show { selection, inline, limit, output } => {
                if output == "json" {
                    self.wanted.preview = PreviewFormat::Json;
                }
                self.wanted.is_answer = true;
                self.note("limit", limit.into());
                let limit = usize::try_from(limit).ok();
                self.with_session(&selection, &no_kinds, |shell, criteria| {
                    command::show(shell, &ShowOptions { criteria, inline, limit })
                })
            }
            Command::RunOperation { name, sql, args } => {
                self.note("macro", name.as_deref().into());
                self.note("args", args.as_str().into());
                self.with_session(&SelectionArgs::default(), &no_kinds, |shell, _| match (&name, &sql) {
                    (_, Some(sql)) => command::run_sql(shell, sql),
                    (name, None) => command::run_operation(shell, name.as_deref().unwrap_or_default(), &args),
                })
            }
            Command::Docs {
                command: DocsCommand::Generate { selection, no_compile, empty_catalog, is_static, .. },
            } => {
                self.note("compile", (!no_compile).into());
                self.note("empty_catalog", empty_catalog.into());
                self.note("static", is_static.into());
                self.with_session(&selection, &no_kinds, |shell, criteria| {
                    let compile = !no_compile;
                    command::docs_generate(
                        shell,
                        &DocsOptions { criteria, compile, empty_catalog, is_static },
                    )
                })
            }
            Command::Docs { command: DocsCommand::Serve { host, port, no_browser, .. } } => {
                let load = self.options.clone();
                let options = ServeOptions { host, port, open_browser: !no_browser, load };
                self.with_session(&SelectionArgs::default(), &no_kinds, |shell, _| {
                    command::docs_serve(shell, &options)
                })
            }
            Command::Deps { lock, upgrade, add_package, source, dry_run } => {
                self.with_screen(|door, screen| {
                    screen.report(Event::Started);
                    let options = DepsOptions { lock_only: lock, upgrade, add: add_package, source, dry_run };
                    command::deps(&*door.system, &door.files, screen, &door.options, &options)
                })
            }
            Command::Format { paths, check, diff, macros, style, selection } => {
                self.format(FormatOptions { paths, check, diff, macros, selected: None }, &style, &selection)
            }
            Command::Debug { connection, config_dir } => self.with_screen(|door, screen| {
                let options = DebugOptions { connection_only: connection, config_dir };
                command::debug(&*door.system, &door.files, screen, &door.options, options)
            }),
            Command::Clean { no_clean_project_files_only, .. } => {
                self.with_screen(|door, screen| door.clean(screen, no_clean_project_files_only))
            }
            Command::Init { project_name, .. } => {
                self.wanted.is_logged = false;
                self.with_screen(|door, screen| command::init(&*door.system, screen, project_name.as_deref()))
            }
            Command::Explain { code } => {
                self.wanted.is_answer = true;
                self.wanted.is_logged = false;
                self.with_screen(|_, screen| command::explain(screen, code.as_deref()))
            }
            Command::Completions { shell } => {
                self.wanted.is_answer = true;
                self.wanted.is_logged = false;
                self.with_screen(|_, screen| command::completions(screen, completion_script(shell)))
            }
        }
    }

    /// Has the answer of the command kept, of which nothing is left but what it tells and the files
    /// that it writes: what it asks of the machine from now on is remembered with it.
    fn watch(&mut self) {
        if self.does_without_answers {
            return;
        }
        let watched = Arc::new(RecordingSystem::new(Arc::clone(&self.machine)));
        self.system = Arc::clone(&watched) as Arc<dyn System>;
        self.watched = Some(watched);
    }

    /// Where the answer of this command line is kept, if it is to be and there is a project.
    fn answers(&self) -> Option<KeptAnswers> {
        self.watched.as_ref()?;
        let target_path = look_ahead(&*self.machine, &self.options).target_path?;
        let command_line = self.options.invocation_args.get("invocation_command")?.as_str()?;
        let is_terminal = Theme::is_output_terminal();
        Some(KeptAnswers::new(&*self.machine, &target_path, command_line, is_terminal))
    }

    /// Opens the project where nodes are selected; else text is all that is looked at.
    fn format(mut self, options: FormatOptions, style: &StyleArgs, selection: &SelectionArgs) -> Ended {
        self.wanted.is_answer = true;
        self.wanted.is_logged = false;
        let restyle = |before| style.apply(before);
        let has_selection =
            !selection.words().is_empty() || !selection.exclude.is_empty() || selection.selector.is_some();
        if !has_selection {
            return self.with_screen(|door, screen| {
                screen.report(Event::Started);
                command::format(&*door.system, &door.files, screen, &door.options, &options, &restyle)
            });
        }
        let load = self.options.clone();
        let (system, files) = (Arc::clone(&self.system), Arc::clone(&self.files));
        self.with_session(selection, &ResourceTypeArgs::default(), |shell, criteria| {
            command::format_selected(shell, &criteria, options, |options| {
                command::format(&*system, &files, shell.reporter, &load, options, &restyle)
            })
        })
    }

    /// Keeps an argument for `invocation_args_dict` and `run_results.json`.
    fn note(&mut self, name: &str, value: Value) {
        self.options.invocation_args.insert(name.to_owned(), value);
    }

    fn build(
        mut self,
        purpose: Purpose,
        selection: &SelectionArgs,
        kinds: &ResourceTypeArgs,
        full_refresh: FullRefreshArgs,
        show: bool,
    ) -> Ended {
        self.options.full_refresh = full_refresh.wanted();
        self.options.connects = true;
        self.with_session(selection, kinds, |shell, criteria| {
            command::build(shell, &BuildOptions { purpose, criteria, show })
        })
    }

    /// Opens the project, lets Ctrl-C stop the run, and calls a command.
    fn with_session(
        mut self,
        selection: &SelectionArgs,
        kinds: &ResourceTypeArgs,
        command: impl FnOnce(&Shell<'_>, Criteria) -> Ended,
    ) -> Ended {
        self.options.indirect_selection.clone_from(&selection.indirect_selection);
        self.note("select", json!(selection.words()));
        self.note("exclude", json!(selection.exclude));
        if let Some(selector) = &selection.selector {
            self.note("selector", selector.as_str().into());
        }
        if !kinds.resource_type.is_empty() {
            self.note("resource_types", json!(kinds.resource_type));
        }
        if !kinds.exclude_resource_type.is_empty() {
            self.note("exclude_resource_types", json!(kinds.exclude_resource_type));
        }
        let screen = Arc::new(Screen::new(&self.machine, &self.files, &self.options, self.wanted));
        let stop = Stop::new();
        listen_for_interrupts(&stop, &screen);
        screen.report(Event::Started);
        let answers = self.answers();
        let kept = answers.as_ref().and_then(|answers| answers.find(&*self.machine));
        // Who wants an answer on standard output has no use for remarks beside it.
        let level = if self.wanted.is_answer { LogLevel::Debug } else { LogLevel::Info };
        if let Some(ended) = kept.and_then(|kept| kept.tell(&self.files, &screen, level)) {
            return self.close(&screen, ended);
        }
        let listener = Arc::new(Listener::new(&screen, &self.files));
        let reporter: Arc<dyn Reporter> = match &answers {
            Some(_) => Arc::clone(&listener) as _,
            None => Arc::clone(&screen) as _,
        };
        let log: Arc<dyn LogSink> = Arc::new(ReporterLog::new(Arc::clone(&reporter)));
        let session = match Session::open(&self.system, &self.files, &self.options, &log) {
            Ok(session) => session,
            Err(diagnostics) => {
                let ended = refuse(&screen, diagnostics);
                return self.close(&screen, ended);
            }
        };
        reporter.report(Event::CommandStarted {
            command: self.options.command.clone(),
            project: session.invocation.root_package.clone(),
            target: session.invocation.target.name.clone(),
        });
        reporter.report(Event::Parsed {
            manifest: Arc::clone(&session.manifest),
            elapsed: self.started.elapsed(),
        });
        let options = &session.invocation.flags.warn_error_options;
        let judged = std::mem::take(&mut self.told).into_iter().filter_map(|told| options.judge(told));
        let (errors, warnings): (Vec<_>, Vec<_>) = judged.partition(Diagnostic::is_error);
        for warning in warnings {
            reporter.report(Event::Diagnostic(warning));
        }
        if !errors.is_empty() {
            let ended = refuse(&screen, errors);
            return self.close(&screen, ended);
        }
        if stop.is_cancelled() {
            // While the project was read: nothing was touched.
            return self.close(&screen, Ended::WithFailures);
        }
        let criteria = match selection.criteria(kinds, &session.invocation.flags.indirect_selection) {
            Ok(criteria) => criteria,
            Err(diagnostic) => {
                let ended = refuse(&screen, vec![diagnostic]);
                return self.close(&screen, ended);
            }
        };
        let unsealed = OnceCell::new();
        let shell = Shell {
            session: &session,
            reporter: &*reporter,
            stop: &stop,
            write_json: session.invocation.flags.write_json,
            unsealed: &unsealed,
            retried: self.retried.as_ref(),
        };
        let mut ended = command(&shell, criteria);
        let changed = session.changed.told();
        if !changed.is_empty() {
            ended = refuse(&screen, changed);
        }
        let is_final = !stop.is_cancelled()
            && session.changed.told().is_empty()
            && !session.invocation.engine.has_thrown_dice();
        if let (Some(answers), Some(watched), true) = (answers, &self.watched, is_final)
            && let Some(recording) = watched.recording()
        {
            answers.keep(&*self.machine, recording, &listener, ended);
        }
        if let Some(unsealed) = unsealed.into_inner() {
            // With the session goes the last connection.
            drop(session);
            unsealed.seal(&*self.machine);
        }
        self.close(&screen, ended)
    }

    /// Calls a command that needs no project, or opens it itself.
    fn with_screen(self, command: impl FnOnce(&Self, &Screen) -> Ended) -> Ended {
        let screen = Screen::new(&self.machine, &self.files, &self.options, self.wanted);
        let ended = command(&self, &screen);
        self.close(&screen, ended)
    }

    fn close(&self, screen: &Screen, ended: Ended) -> Ended {
        let elapsed = self.started.elapsed();
        if let Some(path) = &self.timing_file {
            let timing = json!({ "command": self.options.command, "seconds": elapsed.as_secs_f64() });
            if let Err(error) = self.machine.write(path, format!("{timing:#}\n").as_bytes()) {
                let message = format!("`{}` cannot be written: {error}", path.display());
                let told = Diagnostic::warning(crate::diagnostic::Code::CannotWriteFile, message);
                screen.report(Event::Diagnostic(told.help("name another file with `--record-timing-info`")));
            }
        }
        screen.report(Event::CommandFinished { success: ended == Ended::Well, elapsed });
        ended
    }

    fn clean(&self, screen: &Screen, also_outside: bool) -> Ended {
        let checked = load(&*self.system, &self.files, &self.options);
        let (errors, warnings): (Vec<_>, Vec<_>) =
            checked.diagnostics.into_iter().partition(Diagnostic::is_error);
        for warning in warnings {
            screen.report(Event::Diagnostic(warning));
        }
        match checked.value.as_ref().and_then(|loaded| loaded.root_package()) {
            Some(root) if errors.is_empty() => command::clean(&*self.system, screen, root, also_outside),
            _ => refuse(screen, errors),
        }
    }
}

/// Tells that nothing could be run, and why.
fn refuse(screen: &Screen, diagnostics: Vec<Diagnostic>) -> Ended {
    // Tools tell errors of the command line by these lines on standard error.
    let usage = diagnostics.iter().find(|told| told.is_error() && told.code().kind() == Kind::Usage);
    if let Some(told) = usage {
        screen.print_error(&super::run::usage_lines(told.words()));
    }
    screen.report(Event::Failed(diagnostics));
    Ended::NotUnderstood
}

/// The first Ctrl-C cancels what runs and lets the command tell what was left undone; the
/// second ends the program at once, as does the first where no run has begun.
fn listen_for_interrupts(stop: &Stop, screen: &Arc<Screen>) {
    let (stop, screen) = (stop.clone(), Arc::clone(screen));
    let heard = ctrlc::set_handler(move || {
        if stop.cancel() > 1 || !stop.has_begun() {
            #[allow(
                clippy::exit,
                reason = "the user asked twice, or nothing runs yet; the warehouse undoes what was not committed"
            )]
            std::process::exit(130);
        }
        if !stop.is_waiting() {
            screen.report(Event::Cancelling);
        }
    });
    // A second handler in one process: the first one serves.
    let _ = heard;
}
