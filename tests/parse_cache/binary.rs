use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::judge::{Answer, Judge};
use super::world::World;

/// What is asked after the steps, in turn.
const COMMANDS: [&[&str]; 5] = [
    &["parse"],
    &["ls", "--output", "json"],
    &["check"],
    &["ls", "--select", "+plan"],
    &["lineage", "--output", "json"],
];

/// Asks the program itself, once where earlier commands left their target folder, once without one.
pub struct ThroughBinary {
    pub root: PathBuf,
    /// How often the answer was one that was kept.
    pub kept: Arc<AtomicUsize>,
}

impl Judge for ThroughBinary {
    fn both(&mut self, world: &World, moment: usize) -> (Answer, Answer) {
        let command = COMMANDS[moment % COMMANDS.len()];
        let (target, aside) = (self.root.join("target"), self.root.join("aside"));
        let (fresh, kept);
        (kept, _) = ask(&self.root, world, command);
        // And once more, where nothing has changed.
        let (again, is_kept) = ask(&self.root, world, command);
        self.kept.fetch_add(usize::from(is_kept), Ordering::Relaxed);
        assert_eq!(again.difference(&kept), None, "{command:?} says something else when it is asked again");
        std::fs::rename(&target, &aside).unwrap_or_default();
        (fresh, _) = ask(&self.root, world, command);
        std::fs::remove_dir_all(&target).unwrap_or_default();
        std::fs::rename(&aside, &target).unwrap_or_default();
        (fresh, kept)
    }
}

/// What a command says and leaves, and whether it says that nothing has changed.
fn ask(root: &Path, world: &World, words: &[&str]) -> (Answer, bool) {
    let asked = &world.asked;
    let mut command = Command::new(env!("CARGO_BIN_EXE_xform"));
    command.current_dir(root).args(words).env_clear().envs(&world.env);
    for name in ["PATH", "HOME", "LD_LIBRARY_PATH"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command.env("XFORM_TEST_NOW", "2026-02-03T04:05:06Z").args(["--no-use-colors", "--no-fail-fast"]);
    for (flag, value) in [("--vars", &asked.vars), ("--target", &asked.target)] {
        command.args(value.iter().flat_map(|value| [flag, value.as_str()]));
    }
    if let Some(threads) = asked.threads {
        command.args(["--threads".to_owned(), threads.to_string()]);
    }
    for (flag, is_set) in
        [("--warn-error", asked.warn_error), ("--show-all-deprecations", asked.shows_all_deprecations)]
    {
        command.args(is_set.then_some(flag));
    }
    let output = command.output().unwrap();
    let mut answer = Answer::default();
    let mut is_kept = false;
    for text in [&output.stdout, &output.stderr] {
        for line in String::from_utf8_lossy(text).lines() {
            if line.contains("Nothing has changed since") {
                is_kept = true;
            } else if line.trim() != "04:05:06" {
                answer.told.push(without_time(line));
            }
        }
    }
    answer.errors.push(format!("{:?}", output.status.code()));
    if output.status.success() {
        // Others leave it as it was.
        let writes_manifest = ["parse", "ls"].contains(&words[0]);
        let manifest = writes_manifest.then(|| std::fs::read(root.join("target/manifest.json")).unwrap());
        let manifest = manifest.unwrap_or_default();
        let mut manifest: Value = serde_json::from_slice(&manifest).unwrap_or_default();
        forget_moment(&mut manifest);
        answer.artifacts.push(manifest.to_string().into_bytes());
    }
    answer.told.sort();
    (answer, is_kept)
}

/// How long something took is another time each time.
fn without_time(line: &str) -> String {
    let word = |word: &str| {
        let number = word.trim_end_matches([':', ',', '.']).strip_suffix('s');
        if number.is_some_and(|number| number.parse::<f64>().is_ok()) {
            "…s".to_owned()
        } else {
            word.to_owned()
        }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Leaves out what says which invocation made the file: one that is the same is not written again.
fn forget_moment(manifest: &mut Value) {
    if let Some(metadata) = manifest.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata
            .retain(|key, _| !["generated_at", "invocation_id", "invocation_started_at"].contains(&&**key));
    }
}
