use std::collections::{BTreeMap, HashMap, btree_map};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::content_digest::ContentDigester;
use super::{Call, ContentDigest, Entry, FileStamp, Make, Ran, Script, System, Variables};

/// Something that a command wanted to know of the machine. Paths are absolute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Question {
    Read(PathBuf),
    /// The folder, and those below it that were left out.
    Walk(PathBuf, Vec<PathBuf>),
    Exists(PathBuf),
    IsDir(PathBuf),
    Canonical(PathBuf),
    Stamp(PathBuf),
    Variable(String),
    VariableNames,
    VariablesWith(String),
    HomeDir,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Answer {
    /// `None` where there was nothing.
    digest: Option<ContentDigest>,
    /// How the file stood before it was read.
    stamp: Option<FileStamp>,
}

impl Answer {
    fn of(answer: Option<&[u8]>) -> Self {
        Self { digest: answer.map(ContentDigest::of), stamp: None }
    }
}

/// What was asked so far, with the answers.
#[derive(Debug, Default)]
pub(super) struct Asked {
    answers: Mutex<BTreeMap<Question, Answer>>,
    /// Something was asked whose answer is another one each time.
    depends_on_moment: AtomicBool,
}

impl Asked {
    pub(super) fn note(&self, question: Question, answer: Option<&[u8]>) {
        self.take(question, Answer::of(answer));
    }

    fn take(&self, question: Question, answer: Answer) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        match answers.entry(question) {
            btree_map::Entry::Vacant(place) => {
                place.insert(answer);
            }
            btree_map::Entry::Occupied(known) if known.get().digest == answer.digest => {}
            // The machine changed while the command ran.
            btree_map::Entry::Occupied(_) => self.depends_on_moment.store(true, Ordering::Relaxed),
        }
    }

    /// From now on the answer is this: the command itself made it so. It is too young for a
    /// stamp to vouch for it.
    fn settle(&self, question: Question, answer: Answer) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(question, answer);
    }
}

/// Everything a command wanted to know of the machine, and digests of what it was told. A command
/// whose answer depends on nothing else gives the same answer for as long as the recording
/// [holds](Self::still_holds).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Recording(Vec<(Question, Answer)>);

/// How a recording stands to the machine as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Something would be answered otherwise.
    Broken,
    Holds,
    /// It holds, and has better stamps now: whoever keeps it should keep it anew.
    HoldsRestamped,
}

impl Recording {
    /// A recording of each question alone.
    pub fn parts(self) -> impl Iterator<Item = Self> {
        self.0.into_iter().map(|part| Self(vec![part]))
    }

    /// Whether `system` would answer every question as then.
    #[must_use]
    pub fn still_holds(&self, system: &dyn System) -> bool {
        self.clone().compare(system) != Standing::Broken
    }

    /// Whether `system` would answer every question as then. A file is read only where its stamp
    /// does not vouch for it; where it is as it was, its stamp is taken in for the next time.
    pub fn compare(&mut self, system: &dyn System) -> Standing {
        let variables = system.variables();
        // Folders first: with them come the stamps of the files in them.
        let walked: Option<Vec<Vec<Entry>>> = self
            .0
            .par_iter()
            .filter_map(|(question, known)| match question {
                Question::Walk(folder, without) => Some((folder, without, known)),
                _ => None,
            })
            .map(|(folder, without, known)| {
                let entries = system.walk_without(folder, without);
                (walk_digest(folder, folder, entries.as_deref().ok()) == known.digest)
                    .then(|| entries.unwrap_or_default())
            })
            .collect();
        let Some(walked) = walked else { return Standing::Broken };
        let stamps: HashMap<&Path, FileStamp> =
            walked.iter().flatten().filter_map(|entry| Some((entry.path.as_path(), entry.stamp?))).collect();
        let stamp_of = |path: &Path| stamps.get(path).copied().or_else(|| system.file_stamp(path));
        // Before anything is read: a file of another size is another file.
        let is_resized = |(question, known): &(Question, Answer)| match (question, known.stamp) {
            (Question::Read(path), Some(known)) => {
                stamp_of(path).is_some_and(|now| now.size() != known.size())
            }
            _ => false,
        };
        if self.0.par_iter().any(is_resized) {
            return Standing::Broken;
        }
        let renewed: Option<Vec<Option<FileStamp>>> = self
            .0
            .par_iter()
            .map(|(question, known)| match question {
                Question::Walk(..) => Some(None),
                Question::Read(path) => {
                    let now = stamp_of(path);
                    match (known.stamp, now) {
                        (Some(known), Some(now)) if known.vouches_for(&now) => Some(None),
                        _ => (answer(system, &variables, question) == known.digest)
                            .then(|| now.filter(|now| known.digest.is_some() && now.is_settled())),
                    }
                }
                question => (answer(system, &variables, question) == known.digest).then_some(None),
            })
            .collect();
        let Some(renewed) = renewed else { return Standing::Broken };
        let mut standing = Standing::Holds;
        for ((_, known), stamp) in self.0.iter_mut().zip(renewed) {
            if stamp.is_some() {
                known.stamp = stamp;
                standing = Standing::HoldsRestamped;
            }
        }
        standing
    }

