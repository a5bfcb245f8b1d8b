//! Failures and warnings in full.

use std::sync::Arc;

use serde_json::Value;

use super::line::Line;
use super::narrator::node_info;
use super::stats::kinds;
use super::table::table_with;
use super::wording::{count, name};
use super::{Level, Theme};
use crate::diagnostic::render::{Colour, human, json};
use crate::diagnostic::{Diagnostic, Kind, Severity, WarningName};
use crate::execute::{NodeResult, Status};
use crate::manifest::{Manifest, Node, NodeId, ResourceType};
use crate::text::Files;

/// Queries longer than this are not printed; their file is named all the same.
const LONGEST_QUERY: usize = 40;
/// So many of the nodes that were left out are all named.
const FEW_NODES: usize = 3;
/// Of more nodes, so many are named.
const NAMED_NODES: usize = 8;

/// What a summary needs to know of the world.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub manifest: Option<&'a Manifest>,
    pub files: &'a Files,
    pub theme: Theme,
    pub width: Option<usize>,
    /// Whether a person looks on, who needs no words for tools.
    pub is_live: bool,
    /// How many results are told in full.
    pub in_full: usize,
}

impl Scene<'_> {
    /// Everything there is to say of the results that are not well: errors and failures
    /// first, then warnings, then what was skipped because of them.
    pub(super) fn failures(&self, results: &[Arc<NodeResult>]) -> Vec<Line> {
        let failed = results.iter().filter(|result| result.status.is_failure() || result.is_broken());
        let warned = results.iter().filter(|result| result.status == Status::Warn);
        let bad: Vec<_> = failed.chain(warned).collect();
        let in_full = bad.iter().take(self.in_full);
        let mut lines: Vec<_> = in_full.flat_map(|result| self.failure(result)).collect();
        if bad.len() > self.in_full {
            let more = bad.len() - self.in_full;
            let text = format!("{more} more are told in full in dbt.log; each has its line above");
            lines.push(Line::new(Level::Warn, ("Note", "Z050"), self.theme.doubtful(&text)));
            lines.push(Line::blank());
        }
        lines.extend(self.skipped(results));
        lines
    }

    fn failure(&self, result: &NodeResult) -> Vec<Line> {
        let node = self.manifest.and_then(|manifest| manifest.node(&result.id));
        let is_warning = result.status == Status::Warn;
        let (level, word) = if is_warning { (Level::Warn, "Warning") } else { (Level::Error, "Failure") };
        let what = match node {
            Some(node) => {
                let kind = node.resource_type.name().replace('_', " ");
                format!("{kind} {} ({})", node.name, node.original_file_path)
            }
            None => result.id.to_string(),
        };
        // dbt's words for what a node could not do: `Compilation Error in model orders (…)`.
        let kind = result.diagnostics.first().filter(|_| result.status == Status::Error);
        let word = kind.map_or(word, |diagnostic| diagnostic.code().kind().heading());
        let heading = format!("{word} in {what}");
        let heading = if is_warning { self.theme.doubtful(&heading) } else { self.theme.bad(&heading) };
        let (heading_event, event) = if is_warning {
            (("RunResultWarning", "Z021"), ("RunResultWarningMessage", "Z046"))
        } else {
            (("RunResultFailure", "Z022"), ("RunResultError", "Z024"))
        };
        let body = self.body(node, result);
        let info = node_info(node, &result.id, "None", (None, None));
        let diagnostics: Vec<Value> =
            result.diagnostics.iter().map(|diagnostic| self.described(diagnostic)).collect();
        let heading = Line::new(level, heading_event, heading)
            .with("resource_type", node.map(|node| node.resource_type.name()))
            .with("node_name", node.map(|node| node.name.as_str()))
            .with("path", node.map(|node| node.original_file_path.as_str()))
            .with("node_info", info.clone());
        let body = Line::new(level, event, body)
            .block()
            .with("msg", result.message.as_deref())
            .with("unique_id", result.id.as_str())
            .with("compiled_path", result.compiled_path.as_deref())
            .with("node_info", info)
            .with("diagnostics", diagnostics);
        vec![heading, body, Line::blank()]
    }

    fn body(&self, node: Option<&Node>, result: &NodeResult) -> String {
        let mut parts: Vec<String> =
            result.diagnostics.iter().map(|one| human(one, self.files, self.theme.colour())).collect();
        if let (true, Some(message)) = (parts.is_empty(), &result.message) {
            parts.push(indented(message));
        }
        let is_unit_test = node.is_some_and(|node| node.resource_type == ResourceType::UnitTest);
        if let (true, Status::Fail, Some(message)) = (is_unit_test, result.status, &result.message) {
            parts.push(indented(message.trim()));
        }
        if let Some(rows) = result.failing_rows.as_ref().filter(|rows| !rows.rows.is_empty()) {
            let shown = rows.rows.len();
            let all = result.failures.unwrap_or_default();
            let heading = if u64::try_from(shown).is_ok_and(|shown| shown < all) {
                format!("the first {} of those that failed:", count(shown, "row"))
            } else {
                "the rows that failed:".to_owned()
            };
            let width = self.width.map(|width| width.saturating_sub(2));
            parts.push(indented(&format!("{heading}\n{}", table_with(rows, width, "NULL"))));
        }
        if let Some(path) = &result.compiled_path {
            parts.push(indented(&format!("compiled code at {path}")));
        }
        if let Some(query) = rerun(node, result) {
            parts.push(indented(&format!("the query, to run again:\n{}", indented(&query))));
        }
        parts.join("\n\n")
    }

    /// Which nodes were not tried, by the failure that is to blame.
    fn skipped(&self, results: &[Arc<NodeResult>]) -> Vec<Line> {
        let mut by_parent: Vec<(&NodeId, Vec<&NodeId>)> = Vec::new();
        for result in results.iter().filter(|result| result.status == Status::Skipped) {
            // Of a broken ephemeral model the error itself is told.
            let Some(parent) = result.blamed_parent.as_ref().filter(|_| !result.is_broken()) else {
                continue;
            };
            match by_parent.iter_mut().find(|(blamed, _)| *blamed == parent) {
                Some((_, children)) => children.push(&result.id),
                None => by_parent.push((parent, vec![&result.id])),
            }
        }
        let mut lines: Vec<_> = by_parent
            .into_iter()
            .map(|(parent, children)| {
                let text = format!(
                    "Skipped because {} failed: {}",
                    name(self.manifest, parent),
                    self.names(&children)
                );
                Line::new(Level::Info, ("Note", "Z050"), self.theme.doubtful(&text))
            })
            .collect();
        if !lines.is_empty() {
            lines.push(Line::blank());
        }
        lines
    }

    /// The names of some nodes; when there are many, how many of each kind, and the names
    /// of the first that are no tests.
    pub(super) fn names(&self, ids: &[&NodeId]) -> String {
        let node = |id: &NodeId| self.manifest.and_then(|manifest| manifest.node(id));
        if ids.len() <= FEW_NODES {
            return ids.iter().map(|id| name(self.manifest, id)).collect::<Vec<_>>().join(", ");
        }
        let is_test = |id: &NodeId| node(id).is_some_and(|node| node.resource_type == ResourceType::Test);
        let mut others: Vec<_> =
            ids.iter().filter(|id| !is_test(id)).map(|id| name(self.manifest, id)).collect();
        let kinds = kinds(ids.iter().filter_map(|id| node(id))).join(", ");
        if others.len() > NAMED_NODES {
            others.truncate(NAMED_NODES);
            others.push("…".to_owned());
        }
        let names = if others.is_empty() { String::new() } else { format!(" ({})", others.join(", ")) };
        format!("{kinds}{names}")
    }

    /// Why nothing was run: dbt's heading for each kind of error, below it the errors;
    /// warnings come before.
    pub(super) fn failed(&self, diagnostics: &[Diagnostic]) -> Vec<Line> {
        let (errors, others): (Vec<_>, Vec<_>) =
            diagnostics.iter().partition(|diagnostic| diagnostic.severity() == Severity::Error);
        let mut lines: Vec<_> = others.into_iter().map(|diagnostic| self.diagnostic(diagnostic)).collect();
        let mut last: Option<Kind> = None;
        let (mut text, mut exc) = ("Encountered an error:".to_owned(), String::new());
        for error in &errors {
            let kind = error.code().kind();
            if last.replace(kind) != Some(kind) {
                text.extend(["\n", &self.theme.bad(kind.heading())]);
                exc.extend([if exc.is_empty() { "" } else { "\n" }, kind.heading()]);
            }
            text.extend(["\n", &self.human(error)]);
            exc.extend(["\n  ", error.words()]);
        }
        let described: Vec<Value> = errors.iter().map(|error| self.described(error)).collect();
        lines.push(
            Line::new(Level::Error, ("MainEncounteredError", "Z002"), text)
                .with("exc", exc)
                .with("diagnostics", described),
        );
        lines
    }

    /// One diagnostic that belongs to no node's result.
    pub(super) fn diagnostic(&self, diagnostic: &Diagnostic) -> Line {
        let name = diagnostic.warning_name();
        let (level, event) = match (diagnostic.severity(), name) {
            (Severity::Error, _) => (Level::Error, ("GenericExceptionOnRun", "W004")),
            (Severity::Warning, Some(name)) => (Level::Warn, (name.name(), name.code())),
            (Severity::Warning, None) => (Level::Warn, ("Note", "Z050")),
            (Severity::Note, _) => (Level::Info, ("Note", "Z050")),
        };
        let human = self.human(diagnostic);
        // dbt's own warnings have a line that tools look for.
        let line = match (level, name) {
            (Level::Warn, Some(name)) if !self.is_live => {
                Line::new(level, event, format!("{}\n{human}", self.heading(name, diagnostic.words())))
            }
            _ => Line::new(level, event, human).block(),
        };
        let mut line =
            line.with("msg", diagnostic.words()).with("diagnostics", vec![self.described(diagnostic)]);
        for (key, value) in diagnostic.facts() {
            line = line.with(key, value.clone());
        }
        line
    }

    /// `[WARNING]: words`; of a deprecation its name too.
    fn heading(&self, name: WarningName, words: &str) -> String {
        let warning = self.theme.doubtful("WARNING");
        if name.is_deprecation() {
            format!("[{warning}][{}]: Deprecated functionality\n{words}", name.name())
        } else {
            format!("[{warning}]: {words}")
        }
    }

    /// How many deprecations there were of each kind.
    pub(super) fn deprecations(&self, met: &[(WarningName, usize)], are_more: bool) -> Line {
        let name = WarningName::DeprecationsSummary;
        let rows: Vec<_> = met
            .iter()
            .map(|(name, times)| format!("- {}: {}", name.name(), count(*times, "occurrence")))
            .collect();
        let warning = self.theme.doubtful("WARNING");
        let mut text = format!(
            "[{warning}][{}]: Deprecated functionality\nSummary of encountered deprecations:\n{}",
            name.name(),
            rows.join("\n")
        );
        if are_more {
            text.push_str("\nOnly the first of each kind was told: `--show-all-deprecations` tells all");
        }
        let summaries: Vec<Value> = met
            .iter()
            .map(|(name, times)| {
                serde_json::json!({
                    "event_name": name.name(), "event_code": name.code(), "occurrences": times,
                })
            })
            .collect();
        Line::new(Level::Warn, (name.name(), name.code()), text)
            .with("summaries", summaries)
            .with("show_all_hint", are_more)
    }

    /// A diagnostic for tools, with the text that people see under `rendered`.
    fn described(&self, diagnostic: &Diagnostic) -> Value {
        let mut object = json(diagnostic, self.files);
        object["rendered"] = human(diagnostic, self.files, Colour::Never).into();
        object
    }

    fn human(&self, diagnostic: &Diagnostic) -> String {
        human(diagnostic, self.files, self.theme.colour()) + "\n"
    }
}

/// The query that shows the failures of a data test again.
fn rerun(node: Option<&Node>, result: &NodeResult) -> Option<String> {
    let is_unit_test = node.is_some_and(|node| node.resource_type == ResourceType::UnitTest);
    if is_unit_test || !matches!(result.status, Status::Fail | Status::Warn) {
        return None;
    }
    let is_stored = node.is_some_and(|node| {
        node.config.flag("store_failures") == Some(true) || node.config.get("store_failures_as").is_some()
    });
    match &result.relation_name {
        Some(relation) if is_stored => Some(format!("select * from {relation}")),
        _ => {
            let code = result.compiled_code.as_deref()?.trim();
            (code.lines().count() <= LONGEST_QUERY).then(|| without_blank_lines(code))
        }
    }
}

/// Templates leave many empty lines behind.
fn without_blank_lines(code: &str) -> String {
    code.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!("  {line}") });
    lines.collect::<Vec<_>>().join("\n")
}
