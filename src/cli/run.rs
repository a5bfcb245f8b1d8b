use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};

use super::door::Door;
use super::noted::noted;
use super::retry::again;
use super::stacks::with_large_stacks;
use super::{Args, Command};
use crate::command::Ended;
use crate::diagnostic::render::{Colour, human};
use crate::diagnostic::{Code, Diagnostic, Kind, WarningName, internal_error, keep_panics_quiet};
use crate::system::{OsSystem, System};
use crate::text::Files;

/// Reads the command line, does what it says, and gives the exit code.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    with_large_stacks(|| run_here(arguments.clone()))
}

fn run_here(arguments: Vec<OsString>) -> u8 {
    let old_selection = uses_models_option(&arguments);
    let words: Vec<_> = arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let invocation_command = format!("xform {}", words.join(" "));
    let command = Args::command();
    let matches = match named_of(&command, &arguments).try_get_matches_from(&arguments) {
        Ok(matches) => Ok(matches),
        // What is to be told is told by a command line that knows all commands.
        Err(_) => command.clone().try_get_matches_from(arguments),
    };
    let parsed = matches.and_then(|matches| {
        let args = Args::from_arg_matches(&matches)?;
        Ok((args, noted(&command, &matches)))
    });
    match parsed {
        Ok((args, given)) => {
            if let Err(told) = OsSystem::load_env_file() {
                return refuse(&OsSystem, &cannot_read_env_file(&told));
            }
            let system: Arc<dyn System> = Arc::new(OsSystem);
            if let Some(told) = args.global.as_always.refused() {
                return refuse(&OsSystem, &told);
            }
            if let Some(told) = missing_project_dir(&*system, &args) {
                return refuse(&OsSystem, &told);
            }
            let run = || {
                let (args, given, retried) = match args.command {
                    Command::Retry { .. } => match again(&system, &args.global.load_options(), &given) {
                        Ok(again) => (again.args, again.noted, Some(again.retried)),
                        Err(told) => return Door::new(&args.global, system).refuse(told).exit_code(),
                    },
                    _ => (args, given, None),
                };
                let mut door = Door::new(&args.global, system);
                door.take(given, &invocation_command, retried);
                if old_selection {
                    door.will_tell(models_option());
                }
                door.run(args.command).exit_code()
            };
            keep_panics_quiet();
            catch_unwind(AssertUnwindSafe(run))
                .unwrap_or_else(|payload| refuse(&OsSystem, &internal_error(&*payload)))
        }
        Err(error) => usage(&OsSystem, &error),
    }
}

/// The same command line with those commands alone whose names are among the words that were
/// written, for no other can be meant: each that is there is given all the global options first,
/// which takes longer than many a command. What it takes, the whole one takes for the same.
fn named_of(command: &clap::Command, arguments: &[OsString]) -> clap::Command {
    let is_written = |name: &str| arguments.iter().any(|word| word == name);
    let named = command
        .get_subcommands()
        .filter(|command| is_written(command.get_name()) || command.get_all_aliases().any(is_written));
    clap::Command::new(command.get_name().to_owned())
        .version("")
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .args_override_self(true)
        .subcommand_required(true)
        .args(command.get_arguments().cloned())
        .groups(command.get_groups().cloned())
        .subcommands(named.cloned())
}

/// Whether the selection is given by the old name of `--select`.
fn uses_models_option(arguments: &[OsString]) -> bool {
    let words = arguments.iter().skip(1).filter_map(|argument| argument.to_str());
    words
        .map(|word| word.split('=').next().unwrap_or(word))
        .any(|word| matches!(word, "-m" | "--models" | "--model"))
}

fn models_option() -> Diagnostic {
    Diagnostic::deprecation(
        WarningName::ModelParamUsageDeprecation,
        "`--models`, `--model` and `-m` are old names of `--select`",
    )
    .help("write `--select`, or `-s`")
}

/// A folder that is named and not there is an error of the command line.
fn missing_project_dir(system: &dyn System, args: &Args) -> Option<Diagnostic> {
    let named = args.global.project_dir.as_deref().filter(|folder| !system.exists(folder))?;
    let named = named.display();
    Some(
        Diagnostic::error(
            Code::InvalidUsage,
            format!("there is no folder `{named}`, which `--project-dir` names"),
        )
        .said(format!("Invalid value for '--project-dir': Path '{named}' does not exist."))
        .help("name the folder that holds the project file"),
    )
}