    /// How many questions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A system that remembers what was asked of another one.
///
/// ```
/// use std::sync::Arc;
/// use xform::system::{MemorySystem, RecordingSystem, System};
///
/// let machine = || Arc::new(MemorySystem::new().file("a.sql", "select 1"));
/// let watched = RecordingSystem::new(machine());
/// watched.read("a.sql".as_ref()).unwrap();
/// let recording = watched.recording().unwrap();
/// let other = machine();
/// assert!(recording.still_holds(&*other));
/// other.write("a.sql".as_ref(), b"select 2").unwrap();
/// assert!(!recording.still_holds(&*other));
/// ```
#[derive(Debug)]
pub struct RecordingSystem {
    inner: Arc<dyn System>,
    asked: Arc<Asked>,
}

impl RecordingSystem {
    #[must_use]
    pub fn new(inner: Arc<dyn System>) -> Self {
        Self { inner, asked: Arc::default() }
    }

    /// What was asked so far; `None` when something was asked whose answer is another one each
    /// time (the clock, another program), or the machine changed meanwhile.
    #[must_use]
    pub fn recording(&self) -> Option<Recording> {
        if self.asked.depends_on_moment.load(Ordering::Relaxed) {
            return None;
        }
        let answers = self.asked.answers.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Recording(answers.iter().map(|(question, answer)| (question.clone(), *answer)).collect()))
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        if path.is_absolute() { path.to_owned() } else { self.inner.current_dir().join(path) }
    }

    /// What was written is no longer asked of the machine.
    fn know(&self, path: &Path, bytes: Answer) {
        let path = self.absolute(path);
        self.asked.settle(Question::Exists(path.clone()), Answer::of(Some(b"true")));
        self.asked.settle(Question::Read(path), bytes);
    }
}

/// A file, with a digest of what is written into it.
struct Digested<'a> {
    file: &'a mut dyn Write,
    digester: &'a mut ContentDigester,
}

