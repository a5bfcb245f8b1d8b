use std::sync::Arc;

use super::model::finish;
use super::{Job, Outcome};
use crate::diagnostic::Diagnostic;
use crate::jinja::Value;

/// Runs an `on-run-start` or `on-run-end` entry: renders it, and sends what came out if
/// it is not blank. `extra` are names that only these hooks see (`results`, `schemas`).
///
/// # Errors
/// The template or the statement failed.
pub fn hook(job: &Job<'_>, extra: &[(&str, Value)]) -> Result<Outcome, Diagnostic> {
    let engine = &job.invocation.engine;
    let file = job.invocation.files.get(job.node.file);
    let template = engine.template(&file, job.node.body)?;
    let context =
        extra.iter().fold(job.context(), |context, (name, value)| context.with(name, value.clone()));
    // Macros that the template calls may have begun a transaction, whatever it prints.
    let done = engine.render(&template, &context.value()).and_then(|rendered| {
        if rendered.text.trim().is_empty() {
            return Ok(Outcome::default());
        }
        let text: Arc<str> = Arc::from(rendered.text);
        let response = context.execute(&text, &rendered.source_map)?;
        Ok(Outcome { response: Some(response), run_code: text.to_string(), ..Outcome::default() })
    });
    finish(job, &context, done)
}

/// Calls a macro for `run-operation` and gives what it returned.
///
/// # Errors
/// There is no such macro, or it failed.
pub fn operation(
    job: &Job<'_>,
    package: &str,
    name: &str,
    keywords: &[(&str, Value)],
) -> Result<Value, Diagnostic> {
    let context = job.context();
    let called = job.invocation.engine.call(package, name, &[], keywords, &context.value());
    finish(job, &context, called)
}
