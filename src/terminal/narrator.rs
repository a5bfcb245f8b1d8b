use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::line::Line;
use super::stats::{Tally, finished, found};
use super::summary::Scene;
use super::table::{rows_json, table};
use super::wording::{Tone, count, description, dotted, outcome, relation};
use super::{Level, PreviewFormat, Theme};
use crate::context::LogLevel;
use crate::execute::{Event, NodeResult, Status};
use crate::manifest::{Manifest, Node, NodeId, ResourceType};
use crate::text::Files;

/// How many failures and warnings a person is told in full; the log has all.
const MOST_IN_FULL: usize = 30;

/// Puts events into words. One story is told to one printer, so each has its own.
pub(super) struct Narrator {
    pub theme: Theme,
    /// The column that result lines are filled up to.
    pub printer_width: usize,
    /// Columns that lines and tables of failures must fit in.
    pub table_width: Option<usize>,
    /// Columns that previews must fit in.
    pub preview_width: Option<usize>,
    pub preview: PreviewFormat,
    /// Whether a person looks on: then the summary is short, failures come before its
    /// counts instead of after, and lines fit the terminal.
    pub is_live: bool,
    /// Whether tools are told, too: then the lines of nodes carry what they are about.
    pub is_for_tools: bool,
    files: Arc<Files>,
    manifest: Option<Arc<Manifest>>,
    command: String,
    target: String,
    started: BTreeMap<NodeId, DateTime<Utc>>,
    was_cancelled: bool,
    has_run: bool,
}

impl Narrator {
    pub(super) fn new(files: Arc<Files>, theme: Theme) -> Self {
        Self {
            theme,
            printer_width: 80,
            table_width: None,
            preview_width: None,
            preview: PreviewFormat::Text,
            is_live: false,
            is_for_tools: false,
            files,
            manifest: None,
            command: String::new(),
            target: String::new(),
            started: BTreeMap::new(),
            was_cancelled: false,
            has_run: false,
        }
    }

