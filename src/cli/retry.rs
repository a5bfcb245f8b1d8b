use std::sync::Arc;

use clap::{ArgAction, CommandFactory, FromArgMatches};
use serde_json::{Map, Value};

use super::Args;
use crate::command::Retried;
use crate::diagnostic::{Code, Diagnostic};
use crate::project::{LoadOptions, locate, look_ahead};
use crate::state::Previous;
use crate::system::System;

/// What an earlier command left to be done.
pub(super) struct Again {
    /// The earlier command line, with what this one says.
    pub args: Args,
    /// Its options, for `run_results.json`.
    pub noted: Map<String, Value>,
    pub retried: Retried,
}

/// What of an earlier command line is not taken over: where this command works and what it
/// prints is said anew, and so is whether warnings are errors.
const SAID_ANEW: [&str; 20] = [
    "which",
    "invocation_command",
    "project_dir",
    "log_path",
    "target_path",
    "warn_error",
    "quiet",
    "debug",
    "print",
    "write_json",
    "use_colors",
    "use_colors_file",
    "printer_width",
    "log_format",
    "log_format_file",
    "log_level",
    "log_level_file",
    "log_file_max_bytes",
    "partial_parse",
    "show_all_deprecations",
];

/// Reads what the last command did, from the target folder or the folder of `--state`, and makes
/// its command line again. `given` are the options of `retry` itself, which go before.
/// See <https://docs.getdbt.com/reference/commands/retry>.
///
/// # Errors
/// There is no project, no earlier run, or one that cannot be understood.
pub(super) fn again(
    system: &Arc<dyn System>,
    options: &LoadOptions,
    given: &Map<String, Value>,
) -> Result<Again, Diagnostic> {
    let root = locate(&**system, options.project_dir.as_deref())?.root;
    let target = look_ahead(&**system, options).target_path.unwrap_or_else(|| root.join("target"));
    let state = options.state.clone();
    let shown = state.clone().unwrap_or_else(|| target.strip_prefix(&root).unwrap_or(&target).to_path_buf());
    let folder = state.clone().unwrap_or_else(|| target.clone());
    let previous = Previous::new(Arc::clone(system), folder, root, target);
    let results = previous.run_results()?.ok_or_else(|| {
        let kind = if state.is_some() { "--state" } else { "target" };
        let message = format!("Could not find previous run in '{}' {kind} directory", shown.display());
        Diagnostic::error(Code::MissingState, message)
            .help("`retry` goes on with a command that wrote run_results.json: run one first")
    })?;
    let mut noted = results.get("args").and_then(Value::as_object).cloned().unwrap_or_default();
    let which = noted.get("which").and_then(Value::as_str).unwrap_or_default().to_owned();
    if noted.get("warn_error") == Some(&Value::Bool(true)) {
        // That is how it is written down here that all warnings are errors.
        noted.remove("warn_error_options");
    }
    noted.retain(|name, _| !SAID_ANEW.contains(&name.as_str()));
    let mut given = given.clone();
    given.remove("state");
    noted.extend(given);
    let args = rebuilt(&which, &noted)?;
    Ok(Again { args, noted, retried: Retried::read(results) })
}

/// The command line that says this.
fn rebuilt(which: &str, noted: &Map<String, Value>) -> Result<Args, Diagnostic> {
    let words: &[&str] = match which {
        "generate" => &["docs", "generate"],
        "build" | "clone" | "compile" | "run" | "run-operation" | "seed" | "show" | "snapshot" | "test" => {
            &[which]
        }
        _ => {
            let message = format!("the earlier command `{which}` cannot be tried again");
            return Err(Diagnostic::error(Code::InvalidUsage, message)
                .help("`retry` goes on with build, clone, compile, docs generate, run, run-operation, seed, show, snapshot and test"));
        }
    };
    let root = Args::command();
    let mut command = &root;
    for word in words {
        command = command.find_subcommand(word).unwrap_or(command);
    }
    let mut line: Vec<String> =
        std::iter::once("xform").chain(words.iter().copied()).map(str::to_owned).collect();
    if let Some(name) = noted.get("macro").and_then(Value::as_str) {
        line.push(name.to_owned());
    }
    let options: Vec<&clap::Arg> =
        root.get_arguments().filter(|option| option.is_global_set()).chain(command.get_arguments()).collect();
    for (name, value) in noted {
        line.extend(words_of(&options, name, value));
    }
    let parsed =
        Args::command().try_get_matches_from(&line).and_then(|matches| Args::from_arg_matches(&matches));
    parsed.map_err(|error| {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let message = format!("the arguments of the earlier command cannot be used: {first}");
        Diagnostic::error(Code::InvalidState, message)
            .note(format!("they are: {}", line.join(" ")))
            .help("run the command itself again")
    })
}

