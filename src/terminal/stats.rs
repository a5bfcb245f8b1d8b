//! Lines that count.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::wording::count;
use crate::execute::{NodeResult, Status};
use crate::manifest::{Manifest, Node, ResourceType};

/// How many results there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub pass: usize,
    pub warn: usize,
    /// Partial successes among them.
    pub error: usize,
    pub partial: usize,
    /// What was skipped for an error of an ephemeral model: an error that is no result.
    pub broken: usize,
    pub skip: usize,
    pub no_op: usize,
}

impl Tally {
    pub(super) fn of(results: &[Arc<NodeResult>]) -> Self {
        let mut tally = Self::default();
        for result in results {
            tally.add(result.status);
            tally.broken += usize::from(result.is_broken());
        }
        tally
    }

    pub(super) fn add(&mut self, status: Status) {
        self.partial += usize::from(status == Status::PartialSuccess);
        let counter = match status {
            Status::Success | Status::Pass => &mut self.pass,
            Status::Warn => &mut self.warn,
            Status::Error | Status::Fail | Status::PartialSuccess => &mut self.error,
            Status::Skipped => &mut self.skip,
            Status::NoOp => &mut self.no_op,
        };
        *counter += 1;
    }

    /// Errors without partial successes.
    fn whole_errors(self) -> usize {
        self.error - self.partial + self.broken
    }

    pub(super) fn total(self) -> usize {
        self.pass + self.warn + self.error + self.skip + self.no_op
    }

    /// `Done. PASS=5 …`.
    pub(super) fn done(self) -> String {
        format!(
            "Done. PASS={} WARN={} ERROR={} SKIP={} NO-OP={} TOTAL={}",
            self.pass,
            self.warn,
            self.error,
            self.skip,
            self.no_op,
            self.total()
        )
    }

    /// `Completed successfully`, or with what.
    pub(super) fn completed(self) -> String {
        let Tally { partial, warn, .. } = self;
        match (self.whole_errors(), partial, warn) {
            (0, 0, 0) => "Completed successfully".to_owned(),
            (0, 0, _) => format!("Completed with {}:", count(warn, "warning")),
            (0, ..) => {
                format!("Completed with {} and {}", successes(partial), count(warn, "warning"))
            }
            (error, ..) => format!(
                "Completed with {}, {}, and {}:",
                count(error, "error"),
                successes(partial),
                count(warn, "warning")
            ),
        }
    }