    pub(super) fn node(&self, id: &NodeId) -> Option<&Node> {
        self.manifest.as_ref()?.node(id)
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            manifest: self.manifest.as_deref(),
            files: &self.files,
            theme: self.theme,
            width: self.table_width,
            is_live: self.is_live,
            in_full: if self.is_live { MOST_IN_FULL } else { usize::MAX },
        }
    }

    /// Whether the command builds or tests, so that each node is worth a line.
    fn is_run(&self) -> bool {
        !matches!(self.command.as_str(), "compile" | "show" | "list" | "ls" | "parse" | "generate" | "serve")
    }

    /// Whether each node that is run has its line; a clone only says what it did not do.
    fn tells_each(&self) -> bool {
        self.is_run() && self.command != "clone"
    }

    /// The lines that tell of an event that happened `now`. Outputs and prints are left
    /// to the printers.
    pub(super) fn tell(&mut self, event: &Event, now: DateTime<Utc>) -> Vec<Line> {
        match event {
            Event::CommandStarted { command, project, target } => {
                self.command.clone_from(command);
                self.target.clone_from(target);
                vec![arguments(command, project, target)]
            }
            Event::Started => vec![started()],
            Event::Parsed { manifest, elapsed } => {
                self.manifest = Some(Arc::clone(manifest));
                let text = found(manifest);
                let seconds = elapsed.as_secs_f64();
                vec![
                    Line::new(Level::Debug, ("Note", "Z050"), format!("Read the project in {seconds:.2}s"))
                        .with("elapsed", seconds),
                    Line::new(Level::Info, ("FoundStats", "W006"), text.clone())
                        .with("stat_line", text.strip_prefix("Found ").unwrap_or(&text)),
                    Line::blank(),
                ]
            }
            Event::RunStarted { total: 0, .. } => {
                let text = "Nothing to do: no node of the selection is to be run";
                vec![Line::new(Level::Warn, ("NothingToDo", "Q035"), text)]
            }
            // `seed --show` runs a second time, to look.
            Event::RunStarted { .. } if std::mem::replace(&mut self.has_run, true) => Vec::new(),
            Event::RunStarted { total, threads } => self.run_started(*total, *threads),
            Event::NodeStarted { id, index, total, thread } => {
                self.started.insert(id.clone(), now);
                self.node_started(id, (*index, *total), thread)
            }
            Event::NodeFinished { index, total, result } => self.node_finished((*index, *total), result, now),
            Event::BatchStarted { id, index, total, label, thread } => {
                let text = format!("START batch {label} of {}", self.relation_of(id));
                let line = self.batch_line(("LogStartBatch", "Q045"), (*index, *total), &text, "RUN", None);
                vec![line.with("node_info", self.node_info(id, "started", None)).on_thread(thread)]
            }
            Event::BatchFinished { id, index, total, label, status, execution_time, thread } => {
                let line = self.batch_finished((*index, *total), id, label, *status, *execution_time);
                vec![line.with("node_info", self.node_info(id, status.name(), Some(now))).on_thread(thread)]
            }
            Event::HookStarted { id, index, total } => {
                self.started.insert(id.clone(), now);
                self.node_started(id, (*index, *total), "main")
            }
            Event::HookFinished { index, total, result } => {
                vec![self.result_line(("LogHookEndLine", "Q033"), (*index, *total), result, now)]
            }
            Event::Cancelling => {
                let text = "Cancelling: what runs is being stopped (Ctrl-C again quits at once)";
                vec![Line::new(Level::Warn, ("Note", "Z050"), self.theme.doubtful(text))]
            }
            Event::Cancelled { cancelled, not_started } => self.cancelled(cancelled, not_started),
            Event::RunFinished { results, elapsed } => self.run_finished(results, *elapsed),
            Event::Failed(diagnostics) => self.scene().failed(diagnostics),
            Event::CommandFinished { success, elapsed } => {
                vec![self.command_finished(*success, *elapsed, now)]
            }
            Event::Diagnostic(diagnostic) => vec![self.scene().diagnostic(diagnostic)],
            Event::Deprecations { met, are_more } => vec![self.scene().deprecations(met, *are_more)],
            Event::News(news) => {
                let level = if news.level == LogLevel::Debug { Level::Debug } else { Level::Info };
                let mut line = Line::new(level, (news.name, news.code), news.text.as_str());
                for (key, value) in &news.facts {
                    line = line.with(key, value.clone());
                }
                vec![line]
            }
            Event::Sent { on, sql } => {
                let text = format!("On {on}: {sql}");
                let line = Line::new(Level::Debug, ("SQLQuery", "E016"), text);
                if !self.is_for_tools {
                    return vec![line];
                }
                let line = line.with("conn_name", on.as_str()).with("sql", sql.as_str());
                let id = NodeId::new(on.as_str());
                let node = self.node(&id).map(|_| self.node_info(&id, "executing", None));
                vec![line.with("node_info", node.unwrap_or_else(|| json!({})))]
            }
            Event::Log { level: LogLevel::Debug, text } => {
                vec![Line::new(Level::Debug, ("JinjaLogDebug", "I063"), text).with("msg", text.as_str())]
            }
            Event::Log { level: LogLevel::Info, text } => {
                vec![Line::new(Level::Info, ("JinjaLogInfo", "I062"), text).with("msg", text.as_str())]
            }
            Event::Output(text) if matches!(self.command.as_str(), "list" | "ls") => text
                .lines()
                .map(|text| Line::new(Level::Info, ("ListCmdOut", "Z050"), text).with("msg", text))
                .collect(),
            Event::Log { level: LogLevel::Print, text } | Event::Output(text) => {
                vec![
                    Line::new(Level::Info, ("PrintEvent", "Z052"), text.trim_end())
                        .with("msg", text.as_str()),
                ]
            }
        }
    }

    fn run_started(&self, total: usize, threads: usize) -> Vec<Line> {
        let text = format!("Concurrency: {} (target='{}')", count(threads, "thread"), self.target);
        let line = Line::new(Level::Info, ("ConcurrencyLine", "Q026"), text)
            .with("num_threads", threads)
            .with("target_name", self.target.as_str())
            .with("node_count", total);
        vec![line, Line::blank()]
    }

    fn node_started(&self, id: &NodeId, progress: (usize, usize), thread: &str) -> Vec<Line> {
        let node = self.node(id);
        let what = node.map_or_else(|| id.to_string(), description);
        // Of what is never run, only its result is told, as in dbt.
        let is_run = node.is_none_or(|node| {
            !matches!(node.resource_type, ResourceType::Exposure | ResourceType::SavedQuery)
        });
        let level = if self.tells_each() && is_run { Level::Info } else { Level::Debug };
        let event = match node.map(|node| node.resource_type) {
            Some(ResourceType::Operation) => ("LogHookStartLine", "Q032"),
            _ => ("LogStartLine", "Q011"),
        };
        let text = dotted(progress, &format!("START {what}"), self.printer_width, "RUN", None);
        let line = Line::new(level, event, text).on_thread(thread);
        let begun = format!("Began running node {id}");
        let begun = Line::new(Level::Debug, ("NodeStart", "Q024"), begun).on_thread(thread);
        if !self.is_for_tools {
            return vec![begun, line];
        }
        let info = self.node_info(id, "started", None);
        let line = line
            .with("statement", of_hook(&what))
            .with("description", what)
            .with("index", progress.0)
            .with("total", progress.1)
            .with("node_info", info.clone());
        vec![begun.with("node_info", info), line]
    }

    fn node_finished(&self, progress: (usize, usize), result: &NodeResult, now: DateTime<Utc>) -> Vec<Line> {
        let kind = self.node(&result.id).map(|node| node.resource_type);
        let event = match (result.status, kind) {
            (Status::Skipped, _) => ("SkippingDetails", "Q034"),
            (Status::NoOp, _) => ("LogNodeNoOpResult", "Q019"),
            (_, Some(ResourceType::Test | ResourceType::UnitTest)) => ("LogTestResult", "Q007"),
            (_, Some(ResourceType::Model)) => ("LogModelResult", "Q012"),
            (_, Some(ResourceType::Snapshot)) => ("LogSnapshotResult", "Q015"),
            (_, Some(ResourceType::Seed)) => ("LogSeedResult", "Q016"),
            (_, Some(ResourceType::Source)) => ("LogFreshnessResult", "Q018"),
            _ => ("LogNodeResult", "Q008"),
        };
        let ended = format!("Finished running node {}", result.id);
        let ended = Line::new(Level::Debug, ("NodeFinished", "Q025"), ended).on_thread(&result.thread);
        let ended = match self.is_for_tools {
            true => ended
                .with("node_info", self.node_info(&result.id, result.status.name(), Some(now)))
                .with("run_result", run_result(result)),
            false => ended,
        };
        vec![self.result_line(event, progress, result, now), ended]
    }

    fn relation_of(&self, id: &NodeId) -> String {
        self.node(id).map_or_else(|| id.to_string(), relation)
    }

    /// `Batch 1 of 3 START batch 2020-01-01 of main.orders ....... [RUN]`.
    fn batch_line(
        &self,
        event: (&'static str, &'static str),
        progress: (usize, usize),
        text: &str,
        status: &str,
        seconds: Option<f64>,
    ) -> Line {
        let text = format!("Batch {}", dotted(progress, text, self.printer_width, status, seconds));
        Line::new(Level::Info, event, text)
            .with("batch_index", progress.0)
            .with("total_batches", progress.1)
            .with("execution_time", seconds)
    }

    fn batch_finished(
        &self,
        progress: (usize, usize),
        id: &NodeId,
        label: &str,
        status: Status,
        execution_time: Duration,
    ) -> Line {
        let (verb, word) = match status {
            Status::Success => ("OK created", "OK"),
            Status::Skipped => ("SKIP", "SKIPPED"),
            _ => ("ERROR creating", "ERROR"),
        };
        let text = format!("{verb} batch {label} of {}", self.relation_of(id));
        let painted = Tone::of(status).paint(self.theme, word);
        let seconds = Some(execution_time.as_secs_f64());
        self.batch_line(("LogBatchResult", "Q046"), progress, &text, &painted, seconds).with("status", word)
    }

    fn result_line(
        &self,
        event: (&'static str, &'static str),
        progress: (usize, usize),
        result: &NodeResult,
        now: DateTime<Utc>,
    ) -> Line {
        let node = self.node(&result.id);
        let (text, status) = outcome(self.manifest.as_deref(), node, result);
        let level = match result.status {
            // What went wrong is told afterwards, and nothing was created.
            _ if !self.tells_each() || result.preview.is_some() => Level::Debug,
            Status::Error | Status::Fail | Status::PartialSuccess => Level::Error,
            Status::Warn => Level::Warn,
            _ => Level::Info,
        };
        let seconds = result.execution_time.as_secs_f64();
        let painted = Tone::of(result.status).paint(self.theme, &status);
        let time = (result.status != Status::Skipped).then_some(seconds);
        let text = dotted(progress, &text, self.line_width(&status, time), &painted, time);
        let line = Line::new(level, event, text).on_thread(&result.thread);
        if !self.is_for_tools {
            return line;
        }
        let is_hook = node.is_some_and(|node| node.resource_type == ResourceType::Operation);
        let is_test = matches!(event.0, "LogTestResult" | "LogFreshnessResult");
        // Of tests and hooks dbt tells the status of the result and not the word of the line.
        let status = if is_hook || is_test { result.status.name().to_owned() } else { status };
        let statement = node.filter(|_| is_hook).map(|node| of_hook(&description(node)).to_owned());
        let attached = node.and_then(|node| node.data_test()?.attached_node.clone());
        line.with("description", node.map(description))
            .with("statement", statement)
            .with("attached_node", attached.map(|id| id.to_string()))
            .with("node_name", node.map(|node| node.name.as_str()))
            .with("resource_type", node.map(|node| node.resource_type.name()))
            .with("name", node.map(|node| node.name.as_str()))
            .with("schema", node.map(|node| node.schema.as_str()))
            .with("relation", node.map(|node| node.alias.as_str()))
            .with("status", status)
            .with("index", progress.0)
            .with("total", progress.1)
            .with("num_models", progress.1)
            .with("execution_time", seconds)
            .with("num_failures", result.failures)
            .with("node_info", self.node_info(&result.id, result.status.name(), Some(now)))
    }

    /// The column to fill a line up to, so that its status is still on it.
    fn line_width(&self, status: &str, seconds: Option<f64>) -> usize {
        match self.table_width.filter(|_| self.is_live) {
            Some(columns) => {
                let after =
                    dotted((0, 0), "", 0, status, seconds).len() - dotted((0, 0), "", 0, "", None).len();
                self.printer_width.min(columns.saturating_sub(after + " []".len()))
            }
            None => self.printer_width,
        }
    }

    fn cancelled(&mut self, cancelled: &[NodeId], not_started: &[NodeId]) -> Vec<Line> {
        self.was_cancelled = true;
        let cancel = |id: &NodeId| {
            let what = self.node(id).map_or_else(|| id.to_string(), description);
            let text = format!("CANCEL {what} [{}]", self.theme.bad("CANCEL"));
            Line::new(Level::Error, ("LogCancelLine", "Q014"), text).with("conn_name", id.as_str())
        };
        let mut lines: Vec<_> = cancelled.iter().map(cancel).collect();
        if !not_started.is_empty() {
            let names = self.scene().names(&not_started.iter().collect::<Vec<_>>());
            let text = format!("Left undone: {names}");
            lines.push(Line::new(Level::Warn, ("Note", "Z050"), self.theme.doubtful(&text)).with(
                "not_started",
                not_started.iter().map(|id| Value::from(id.as_str())).collect::<Vec<_>>(),
            ));
        }
        lines
    }

    fn run_finished(&self, results: &[Arc<NodeResult>], elapsed: Duration) -> Vec<Line> {
        let tally = Tally::of(results);
        let failures = self.scene().failures(results);
        let previews: Vec<_> = results.iter().filter_map(|result| self.preview(result)).collect();
        if !self.is_run() || !previews.is_empty() {
            return failures.into_iter().chain(previews).collect();
        }
        let text = finished(self.manifest.as_deref(), results, elapsed, self.is_live);
        let (stat_line, execution) = stat_line(&text);
        let finished = Line::new(Level::Info, ("FinishedRunningStats", "Z050"), text.clone())
            .with("stat_line", stat_line)
            .with("execution", execution)
            .with("execution_time", elapsed.as_secs_f64());
        if self.command == "freshness" && !self.was_cancelled {
            let mut lines = vec![Line::blank(), finished, Line::blank()];
            lines.extend(failures);
            lines.push(Line::new(Level::Info, ("FreshnessCheckComplete", "Q006"), "Done."));
            return lines;
        }
        let text = match (self.was_cancelled, self.is_live) {
            (true, _) => "Exited because of keyboard interrupt".to_owned(),
            (false, true) => tally.completed_in_short(),
            (false, false) => tally.completed(),
        };
        let text = match tally {
            _ if self.was_cancelled => self.theme.doubtful(&text),
            Tally { error: 0, warn: 0, .. } => self.theme.good(&text),
            Tally { error: 0, .. } => self.theme.doubtful(&text),
            _ => self.theme.bad(&text),
        };
        let partial = results.iter().filter(|result| result.status == Status::PartialSuccess).count();
        let summary = Line::new(Level::Info, ("EndOfRunSummary", "Z030"), text)
            .with("num_errors", tally.error)
            .with("num_warnings", tally.warn)
            .with("num_partial_success", partial)
            .with("keyboard_interrupt", self.was_cancelled);
        let done = Line::new(Level::Info, ("StatsLine", "Z023"), tally.done()).with(
            "stats",
            json!({
                "pass": tally.pass, "warn": tally.warn, "error": tally.error, "skip": tally.skip,
                "noop": tally.no_op, "reused": 0, "total": tally.total(),
            }),
        );
        let mut lines = vec![Line::blank()];
        if self.is_live {
            lines.extend(failures);
            // What was cut short has not finished.
            lines.extend((!self.was_cancelled).then_some(finished));
            lines.push(summary);
        } else {
            lines.extend([finished, Line::blank(), summary, Line::blank()]);
            lines.extend(failures);
        }
        lines.push(done);
        lines
    }

    /// What `show` was asked for.
    fn preview(&self, result: &NodeResult) -> Option<Line> {
        let rows = result.preview.as_ref()?;
        let node = self.node(&result.id);
        let name = node.filter(|node| node.resource_type != ResourceType::SqlOperation);
        let name = name.map(|node| node.name.as_str());
        let preview = rows_json(name, rows);
        let text = match self.preview {
            PreviewFormat::Json => format!("{preview:#}"),
            PreviewFormat::Text => {
                let heading = match name {
                    Some(name) => format!("Previewing node '{name}':"),
                    None => "Previewing inline node:".to_owned(),
                };
                format!("{heading}\n{}", table(rows, self.preview_width))
            }
        };
        let line = Line::new(Level::Info, ("ShowNode", "Q041"), text).block();
        Some(line.with("node_name", name).with("unique_id", result.id.as_str()).with("preview", preview))
    }

    fn command_finished(&self, success: bool, elapsed: Duration, now: DateTime<Utc>) -> Line {
        let how = if success { "succeeded" } else { "failed" };
        let seconds = elapsed.as_secs_f64();
        let text = format!("Command `xform {}` {how} after {seconds:.2} seconds", self.command);
        Line::new(Level::Debug, ("CommandCompleted", "Q039"), text)
            .with("command", format!("xform {}", self.command))
            .with("success", success)
            .with("completed_at", timestamp(now))
            .with("elapsed", seconds)
    }

    fn node_info(&self, id: &NodeId, status: &str, finished: Option<DateTime<Utc>>) -> Value {
        let started = self.started.get(id).copied();
        node_info(self.node(id), id, status, (started, finished))
    }
}

