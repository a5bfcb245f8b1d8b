use serde_json::Value;

use super::Previous;
use crate::diagnostic::{Code, Diagnostic};

/// The manifest that the `state:` methods compare with.
///
/// # Errors
/// There is no state, or no manifest in it (`missing-state`), or it cannot be used
/// (`invalid-state`).
pub fn compared_manifest(previous: Option<&Previous>) -> Result<&Value, Diagnostic> {
    let found = previous.map_or(Ok(None), Previous::manifest)?;
    found.ok_or_else(|| {
        let message = "Got a state selector method, but no comparison manifest";
        missing(message, previous, "manifest.json")
    })
}

/// The results that the `result:` method selects by.
///
/// # Errors
/// As of [`compared_manifest`].
pub fn compared_run_results(previous: Option<&Previous>) -> Result<&Value, Diagnostic> {
    let found = previous.map_or(Ok(None), Previous::run_results)?;
    found.ok_or_else(|| missing("No comparison run_results", previous, "run_results.json"))
}

/// What `source freshness` found last time, and what it has found since then: those that the
/// `source_status:` method compares.
///
/// # Errors
/// As of [`compared_manifest`]; or the target folder holds no `sources.json`.
pub fn compared_sources(previous: Option<&Previous>) -> Result<(&Value, &Value), Diagnostic> {
    let before = previous.map_or(Ok(None), Previous::sources)?;
    let before = before.ok_or_else(|| {
        let message = "No previous state comparison freshness results in sources.json";
        missing(message, previous, "sources.json")
    })?;
    let now = previous.map_or(Ok(None), Previous::current_sources)?;
    let now = now.ok_or_else(|| {
        let message = "No current state comparison freshness results in sources.json";
        Diagnostic::error(Code::MissingState, message).help("run `xform source freshness` first")
    })?;
    Ok((before, now))
}

/// The manifest whose relations stand in for what is not built here.
///
/// # Errors
/// There is no state, or no manifest in it (`missing-state`), or it cannot be used
/// (`invalid-state`).
pub fn deferred_manifest(previous: Option<&Previous>) -> Result<&Value, Diagnostic> {
    let Some(previous) = previous else {
        let message = "--state or --defer-state are required for deferral, but neither was provided";
        return Err(missing(message, None, "manifest.json"));
    };
    previous.manifest()?.ok_or_else(|| {
        let folder = previous.folder().display();
        let message = format!("Could not find manifest in --state path: \"{folder}\"");
        missing(&message, Some(previous), "manifest.json")
    })
}

fn missing(message: &str, previous: Option<&Previous>, file: &str) -> Diagnostic {
    let told = Diagnostic::error(Code::MissingState, message);
    match previous {
        None => {
            told.help("name the folder with the artifacts of an earlier run: `--state DIR`, or `DBT_STATE`")
        }
        Some(previous) => {
            let folder = previous.folder().display();
            told.note(format!("there is no `{file}` in `{folder}`"))
                .help("copy the target folder of an earlier run there, or name another folder with `--state`")
        }
    }
}
