use std::sync::PoisonError;
use std::time::Duration;

use super::python::run_python;
use super::{Job, Materialization, Outcome};
use crate::adapter::Relation;
use crate::context::{RelationValue, RunContext, RunHandle};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Value, ValueKind};
use crate::manifest::Language;

/// Runs the materialization of a model or seed. Whatever goes wrong, no transaction is
/// left open.
///
/// # Errors
/// There is no such materialization, or it failed.
pub fn model(job: &Job<'_>) -> Result<Outcome, Diagnostic> {
    let name = match job.node.resource_type {
        crate::manifest::ResourceType::Seed => "seed",
        _ => job.node.config.materialized(),
    };
    let is_python = job.node.model().is_some_and(|model| model.language == Language::Python);
    let rows = is_python.then(|| run_python(job)).transpose()?;
    let handle = match &rows {
        Some(rows) => run_materialization(&Job { compiled: Some(&rows.compiled), ..job.copied() }, name)?,
        None => run_materialization(job, name)?,
    };
    latest_version_pointer(job)?;
    Ok(Outcome { response: handle.response.clone(), run_code: run_code(&handle), ..Outcome::default() })
}

/// Whether a model adds to a table that is there, as its macro `is_incremental` says.
///
/// # Errors
/// The macro fails, as when the warehouse cannot be asked.
pub fn is_incremental(job: &Job<'_>) -> Result<bool, Diagnostic> {
    let invocation = job.invocation;
    let Some(owner) = invocation.macros.find(&job.node.package, "is_incremental") else { return Ok(false) };
    let context = job.context();
    let said = invocation.engine.call(owner, "is_incremental", &[], &[], &context.value());
    finish(job, &context, said).map(|said| said.is_true())
}

/// Makes the view that points to the model, where it is the latest version and one is wanted.
fn latest_version_pointer(job: &Job<'_>) -> Result<(), Diagnostic> {
    let pointer = job.node.model().and_then(|model| model.latest_version_pointer.as_ref());
    let Some(identifier) = pointer.and_then(|pointer| pointer.identifier.as_deref()) else { return Ok(()) };
    let context = job.context();
    let name = "build_latest_version_pointer";
    let called = job.invocation.engine.call("dbt", name, &[Value::from(identifier)], &[], &context.value());
    let returned = called.and_then(|value| returned_relations(job, name, &value));
    finish(job, &context, returned)?.into_iter().for_each(|relation| job.cache.add(relation));
    Ok(())
}

/// Calls a materialization and checks what it returned. When it has to give way to another
/// transaction, as two nodes whose hooks write to one table may, it is tried again.
pub(super) fn run_materialization(job: &Job<'_>, name: &str) -> Result<RunHandle, Diagnostic> {
    let found = Materialization::find(job.invocation, job.manifest, job.node, name)?;
    let attempts = if is_all_in_one_transaction(job, &found) { ATTEMPTS } else { 1 };
    let mut attempt = 1;
    loop {
        let context = job.context();
        let done = run_once(job, &found, name, &context);
        *job.ran.lock().unwrap_or_else(PoisonError::into_inner) = run_code(&context.handle());
        if done.is_ok() || attempt == attempts || !context.handle().met_conflict {
            return done;
        }
        std::thread::sleep(PAUSE * attempt);
        attempt += 1;
    }
}

const ATTEMPTS: u32 = 40;

/// After the first attempt; longer after each further one.
const PAUSE: Duration = Duration::from_millis(10);

/// Whether a failure leaves nothing behind: of the built-in materializations all but hooks
/// that are to run outside of the transaction.
fn is_all_in_one_transaction(job: &Job<'_>, found: &Materialization) -> bool {
    let is_outside = |hook: &serde_json::Value| hook.get("transaction") == Some(&false.into());
    let hooks = ["pre-hook", "post-hook"].into_iter().filter_map(|key| job.node.config.get(key)?.as_array());
    let mut packages = job.invocation.packages.iter();
    packages.any(|package| package.is_builtin && package.name() == found.package)
        && !hooks.flatten().any(is_outside)
}

fn run_once(
    job: &Job<'_>,
    found: &Materialization,
    name: &str,
    context: &RunContext,
) -> Result<RunHandle, Diagnostic> {
    let called = job.invocation.engine.call(&found.package, &found.macro_name, &[], &[], &context.value());
    let returned = called.and_then(|value| returned_relations(job, name, &value));
    for relation in finish(job, context, returned)? {
        match relation.kind {
            Some(_) => job.cache.add(relation),
            // What it is has to be asked.
            None => job.cache.clear(),
        }
    }
    Ok(context.handle())
}

/// Commits what a transaction has left open, or rolls it back after a failure; then
/// nobody knows any more what is in the warehouse.
pub(super) fn finish<T>(
    job: &Job<'_>,
    context: &RunContext,
    done: Result<T, Diagnostic>,
) -> Result<T, Diagnostic> {
    match done {
        Ok(value) => context.finish(true).map(|()| value),
        Err(diagnostic) => {
            // The first failure is the one to tell.
            let _ = context.finish(false);
            Err(in_users_files(job, diagnostic))
        }
    }
    .inspect_err(|_| job.cache.clear())
}

/// An error that a macro of our own library raised is told at the node: users did not write
/// the library.
fn in_users_files(job: &Job<'_>, diagnostic: Diagnostic) -> Diagnostic {
    if let Some(test) = job.node.unit_test() {
        return match diagnostic.span() {
            Some(span) if job.invocation.engine.is_library(span.file) => {
                diagnostic.relocated(span.file, test.expect.span)
            }
            _ => diagnostic,
        };
    }
    if job.node.raw_code.is_empty() {
        return diagnostic;
    }
    let files = &job.invocation.files;
    match diagnostic.span() {
        Some(span)
            if job.invocation.engine.is_library(span.file) && diagnostic.code() == Code::ContractMismatch =>
        {
            let place = job.node.patch.unwrap_or(job.node.body.part(0..0));
            // The library's macros on the way there say nothing to who wrote the model.
            diagnostic.relocated(span.file, place).without_trace()
        }
        Some(span) if job.invocation.engine.is_library(span.file) => {
            let config = crate::jinja::scan(&files.get(job.node.file), job.node.body)
                .into_iter()
                .find(|call| call.function == "config");
            let place = config.map(|call| call.span).or_else(|| job.node.entry());
            diagnostic.relocated(span.file, place.unwrap_or(job.node.body.part(0..0)))
        }
        _ => diagnostic,
    }
}

/// A materialization returns `{'relations': [...]}`: what it made.
fn returned_relations(job: &Job<'_>, name: &str, value: &Value) -> Result<Vec<Relation>, Diagnostic> {
    let relations = value.get_attr("relations").ok().filter(|relations| relations.kind() == ValueKind::Seq);
    if let Some(relations) = relations.as_ref().and_then(|relations| relations.try_iter().ok()) {
        let found = relations.filter_map(|relation| RelationValue::find(&relation));
        return Ok(found.map(|relation| relation.relation().clone()).collect());
    }
    if name == "test" {
        return Ok(Vec::new());
    }
    let message = format!("the materialization `{name}` did not return its relations");
    Err(Diagnostic::error(Code::InvalidConfig, message)
        .label(job.node.body, "")
        .help("end the materialization with `{{ return({'relations': [target_relation]}) }}`"))
}

/// What `target/run/` keeps: what the materialization wrote, else what was sent.
pub(super) fn run_code(handle: &RunHandle) -> String {
    let texts = if handle.written.is_empty() { &handle.statements } else { &handle.written };
    texts.join(";\n")
}
