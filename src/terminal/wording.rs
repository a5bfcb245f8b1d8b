//! Nodes and their results in dbt's words.

use super::Theme;
use crate::execute::{NodeResult, Status};
use crate::manifest::{Manifest, Node, NodeId, ResourceType};
use crate::text::LineIndex;

/// `1 model`, `2 models`, `2 analyses`, `2 queries`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        return format!("1 {noun}");
    }
    match (noun.strip_suffix("is"), noun.strip_suffix('y')) {
        (Some(stem), _) => format!("{number} {stem}es"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}

/// The name of a relation as lines show it: `main.orders`.
pub(super) fn relation(node: &Node) -> String {
    format!("{}.{}", node.schema, node.alias)
}

/// What a node is and its name: `sql table model main.orders`.
pub(super) fn description(node: &Node) -> String {
    match node.resource_type {
        ResourceType::Model if node.is_microbatch() => format!("sql microbatch model {}", relation(node)),
        ResourceType::Model => {
            let language = node.model().map_or("sql", |model| model.language.name());
            format!("{language} {} model {}", node.config.materialized(), relation(node))
        }
        ResourceType::Seed => format!("seed file {}", relation(node)),
        ResourceType::Snapshot => format!("snapshot {}", relation(node)),
        ResourceType::Function => format!("function {}", relation(node)),
        ResourceType::Test => format!("test {}", node.name),
        ResourceType::Operation => format!("hook: {}", node.hook_name()),
        ResourceType::SqlOperation => "inline query".to_owned(),
        ResourceType::Source => format!("freshness of {}", node.search_name()),
        ResourceType::UnitTest => format!("unit_test {}", unit_test_name(node)),
        kind @ (ResourceType::Analysis
        | ResourceType::Exposure
        | ResourceType::SemanticModel
        | ResourceType::Metric
        | ResourceType::SavedQuery) => {
            format!("{} {}", kind.name().replace('_', " "), node.name)
        }
    }
}

/// `orders::counts_items`; of what is no unit test its name.
fn unit_test_name(node: &Node) -> String {
    match node.unit_test() {
        Some(test) => format!("{}::{}", test.model, node.name_with_version()),
        None => node.name.clone(),
    }
}

/// What one calls a node in a sentence: its name, or its id when it is not known.
pub(super) fn name(manifest: Option<&Manifest>, id: &NodeId) -> String {
    match manifest.and_then(|manifest| manifest.node(id)) {
        Some(node) => node.search_name(),
        None => id.to_string(),
    }
}

/// How a result is to be felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Doubtful,
    Bad,
    Neutral,
}

impl Tone {
    pub(super) fn of(status: Status) -> Self {
        match status {
            Status::Success | Status::Pass => Self::Good,
            Status::Warn | Status::Skipped => Self::Doubtful,
            Status::Error | Status::Fail | Status::PartialSuccess => Self::Bad,
            Status::NoOp => Self::Neutral,
        }
    }

    pub(super) fn paint(self, theme: Theme, text: &str) -> String {
        match self {
            Self::Good => theme.good(text),
            Self::Doubtful => theme.doubtful(text),
            Self::Bad => theme.bad(text),
            Self::Neutral => text.to_owned(),
        }
    }
}

/// The two parts of a result line: `OK created sql table model main.orders`, `OK`.
pub(super) fn outcome(
    manifest: Option<&Manifest>,
    node: Option<&Node>,
    result: &NodeResult,
) -> (String, String) {
    let described = node.map_or_else(|| result.id.to_string(), description);
    let kind = node.map(|node| node.resource_type);
    let name = || node.map_or_else(|| result.id.to_string(), unit_test_name);
    let failures = result.failures.unwrap_or_default();
    let said = || result.message.clone().unwrap_or_else(|| "OK".to_owned());
    if let Some(ResourceType::Source) = kind {
        let word = match result.status {
            Status::Error if result.freshness.is_some() => "ERROR STALE",
            Status::Error => "ERROR",
            Status::Warn => "WARN",
            Status::Skipped => "SKIP",
            _ => "PASS",
        };
        return (format!("{word} {described}"), word.to_owned());
    }
    match (result.status, kind) {
        (Status::Success, Some(ResourceType::Seed)) => (format!("OK loaded {described}"), said()),
        (Status::Success, Some(ResourceType::Snapshot)) => {
            (format!("OK snapshotted {}", rest(&described)), said())
        }
        (Status::Success, Some(ResourceType::Model | ResourceType::Function)) => {
            (format!("OK created {described}"), said())
        }
        (Status::Success, _) => (format!("OK {described}"), "OK".to_owned()),
        (Status::Error, Some(ResourceType::Seed)) => {
            (format!("ERROR loading {described}"), "ERROR".to_owned())
        }
        (Status::Error, Some(ResourceType::Snapshot)) => {
            (format!("ERROR snapshotting {}", rest(&described)), "ERROR".to_owned())
        }
        (Status::Error, Some(ResourceType::Model | ResourceType::Function)) => {
            (format!("ERROR creating {described}"), "ERROR".to_owned())
        }
        (Status::Error, Some(ResourceType::Test | ResourceType::UnitTest)) => {
            (format!("ERROR {}", name()), "ERROR".to_owned())
        }
        (Status::PartialSuccess, _) => (format!("PARTIALLY created {described}"), said()),
        (Status::Error, _) => (format!("ERROR {described}"), "ERROR".to_owned()),
        (Status::Pass, _) => (format!("PASS {}", name()), "PASS".to_owned()),
        (Status::Fail, _) => (format!("FAIL {failures} {}", name()), format!("FAIL {failures}")),
        (Status::Warn, _) => (format!("WARN {failures} {}", name()), format!("WARN {failures}")),
        (Status::NoOp, _) => (format!("NO-OP {described}"), "NO-OP".to_owned()),
        (Status::Skipped, _) => {
            let what = match node {
                Some(node)
                    if matches!(
                        kind,
                        Some(ResourceType::Model | ResourceType::Seed | ResourceType::Snapshot)
                    ) =>
                {
                    format!("relation {}", relation(node))
                }
                _ => described,
            };
            let because = result.blamed_parent.as_ref().map(|parent| self::name(manifest, parent));
            let because = because.map(|parent| format!(" ({parent} failed)")).unwrap_or_default();
            (format!("SKIP {what}{because}"), "SKIP".to_owned())
        }
    }
}

/// A description without its first word.
fn rest(described: &str) -> &str {
    described.split_once(' ').map_or(described, |(_, rest)| rest)
}

/// `1 of 20 START sql table model main.orders ....... [RUN]`: filled with dots up to
/// `width` columns, of which Korean letters take two.
pub(super) fn dotted(
    (index, total): (usize, usize),
    text: &str,
    width: usize,
    status: &str,
    seconds: Option<f64>,
) -> String {
    let line = format!("{index} of {total} {text} ");
    let dots = ".".repeat(width.saturating_sub(LineIndex::display_width(&line)));
    let time = seconds.map(|seconds| format!(" in {seconds:.2}s")).unwrap_or_default();
    format!("{line}{dots} [{status}{time}]")
}
