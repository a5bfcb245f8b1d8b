use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches};
use serde_json::{Map, Value};

use crate::text::Files;
use crate::yaml;

/// The options that a command line gives, under the names that dbt's `args` in
/// `run_results.json` have: all that was written, whatever the command.
/// See <https://docs.getdbt.com/reference/artifacts/run-results-json>.
pub(super) fn noted(command: &clap::Command, matches: &ArgMatches) -> Map<String, Value> {
    let (mut command, mut matches) = (command, matches);
    let mut options: Vec<&clap::Arg> = command.get_arguments().collect();
    while let Some((name, inner)) = matches.subcommand() {
        let Some(found) = command.find_subcommand(name) else { break };
        (command, matches) = (found, inner);
        // The innermost command has the values of the options that all commands take.
        options.retain(|option| option.is_global_set());
        options.extend(command.get_arguments());
    }
    let mut noted = Map::new();
    for option in options {
        let id = option.get_id().as_str();
        let is_known = matches.try_contains_id(id).is_ok();
        if !is_known || matches.value_source(id) != Some(ValueSource::CommandLine) {
            continue;
        }
        if let ArgAction::SetTrue = option.get_action() {
            if matches.get_flag(id) {
                let (name, value) = switch(id);
                noted.insert(name.to_owned(), value.into());
            }
            continue;
        }
        let texts: Vec<String> = matches
            .get_raw(id)
            .into_iter()
            .flatten()
            .map(|text| text.to_string_lossy().into_owned())
            .collect();
        let name = dbts_name(id);
        if let ArgAction::Append = option.get_action() {
            let all = noted.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(all) = all {
                all.extend(texts.into_iter().map(Value::from));
            }
        } else if let Some(text) = texts.last() {
            noted.insert(name.to_owned(), value(name, text));
        }
    }
    noted
}

/// `no_defer` is `defer`, switched off.
fn switch(id: &str) -> (&str, bool) {
    match id {
        "is_static" => ("static", true),
        "no_partial_parse" => ("partial_parse", false),
        id => id.strip_prefix("no_").map_or((id, true), |name| (name, false)),
    }
}

/// dbt's name of an option.
fn dbts_name(id: &str) -> &str {
    match id {
        "resource_type" => "resource_types",
        "exclude_resource_type" => "exclude_resource_types",
        "models" => "select",
        "name" => "macro",
        id => id,
    }
}

/// The value of an option: mappings are read, numbers are numbers.
fn value(name: &str, text: &str) -> Value {
    match name {
        "vars" | "args" | "warn_error_options" => {
            let read = yaml::parse(&Files::new().add(name, text));
            read.value.map_or_else(|| text.into(), |value| value.to_json())
        }
        "threads" | "limit" | "printer_width" | "maximum_seed_size_mib" | "log_file_max_bytes" => {
            text.parse::<i64>().map_or_else(|_| text.into(), Value::from)
        }
        _ => text.into(),
    }
}
