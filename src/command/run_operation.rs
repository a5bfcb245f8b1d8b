use std::sync::Arc;

use super::inline::with_operation;
use super::{Ended, Retried, Shell};
use crate::artifact::write;
use crate::context::RelationCache;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::execute::{NodeResult, Status, connect, run_results_json};
use crate::jinja::{Value, from_json};
use crate::manifest::{MacroId, NodeId};
use crate::materialize::{Job, hook, operation};
use crate::yaml;

/// So many macros are named where one is missing.
const MOST_NAMED: usize = 12;

/// `xform run-operation`: calls a macro with keyword arguments given as YAML.
/// See <https://docs.getdbt.com/reference/commands/run-operation>.
#[must_use]
pub fn run_operation(shell: &Shell<'_>, name: &str, arguments: &str) -> Ended {
    let (keywords, (package, name)) = match keywords(shell.session, arguments)
        .and_then(|keywords| Ok((keywords, find(shell.session, name)?)))
    {
        Ok(found) => found,
        Err(diagnostic) => return shell.fail(diagnostic),
    };
    let keywords: Vec<(&str, Value)> =
        keywords.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let id = NodeId::new(&format!("macro.{package}.{name}"));
    run(shell, &format!("operation_{name}"), "", id, |job| {
        operation(job, &package, &name, &keywords).map(drop)
    })
}

/// `xform run-operation --sql`: renders a template and runs what comes out.
#[must_use]
pub fn run_sql(shell: &Shell<'_>, sql: &str) -> Ended {
    let name = "inline_operation";
    let id = NodeId::new(&format!("sql_operation.{}.{name}", shell.session.invocation.root_package));
    run(shell, name, sql, id, |job| hook(job, &[]).map(drop))
}

/// Does `work` in the place of a node of its own, and writes down how it ended.
fn run(
    shell: &Shell<'_>,
    name: &str,
    text: &str,
    result_id: NodeId,
    work: impl FnOnce(&Job<'_>) -> Result<(), Diagnostic>,
) -> Ended {
    if shell.retried.is_some_and(Retried::is_empty) {
        shell.tell_nothing_to_do("Nothing to do. The operation went well last time");
        return Ended::Well;
    }
    let session = shell.session;
    let (manifest, id) = match with_operation(session, name, text) {
        Ok(made) => made,
        Err(diagnostics) => return shell.refuse(diagnostics),
    };
    let manifest = Arc::new(manifest);
    let Some(node) = manifest.node(&id) else { return Ended::Well };
    let connection = match connect(&session.invocation) {
        Ok(connection) => connection,
        Err(diagnostic) => return shell.fail(diagnostic),
    };
    let cache = Arc::new(RelationCache::default());
    let job = Job {
        invocation: &session.invocation,
        manifest: &manifest,
        cache: &cache,
        node,
        compiled: None,
        connection,
        batch: None,
        ran: std::sync::Arc::default(),
    };
    let system = &*session.invocation.system;
    let started = system.now();
    let done = work(&job);
    let elapsed = (system.now() - started).to_std().unwrap_or_default();
    let status = if done.is_ok() { Status::Success } else { Status::Error };
    let message = done.as_ref().err().map(ToString::to_string);
    let result = NodeResult {
        id: result_id,
        message,
        thread: "MainThread".to_owned(),
        execution_time: elapsed,
        ..NodeResult::new(node, status)
    };
    let ended = match done {
        Ok(()) => Ended::Well,
        Err(diagnostic) => {
            shell.refuse(vec![diagnostic]);
            Ended::WithFailures
        }
    };
    super::catalog_cache::keep_catalog(shell);
    if shell.write_json {
        let (about, args) = (session.about(), &session.invocation.flags.invocation_args);
        let results = [Arc::new(result)];
        let results = run_results_json(&results, elapsed, &about, args);
        if let Err(diagnostic) = write(system, &session.paths.run_results(), &results) {
            return shell.fail(diagnostic);
        }
        if let Err(ended) = shell.write_manifest(&session.manifest) {
            return ended;
        }
    }
    ended
}

/// The macro a user means by `name` or `package.name`: of the root project first.
fn find(session: &crate::session::Session, name: &str) -> Result<(String, String), Diagnostic> {
    let macros = &session.manifest.macros;
    let candidates: Vec<(String, String)> = match name.split_once('.') {
        Some((package, name)) => vec![(package.to_owned(), name.to_owned())],
        None => {
            let packages = session.invocation.packages.iter().rev();
            packages.map(|package| (package.name().to_owned(), name.to_owned())).collect()
        }
    };
    candidates
        .into_iter()
        .find(|(package, name)| macros.contains_key(&MacroId::new(package, name)))
        .ok_or_else(|| {
            let own = macros.values().filter(|found| found.package == session.invocation.root_package);
            let own: Vec<_> = own.map(|found| format!("`{}`", found.name)).collect();
            let note = match own.len() {
                0 => "the project has no macros of its own".to_owned(),
                1..=MOST_NAMED => format!("the project has {}", own.join(", ")),
                many => format!("the project has {many} macros, in `macro-paths`"),
            };
            Diagnostic::error(Code::MissingMacro, format!("there is no macro `{name}`"))
                .said(format!("dbt could not find a macro with the name '{name}' in any package"))
                .note(note)
                .help(suggest::similar("macro", name, macros.values().map(|found| found.name.as_str())))
        })
}

fn keywords(session: &crate::session::Session, arguments: &str) -> Result<Vec<(String, Value)>, Diagnostic> {
    let file = session.invocation.files.add("--args", arguments);
    let checked = yaml::parse(&file);
    if let Some(error) = checked.diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
        return Err(error.clone());
    }
    let Some(value) = checked.value else { return Ok(Vec::new()) };
    let Some(mapping) = value.as_mapping() else {
        let message = format!("`--args` is {}, and has to be a mapping", value.describe());
        let help = "write the arguments by name: --args '{schema: dev}'";
        return Err(Diagnostic::error(Code::InvalidArguments, message).label(value.span, "").help(help));
    };
    let pairs = mapping.entries.iter();
    Ok(pairs.map(|(name, value)| (name.value.clone(), from_json(&value.to_json()))).collect())
}
