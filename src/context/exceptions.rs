use std::collections::BTreeMap;
use std::sync::Arc;

use unicode_width::UnicodeWidthStr;

use super::LogSink;
use super::arguments::{Arguments, split};
use super::function::{Bag, function, pure};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Error, State, Value, is_tracing, raise};
use crate::manifest::mismatches;
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
    values.push(("raise_contract_error", pure("raise_contract_error", contract_error)));
    values.push(("column_type_missing", pure("column_type_missing", column_type_missing)));
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
    ("raise_fail_fast_error", "{}"),
    ("raise_dataclass_not_dict", "the value is not a dictionary: {}"),
    ("missing_config", "a configuration is missing: {}"),
    ("missing_materialization", "a materialization is missing: {}"),
    ("missing_relation", "the relation does not exist: {}"),
    ("relation_wrong_type", "the relation is of another type than expected: {}"),
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

/// `raise_contract_error(yaml_columns, sql_columns)`: how what a query gives differs from what its
/// contract promises, as a table. Columns are mappings with `name` and `data_type`.
fn contract_error(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("raise_contract_error", &["yaml_columns", "sql_columns"], args)?;
    let read = |name: &str| -> Result<BTreeMap<String, Option<String>>, Error> {
        let part =
            |column: &Value, key: &str| column.get_attr(key).map(|value| text(&value)).unwrap_or_default();
        let columns = args.items(name)?;
        Ok(columns.iter().map(|column| (part(column, "name"), Some(part(column, "data_type")))).collect())
    };
    let (promised, found) = (read("yaml_columns")?, read("sql_columns")?);
    if promised.is_empty() {
        let message = "the model has an enforced contract, and its columns are not listed";
        return Err(raise(
            Diagnostic::new(Code::ContractMismatch, message).help(
                "list them under `columns:` in a properties file, each with a `name` and a `data_type`",
            ),
        ));
    }
    let mut rows =
        vec![["column_name", "definition_type", "contract_type", "mismatch_reason"].map(str::to_owned)];
    for (name, mismatch) in mismatches(&promised, &found) {
        let shown =
            |side: &BTreeMap<String, Option<String>>| side.get(name).cloned().flatten().unwrap_or_default();
        rows.push([name.clone(), shown(&found), shown(&promised), mismatch.reason().to_owned()]);
    }
    let message = "this model has an enforced contract that failed";
    let table = table(&rows);
    Err(raise(
        Diagnostic::new(Code::ContractMismatch, message)
            .said(format!("This model has an enforced contract that failed.\n\n{table}"))
            .note(table)
            .help("make the columns of the query and those in YAML the same, in name, data_type and number"),
    ))
}

/// Rows under their heading, in Markdown.
fn table(rows: &[[String; 4]]) -> String {
    let width = |at: usize| rows.iter().map(|row| row[at].width()).max().unwrap_or_default();
    let widths = [0, 1, 2, 3].map(width);
    let line = |row: &[String; 4]| {
        let cells =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width())));
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths.map(|width| "-".repeat(width));
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.insert(1, line(&rule));
    lines.join("\n")
}

/// `column_type_missing(column_names)`.
fn column_type_missing(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("column_type_missing", &["column_names"], args)?;
    let names: Vec<String> =
        args.items("column_names")?.iter().map(|name| format!("`{}`", text(name))).collect();
    let message = format!("columns of an enforced contract have no data_type: {}", names.join(", "));
    Err(raise(
        Diagnostic::new(Code::ContractMismatch, message)
            .help("give each of them a `data_type` in the properties file"),
    ))
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
