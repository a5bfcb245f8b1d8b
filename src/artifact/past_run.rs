use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::to_bytes;
use crate::system::System;

/// Raised whenever the meaning of the file changes; others are not read.
const VERSION: u32 = 1;

/// How many runs are kept.
const MOST_RUNS: usize = 30;

/// Longer messages are cut: the whole is in the log.
const LONGEST_MESSAGE: usize = 400;

/// What became of the nodes of a run, in short: for the documentation, which shows how nodes did
/// over time. A file for each run, so that keeping one costs nothing for those before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastRun {
    version: u32,
    /// The invocation's.
    pub id: String,
    /// `build`.
    pub command: String,
    /// When it began.
    pub at: DateTime<Utc>,
    pub seconds: f64,
    pub results: Vec<PastResult>,
}

/// What became of one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastResult {
    pub unique_id: String,
    /// In dbt's words, as in `run_results.json`.
    pub status: String,
    pub seconds: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<u64>,
    /// Of what did not go well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl PastResult {
    /// `message` is kept where the node did not go well, cut to a few lines.
    #[must_use]
    pub fn new(
        unique_id: &str,
        status: &str,
        seconds: f64,
        failures: Option<u64>,
        message: Option<&str>,
    ) -> Self {
        let is_well = matches!(status, "success" | "pass" | "no-op");
        let message = message.filter(|_| !is_well).map(|message| {
            let end = message.char_indices().nth(LONGEST_MESSAGE).map_or(message.len(), |(at, _)| at);
            if end < message.len() { format!("{}…", &message[..end]) } else { message.to_owned() }
        });
        Self { unique_id: unique_id.to_owned(), status: status.to_owned(), seconds, failures, message }
    }
}

impl PastRun {
    #[must_use]
    pub fn new(id: &str, command: &str, at: DateTime<Utc>, seconds: f64, results: Vec<PastResult>) -> Self {
        Self { version: VERSION, id: id.to_owned(), command: command.to_owned(), at, seconds, results }
    }

    /// Puts the run beside the earlier ones in `folder`, and forgets the oldest. That it cannot be
    /// kept is no error: only the documentation knows less.
    pub fn keep(&self, system: &dyn System, folder: &Path) {
        let system = system.unwatched();
        let letters = self.id.chars().filter(char::is_ascii_alphanumeric).take(12);
        let name = format!("{}-{}.json", self.at.format("%Y%m%dT%H%M%S%.6fZ"), letters.collect::<String>());
        let Ok(bytes) = to_bytes(self) else { return };
        if system.write(&folder.join(name), &bytes).is_err() {
            return;
        }
        let Ok(mut files) = system.walk(folder) else { return };
        // Names begin with the time.
        files.sort_by(|one, other| other.path.cmp(&one.path));
        for old in files.iter().skip(MOST_RUNS) {
            let _ = system.remove(&old.path);
        }
    }

    /// The runs that are kept in a folder, the newest first. A file that cannot be read counts as
    /// not there.
    #[must_use]
    pub fn read_all(system: &dyn System, folder: &Path) -> Vec<Self> {
        let files = system.walk(folder).unwrap_or_default();
        let read = |path: &Path| -> Option<Self> { serde_json::from_slice(&system.read(path).ok()?).ok() };
        let runs = files.iter().filter_map(|file| read(&file.path)).filter(|run| run.version == VERSION);
        let mut runs: Vec<Self> = runs.collect();
        runs.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
        runs.truncate(MOST_RUNS);
        runs
    }

    /// How many nodes ended how.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for result in &self.results {
            *counts.entry(result.status.as_str()).or_default() += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::MemorySystem;
    use chrono::TimeDelta;

    fn run(minute: i64) -> PastRun {
        let at = DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        let long = "주".repeat(LONGEST_MESSAGE + 5);
        let results = vec![
            PastResult::new("model.찻집.주문", "success", 0.5, None, Some("OK")),
            PastResult::new("test.찻집.unique", "fail", 0.1, Some(3), Some(&long)),
        ];
        PastRun::new(&format!("id-{minute}"), "build", at, 1.5, results)
    }

    #[test]
    fn the_last_runs_are_kept_newest_first() {
        let (system, folder) = (MemorySystem::new(), Path::new("target/xform/runs"));
        for minute in 0..40 {
            run(minute).keep(&system, folder);
        }
        let kept = PastRun::read_all(&system, folder);
        assert_eq!(kept.len(), MOST_RUNS);
        assert_eq!(kept[0], run(39));
        assert_eq!(kept[29], run(10));
        assert_eq!(kept[0].counts(), BTreeMap::from([("fail", 1), ("success", 1)]));
        assert_eq!(kept[0].results[0].message, None);
        assert_eq!(
            kept[0].results[1].message.as_ref().map(|text| text.chars().count()),
            Some(LONGEST_MESSAGE + 1)
        );
    }

    #[test]
    fn a_damaged_file_counts_as_not_there() {
        let (system, folder) = (MemorySystem::new(), Path::new("target/xform/runs"));
        run(1).keep(&system, folder);
        for (name, bytes) in [("0.json", "{"), ("1.json", "\u{0}"), ("2.json", "{\"version\":0}")] {
            system.write(&folder.join(name), bytes.as_bytes()).unwrap();
        }
        assert_eq!(PastRun::read_all(&system, folder), [run(1)]);
        assert_eq!(PastRun::read_all(&system, Path::new("nowhere")), []);
    }
}