/// One option as words; none for what is empty, or what the command does not take.
fn words_of(options: &[&clap::Arg], name: &str, value: &Value) -> Vec<String> {
    let long = match name {
        "resource_types" => "resource-type".to_owned(),
        "exclude_resource_types" => "exclude-resource-type".to_owned(),
        name => name.replace('_', "-"),
    };
    let find = |long: &str| options.iter().find(|option| option.get_long() == Some(long));
    let found = find(&long);
    match value {
        Value::Bool(yes) => {
            let is_switch = |option: &&&clap::Arg| matches!(option.get_action(), ArgAction::SetTrue);
            let wanted = if *yes { long } else { format!("no-{long}") };
            find(&wanted).filter(is_switch).map(|_| format!("--{wanted}")).into_iter().collect()
        }
        Value::Null => Vec::new(),
        _ if found.is_none() => Vec::new(),
        Value::Array(items) if items.is_empty() => Vec::new(),
        Value::Array(items) => {
            let items =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            std::iter::once(format!("--{long}")).chain(items).collect()
        }
        Value::Object(entries) if entries.is_empty() => Vec::new(),
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(text) => vec![format!("--{long}={text}")],
        other => vec![format!("--{long}={other}")],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::noted::noted;
    use super::*;

    fn read(line: &str) -> Map<String, Value> {
        let command = Args::command();
        let matches = command.clone().try_get_matches_from(line.split(' ')).expect(line);
        noted(&command, &matches)
    }

    #[test]
    fn what_a_command_line_says_is_noted_in_dbts_names() {
        let found = read(
            "xform --threads 3 build -s a+ tag:x --models 주문 --exclude b --no-defer -x --vars {\"k\":[1]}",
        );
        assert_eq!(
            Value::Object(found),
            json!({
                "threads": 3, "select": ["a+", "tag:x", "주문"], "exclude": ["b"], "defer": false,
                "fail_fast": true, "vars": {"k": [1]},
            })
        );
        let found = read("xform docs generate --static --no-compile --warn-error");
        assert_eq!(Value::Object(found), json!({"static": true, "compile": false, "warn_error": true}));
        let found = read("xform run-operation 일 --args {\"n\":1} --target dev");
        assert_eq!(Value::Object(found), json!({"macro": "일", "args": {"n": 1}, "target": "dev"}));
    }

    #[test]
    fn and_makes_the_same_command_line_again() {
        for (which, line) in [
            (
                "build",
                "xform build --select a+ tag:x --exclude b --full-refresh --threads 3 --fail-fast --resource-type model",
            ),
            ("generate", "xform docs generate --no-compile --defer --state before"),
            ("run-operation", "xform run-operation 일 --args {\"n\":1}"),
            ("show", "xform show --inline select --limit -1"),
        ] {
            let args = rebuilt(which, &read(line)).expect(line);
            let wanted =
                Args::from_arg_matches(&Args::command().get_matches_from(line.split(' '))).expect(line);
            assert_eq!(format!("{args:?}"), format!("{wanted:?}"));
        }
        let told = rebuilt("debug", &Map::new()).expect_err("debug leaves nothing to be done");
        assert_eq!(told.code(), Code::InvalidUsage);
    }
}