impl Write for Digested<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let length = self.file.write(bytes)?;
        self.digester.add(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl System for RecordingSystem {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        // Before it is read: a change after that is a change of the stamp.
        let stamp = self.inner.file_stamp(path);
        let read = self.inner.read(path);
        let digest = read.as_deref().ok().map(ContentDigest::of);
        let stamp = stamp.filter(|_| digest.is_some());
        self.asked.take(Question::Read(self.absolute(path)), Answer { digest, stamp });
        read
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        self.inner.write(path, bytes)?;
        self.know(path, Answer::of(Some(bytes)));
        Ok(())
    }

    fn update(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        self.inner.update(path, bytes)?;
        self.know(path, Answer::of(Some(bytes)));
        Ok(())
    }

    fn write_streamed(&self, path: &Path, make: Make<'_>) -> std::io::Result<()> {
        let mut digester = ContentDigester::default();
        self.inner.write_streamed(path, &mut |file| {
            digester = ContentDigester::default();
            make(&mut Digested { file, digester: &mut digester })
        })?;
        self.know(path, Answer { digest: Some(digester.digest()), stamp: None });
        Ok(())
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        self.depends_on_moment();
        self.inner.append(path, bytes)
    }

    fn create_dir_all(&self, path: &Path) -> std::io::Result<()> {
        self.inner.create_dir_all(path)?;
        self.asked.settle(Question::Exists(self.absolute(path)), Answer::of(Some(b"true")));
        Ok(())
    }

    fn remove(&self, path: &Path) -> std::io::Result<()> {
        self.depends_on_moment();
        self.inner.remove(path)
    }

    fn exists(&self, path: &Path) -> bool {
        let exists = self.inner.exists(path);
        self.asked.note(Question::Exists(self.absolute(path)), Some(text_of(exists)));
        exists
    }

    fn is_dir(&self, path: &Path) -> bool {
        let is_dir = self.inner.is_dir(path);
        self.asked.note(Question::IsDir(self.absolute(path)), Some(text_of(is_dir)));
        is_dir
    }

    fn stamp(&self, path: &Path) -> Option<(u64, DateTime<Utc>)> {
        let stamp = self.inner.stamp(path);
        let text = stamp.map(stamp_text);
        self.asked.note(Question::Stamp(self.absolute(path)), text.as_deref().map(str::as_bytes));
        stamp
    }

    fn file_stamp(&self, path: &Path) -> Option<FileStamp> {
        // A stamp is no answer by itself: whoever relies on one vouches for the bytes.
        self.inner.file_stamp(path)
    }

    fn vouch(&self, path: &Path, stamp: FileStamp, digest: ContentDigest) {
        let answer = Answer { digest: Some(digest), stamp: Some(stamp) };
        self.asked.take(Question::Read(self.absolute(path)), answer);
    }

    fn walk(&self, folder: &Path) -> std::io::Result<Vec<Entry>> {
        self.walk_without(folder, &[])
    }

    fn walk_without(&self, folder: &Path, without: &[PathBuf]) -> std::io::Result<Vec<Entry>> {
        let walked = self.inner.walk_without(folder, without);
        let absolute = self.absolute(folder);
        let digest = walk_digest(folder, &absolute, walked.as_deref().ok());
        let without = without.iter().map(|other| self.absolute(other)).collect();
        self.asked.take(Question::Walk(absolute, without), Answer { digest, stamp: None });
        walked
    }

    fn canonicalize(&self, path: &Path) -> std::io::Result<PathBuf> {
        let canonical = self.inner.canonicalize(path);
        let bytes = canonical.as_deref().ok().map(|path| path.as_os_str().as_encoded_bytes());
        self.asked.note(Question::Canonical(self.absolute(path)), bytes);
        canonical
    }

    fn env(&self, name: &str) -> Option<String> {
        let value = self.inner.env(name);
        self.asked.note(Question::Variable(name.to_owned()), value.as_deref().map(str::as_bytes));
        value
    }

    fn variables(&self) -> Variables {
        self.inner.variables().watched(&self.asked)
    }

    fn current_dir(&self) -> PathBuf {
        // Who keeps a recording keeps it for the folder that the command was started in.
        self.inner.current_dir()
    }

    fn enter(&self, folder: &Path) -> std::io::Result<()> {
        self.inner.enter(folder)
    }

    fn home_dir(&self) -> Option<PathBuf> {
        let home = self.inner.home_dir();
        let bytes = home.as_deref().map(|home| home.as_os_str().as_encoded_bytes());
        self.asked.note(Question::HomeDir, bytes);
        home
    }

    fn run(&self, call: &Call<'_>) -> std::io::Result<Ran> {
        self.depends_on_moment();
        self.inner.run(call)
    }

    fn stream(
        &self,
        script: &Script<'_>,
        is_stopped: &dyn Fn() -> bool,
        line: &mut dyn FnMut(&str),
    ) -> std::io::Result<()> {
        self.depends_on_moment();
        self.inner.stream(script, is_stopped, line)
    }

    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        self.depends_on_moment();
        self.inner.rename(from, to)
    }

    fn link(&self, target: &Path, link: &Path) -> std::io::Result<()> {
        self.depends_on_moment();
        self.inner.link(target, link)
    }

    fn cores(&self) -> usize {
        self.inner.cores()
    }

    fn scratch(&self) -> std::io::Result<tempfile::TempDir> {
        self.inner.scratch()
    }

    fn now(&self) -> DateTime<Utc> {
        self.inner.now()
    }

    fn depends_on_moment(&self) {
        self.asked.depends_on_moment.store(true, Ordering::Relaxed);
        self.inner.depends_on_moment();
    }

    fn shared(&self) -> Option<Arc<dyn System>> {
        self.inner.shared()
    }

    fn unwatched(&self) -> &dyn System {
        self.inner.unwatched()
    }
}