fn cannot_read_env_file(why: &str) -> Diagnostic {
    Diagnostic::error(Code::CannotReadFile, format!("the file `.env` cannot be read: {why}"))
        .help("write `NAME=value` on each line, or remove the file")
}

/// The lines that tools look for when a command line is refused.
/// See <https://click.palletsprojects.com/en/stable/>, which dbt's command line is built on.
pub(super) fn usage_lines(words: &str) -> String {
    format!("\nUsage: xform [OPTIONS] <COMMAND>\n\nError: {words}\n")
}

/// Tells of what belongs to no file and ends the command; the exit code.
fn refuse(system: &dyn System, told: &Diagnostic) -> u8 {
    let lines = if told.code().kind() == Kind::Usage { usage_lines(told.words()) } else { String::new() };
    let text = human(told, &Files::new(), Colour::Never) + "\n" + &lines;
    let coloured = human(told, &Files::new(), Colour::Always) + "\n" + &lines;
    crate::terminal::print_usage(system, &text, &coloured, false);
    Ended::NotUnderstood.exit_code()
}

/// Prints help, the version, or what is wrong with the command line; the exit code.
fn usage(system: &dyn System, error: &clap::Error) -> u8 {
    let is_asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let text = with_tip(error).map_or_else(|| error.render(), |error| error.render());
    let plain = text.to_string();
    let words = plain.lines().next().and_then(|line| line.strip_prefix("error: ")).unwrap_or_default();
    let last = match in_clicks_words(error, words) {
        _ if is_asked_for => String::new(),
        said if plain.contains("Usage:") => format!("\nError: {said}\n"),
        said => usage_lines(&said),
    };
    let code = format!("error[{}]:", Code::InvalidUsage);
    let coded = |text: String| match is_asked_for {
        true => text,
        false => text.replacen("error:", &code, 1) + &last,
    };
    crate::terminal::print_usage(
        system,
        &coded(plain.clone()),
        &coded(text.ansi().to_string()),
        is_asked_for,
    );
    if is_asked_for { 0 } else { Ended::NotUnderstood.exit_code() }
}

/// What was wrong, in the words that tools know from dbt.
fn in_clicks_words(error: &clap::Error, otherwise: &str) -> String {
    let of = |kind| error.get(kind).map(ToString::to_string);
    match (error.kind(), of(ContextKind::InvalidArg), of(ContextKind::InvalidSubcommand)) {
        (ErrorKind::UnknownArgument, Some(word), _) if word.starts_with('-') => {
            format!("No such option '{word}'.")
        }
        (ErrorKind::UnknownArgument, Some(word), _) => format!("Got unexpected extra argument ({word})"),
        (ErrorKind::InvalidSubcommand, _, Some(word)) => format!("No such command '{word}'."),
        (ErrorKind::InvalidValue | ErrorKind::ValueValidation, Some(option), _) => {
            let option = option.split(' ').next().unwrap_or_default().to_owned();
            let value = of(ContextKind::InvalidValue).unwrap_or_default();
            format!("Invalid value for '{option}': '{value}' is not valid.")
        }
        _ => otherwise.to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a command line is read as.
    fn read(command: clap::Command, words: &[&str]) -> Option<String> {
        let matches = command.try_get_matches_from(words).ok()?;
        Some(format!("{:#?}", Args::from_arg_matches(&matches).ok()?))
    }

    #[test]
    fn a_command_line_with_few_commands_reads_the_same() {
        let lines = [
            "xform parse",
            "xform --target prod parse --vars {a: 1}",
            "xform ls -s tag:a +b --output json",
            "xform list --resource-type model --no-partial-parse",
            "xform --project-dir run build -s parse ls",
            "xform compile --select parse -x --no-check",
            "xform docs generate --static --target prod",
            "xform source freshness -s source:raw",
            "xform retry",
        ];
        let full = Args::command();
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            let arguments: Vec<OsString> = words.iter().map(Into::into).collect();
            let few = named_of(&full, &arguments);
            assert!(few.get_subcommands().count() < 5, "{line}");
            let known = read(full.clone(), &words);
            assert_eq!((read(few, &words), known.is_some()), (known, !line.contains("{a:")), "{line}");
        }
        for line in ["xform", "xform --help", "xform nothing", "xform parse --nothing", "xform --version"] {
            let words: Vec<&str> = line.split(' ').collect();
            let arguments: Vec<OsString> = words.iter().map(Into::into).collect();
            assert_eq!(read(named_of(&full, &arguments), &words), None, "{line}");
        }
    }
}
