use std::path::Path;
use std::sync::atomic::Ordering;

use serde_json::{Value as Json, json};

use super::Job;
use super::model::is_incremental;
use crate::compile::Compiled;
use crate::context::{LogLevel, RunContext};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Value, to_json};
use crate::manifest::{Node, version_text};
use crate::sql::{RelationName, string_literal};
use crate::system::Script;
use crate::text::{SourceMap, Span};

/// The program that runs a model, in the user's own Python.
const RUNNER: &str = include_str!("runner.py");

/// The rows that a model in Python gave: a query over a file, which is there as long as this is.
pub(super) struct PythonRows {
    _folder: tempfile::TempDir,
    pub(super) compiled: Compiled,
}

/// Runs a model written in Python as a process of its own. Its inputs are written as Parquet
/// over the build's connection, because no two processes may have one DuckDB file open, and the
/// rows it gives are read back as Parquet: to its materialization they are a query like any.
/// See <https://docs.getdbt.com/docs/build/python-models>.
///
/// # Errors
/// There is no Python, an input cannot be read, or the model fails: told at its line.
pub(super) fn run_python(job: &Job<'_>) -> Result<PythonRows, Diagnostic> {
    let system = &job.invocation.system;
    let cannot_write = |error: std::io::Error| {
        Diagnostic::error(Code::CannotWriteFile, format!("no folder for the rows of Python: {error}"))
    };
    let folder = system.scratch().map_err(cannot_write)?;
    let file = |name: &str| folder.path().join(name);
    let context = job.context();
    let inputs = inputs(job, &context, folder.path())?;
    let this = this(job, &context, folder.path())?;
    context.finish(true)?;
    let (result, report) = (file("result.parquet"), file("report.json"));
    let request = json!({
        "path": job.node.original_file_path,
        "code": job.invocation.files.get(job.node.file).text(),
        "inputs": inputs,
        "is_incremental": !this["file"].is_null(),
        "this": this,
        "config": job.node.config.values(),
        "result": shown(&result),
        "report": shown(&report),
    });
    let (runner, asked) = (file("runner.py"), file("job.json"));
    system.write(&runner, RUNNER.as_bytes()).map_err(cannot_write)?;
    system.write(&asked, request.to_string().as_bytes()).map_err(cannot_write)?;
    let said = start(job, &[shown(&runner), shown(&asked)])?;
    if job.invocation.stopped.load(Ordering::SeqCst) {
        return Err(Diagnostic::error(Code::Cancelled, "the Python of the model was stopped")
            .label(Span::start_of(job.node.file), ""));
    }
    let told = system.read(&report).ok().and_then(|report| serde_json::from_slice::<Json>(&report).ok());
    if let Some(report) = told {
        return Err(failure(job, &report));
    }
    if !system.exists(&result) {
        let message = "the Python of the model ended without a result";
        let error = Diagnostic::error(Code::PythonFailed, message).label(Span::start_of(job.node.file), "");
        return Err(if said.is_empty() { error } else { error.note(format!("it said last: {said}")) });
    }
    let query = format!("select * from read_parquet({})", string_literal(&shown(&result)));
    Ok(PythonRows { _folder: folder, compiled: Compiled::of_query(query) })
}

/// Runs the user's Python, each line it prints going to the log; gives the last one.
fn start(job: &Job<'_>, arguments: &[String]) -> Result<String, Diagnostic> {
    let system = &job.invocation.system;
    let chosen = system.env("XFORM_PYTHON").filter(|name| !name.is_empty());
    let programs = chosen.as_ref().map_or_else(|| vec!["python3", "python"], |chosen| vec![chosen.as_str()]);
    let mut last = String::new();
    let mut missing = None;
    for program in &programs {
        let script = Script { program, arguments, folder: &system.current_dir() };
        let log = &job.invocation.log;
        let mut line = |line: &str| {
            log.log(LogLevel::Info, line);
            line.clone_into(&mut last);
        };
        match system.stream(&script, &|| job.invocation.stopped.load(Ordering::SeqCst), &mut line) {
            Ok(()) => return Ok(last),
            Err(error) => missing = Some(error),
        }
    }
    let tried = programs.join("` or `");
    let error = missing.map(|error| error.to_string()).unwrap_or_default();
    Err(Diagnostic::error(Code::MissingPython, format!("`{tried}` cannot be started: {error}"))
        .label(Span::start_of(job.node.file), "this model is written in Python")
        .help("install Python 3, or name its program in the variable `XFORM_PYTHON`"))
}

