use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use uuid::Uuid;

use crate::adapter::{self, AdapterError, ErrorKind};
use crate::artifact::{About, Paths};
use crate::context::{Invocation, LogSink, MacroNamespace};
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::manifest::Manifest;
use crate::parse;
use crate::project::{self, Changed, LoadOptions, Target, WarnErrorOptions};
use crate::select::Selectors;
use crate::sql::QuotePolicy;
use crate::state::Previous;
use crate::system::System;
use crate::text::Files;

/// How many connections are made while the project is read, before anybody knows how many are
/// needed; never more than there are threads.
const AHEAD: usize = 4;

/// A project that was read and understood.
pub struct Session {
    pub invocation: Arc<Invocation>,
    pub manifest: Arc<Manifest>,
    pub selectors: Selectors,
    pub paths: Paths,
    /// What `state:`, `result:` and `source_status:` compare with.
    pub state: Option<Arc<Previous>>,
    /// What `--defer` and `clone` stand on.
    pub defer_state: Option<Arc<Previous>>,
    /// Files that were not found as they were when the project was read.
    pub changed: Arc<Changed>,
}

/// A target whose keys its adapter cannot use, told at the key.
#[must_use]
pub fn unusable(target: &Target, error: AdapterError) -> Diagnostic {
    let message = format!("target `{}`: {}", target.name, error.message);
    let place = target.places.find(error.key.as_deref().unwrap_or_default());
    let code = match error.kind {
        ErrorKind::NotSupported => Code::NotSupported,
        _ => Code::InvalidProfile,
    };
    Diagnostic::error(code, message).also(place, "").help(error.help)
}

impl Session {
    /// Reads the project. Warnings go to `log`.
    ///
    /// # Errors
    /// Everything that is wrong with the project; `files` holds the texts to show it in.
    pub fn open(
        system: &Arc<dyn System>,
        files: &Arc<Files>,
        options: &LoadOptions,
        log: &Arc<dyn LogSink>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut judge = Judge { errors: Vec::new(), options: WarnErrorOptions::default(), log };
        let checked = project::load(&**system, files, options);
        if let Some(loaded) = &checked.value {
            judge.options = loaded.flags.warn_error_options.clone();
        }
        let Some(loaded) = judge.take(checked) else { return Err(judge.errors) };
        let (engine, macros) = judge.take(parse::load_macros(files, &loaded.files));
        let Some(root) = loaded.root_package().cloned() else { return Err(judge.errors) };
        // As dbt does: relative paths in SQL (`read_parquet('data/…')`) are the project's.
        if let Err(error) = system.enter(&root.root) {
            let message = format!("the project's folder cannot be entered: {error}");
            judge.errors.push(Diagnostic::error(Code::InvalidProject, message));
            return Err(judge.errors);
        }
        let adapter = match adapter::for_target(&loaded.target.kind, &loaded.target.keys, &root.root) {
            Ok(adapter) => adapter,
            Err(error) => {
                judge.errors.push(unusable(&loaded.target, error));
                return Err(judge.errors);
            }
        };
        if options.connects {
            adapter.connect_ahead(loaded.target.threads.clamp(1, AHEAD));
        }
        let invocation = Arc::new(Invocation {
            system: Arc::clone(system),
            files: Arc::clone(files),
            engine: Arc::new(engine),
            macros: MacroNamespace::new(&loaded.files.packages, macros.names()),
            adapter,
            target: loaded.target.into(),
            vars: loaded.vars.into(),
            flags: loaded.flags.into(),
            packages: loaded.files.packages.clone().into(),
            root_package: root.name().to_owned(),
            target_path: loaded.target_path.clone(),
            id: match options.invocation_id.as_str() {
                "" => new_invocation_id(),
                id => id.to_owned(),
            },
            started_at: system.now(),
            log: Arc::clone(log),
            selected_resources: OnceLock::new(),
            deferral: OnceLock::new(),
            stopped: Arc::default(),
            notes: None,
        });
        let mut manifest = judge.take(parse::parse(&invocation, &loaded.files, macros));
        let selectors = judge.take(Selectors::read(loaded.selectors.as_ref()));
        manifest.selectors = selectors.written();
        judge.errors.extend(loaded.files.changed.told());
        if !judge.errors.is_empty() {
            return Err(judge.errors);
        }
        let previous = |folder: &PathBuf| {
            Arc::new(Previous::new(
                Arc::clone(system),
                folder.clone(),
                root.root.clone(),
                loaded.target_path.clone(),
            ))
        };
        let flags = &invocation.flags;
        let state = flags.state.as_ref().map(previous);
        let defer_state = flags.defer_state.as_ref().map(previous).or_else(|| state.clone());
        if let Some(state) = state.iter().find(|state| state.is_in(&loaded.target_path)) {
            let folder = state.folder().display();
            let message = format!("The state and target directories are the same: '{folder}'");
            judge.take(Checked::new((), vec![Diagnostic::new(Code::StateIsTarget, message)
                .help("keep the artifacts of the earlier run in a folder of their own: this command overwrites them")]));
        }
        if !judge.errors.is_empty() {
            return Err(judge.errors);
        }
        Ok(Self {
            invocation,
            manifest: Arc::new(manifest),
            selectors,
            state,
            defer_state,
            paths: Paths::new(loaded.target_path, root.root),
            changed: loaded.files.changed,
        })
    }

    /// What artifacts say of where they come from.
    #[must_use]
    pub fn about(&self) -> About {
        let invocation = &self.invocation;
        let quoting =
            invocation.packages.iter().find(|package| package.is_root).map(|root| &root.config.quoting);
        let default = QuotePolicy::of(invocation.adapter.dialect());
        let quoted =
            |part: &str, default: bool| quoting.and_then(|keys| keys.get(part)?.as_bool()).unwrap_or(default);
        About {
            invocation_id: invocation.id.clone(),
            invocation_started_at: invocation.started_at,
            generated_at: invocation.system.now(),
            project_name: invocation.root_package.clone(),
            adapter_type: invocation.adapter.name().to_owned(),
            quoting: QuotePolicy {
                database: quoted("database", default.database),
                schema: quoted("schema", default.schema),
                identifier: quoted("identifier", default.identifier),
            },
            env: About::custom_env(&*invocation.system),
        }
    }
}

/// A name for one run of xform that no other has.
#[must_use]
pub fn new_invocation_id() -> String {
    Uuid::new_v4().to_string()
}

/// Sorts what stages complain about: errors are kept, warnings told, or taken for errors
/// under `--warn-error` and its options.
struct Judge<'a> {
    errors: Vec<Diagnostic>,
    options: WarnErrorOptions,
    log: &'a Arc<dyn LogSink>,
}

impl Judge<'_> {
    fn take<T>(&mut self, checked: crate::diagnostic::Checked<T>) -> T {
        for diagnostic in checked.diagnostics {
            match self.options.judge(diagnostic) {
                Some(error) if error.is_error() => self.errors.push(error),
                Some(warning) => self.log.warn(warning),
                None => {}
            }
        }
        checked.value
    }
}
