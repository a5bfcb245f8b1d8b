use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The characters of a file: not all are text.
pub type Bytes = Arc<[u8]>;

/// Everything that a parse may look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    pub files: BTreeMap<String, Bytes>,
    pub env: BTreeMap<String, String>,
    pub asked: Asked,
}

/// What the command line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub vars: Option<String>,
    pub target: Option<String>,
    pub threads: Option<usize>,
    pub full_refresh: bool,
    pub warn_error: bool,
    pub shows_all_deprecations: bool,
}

/// How a text comes into its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The file stays the one it was, with other bytes.
    InPlace,
    /// Another file is put in its place, as editors and version control do.
    Renamed,
    /// In place, and with a time of change to come, as a clock that goes wrong leaves it: always
    /// the same one, so that it tells nothing.
    Ahead,
}

/// One thing that somebody does between two commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Write(String, Bytes, Way),
    Delete(String),
    Rename(String, String),
    Swap(String, String),
    Touch(String),
    Env(String, Option<String>),
    Ask(Asked),
}

impl World {
    /// The files below a folder, as a world where nothing else is set.
    pub fn of_folder(folder: &Path) -> Self {
        let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
        let files = files.filter(|entry| entry.file_type().is_file()).map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            (path, Bytes::from(fs::read(entry.path()).unwrap()))
        });
        Self { files: files.collect(), ..Self::default() }
    }

    /// Puts all files below a folder that is empty.
    pub fn write_below(&self, root: &Path) {
        for (path, bytes) in &self.files {
            write(&root.join(path), bytes);
        }
    }

    /// What leads from this world to another one.
    pub fn changes_to(&self, other: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        for path in self.files.keys().filter(|path| !other.files.contains_key(*path)) {
            changes.push(Change::Delete(path.clone()));
        }
        for (path, bytes) in &other.files {
            if self.files.get(path) != Some(bytes) {
                changes.push(Change::Write(path.clone(), Arc::clone(bytes), Way::Renamed));
            }
        }
        for name in self.env.keys().filter(|name| !other.env.contains_key(*name)) {
            changes.push(Change::Env(name.clone(), None));
        }
        for (name, value) in &other.env {
            if self.env.get(name) != Some(value) {
                changes.push(Change::Env(name.clone(), Some(value.clone())));
            }
        }
        if self.asked != other.asked {
            changes.push(Change::Ask(other.asked.clone()));
        }
        changes
    }
}

impl Change {
    /// Does it, in the world and below the folder. What concerns a file that is not there does
    /// nothing, so that any part of a list of changes can be tried.
    pub fn apply(&self, world: &mut World, root: &Path) {
        match self {
            Self::Write(path, bytes, way) => {
                let place = root.join(path);
                match way {
                    Way::Renamed if place.exists() => {
                        let beside = root.join("beside.tmp");
                        write(&beside, bytes);
                        fs::rename(beside, place).unwrap();
                    }
                    Way::InPlace | Way::Renamed => write(&place, bytes),
                    Way::Ahead => {
                        write(&place, bytes);
                        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
                        let file = fs::File::options().append(true).open(place).unwrap();
                        file.set_modified(time).unwrap();
                    }
                }
                world.files.insert(path.clone(), Arc::clone(bytes));
            }
            Self::Delete(path) => {
                if world.files.remove(path).is_some() {
                    fs::remove_file(root.join(path)).unwrap();
                }
            }
            Self::Rename(from, to) => {
                if let Some(bytes) = world.files.remove(from) {
                    fs::create_dir_all(root.join(to).parent().unwrap()).unwrap();
                    fs::rename(root.join(from), root.join(to)).unwrap();
                    world.files.insert(to.clone(), bytes);
                }
            }
            Self::Swap(one, other) => {
                if world.files.contains_key(one) && world.files.contains_key(other) {
                    let beside = format!("{one}.tmp");
                    Self::Rename(one.clone(), beside.clone()).apply(world, root);
                    Self::Rename(other.clone(), one.clone()).apply(world, root);
                    Self::Rename(beside, other.clone()).apply(world, root);
                }
            }
            Self::Touch(path) => {
                if let Some(bytes) = world.files.get(path) {
                    write(&root.join(path), bytes);
                }
            }
            Self::Env(name, Some(value)) => drop(world.env.insert(name.clone(), value.clone())),
            Self::Env(name, None) => drop(world.env.remove(name)),
            Self::Ask(asked) => world.asked = asked.clone(),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(path, bytes, way) => {
                let text = String::from_utf8_lossy(bytes);
                write!(f, "write `{path}` ({way:?}, {} bytes):", bytes.len())?;
                text.lines().try_for_each(|line| write!(f, "\n        {line}"))
            }
            Self::Delete(path) => write!(f, "delete `{path}`"),
            Self::Rename(from, to) => write!(f, "rename `{from}` to `{to}`"),
            Self::Swap(one, other) => write!(f, "swap `{one}` and `{other}`"),
            Self::Touch(path) => write!(f, "touch `{path}`"),
            Self::Env(name, Some(value)) => write!(f, "set the variable `{name}` to `{value}`"),
            Self::Env(name, None) => write!(f, "unset the variable `{name}`"),
            Self::Ask(asked) => write!(f, "ask with {asked:?}"),
        }
    }
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}
