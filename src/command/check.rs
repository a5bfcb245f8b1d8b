use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::{Value, json};

use super::{Ended, Shell};
use crate::check::{NodeAnalysis, ProjectAnalysis, Standing, Summary, check as check_project, is_checked};
use crate::context::LogLevel;
use crate::diagnostic::render::{github, json as diagnostic_json, sarif};
use crate::diagnostic::{Code, Diagnostic, WarningName};
use crate::execute::Event;
use crate::manifest::NodeId;
use crate::rules::{Levels, lint};
use crate::select::Criteria;
use crate::sql::DataType;

/// The form of what `check` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckFormat {
    Text,
    Json,
    Sarif,
    /// Annotations of a workflow of GitHub.
    GitHub,
}

/// What `check` is asked for.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    pub criteria: Criteria,
    pub format: CheckFormat,
}

impl CheckFormat {
    /// From the word of `--output`; text for any other.
    #[must_use]
    pub fn find(word: &str) -> Self {
        match word {
            "json" => Self::Json,
            "sarif" => Self::Sarif,
            "github" => Self::GitHub,
            _ => Self::Text,
        }
    }
}

/// `xform check`: what is wrong with the SQL of the selected nodes, found without a warehouse.
#[must_use]
pub fn check(shell: &Shell<'_>, options: &CheckOptions) -> Ended {
    let started = Instant::now();
    let session = shell.session;
    let manifest = &session.manifest;
    let selection = match shell.select(manifest, &options.criteria) {
        Ok(selection) => selection,
        Err(ended) => return ended,
    };
    let selected: BTreeSet<NodeId> = selection.iter().cloned().collect();
    if selected.is_empty() {
        let warning = Diagnostic::new(Code::NoNodesSelected, "No nodes selected!");
        if let Err(ended) = shell.warn(warning.stands_for(WarningName::NoNodesSelected)) {
            return ended;
        }
    }
    let checked = check_project(&session.invocation, manifest, &selected);
    let judge = |diagnostic| session.invocation.flags.warn_error_options.judge(diagnostic);
    let found = checked.diagnostics.into_iter().chain(ruled(shell, &checked.value, &selected));
    let diagnostics: Vec<Diagnostic> = found.filter_map(judge).collect();
    let is_wrong = diagnostics.iter().any(Diagnostic::is_error);
    let summary = Summary::new(&checked.value, manifest, &selected);
    match options.format {
        CheckFormat::Text => {
            for diagnostic in diagnostics {
                shell.tell(diagnostic);
            }
            tell_unknown(shell, &checked.value, &selected);
            tell_summary(shell, &summary, started);
        }
        CheckFormat::Sarif => {
            let log = sarif(&diagnostics, &session.invocation.files);
            shell.reporter.report(Event::Output(serde_json::to_string_pretty(&log).unwrap_or_default()));
        }
        CheckFormat::GitHub => {
            for told in &diagnostics {
                shell.reporter.report(Event::Output(github(told, &session.invocation.files)));
            }
        }
        CheckFormat::Json => {
            let files = &session.invocation.files;
            let told: Vec<Value> = diagnostics.iter().map(|told| diagnostic_json(told, files)).collect();
            let unknown = unknown(shell, &checked.value, &selected);
            let unknown: Vec<Value> =
                unknown.map(|(id, reasons)| json!({"unique_id": id.as_str(), "reasons": reasons})).collect();
            let nodes = checked.value.nodes().filter(|node| selected.contains(&node.id));
            let nodes: Vec<Value> = nodes.filter_map(|node| node_json(node)).collect();
            let answer = json!({
                "diagnostics": told,
                "unknown": unknown,
                "nodes": nodes,
                "summary": {
                    "checked": summary.checked,
                    "well": summary.well,
                    "wrong": summary.wrong,
                    "unknown": summary.unknown,
                    "elapsed": started.elapsed().as_secs_f64(),
                },
            });
            shell.reporter.report(Event::Output(serde_json::to_string_pretty(&answer).unwrap_or_default()));
        }
    }
    if is_wrong { Ended::WithFailures } else { Ended::Well }
}

/// What the rules of the project say, and what is wrong with how it sets them.
fn ruled(shell: &Shell<'_>, analysis: &ProjectAnalysis, selected: &BTreeSet<NodeId>) -> Vec<Diagnostic> {
    let session = shell.session;
    let invocation = &session.invocation;
    let root = invocation.packages.iter().find(|package| package.is_root);
    let levels = Levels::read(root.and_then(|root| root.config.rules.as_ref()));
    let found = lint(invocation, &session.manifest, analysis, selected, &levels.value);
    levels.diagnostics.into_iter().chain(found).collect()
}

/// The columns of a node that are known, and what each is made of. `null` types are not known.
fn node_json(node: &NodeAnalysis) -> Option<Value> {
    let schema = node.schema.as_ref()?;
    let made_of = |at: usize| -> Vec<Value> {
        let Some(analysis) = &node.analysis else { return Vec::new() };
        let uses = analysis.columns.get(at).map(|column| &column.made_of[..]).unwrap_or_default();
        uses.iter()
            .map(|part| {
                let relation = analysis.inputs.get(part.input).map(|input| input.relation.to_string());
                let id = node.inputs.get(part.input).and_then(Option::as_ref).map(NodeId::as_str);
                json!({"unique_id": id, "relation": relation, "column": part.column, "how": part.how.name()})
            })
            .collect()
    };
    let columns = schema.columns.iter().enumerate().map(|(at, column)| {
        let kind = column.data_type.as_ref().map(DataType::as_str);
        json!({"name": column.name, "data_type": kind, "made_of": made_of(at)})
    });
    let columns: Vec<Value> = columns.collect();
    Some(json!({"unique_id": node.id.as_str(), "columns": columns, "are_all": schema.is_complete}))
}

/// The selected nodes that are not wholly known, with all reasons.
fn unknown<'a>(
    shell: &'a Shell<'_>,
    analysis: &'a ProjectAnalysis,
    selected: &'a BTreeSet<NodeId>,
) -> impl Iterator<Item = (&'a NodeId, Vec<&'a str>)> {
    let nodes = analysis.nodes().filter(|node| {
        let kind = shell.session.manifest.node(&node.id).map(|node| node.resource_type);
        selected.contains(&node.id) && kind.is_some_and(is_checked)
    });
    nodes.filter_map(|node| match &node.standing {
        Standing::Unknown(reasons) => {
            Some((&node.id, reasons.iter().map(|reason| reason.phrase.as_str()).collect()))
        }
        _ => None,
    })
}

/// Says of each node why it is not wholly known, to those who look on (`--debug`, `dbt.log`).
fn tell_unknown(shell: &Shell<'_>, analysis: &ProjectAnalysis, selected: &BTreeSet<NodeId>) {
    for (id, reasons) in unknown(shell, analysis, selected) {
        for reason in reasons {
            let text = format!("{id} {reason}");
            shell.reporter.report(Event::Log { level: LogLevel::Debug, text });
        }
    }
}

fn tell_summary(shell: &Shell<'_>, summary: &Summary, started: Instant) {
    let say = |text: String| shell.reporter.report(Event::Log { level: LogLevel::Info, text });
    if let Some(why) = summary.why_unknown() {
        say(format!("{why} (`--debug` says which)"));
    }
    let nodes = if summary.checked == 1 { "node" } else { "nodes" };
    say(format!(
        "Checked {} {nodes} in {:.2}s: {} well, {} wrong, {} unknown",
        summary.checked,
        started.elapsed().as_secs_f64(),
        summary.well,
        summary.wrong,
        summary.unknown
    ));
}
