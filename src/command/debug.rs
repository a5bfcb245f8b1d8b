use std::sync::Arc;

use super::Ended;
use crate::adapter::for_target;
use crate::context::LogLevel;
use crate::diagnostic::Diagnostic;
use crate::execute::{Event, Reporter};
use crate::project::{LoadOptions, Loaded, load};
use crate::system::System;
use crate::text::Files;

/// What `debug` is asked for.
#[derive(Clone, Copy, Debug)]
pub struct DebugOptions {
    /// Only the connection is tried.
    pub connection_only: bool,
}

/// `xform debug`: says of project, profile and connection whether they are well, and if
/// not, why. See <https://docs.getdbt.com/reference/commands/debug>.
#[must_use]
pub fn debug(
    system: &dyn System,
    files: &Arc<Files>,
    reporter: &dyn Reporter,
    load_options: &LoadOptions,
    options: DebugOptions,
) -> Ended {
    let say = |text: String| reporter.report(Event::Log { level: LogLevel::Info, text });
    let checked = load(system, files, load_options);
    let has_errors = checked.has_errors();
    if options.connection_only {
        say("Skipping steps before connection verification".to_owned());
    } else {
        say(format!("xform version: {}", env!("CARGO_PKG_VERSION")));
        say(format!("dbt version it follows: {}", crate::artifact::DBT_VERSION));
        say(format!("os: {} {}", std::env::consts::OS, std::env::consts::ARCH));
        if let Some(loaded) = &checked.value {
            describe(loaded, &say);
        }
        say(format!("Project and profile: {}", if has_errors { "[ERROR]" } else { "[OK]" }));
    }
    for diagnostic in checked.diagnostics {
        reporter.report(Event::Diagnostic(diagnostic));
    }
    let Some(loaded) = checked.value.filter(|_| !has_errors) else {
        say("1 check failed".to_owned());
        return Ended::WithFailures;
    };
    match try_connection(&loaded) {
        Ok(()) => {
            say("Connection test: [OK connection ok]".to_owned());
            say("All checks passed!".to_owned());
            Ended::Well
        }
        Err(diagnostic) => {
            say("Connection test: [ERROR]".to_owned());
            reporter.report(Event::Diagnostic(diagnostic));
            say("1 check failed".to_owned());
            Ended::WithFailures
        }
    }
}

fn describe(loaded: &Loaded, say: &dyn Fn(String)) {
    if let Some(root) = loaded.root_package() {
        say(format!("project: {} in {}", root.name(), root.root.display()));
    }
    let target = &loaded.target;
    say(format!("profile: {}", target.profile_name));
    say(format!(
        "target: {} ({}, schema {}, {} threads)",
        target.name, target.kind, target.schema, target.threads
    ));
    if let Some(path) = target.keys.get("path").and_then(serde_json::Value::as_str) {
        say(format!("database: {path}"));
    }
}

fn try_connection(loaded: &Loaded) -> Result<(), Diagnostic> {
    let root = loaded.root_package().map(|root| root.root.clone()).unwrap_or_default();
    let adapter = for_target(&loaded.target.kind, &loaded.target.keys, &root)
        .map_err(|error| crate::execute::connection_failed(&error))?;
    let mut connection = adapter.connect().map_err(|error| crate::execute::connection_failed(&error))?;
    connection.query("select 1").map_err(|error| crate::execute::connection_failed(&error))?;
    Ok(())
}