/// dbt's `node_info`; what is not known is an empty text, as there.
pub(super) fn node_info(
    node: Option<&Node>,
    id: &NodeId,
    status: &str,
    (started, finished): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> Value {
    let time = |time: Option<DateTime<Utc>>| {
        time.map(|time| time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()).unwrap_or_default()
    };
    let relation = node.map(|node| {
        json!({
            "database": node.database,
            "schema": node.schema,
            "alias": node.alias,
            "relation_name": node.relation.as_ref().map(ToString::to_string).unwrap_or_default(),
        })
    });
    json!({
        "node_path": node.map(|node| node.path.as_str()).unwrap_or_default(),
        "node_name": node.map(|node| node.name.as_str()).unwrap_or_default(),
        "unique_id": id.as_str(),
        "resource_type": node.map(|node| node.resource_type.name()).unwrap_or_default(),
        "materialized": node.and_then(|node| node.config.text("materialized")).unwrap_or_default(),
        "node_status": status,
        "node_started_at": time(started),
        "node_finished_at": time(finished),
        "meta": node.map(|node| node.meta.clone()).unwrap_or_default(),
        "node_relation": relation.unwrap_or_else(|| json!({})),
        "node_checksum": node.map(|node| node.checksum.as_str()).unwrap_or_default(),
    })
}

/// `p.on-run-end.0` of `hook: p.on-run-end.0`.
fn of_hook(description: &str) -> &str {
    description.strip_prefix("hook: ").unwrap_or(description)
}

/// What was run, and ` in 0 hours …`: the parts of `Finished running 1 view model in 0 hours ….`.
fn stat_line(text: &str) -> (&str, &str) {
    let text = text.strip_prefix("Finished running ").unwrap_or(text);
    let (what, time) = text.find(" in ").map_or((text, ""), |at| text.split_at(at));
    (what, time.split_once(" (").map_or(time, |(time, _)| time))
}

fn started() -> Line {
    let version = env!("CARGO_PKG_VERSION");
    Line::new(Level::Info, ("MainReportVersion", "A001"), format!("Running with xform={version}"))
        .with("version", format!("={version}"))
        .with("log_version", 3)
}

fn arguments(command: &str, project: &str, target: &str) -> Line {
    let text = format!("Command `{command}` of project `{project}` on target `{target}`");
    let args: Map<String, Value> = [("which", command), ("project", project), ("target", target)]
        .map(|(key, value)| (key.to_owned(), value.into()))
        .into_iter()
        .collect();
    Line::new(Level::Debug, ("MainReportArgs", "A002"), text).with("args", args)
}

fn run_result(result: &NodeResult) -> Value {
    let timing: Vec<Value> = result
        .timing
        .iter()
        .map(|timing| {
            json!({
                "name": timing.name,
                "started_at": timestamp(timing.started_at),
                "completed_at": timestamp(timing.completed_at),
            })
        })
        .collect();
    json!({
        "status": result.status.name(),
        "message": result.message.as_deref().unwrap_or_default(),
        "num_failures": result.failures.unwrap_or_default(),
        "adapter_response": result.response.as_ref().map(|response| json!({ "_message": response.message })),
        "timing_info": timing,
        "execution_time": result.execution_time.as_secs_f64(),
        "thread": result.thread,
    })
}

pub(super) fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}
