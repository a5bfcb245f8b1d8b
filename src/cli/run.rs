use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use super::Args;
use super::door::Door;
use crate::command::Ended;
use crate::diagnostic::render::{Colour, human};
use crate::diagnostic::{Code, Diagnostic, internal_error, keep_panics_quiet};
use crate::system::{OsSystem, System};
use crate::text::Files;

/// Reads the command line, does what it says, and gives the exit code.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    match Args::try_parse_from(arguments) {
        Ok(args) => {
            let system: Arc<dyn System> = Arc::new(OsSystem);
            let run = || Door::new(&args.global, system).run(args.command).exit_code();
            keep_panics_quiet();
            catch_unwind(AssertUnwindSafe(run))
                .unwrap_or_else(|payload| refuse(&OsSystem, &internal_error(&*payload)))
        }
        Err(error) => usage(&OsSystem, &error),
    }
}

/// Tells of what belongs to no file and ends the command; the exit code.
fn refuse(system: &dyn System, told: &Diagnostic) -> u8 {
    let text = human(told, &Files::new(), Colour::Never) + "\n";
    let coloured = human(told, &Files::new(), Colour::Always) + "\n";
    crate::terminal::print_usage(system, &text, &coloured, false);
    Ended::NotUnderstood.exit_code()
}

/// Prints help, the version, or what is wrong with the command line; the exit code.
fn usage(system: &dyn System, error: &clap::Error) -> u8 {
    let is_asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if let Some(diagnostic) = not_yet(error) {
        return refuse(system, &diagnostic);
    }
    let text = with_tip(error).map_or_else(|| error.render(), |error| error.render());
    let coded = |text: String| text.replacen("error:", &format!("error[{}]:", Code::InvalidUsage), 1);
    crate::terminal::print_usage(
        system,
        &coded(text.to_string()),
        &coded(text.ansi().to_string()),
        is_asked_for,
    );
    if is_asked_for { 0 } else { Ended::NotUnderstood.exit_code() }
}

/// dbt's commands that there are not yet.
const NOT_YET: [&str; 4] = ["deps", "freshness", "retry", "source"];

/// What there is to say of one of [`NOT_YET`].
fn not_yet(error: &clap::Error) -> Option<Diagnostic> {
    let Some(ContextValue::String(command)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    NOT_YET.contains(&command.as_str()).then(|| {
        Diagnostic::error(Code::NotSupported, format!("`xform {command}` is not supported yet"))
            .help("`xform --help` lists the commands that there are")
    })
}

/// A word too many is often meant as a selection: the error with a tip that says so.
fn with_tip(error: &clap::Error) -> Option<clap::Error> {
    let has_tip = error.get(ContextKind::Suggested).is_some();
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg) else { return None };
    if error.kind() != ErrorKind::UnknownArgument || has_tip || word.starts_with('-') {
        return None;
    }
    let mut told = clap::Error::new(error.kind()).with_cmd(&Args::command());
    for (kind, value) in error.context() {
        told.insert(kind, value.clone());
    }
    let tip = format!("to choose nodes, write '--select {word}'");
    told.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    Some(told)
}

/// The completion script for a shell.
pub(super) fn completion_script(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "xform", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
