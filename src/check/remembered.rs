use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::understand::{Depth, Question, Understood};
use crate::analyze::Known;
use crate::artifact::cache_file;
use crate::context::Invocation;
use crate::system::System;

/// Names a question by its content.
type Key = [u8; 16];

/// What was found out about queries, kept in the target folder under the hash of everything that
/// it depends on: a query whose text and parents are as they were is not looked at again.
pub(super) struct Remembered {
    path: PathBuf,
    /// The program that keeps it, and how its judge is set up.
    kept_by: String,
    before: HashMap<Key, Understood>,
    now: Mutex<Now>,
}

/// What this run adds.
#[derive(Default)]
struct Now {
    /// Answers from before that were asked for.
    used: HashSet<Key>,
    found: HashMap<Key, Understood>,
}

#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    kept_by: String,
    answers: Vec<(Key, Stored<'a>)>,
}

/// Owned when read, borrowed when written.
type Stored<'a> = std::borrow::Cow<'a, Understood>;

/// How many answers that were not asked for are kept: those of other selections and targets.
const MOST_OTHERS: usize = 20_000;

impl Remembered {
    /// What earlier runs kept. Nothing, where it was kept by another program or cannot be read.
    pub(super) fn read(invocation: &Invocation) -> Self {
        let path = cache_file(&invocation.target_path, "understood.bin");
        let kept_by = kept_by(invocation);
        let before = invocation
            .system
            .unwatched()
            .read(&path)
            .ok()
            .and_then(|bytes| postcard::from_bytes::<Kept<'_>>(&bytes).ok())
            .filter(|kept| kept.kept_by == kept_by)
            .map(|kept| kept.answers.into_iter().map(|(key, stored)| (key, stored.into_owned())).collect())
            .unwrap_or_default();
        Self { path, kept_by, before, now: Mutex::default() }
    }

    /// The answer to a question: the one that is kept, else what `ask` finds out, which is given
    /// the kept one where that does not go deep enough. `files` tells the state of the files the
    /// query may be about.
    pub(super) fn answer(
        &self,
        question: &Question<'_>,
        depth: Depth,
        files: &str,
        ask: impl FnOnce(Option<&Understood>) -> Understood,
    ) -> Understood {
        let key = key(question, files);
        let is_enough = |known: &&Understood| depth == Depth::Columns || !known.is_brief;
        let before = self.before.get(&key);
        if let Some(known) = before.filter(is_enough) {
            self.now().used.insert(key);
            return known.clone();
        }
        let just_found = self.now().found.get(&key).cloned();
        if let Some(known) = just_found.as_ref().filter(is_enough) {
            return known.clone();
        }
        let found = ask(just_found.as_ref().or(before));
        self.now().found.insert(key, found.clone());
        found
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the answers for later runs. When they cannot be written, those only take longer.
    pub(super) fn keep(self, system: &dyn System) {
        let Now { used, found } = self.now.into_inner().unwrap_or_else(PoisonError::into_inner);
        if found.is_empty() {
            return;
        }
        let before = self.before.iter().filter(|(key, _)| !found.contains_key(*key));
        let (asked, others): (Vec<_>, Vec<_>) = before.partition(|(key, _)| used.contains(*key));
        let all = found.iter().chain(asked).chain(others.into_iter().take(MOST_OTHERS));
        let mut answers: Vec<(Key, Stored<'_>)> =
            all.map(|(key, answer)| (*key, Stored::Borrowed(answer))).collect();
        answers.sort_unstable_by_key(|(key, _)| *key);
        let kept = Kept { kept_by: self.kept_by, answers };
        if let Ok(bytes) = postcard::to_stdvec(&kept) {
            let _ = system.unwatched().write(&self.path, &bytes);
        }
    }
}

/// The program that keeps something, and how its judge is set up.
pub(super) fn kept_by(invocation: &Invocation) -> String {
    let system = invocation.system.unwatched();
    let stamp = system.program().and_then(|path| system.stamp(&path));
    let keys = serde_json::to_string(&invocation.target.keys).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    let dialect = invocation.adapter.dialect().name();
    // The profile may hold passwords: only a digest of it is kept.
    let settings = Sha256::digest(keys.as_bytes());
    format!("{version} {stamp:?} {dialect} {settings:x}")
}

/// The hash of all that an answer depends on.
fn key(question: &Question<'_>, files: &str) -> Key {
    let mut hash = Sha256::new();
    let mut put = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    };
    put(question.sql);
    put(files);
    let Question { dialect, is_open, may_hold_more, .. } = question;
    put(&format!("{dialect:?} {is_open} {may_hold_more} {}", question.relations.is_closed));
    for (relation, known) in question.relations.iter() {
        put(&relation.to_string());
        match known {
            Known::Nothing(why) => put(&format!("? {why}")),
            Known::Schema(schema) => {
                put(if schema.is_complete { "all" } else { "some" });
                for column in &schema.columns {
                    put(&column.name);
                    put(column.data_type.as_ref().map_or("?", |kind| kind.as_str()));
                }
            }
        }
    }
    let mut key = Key::default();
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}