/// Each input as the model calls it, with its rows in a file.
fn inputs(job: &Job<'_>, context: &RunContext, folder: &Path) -> Result<Vec<Json>, Diagnostic> {
    let node = job.node;
    let mut inputs = Vec::new();
    for one in &node.refs {
        let names = one.package.iter().chain([&one.name]);
        let version = one.version.as_ref().map(version_text);
        let mut arguments: Vec<String> = names.clone().map(|name| quoted(name)).collect();
        arguments.extend(version.iter().map(|version| format!("v={}", quoted(version))));
        let call = format!("ref({})", arguments.join(", "));
        let names: Vec<&String> = names.collect();
        let given = json!({ "kind": "ref", "arguments": names, "version": version });
        inputs.push(input(job, context, folder, inputs.len(), &call, one.span, given)?);
    }
    for one in &node.sources {
        let call = format!("source({}, {})", quoted(&one.source), quoted(&one.table));
        let given = json!({ "kind": "source", "arguments": [one.source, one.table], "version": null });
        inputs.push(input(job, context, folder, inputs.len(), &call, one.span, given)?);
    }
    Ok(inputs)
}

fn input(
    job: &Job<'_>,
    context: &RunContext,
    folder: &Path,
    number: usize,
    call: &str,
    span: Option<Span>,
    mut given: Json,
) -> Result<Json, Diagnostic> {
    let place = span.unwrap_or(Span::start_of(job.node.file));
    let engine = &job.invocation.engine;
    let found = engine.evaluate(&format!("{{{{ {call} }}}}"), place, &context.value())?;
    if !is_relation(&found) {
        let message = format!("`{call}` is an ephemeral model, which a model in Python cannot read");
        return Err(Diagnostic::error(Code::InvalidConfig, message)
            .label(place, "")
            .help("materialize it as a view or a table"));
    }
    let file = folder.join(format!("input_{number}.parquet"));
    copy(context, &found.to_string(), &file).map_err(|error| error.also(place, ""))?;
    let part = |key: &str| found.get_attr(key).map(|part| to_json(&part)).unwrap_or_default();
    given["file"] = Json::from(shown(&file));
    for key in ["database", "schema", "identifier"] {
        given[key] = part(key);
    }
    Ok(given)
}

/// Whether a ref gave something that is there to be read.
fn is_relation(found: &Value) -> bool {
    found.get_attr("is_cte").is_ok_and(|is_cte| !is_cte.is_true())
}

/// The relation that the model makes, with its rows where it adds to them.
fn this(job: &Job<'_>, context: &RunContext, folder: &Path) -> Result<Json, Diagnostic> {
    let node = job.node;
    let name = relation(job, node);
    let mut about = json!({
        "database": node.database,
        "schema": node.schema,
        "identifier": node.alias,
        "relation": name,
        "file": null,
    });
    if node.config.materialized() == "incremental" && is_incremental(job)? {
        let file = folder.join("this.parquet");
        copy(context, &name, &file)?;
        about["file"] = Json::from(shown(&file));
    }
    Ok(about)
}

fn relation(job: &Job<'_>, node: &Node) -> String {
    let dialect = job.invocation.adapter.dialect();
    let named = || RelationName::new(dialect, &node.database, &node.schema, &node.alias);
    node.relation.clone().unwrap_or_else(named).to_string()
}

fn copy(context: &RunContext, from: &str, file: &Path) -> Result<(), Diagnostic> {
    let to = string_literal(&shown(file));
    let sql = format!("copy (select * from {from}) to {to} (format parquet)");
    context.execute(&sql, &SourceMap::default()).map(|_| ())
}

/// A text as Jinja writes it.
fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// What the model's own Python raised, at the line of the model.
fn failure(job: &Job<'_>, report: &Json) -> Diagnostic {
    let text = |key: &str| report.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let file = job.invocation.files.get(job.node.file);
    let line = report.get("line").and_then(Json::as_u64).and_then(|line| usize::try_from(line).ok());
    let place = line.and_then(|line| place_of_line(file.text(), line));
    let place = place.map_or(Span::start_of(file.id()), |(start, end)| Span::new(file.id(), start, end));
    let package = text("package");
    if !package.is_empty() {
        let message = format!("the Python package `{package}` is not installed");
        return Diagnostic::error(Code::MissingPython, message).label(place, "").help(format!(
            "install it with `python3 -m pip install {package}`, or name a Python that has it in `XFORM_PYTHON`"
        ));
    }
    let error = Diagnostic::error(Code::PythonFailed, text("message")).label(place, "");
    let trace = text("trace");
    // One step is the label.
    if trace.lines().count() > 1 { error.note(trace.trim_end().to_owned()) } else { error }
}

/// Where the text of a line begins and ends, from 1.
fn place_of_line(text: &str, line: usize) -> Option<(usize, usize)> {
    let mut start = 0;
    for (at, found) in text.split('\n').enumerate() {
        if at + 1 == line {
            let indent = found.len() - found.trim_start().len();
            return Some((start + indent, start + found.trim_end().len().max(indent)));
        }
        start += found.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::place_of_line;

    #[test]
    fn a_line_is_underlined_without_its_indent() {
        let text = "def model(dbt, session):\n    return 나눔 / 0  \n";
        let (start, end) = place_of_line(text, 2).unwrap();
        assert_eq!(&text[start..end], "return 나눔 / 0");
        assert_eq!(place_of_line(text, 9), None);
    }
}