fn answer(system: &dyn System, variables: &Variables, question: &Question) -> Option<ContentDigest> {
    let of_path = |path: Option<PathBuf>| {
        path.as_deref().map(|path| ContentDigest::of(path.as_os_str().as_encoded_bytes()))
    };
    match question {
        Question::Read(path) => system.read(path).ok().as_deref().map(ContentDigest::of),
        Question::Walk(folder, without) => {
            walk_digest(folder, folder, system.walk_without(folder, without).as_deref().ok())
        }
        Question::Exists(path) => Some(ContentDigest::of(text_of(system.exists(path)))),
        Question::IsDir(path) => Some(ContentDigest::of(text_of(system.is_dir(path)))),
        Question::Canonical(path) => of_path(system.canonicalize(path).ok()),
        Question::Stamp(path) => {
            system.stamp(path).map(|stamp| ContentDigest::of(stamp_text(stamp).as_bytes()))
        }
        Question::Variable(name) => system.env(name).map(|value| ContentDigest::of(value.as_bytes())),
        // Asked aloud: who watches this system hears of it, too.
        Question::VariableNames => {
            drop(variables.names());
            Some(ContentDigest::of(variables.names_text().as_bytes()))
        }
        Question::VariablesWith(prefix) => {
            drop(variables.with_prefix(prefix));
            Some(ContentDigest::of(variables.prefixed_text(prefix).as_bytes()))
        }
        Question::HomeDir => of_path(system.home_dir()),
    }
}

fn text_of(is_so: bool) -> &'static [u8] {
    if is_so { b"true" } else { b"false" }
}

fn stamp_text((size, modified): (u64, DateTime<Utc>)) -> String {
    format!("{size} {}", modified.timestamp_nanos_opt().unwrap_or_default())
}

