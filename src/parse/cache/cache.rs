use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::book::{Book, Draft, Fresh, Need};
use super::known_files::{KnownFiles, of_file};
use super::{Digest, Digester, surroundings};
use crate::context::{Asked, Invocation, Watch, flag};
use crate::manifest::Doc;
use crate::parse::MacroTable;
use crate::parse::config::ProjectConfigs;
use crate::project::{Changed, ProjectFile, ProjectFiles, SECRET_PREFIX};
use crate::system::System;
use crate::text::{FileId, listing_files, with_files_of_list};

/// What earlier commands found out of the files of a project, and what this one does.
pub(in crate::parse) struct Cache<'a> {
    invocation: &'a Arc<Invocation>,
    changed: &'a Changed,
    files: KnownFiles<'a>,
    /// The paths of the files of macros.
    macros: BTreeMap<(String, String), String>,
    /// What all entries depend on, and what drafts do.
    around: Digest,
    configured: Digest,
    docs: OnceLock<Digest>,
    arguments: OnceLock<Digest>,
    /// `None` where nothing is to be kept.
    store: Option<Store>,
}

/// The file, and what becomes of it.
struct Store {
    path: PathBuf,
    kept_by: String,
    is_there: bool,
    book: Book,
    /// Whether an entry of the book was taken, by its place.
    taken: Vec<AtomicBool>,
    /// Whether a need of the book holds, by its place.
    holds: Vec<OnceLock<bool>>,
    fresh: Mutex<Vec<Fresh>>,
    secrets: Vec<Vec<u8>>,
}

/// A file that places of an entry are in.
#[derive(Serialize, Deserialize)]
enum FileOf<'a> {
    Known(&'a str),
    /// A text that parsing made, its path and characters.
    Made(&'a str, &'a str),
}

/// How many sets of surroundings are kept: targets, vars and flags that take turns.
const MOST_KEPT: usize = 4;

impl<'a> Cache<'a> {
    /// What the target folder holds; nothing where that is not to be used (`--no-partial-parse`),
    /// is not there, is not whole or was written by another program.
    pub(in crate::parse) fn open(
        invocation: &'a Arc<Invocation>,
        project_files: &'a ProjectFiles,
        macros: &MacroTable,
    ) -> Self {
        let macros = macros.paths(&invocation.files);
        let system = invocation.system.unwatched();
        let stamp = system.program().and_then(|path| system.stamp(&path));
        let kept_by = format!("{} {stamp:?}", env!("CARGO_PKG_VERSION"));
        let around = surroundings::of_invocation(invocation, &macros, Digester::new(&kept_by));
        let store = invocation.flags.partial_parse.then(|| Store::open(invocation, kept_by, &around));
        Self {
            invocation,
            changed: &project_files.changed,
            files: KnownFiles::new(&invocation.files, project_files),
            macros,
            around,
            configured: around,
            docs: OnceLock::new(),
            arguments: OnceLock::new(),
            store,
        }
    }

    /// From now on there are these doc blocks.
    pub(in crate::parse) fn take_docs(&self, docs: &BTreeMap<String, Doc>) {
        self.docs.get_or_init(|| {
            let contents = docs.iter().map(|(id, doc)| (id, doc.contents.as_str()));
            contents.fold(Digester::new("docs"), |all, (id, text)| all.text(id).text(text)).digest()
        });
    }

    /// From now on things are configured so.
    pub(in crate::parse) fn take_configs(
        &mut self,
        configs: &ProjectConfigs,
        groups: &std::collections::BTreeSet<&str>,
    ) {
        self.configured = surroundings::with_configs(self.around, configs, groups);
    }

    /// The beginning of the key of what is made of a properties file.
    pub(in crate::parse) fn key_of_properties(&self, file: &ProjectFile) -> Digester {
        Digester::new("properties").bytes(&self.around).bytes(&of_file(file))
    }

    /// The beginning of the key of what is drafted of a file.
    pub(in crate::parse) fn key_of_file(&self, file: &ProjectFile) -> Digester {
        self.key("file").bytes(&of_file(file))
    }

    /// The beginning of the key of drafts of that kind.
    pub(in crate::parse) fn key(&self, what: &str) -> Digester {
        Digester::new(what).bytes(&self.configured)
    }

