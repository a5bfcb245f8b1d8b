use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
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
    before: Before,
    now: Mutex<Now>,
}

/// What earlier runs kept: an answer is decoded by who asks for it.
#[derive(Default)]
struct Before {
    bytes: Vec<u8>,
    answers: HashMap<Key, Range<usize>>,
}

/// What this run adds.
#[derive(Default)]
struct Now {
    /// Answers from before that were asked for.
    used: HashSet<Key>,
    found: HashMap<Key, Understood>,
}

/// How the file of what is kept begins; the answers follow, each encoded by itself.
#[derive(Serialize, Deserialize)]
struct Index {
    kept_by: String,
    /// With the length of the answer in bytes, in their order.
    answers: Vec<(Key, usize)>,
}

/// How many answers that were not asked for are kept: those of other selections and targets.
const MOST_OTHERS: usize = 20_000;

impl Before {
    /// `None` where it was kept by another program or cannot be read.
    fn read(bytes: Vec<u8>, kept_by: &str) -> Option<Self> {
        let (index, rest) = postcard::take_from_bytes::<Index>(&bytes).ok()?;
        let mut start = bytes.len() - rest.len();
        let mut answers = HashMap::with_capacity(index.answers.len());
        for (key, length) in index.answers {
            let end = start.checked_add(length)?;
            answers.insert(key, start..end);
            start = end;
        }
        (index.kept_by == kept_by && start == bytes.len()).then_some(Self { bytes, answers })
    }

    fn encoded(&self, key: &Key) -> Option<&[u8]> {
        self.bytes.get(self.answers.get(key)?.clone())
    }
}

impl Remembered {
    /// What earlier runs kept. Nothing, where it was kept by another program or cannot be read.
    pub(super) fn read(invocation: &Invocation) -> Self {
        let path = cache_file(&invocation.target_path, "understood.bin");
        let kept_by = kept_by(invocation);
        let bytes = invocation.system.unwatched().read(&path).ok();
        let before = bytes.and_then(|bytes| Before::read(bytes, &kept_by)).unwrap_or_default();
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
        let is_enough = |known: &Understood| depth == Depth::Columns || !known.is_brief;
        let before = self.before.encoded(&key);
        let known = match before.and_then(|answer| postcard::from_bytes(answer).ok()) {
            Some(known) if is_enough(&known) => {
                self.now().used.insert(key);
                return known;
            }
            before => self.now().found.get(&key).cloned().or(before),
        };
        match known {
            Some(known) if is_enough(&known) => known,
            known => {
                let found = ask(known.as_ref());
                self.now().found.insert(key, found.clone());
                found
            }
        }
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
        let before = self.before.answers.keys().filter(|key| !found.contains_key(*key));
        let (asked, others): (Vec<&Key>, Vec<&Key>) = before.partition(|key| used.contains(*key));
        let old = asked.into_iter().chain(others.into_iter().take(MOST_OTHERS));
        let old = old.filter_map(|key| Some((*key, Cow::Borrowed(self.before.encoded(key)?))));
        let new = found.iter().filter_map(|(key, answer)| {
            let encoded = postcard::to_stdvec(answer).ok()?;
            Some((*key, Cow::Owned(encoded)))
        });
        let mut answers: Vec<(Key, Cow<'_, [u8]>)> = new.chain(old).collect();
        answers.sort_unstable_by_key(|(key, _)| *key);
        let lengths = answers.iter().map(|(key, answer)| (*key, answer.len())).collect();
        let Ok(mut bytes) = postcard::to_stdvec(&Index { kept_by: self.kept_by, answers: lengths }) else {
            return;
        };
        for (_, answer) in &answers {
            bytes.extend_from_slice(answer);
        }
        let _ = system.unwatched().write(&self.path, &bytes);
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
