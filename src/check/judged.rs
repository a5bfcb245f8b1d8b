use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::remembered::kept_by;
use crate::artifact::cache_file;
use crate::context::Invocation;
use crate::sql::DataType;
use crate::system::{ContentDigest, FileStamp, System};

/// What the warehouse's judge said of types that are written in properties files, and of the
/// columns of seeds, kept in the target folder: where all of that is known, no judge is started.
pub(super) struct Judged {
    path: PathBuf,
    kept_by: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answers: Answers,
    has_news: bool,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Answers {
    kept_by: String,
    /// Types as they are written, and as the warehouse calls them.
    types: BTreeMap<String, DataType>,
    /// By a digest of what was asked.
    seeds: BTreeMap<ContentDigest, Seed>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Seed {
    /// How the file stood when it held these bytes, where that says something.
    stamp: Option<FileStamp>,
    bytes: ContentDigest,
    columns: Columns,
}

/// Names and types.
type Columns = Vec<(String, String)>;

/// How many seeds are kept: also those of other branches and targets.
const MOST_SEEDS: usize = 10_000;

impl Judged {
    /// What earlier runs kept. Nothing, where another program kept it or it is not whole.
    pub(super) fn read(invocation: &Invocation) -> Self {
        let path = cache_file(&invocation.target_path, "judged.bin");
        let kept_by = kept_by(invocation);
        let bytes = invocation.system.unwatched().read(&path).unwrap_or_default();
        let answers = understood(&bytes).filter(|kept| kept.kept_by == kept_by).unwrap_or_default();
        Self { path, kept_by, state: Mutex::new(State { answers, has_news: false }) }
    }

    /// What the warehouse calls a type. That it has none of the name is not kept: the next time it
    /// may have one.
    pub(super) fn data_type(&self, written: &str) -> Option<DataType> {
        self.lock().answers.types.get(written).cloned()
    }

    pub(super) fn take_data_type(&self, written: &str, data_type: &DataType) {
        let mut state = self.lock();
        state.has_news |= state.answers.types.insert(written.to_owned(), data_type.clone()).is_none();
    }

    /// The columns of a seed: those that are kept of a file with these bytes, else those that
    /// `infer` finds.
    ///
    /// # Errors
    /// Those of `infer`.
    pub(super) fn seed<E>(
        &self,
        system: &dyn System,
        path: &Path,
        asked: (char, &[(String, String)]),
        infer: impl FnOnce() -> Result<Option<Columns>, E>,
    ) -> Result<Option<Columns>, E> {
        let system = system.unwatched();
        let Ok(question) = postcard::to_stdvec(&(path, asked)) else { return infer() };
        let question = ContentDigest::of(&question);
        // Before it is read: a change after that is a change of the stamp.
        let stamp = system.file_stamp(path);
        let known = self.lock().answers.seeds.get(&question).cloned();
        if let Some(known) = &known
            && let (Some(then), Some(now)) = (known.stamp, stamp)
            && then.vouches_for(&now)
        {
            return Ok(Some(known.columns.clone()));
        }
        let digest = || system.read(path).ok().map(|bytes| ContentDigest::of(&bytes));
        let Some(bytes) = digest() else { return infer() };
        let stamp = stamp.filter(FileStamp::is_settled);
        let kept = known.filter(|known| known.bytes == bytes);
        let columns = match &kept {
            Some(known) => known.columns.clone(),
            None => match infer()? {
                // Of a file that is written to meanwhile nobody knows what was seen.
                Some(columns) if digest() == Some(bytes) => columns,
                other => return Ok(other),
            },
        };
        let mut state = self.lock();
        state.has_news |= kept.is_none() || stamp.is_some();
        let seed = Seed { stamp, bytes, columns: columns.clone() };
        if state.answers.seeds.len() >= MOST_SEEDS {
            state.answers.seeds.clear();
        }
        state.answers.seeds.insert(question, seed);
        Ok(Some(columns))
    }

    /// Keeps it for later runs. When it cannot be written, those only take longer.
    pub(super) fn keep(&self, system: &dyn System) {
        let mut state = self.lock();
        if !std::mem::take(&mut state.has_news) {
            return;
        }
        state.answers.kept_by.clone_from(&self.kept_by);
        if let Some(bytes) = written(&state.answers) {
            let _ = system.unwatched().write(&self.path, &bytes);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of the file: a digest, and what it is of.
fn written(answers: &Answers) -> Option<Vec<u8>> {
    let content = postcard::to_stdvec(answers).ok()?;
    Some([ContentDigest::of(&content).as_bytes(), content.as_slice()].concat())
}

/// `None` for bytes that are not those of a whole file.
fn understood(bytes: &[u8]) -> Option<Answers> {
    let (digest, content) = bytes.split_first_chunk::<32>()?;
    (ContentDigest::of(content).as_bytes() == digest).then(|| postcard::from_bytes(content).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::MemorySystem;

    fn judged() -> Judged {
        Judged { path: "judged.bin".into(), kept_by: "me".to_owned(), state: Mutex::default() }
    }

    #[test]
    fn a_seed_is_inferred_once_for_its_bytes_and_what_is_asked_of_it() {
        let (judged, system) = (judged(), MemorySystem::new().file("금액.csv", "id\n1\n"));
        let path = Path::new("금액.csv");
        let columns = |kind: &str| Ok::<_, ()>(Some(vec![("id".to_owned(), kind.to_owned())]));
        let seed = |asked, kind| judged.seed(&system, path, asked, || columns(kind));
        let texts = [("id".to_owned(), "text".to_owned())];
        assert_eq!(seed((',', &[]), "INTEGER"), columns("INTEGER"));
        assert_eq!(seed((',', &[]), "never asked"), columns("INTEGER"));
        assert_eq!(seed((';', &[]), "other"), columns("other"));
        assert_eq!(seed((',', &texts), "text"), columns("text"));
        system.write(path, b"id\na\n").unwrap();
        assert_eq!(seed((',', &[]), "VARCHAR"), columns("VARCHAR"));
        system.write(path, b"id\n1\n").unwrap();
        assert_eq!(judged.seed(&system, path, (',', &[]), || Err("broken")), Err("broken"));
        // What is changed while it is looked at is not kept.
        let changed = judged.seed(&system, path, (',', &[]), || {
            system.write(path, b"id\n2\n").unwrap();
            columns("first")
        });
        assert_eq!(changed, columns("first"));
        assert_eq!(seed((',', &[]), "second"), columns("second"));
    }

    #[test]
    fn what_is_kept_comes_back_whole_or_not_at_all() {
        let (one, system) = (judged(), MemorySystem::new().file("a.csv", "id\n1\n"));
        one.take_data_type("int", &DataType::new("INTEGER"));
        let columns = vec![("id".to_owned(), "INTEGER".to_owned())];
        let found = one.seed(&system, Path::new("a.csv"), (',', &[]), || Ok::<_, ()>(Some(columns.clone())));
        assert_eq!(found, Ok(Some(columns)));
        one.keep(&system);
        let bytes = system.read(Path::new("judged.bin")).unwrap();
        let read = understood(&bytes).unwrap();
        assert_eq!(read, one.lock().answers);
        assert_eq!((read.types.len(), read.seeds.len(), read.kept_by.as_str()), (1, 1, "me"));
        for end in 0..bytes.len() {
            assert_eq!(understood(&bytes[..end]), None, "{end}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(understood(&damaged), None, "{at}");
        }
        // Nothing new is not written again.
        system.remove(Path::new("judged.bin")).unwrap();
        one.keep(&system);
        assert!(!system.exists(Path::new("judged.bin")));
    }
}