    /// `Completed successfully`, `Completed with 1 error and 2 warnings`.
    pub(super) fn completed_in_short(self) -> String {
        let part = |number: usize, noun: &str| (number > 0).then(|| count(number, noun));
        let parts: Vec<_> = [
            part(self.whole_errors(), "error"),
            (self.partial > 0).then(|| successes(self.partial)),
            part(self.warn, "warning"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.is_empty() { self.completed() } else { format!("Completed with {}", parts.join(" and ")) }
    }
}

/// `1 partial success`, `2 partial successes`.
fn successes(number: usize) -> String {
    if number == 1 { "1 partial success".to_owned() } else { format!("{number} partial successes") }
}

/// `Found 5 models, 3 seeds, 20 data tests, 2 sources, 500 macros`.
#[must_use]
pub fn found(manifest: &Manifest) -> String {
    let mut parts = kinds(manifest.nodes.values());
    parts.push(count(manifest.macros.len(), "macro"));
    if !manifest.groups.is_empty() {
        parts.push(count(manifest.groups.len(), "group"));
    }
    format!("Found {}", parts.join(", "))
}

/// `5 models`, `3 seeds`, `20 data tests`: how many there are of each kind.
pub(super) fn kinds<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> Vec<String> {
    let mut numbers: BTreeMap<ResourceType, usize> = BTreeMap::new();
    for node in nodes {
        *numbers.entry(node.resource_type).or_default() += 1;
    }
    let order = [
        (ResourceType::Model, "model"),
        (ResourceType::Seed, "seed"),
        (ResourceType::Snapshot, "snapshot"),
        (ResourceType::Function, "function"),
        (ResourceType::Analysis, "analysis"),
        (ResourceType::Test, "data test"),
        (ResourceType::Operation, "operation"),
        (ResourceType::Source, "source"),
        (ResourceType::Exposure, "exposure"),
        (ResourceType::UnitTest, "unit test"),
        (ResourceType::Metric, "metric"),
        (ResourceType::SemanticModel, "semantic model"),
        (ResourceType::SavedQuery, "saved query"),
    ];
    order.into_iter().filter_map(|(kind, noun)| Some(count(*numbers.get(&kind)?, noun))).collect()
}

/// `Finished running 3 table models, 2 seeds in 0 hours 0 minutes and 1.02 seconds (1.02s).`
/// In short: `Finished running 3 models, 2 seeds in 1.02s.`
pub(super) fn finished(
    manifest: Option<&Manifest>,
    results: &[Arc<NodeResult>],
    elapsed: Duration,
    is_short: bool,
) -> String {
    if is_short {
        let nodes = results.iter().filter_map(|result| manifest?.node(&result.id));
        let what = kinds(nodes).join(", ");
        let gap = if what.is_empty() { "" } else { " " };
        return format!("Finished running{gap}{what} in {:.2}s.", elapsed.as_secs_f64());
    }
    let mut numbers: BTreeMap<(Option<ResourceType>, String), usize> = BTreeMap::new();
    for result in results {
        let node = manifest.and_then(|manifest| manifest.node(&result.id));
        let key = (node.map(|node| node.resource_type), node.map_or("node".to_owned(), noun));
        *numbers.entry(key).or_default() += 1;
    }
    let parts: Vec<_> = numbers.iter().map(|((_, noun), number)| count(*number, noun)).collect();
    let what = if parts.is_empty() { String::new() } else { format!(" {}", parts.join(", ")) };
    format!("Finished running{what} in {}.", duration(elapsed))
}

fn noun(node: &Node) -> String {
    match node.resource_type {
        ResourceType::Model => format!("{} model", node.config.materialized()),
        ResourceType::Test => "data test".to_owned(),
        ResourceType::UnitTest => "unit test".to_owned(),
        ResourceType::Operation => "project hook".to_owned(),
        ResourceType::SqlOperation => "inline query".to_owned(),
        kind => kind.name().replace('_', " "),
    }
}

/// `0 hours 0 minutes and 1.02 seconds (1.02s)`.
fn duration(elapsed: Duration) -> String {
    let whole = elapsed.as_secs();
    let (hours, minutes) = (whole / 3600, whole / 60 % 60);
    let total = elapsed.as_secs_f64();
    let seconds = elapsed.saturating_sub(Duration::from_secs(hours * 3600 + minutes * 60)).as_secs_f64();
    format!("{hours} hours {minutes} minutes and {seconds:.2} seconds ({total:.2}s)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_split_as_dbt_does() {
        assert_eq!(duration(Duration::from_millis(1020)), "0 hours 0 minutes and 1.02 seconds (1.02s)");
        assert_eq!(duration(Duration::from_secs(3725)), "1 hours 2 minutes and 5.00 seconds (3725.00s)");
    }

    #[test]
    fn completed_says_with_what() {
        let tally = |error, warn| Tally { warn, error, ..Tally::default() }.completed();
        assert_eq!(tally(0, 0), "Completed successfully");
        assert_eq!(tally(0, 2), "Completed with 2 warnings:");
        assert_eq!(tally(1, 0), "Completed with 1 error, 0 partial successes, and 0 warnings:");
    }

    #[test]
    fn completed_in_short_leaves_out_what_there_is_not() {
        let tally = |error, warn| Tally { warn, error, ..Tally::default() }.completed_in_short();
        assert_eq!(tally(0, 0), "Completed successfully");
        assert_eq!(tally(0, 1), "Completed with 1 warning");
        assert_eq!(tally(2, 1), "Completed with 2 errors and 1 warning");
    }

    #[test]
    fn nouns_have_plurals() {
        assert_eq!(count(1, "analysis"), "1 analysis");
        assert_eq!(count(2, "analysis"), "2 analyses");
        assert_eq!(count(0, "inline query"), "0 inline queries");
        assert_eq!(count(3, "model"), "3 models");
    }
}
