use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value as Json;

use super::exceptions::exceptions;
use super::flags::FlagsValue;
use super::modules::{modules, utc_value};
use super::values::{dict, list};
use super::{Invocation, Notes, functions, log, validation};
use crate::jinja::{CHANCE, Value, from_json};
use crate::project::DBT_VERSION;

/// What the names of variables begin with that are put into `dbt_metadata_envs`.
/// See <https://docs.getdbt.com/reference/dbt-jinja-functions/env_var#custom-metadata>.
const METADATA_PREFIX: &str = "DBT_ENV_CUSTOM_ENV_";

/// The names that mean the same wherever a template stands, but for the functions.
const NAMES: &[&str] = &[
    "dbt_metadata_envs",
    "dbt_version",
    "exceptions",
    "flags",
    "invocation_args_dict",
    "invocation_id",
    "log",
    "modules",
    "print",
    "project_name",
    "run_started_at",
    "selected_resources",
    "target",
    "thread_id",
    "validation",
];

static FUNCTIONS: LazyLock<HashMap<&'static str, Value>> =
    LazyLock::new(|| functions::all().into_iter().collect());

/// What a name means that means the same in every phase.
pub(super) fn find(invocation: &Invocation, name: &str) -> Option<Value> {
    Some(match name {
        CHANCE => {
            invocation.system.depends_on_moment();
            return None;
        }
        "dbt_metadata_envs" => {
            let variables = invocation.system.variables();
            let named = variables.with_prefix(METADATA_PREFIX);
            dict(named.map(|(name, value)| (name, Value::from(value))))
        }
        "dbt_version" => Value::from(DBT_VERSION),
        "exceptions" => exceptions(&invocation.log, &invocation.flags.warn_error_options, None),
        "flags" => FlagsValue::value(invocation),
        "invocation_args_dict" => {
            invocation.note(Notes::arguments);
            from_json(&Json::Object(invocation.flags.invocation_args.clone()))
        }
        "invocation_id" => {
            invocation.system.depends_on_moment();
            Value::from(invocation.id.as_str())
        }
        "log" => log::log(&invocation.log),
        "modules" => modules(&invocation.system, &invocation.log, &invocation.flags.warn_error_options),
        "print" => log::print(&invocation.log, invocation.flags.print),
        "project_name" => Value::from(invocation.root_package.as_str()),
        "run_started_at" => {
            invocation.system.depends_on_moment();
            utc_value(invocation.started_at)
        }
        "selected_resources" => {
            let selected = invocation.selected_resources.get().map_or(&[][..], Vec::as_slice);
            list(selected.iter().map(|id| Value::from(id.as_str())).collect())
        }
        "target" => invocation.target.value(),
        "thread_id" => {
            invocation.system.depends_on_moment();
            let thread = std::thread::current();
            // As Python calls it.
            Value::from(thread.name().filter(|name| *name != "main").unwrap_or("MainThread"))
        }
        "validation" => validation::value(),
        other => return FUNCTIONS.get(other).cloned(),
    })
}

/// All of them, in no order.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let functions = functions::all().into_iter().map(|(name, _)| name);
    NAMES.iter().copied().chain(functions)
}