    /// What is kept under a key, or what `make` makes of an invocation that is watched. Nothing is
    /// kept without a key.
    pub(in crate::parse) fn answer<T: Serialize + DeserializeOwned>(
        &self,
        key: Option<Digester>,
        make: impl FnOnce(&Arc<Invocation>) -> T,
    ) -> T {
        let (Some(store), Some(key)) = (&self.store, key) else { return make(self.invocation) };
        let key = key.digest();
        if let Some(found) = self.find(store, &key) {
            return found;
        }
        let (watched, watch) = Watch::over(self.invocation);
        let made = make(&Arc::new(watched));
        if let Some(fresh) = watch.asked().and_then(|asked| self.fresh(store, key, asked, &made)) {
            store.fresh.lock().unwrap_or_else(PoisonError::into_inner).push(fresh);
        }
        made
    }

    fn find<T: DeserializeOwned>(&self, store: &Store, key: &Digest) -> Option<T> {
        let place = store.book.find(key)?;
        let entry = &store.book.entries[place];
        let holds = |number: &u32| {
            let number = *number as usize;
            *store.holds[number].get_or_init(|| self.holds(&store.book.needs[number]))
        };
        if !entry.needs.iter().all(holds) {
            return None;
        }
        let (files, rest): (Vec<FileOf<'_>>, &[u8]) =
            postcard::take_from_bytes(store.book.content(entry)).ok()?;
        let id = |file: FileOf<'_>| match file {
            FileOf::Known(path) => self.files.id(path),
            FileOf::Made(path, text) => Some(self.invocation.files.add(path, text).id()),
        };
        let list = files.into_iter().map(id).collect::<Option<Vec<FileId>>>()?;
        let found = with_files_of_list(list, || postcard::from_bytes(rest)).ok()?;
        store.taken[place].store(true, Ordering::Relaxed);
        Some(found)
    }

    fn holds(&self, need: &Need) -> bool {
        match need {
            Need::Macros { path, digest } => self.files.digest(path) == Some(*digest),
            Need::Machine(recording) => recording.still_holds(&*self.invocation.system),
            Need::Docs(digest) => self.docs.get() == Some(digest),
            Need::Flag(name, digest) => self.flag(name) == *digest,
            Need::Arguments(digest) => self.arguments() == *digest,
        }
    }

    fn flag(&self, name: &str) -> Digest {
        let value = flag(&self.invocation.flags, name);
        Digester::new("flag").text(&format!("{value:?}")).digest()
    }

    fn arguments(&self) -> Digest {
        let digest = || Digester::new("arguments").text(&format!("{:?}", self.invocation.flags)).digest();
        *self.arguments.get_or_init(digest)
    }

    /// An entry of what was made; `None` where it cannot be kept.
    fn fresh<T: Serialize>(&self, store: &Store, key: Digest, asked: Asked, made: &T) -> Option<Fresh> {
        let Asked { recording, macros, flags, arguments, docs } = asked;
        let mut needs: Vec<Need> = recording.parts().map(Need::Machine).collect();
        for found in &macros {
            let path = self.macros.get(found)?;
            let need = Need::Macros { path: path.clone(), digest: self.files.digest(path)? };
            if !needs.contains(&need) {
                needs.push(need);
            }
        }
        for name in flags {
            let digest = self.flag(&name);
            needs.push(Need::Flag(name, digest));
        }
        needs.extend(arguments.then(|| Need::Arguments(self.arguments())));
        if docs {
            needs.push(Need::Docs(*self.docs.get()?));
        }
        let (bytes, list) = listing_files(|| postcard::to_stdvec(made));
        let list: Vec<_> = list.into_iter().map(|id| (id, self.invocation.files.get(id))).collect();
        let file = |(id, file): &'_ (FileId, Arc<crate::text::SourceFile>)| {
            if self.files.is_made(*id) {
                return Some((file.path().to_owned(), Some(file.shared_text())));
            }
            self.files.path(*id).map(|path| (path.to_owned(), None))
        };
        let list: Vec<(String, Option<Arc<str>>)> = list.iter().map(file).collect::<Option<_>>()?;
        let list: Vec<FileOf<'_>> = list
            .iter()
            .map(|(path, text)| match text {
                Some(text) => FileOf::Made(path, text),
                None => FileOf::Known(path),
            })
            .collect();
        let mut content = postcard::to_stdvec(&list).ok()?;
        content.extend(bytes.ok()?);
        (!store.tells_secret(&content)).then_some(Fresh { key, needs, content })
    }

    /// Writes what was found out for later commands, where that is not what is written already,
    /// beside what comes next. Entries that nobody asked for are of things that are gone. When it
    /// cannot be written, later commands only take longer.
    pub(in crate::parse) fn keep(self) -> Keeping {
        // Of files that changed while they were read, one thing is said of another one's digest.
        let Some(store) = self.store.filter(|_| self.changed.told().is_empty()) else {
            return Keeping(None);
        };
        let Some(system) = self.invocation.system.shared() else {
            store.keep(self.invocation.system.unwatched());
            return Keeping(None);
        };
        // Without a thread nothing is kept this time.
        let beside = std::thread::Builder::new().name("keep".to_owned());
        Keeping(beside.spawn(move || store.keep(system.unwatched())).ok())
    }
}