/// Which files there are below the folder, under whichever name it was asked for. Their sizes are
/// asked for with their bytes, where somebody wanted these.
fn walk_digest(folder: &Path, absolute: &Path, entries: Option<&[Entry]>) -> Option<ContentDigest> {
    let mut text = Vec::new();
    for entry in entries? {
        let below = entry.path.strip_prefix(absolute).or(entry.path.strip_prefix(folder));
        text.extend_from_slice(below.unwrap_or(&entry.path).as_os_str().as_encoded_bytes());
        text.push(0);
    }
    Some(ContentDigest::of(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::MemorySystem;

    fn machine() -> MemorySystem {
        MemorySystem::new()
            .file("models/주문.sql", "select 1")
            .env_var("DBT_TARGET", "dev")
            .env_var("HOME", "/home/a")
    }

    /// What one reads of it: files, folders, variables.
    fn look(system: &dyn System) {
        let models = Path::new("models");
        system.walk(models).unwrap();
        system.read(&models.join("주문.sql")).unwrap();
        assert!(system.read(Path::new("profiles.yml")).is_err());
        assert!(!system.exists(Path::new("packages.yml")) && system.is_dir(models));
        assert_eq!(system.variables().get("DBT_TARGET"), Some("dev"));
        assert_eq!(system.variables().with_prefix("DBT_ENGINE_").count(), 0);
        assert_eq!(system.env("NO_COLOR"), None);
        system.home_dir();
    }

    #[test]
    fn it_holds_until_something_that_was_looked_at_changes() {
        let watched = RecordingSystem::new(Arc::new(machine()));
        look(&watched);
        let recording = watched.recording().unwrap();
        let text = serde_json::to_string(&recording).unwrap();
        let recording: Recording = serde_json::from_str(&text).unwrap();
        assert!(recording.still_holds(&machine()));
        // Nobody looked at these.
        assert!(recording.still_holds(&machine().file("README.md", "").env_var("LANG", "ko")));
        let others = [
            machine().file("models/주문.sql", "select 2"),
            machine().file("models/new.sql", "select 1"),
            machine().file("profiles.yml", ""),
            machine().file("packages.yml", ""),
            machine().env_var("DBT_TARGET", "prod"),
            machine().env_var("DBT_ENGINE_X", "1"),
            machine().env_var("NO_COLOR", "1"),
            machine().env_var("HOME", "/home/b"),
        ];
        for other in others {
            assert!(!recording.still_holds(&other), "{other:?}");
        }
    }

    #[test]
    fn who_watches_one_that_watches_hears_the_same() {
        let outer = Arc::new(RecordingSystem::new(Arc::new(machine())));
        let inner = RecordingSystem::new(Arc::clone(&outer) as Arc<dyn System>);
        look(&inner);
        assert_eq!(inner.variables().names().count(), 2);
        let recording = inner.recording().unwrap();
        assert_eq!(outer.recording().as_ref(), Some(&recording));
        // Asking again whether it holds is asking.
        let later = RecordingSystem::new(Arc::new(machine()));
        assert!(recording.parts().all(|part| part.still_holds(&later)));
        let again = later.recording().unwrap();
        assert!(!again.still_holds(&machine().env_var("DBT_TARGET", "prod")));
        assert!(!again.still_holds(&machine().env_var("DBT_ENGINE_X", "1")));
        inner.depends_on_moment();
        assert_eq!(outer.recording(), None);
    }

    #[test]
    fn what_is_another_thing_each_time_has_no_recording() {
        let watched = RecordingSystem::new(Arc::new(machine()));
        watched.depends_on_moment();
        assert_eq!(watched.recording(), None);
        let changing = RecordingSystem::new(Arc::new(machine()));
        let path = Path::new("models/주문.sql");
        changing.read(path).unwrap();
        changing.unwatched().write(path, b"select 2").unwrap();
        changing.read(path).unwrap();
        assert_eq!(changing.recording(), None);
    }

    #[test]
    fn what_the_command_wrote_has_to_be_there_still() {
        let inner = Arc::new(machine());
        let watched = RecordingSystem::new(Arc::clone(&inner) as Arc<dyn System>);
        watched.write(Path::new("target/lineage.json"), b"{}").unwrap();
        watched.unwatched().write(Path::new("target/cache"), b"1").unwrap();
        let recording = watched.recording().unwrap();
        assert!(recording.still_holds(&*inner));
        inner.write(Path::new("target/cache"), b"2").unwrap();
        assert!(recording.still_holds(&*inner));
        inner.remove(Path::new("target/lineage.json")).unwrap();
        assert!(!recording.still_holds(&*inner));
    }

    #[test]
    fn what_was_written_in_parts_is_what_is_read_as_one() {
        let inner = Arc::new(machine());
        let watched = RecordingSystem::new(Arc::clone(&inner) as Arc<dyn System>);
        let mut make =
            |file: &mut dyn Write| [&b"{\"a\":"[..], b"1}"].iter().try_for_each(|part| file.write_all(part));
        watched.write_streamed(Path::new("target/a.json"), &mut make).unwrap();
        assert_eq!(inner.read(Path::new("target/a.json")).unwrap(), b"{\"a\":1}");
        assert!(watched.recording().unwrap().still_holds(&*inner));
    }

    /// The stamp of a file that was last changed at a second, as it is seen at another one.
    fn stamp(changed: i64, now: i64) -> FileStamp {
        let second = 1_000_000_000;
        FileStamp::new(8, changed * second, changed * second, 1, now * second)
    }

    #[test]
    fn a_file_is_read_only_where_its_stamp_does_not_vouch_for_it() {
        let path = Path::new("models/주문.sql");
        let read = |machine: MemorySystem| {
            let watched = RecordingSystem::new(Arc::new(machine));
            watched.walk(Path::new("models")).unwrap();
            watched.read(path).unwrap();
            watched.recording().unwrap()
        };
        let other = || machine().file(path, "select 2");
        // Changed within the tick in which it was read: its stamp is the same and says nothing.
        let mut young = read(machine().stamped(path, stamp(50, 50)));
        assert!(!young.still_holds(&other().stamped(path, stamp(50, 50))));
        assert!(!young.still_holds(&other().stamped(path, stamp(50, 90))));
        // As it was, and by now its stamp can be trusted, which is noted once.
        let settled = machine().stamped(path, stamp(50, 90));
        assert_eq!(young.compare(&settled), Standing::HoldsRestamped);
        assert_eq!(young.compare(&settled), Standing::Holds);
        // So that it is not read any more: this machine lies, and nobody looks.
        assert_eq!(young.clone().compare(&other().stamped(path, stamp(50, 91))), Standing::Holds);
        // The stamp moved: what counts is what is in it.
        assert_eq!(young.clone().compare(&other().stamped(path, stamp(60, 91))), Standing::Broken);
        assert_eq!(young.compare(&machine().stamped(path, stamp(60, 91))), Standing::HoldsRestamped);
    }

    #[test]
    fn who_vouches_for_a_file_has_read_it() {
        let path = Path::new("models/주문.sql");
        let watched = RecordingSystem::new(Arc::new(machine()));
        watched.vouch(path, stamp(50, 90), ContentDigest::of(b"select 1"));
        let recording = watched.recording().unwrap();
        assert!(recording.still_holds(&machine()));
        assert!(!recording.still_holds(&machine().file(path, "select 2")));
        watched.vouch(path, stamp(51, 90), ContentDigest::of(b"select 2"));
        assert_eq!(watched.recording(), None);
    }
}
