use std::ffi::OsString;
use std::sync::Arc;

use clap::{CommandFactory, Parser};

use super::Args;
use super::door::Door;
use crate::command::Ended;
use crate::diagnostic::Code;
use crate::system::{OsSystem, System};

/// Reads the command line, does what it says, and gives the exit code.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    match Args::try_parse_from(arguments) {
        Ok(args) => {
            let system: Arc<dyn System> = Arc::new(OsSystem);
            Door::new(&args.global, system).run(args.command).exit_code()
        }
        Err(error) => usage(&OsSystem, &error),
    }
}

/// Prints help, the version, or what is wrong with the command line; the exit code.
fn usage(system: &dyn System, error: &clap::Error) -> u8 {
    use clap::error::ErrorKind;
    let is_asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let text = error.render();
    let coded = |text: String| text.replacen("error:", &format!("error[{}]:", Code::InvalidUsage), 1);
    crate::terminal::print_usage(
        system,
        &coded(text.to_string()),
        &coded(text.ansi().to_string()),
        is_asked_for,
    );
    if is_asked_for { 0 } else { Ended::NotUnderstood.exit_code() }
}

/// The completion script for a shell.
pub(super) fn completion_script(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "xform", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