/// What is written for later commands, perhaps still now; waited for when it goes.
#[must_use]
pub(in crate::parse) struct Keeping(Option<std::thread::JoinHandle<()>>);

impl Drop for Keeping {
    fn drop(&mut self) {
        // What went wrong there only makes later commands slower.
        self.0.take().map(std::thread::JoinHandle::join);
    }
}

impl Store {
    fn keep(self, system: &dyn System) {
        let fresh = self.fresh.into_inner().unwrap_or_else(PoisonError::into_inner);
        let kept: Vec<usize> =
            (0..self.taken.len()).filter(|place| self.taken[*place].load(Ordering::Relaxed)).collect();
        if fresh.is_empty() && kept.len() == self.taken.len() {
            return;
        }
        let Some(draft) = Draft::new(&self.kept_by, &self.book, &kept, &fresh) else { return };
        let written = system.write_streamed(&self.path, &mut |out| draft.write(out));
        if written.is_ok() && !self.is_there {
            forget_the_oldest(system, &self.path);
        }
    }

    fn open(invocation: &Invocation, kept_by: String, around: &Digest) -> Self {
        use std::fmt::Write as _;
        let system = invocation.system.unwatched();
        let name = around.iter().take(8).fold(String::new(), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        });
        let path = invocation.target_path.join("xform").join("parsed").join(format!("{name}.bin"));
        let bytes = system.read(&path).ok();
        let is_there = bytes.is_some();
        let book = bytes.and_then(|bytes| Book::read(bytes, &kept_by)).unwrap_or_default();
        let variables = system.variables();
        let secrets = variables.with_prefix(SECRET_PREFIX).map(|(_, value)| value.trim());
        let secrets = secrets.filter(|value| !value.is_empty()).map(|value| value.as_bytes().to_vec());
        Self {
            path,
            kept_by,
            is_there,
            taken: book.entries.iter().map(|_| AtomicBool::new(false)).collect(),
            holds: book.needs.iter().map(|_| OnceLock::new()).collect(),
            book,
            fresh: Mutex::default(),
            secrets: secrets.collect(),
        }
    }

    /// Whether a secret of the environment is in there, which must not get into a file.
    fn tells_secret(&self, content: &[u8]) -> bool {
        let holds = |secret: &Vec<u8>| content.windows(secret.len()).any(|part| part == secret.as_slice());
        self.secrets.iter().any(holds)
    }
}

/// Removes the files that were not written for the longest time, all but some.
fn forget_the_oldest(system: &dyn System, path: &Path) {
    let Some(folder) = path.parent() else { return };
    let stamped = |path: PathBuf| Some((system.stamp(&path)?.1, path));
    let entries = system.walk(folder).unwrap_or_default().into_iter();
    let mut known: Vec<_> = entries.filter_map(|entry| stamped(entry.path)).collect();
    known.sort_unstable_by(|one, other| other.cmp(one));
    for (_, path) in known.into_iter().skip(MOST_KEPT) {
        let _ = system.remove(&path);
    }
}
