use super::model::{run_code, run_materialization};
use super::{Job, Outcome};
use crate::diagnostic::Diagnostic;

/// Lets what an earlier run built of a node stand here too, by the `clone` materialization.
/// Without a response nothing was to be done.
///
/// # Errors
/// There is no such materialization, or it failed.
pub fn clone(job: &Job<'_>) -> Result<Outcome, Diagnostic> {
    let handle = run_materialization(job, "clone")?;
    Ok(Outcome { response: handle.response.clone(), run_code: run_code(&handle), ..Outcome::default() })
}
