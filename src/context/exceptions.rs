use std::sync::Arc;

use super::LogSink;
use super::arguments::{Arguments, split};
use super::function::{Bag, function, pure};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Error, State, Value, is_tracing, raise};
use crate::project::WarnErrorOptions;
use crate::text::Span;

/// `exceptions`; warnings are told at the start of `place`, the template they come from.
/// See <https://docs.getdbt.com/reference/dbt-jinja-functions/exceptions>.
pub(super) fn exceptions(log: &Arc<dyn LogSink>, options: &WarnErrorOptions, place: Option<Span>) -> Value {
    let (sink, options) = (Arc::clone(log), options.clone());
    let mut values = vec![(
        "warn",
        function("exceptions.warn", move |state, args| warn(state, &*sink, &options, place, args)),
    )];
    values.extend(RAISING.iter().map(|(name, start)| (*name, raising(name, start))));
    Bag::value("exceptions", values)
}

/// Functions that raise what they are given, with words that say what kind of problem
/// it is; `{}` are the arguments.
const RAISING: &[(&str, &str)] = &[
    ("raise_compiler_error", "{}"),
    ("raise_database_error", "database error: {}"),
    ("raise_dependency_error", "dependency error: {}"),
    ("raise_parsing_error", "parsing error: {}"),
    ("raise_not_implemented", "not implemented: {}"),
    ("raise_cache_inconsistent", "the relation cache is not as it should be: {}"),
    ("raise_contract_error", "the contract is broken: {}"),
    ("raise_fail_fast_error", "{}"),
    ("raise_dataclass_not_dict", "the value is not a dictionary: {}"),
    ("missing_config", "a configuration is missing: {}"),
    ("missing_materialization", "a materialization is missing: {}"),
    ("missing_relation", "the relation does not exist: {}"),
    ("relation_wrong_type", "the relation is of another type than expected: {}"),
    ("column_type_missing", "columns have no data type: {}"),
    ("raise_ambiguous_alias", "two nodes have the same relation: {}"),
    ("raise_ambiguous_catalog_match", "the catalog has several relations of that name: {}"),
    ("raise_dep_not_found", "a node that is depended on was not found: {}"),
    ("raise_duplicate_patch_name", "two entries describe the same node: {}"),
    ("raise_duplicate_resource_name", "two nodes have the same name: {}"),
    ("raise_invalid_property_yml_version", "the version of a properties file is wrong: {}"),
];

fn raising(name: &'static str, start: &'static str) -> Value {
    pure(name, move |args| {
        let (positional, keywords) = split(args);
        let mut said: Vec<String> = positional.iter().map(text).collect();
        // A model is given along so that dbt can name it; the trace does that here.
        let named = keywords.iter().filter(|(name, _)| !matches!(name.as_str(), "node" | "model"));
        said.extend(named.map(|(_, value)| text(value)));
        if name == "raise_compiler_error" {
            // The second argument is the node.
            said.truncate(1);
        }
        let message = start.replace("{}", &said.join(", "));
        Err(raise(Diagnostic::error(Code::RaisedByMacro, message.trim().trim_end_matches(": "))))
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Tells a warning, or raises it where warnings are errors; what is printed in its place is
/// nothing.
fn warn(
    state: &State<'_, '_>,
    log: &dyn LogSink,
    options: &WarnErrorOptions,
    place: Option<Span>,
    args: &[Value],
) -> Result<Value, Error> {
    let args = Arguments::bind("exceptions.warn", &["msg", "node"], args)?;
    let start = place.map(|place| place.part(0..0));
    let words = text(args.required("msg")?);
    let diagnostic = Diagnostic::new(Code::UserWarning, words.clone()).also(start, "").fact("msg", words);
    match options.judge(diagnostic) {
        Some(error) if error.is_error() => return Err(raise(error)),
        Some(warning) if !is_tracing(state) => log.warn(warning),
        _ => {}
    }
    Ok(Value::from(""))
}
