use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::lower::{MacroTags, Marks, lower_macro};
use super::lowered::{Lowered, Place};
use super::template_parser::parse;
use super::template_tree::Header;
use crate::text::FileId;

/// A macro that the engine knows.
#[derive(Debug)]
pub(super) struct MacroSource {
    /// Its number in the [`Store`].
    pub(super) index: usize,
    /// `package.name`
    pub(super) qualified_name: String,
    pub(super) header: Header,
    pub(super) tags: MacroTags,
    pub(super) body: Range<usize>,
    pub(super) lowered: Lowered,
    /// Whether no user wrote it.
    pub(super) is_library: bool,
}

impl MacroSource {
    /// The macro's template with marks in it.
    pub(super) fn marked(&self) -> Option<String> {
        let nodes = parse(&self.lowered.source, self.body.clone()).ok()?;
        let name = Arc::clone(&self.lowered.name);
        let (source, place) = (&self.lowered.source, self.lowered.place);
        let marks = Marks::Template(self.index);
        Some(lower_macro(name, source, place, &self.header, &self.tags, &nodes, marks).text)
    }

    /// Where things of the macro's file stand.
    pub(super) fn place(&self) -> Place {
        self.lowered.place
    }
}

/// How many texts are kept lowered and compiled: a few thousand bytes each.
const MOST_COMMONS: usize = 4096;

/// All macros. Macros are only added, under growing numbers.
#[derive(Debug, Default)]
pub(super) struct Store {
    tables: RwLock<Tables>,
    /// Lowered texts that several nodes have, as generic tests of one kind, by the name of the
    /// template.
    commons: RwLock<HashMap<Arc<str>, Lowered>>,
    /// A template let chance decide.
    has_thrown_dice: AtomicBool,
}

#[derive(Debug, Default)]
struct Tables {
    macros: Vec<Arc<MacroSource>>,
    by_template: HashMap<Arc<str>, usize>,
    by_name: HashMap<String, HashMap<String, usize>>,
    library: HashSet<FileId>,
}

impl Store {
    pub(super) fn throw_dice(&self) {
        self.has_thrown_dice.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_thrown_dice(&self) -> bool {
        self.has_thrown_dice.load(Ordering::Relaxed)
    }

    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Tables> {
        self.tables.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The text that was lowered under that name before, as one that stands at `place`.
    pub(super) fn common(&self, name: &str, place: Place) -> Option<Lowered> {
        let mut found = self.commons.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()?;
        found.place = place;
        Some(found)
    }

    /// Keeps a lowered text for whoever has the same, under a name that only this text has, unless
    /// there are very many.
    pub(super) fn share(&self, mut lowered: Lowered) -> Lowered {
        let mut commons = self.commons.write().unwrap_or_else(PoisonError::into_inner);
        if commons.len() < MOST_COMMONS {
            lowered.is_common = true;
            commons.insert(Arc::clone(&lowered.name), lowered.clone());
        }
        lowered
    }

    /// Takes in what `make` makes of the macro's number.
    pub(super) fn add(&self, package: &str, name: &str, make: impl FnOnce(usize) -> MacroSource) {
        let mut tables = self.write();
        let index = tables.macros.len();
        let source = Arc::new(make(index));
        tables.by_template.insert(Arc::clone(&source.lowered.name), index);
        tables.by_name.entry(package.to_owned()).or_default().insert(name.to_owned(), index);
        tables.macros.push(source);
    }

    /// Notes a file that no user wrote.
    pub(super) fn add_library(&self, file: FileId) {
        self.write().library.insert(file);
    }

    /// Whether no user wrote that file.
    pub(super) fn is_library(&self, file: FileId) -> bool {
        self.read().library.contains(&file)
    }

    pub(super) fn find(&self, package: &str, name: &str) -> Option<Arc<MacroSource>> {
        let tables = self.read();
        let index = tables.by_name.get(package)?.get(name)?;
        tables.macros.get(*index).cloned()
    }

    pub(super) fn numbered(&self, index: usize) -> Option<Arc<MacroSource>> {
        self.read().macros.get(index).cloned()
    }

    /// The macro whose template minijinja knows by that name.
    pub(super) fn of_template(&self, name: &str) -> Option<Arc<MacroSource>> {
        let tables = self.read();
        tables.macros.get(*tables.by_template.get(name)?).cloned()
    }

    pub(super) fn has_package(&self, package: &str) -> bool {
        self.read().by_name.contains_key(package)
    }

    /// Names of the package's macros, in order; of all packages' without one.
    pub(super) fn names(&self, package: Option<&str>) -> Vec<String> {
        let tables = self.read();
        let packages = tables.by_name.iter().filter(|(name, _)| package.is_none_or(|wanted| wanted == *name));
        let mut names: Vec<String> = packages.flat_map(|(_, macros)| macros.keys().cloned()).collect();
        names.sort();
        names.dedup();
        names
    }
}
