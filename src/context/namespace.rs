use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Notes;
use crate::project::Package;

/// dbt's own package; every built-in package answers to this name as well.
const GLOBAL: &str = "dbt";

/// Which macro a name means, by dbt's rules.
///
/// A bare name is looked for in the package of the node that is rendered, in the root
/// project, then in the built-in packages (the warehouse's before `dbt`).
#[derive(Clone, Debug, Default)]
pub struct MacroNamespace {
    all: Arc<Names>,
    /// Who notes which macros are found.
    notes: Option<Arc<Notes>>,
}

#[derive(Clone, Debug, Default)]
struct Names {
    /// In order of loading: built in, installed, root last.
    packages: Vec<Entry>,
    /// The packages that have a macro of that name, as places in `packages`.
    owners: HashMap<String, Vec<usize>>,
    /// The search orders that the root project asks for, by namespace.
    dispatch: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    is_root: bool,
    is_builtin: bool,
}

impl MacroNamespace {
    /// From the packages in order of loading (as `ProjectFiles` has them) and the
    /// macros, each with its package. Macros of packages that are not listed are left
    /// out.
    #[must_use]
    pub fn new<'a>(packages: &[Package], macros: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut dispatch = BTreeMap::new();
        for entry in packages.iter().filter(|package| package.is_root).flat_map(|root| &root.config.dispatch)
        {
            dispatch.insert(entry.namespace.clone(), entry.search_order.clone());
        }
        let packages = packages.iter().map(|package| Entry {
            name: package.name().to_owned(),
            is_root: package.is_root,
            is_builtin: package.is_builtin,
        });
        let names = Names { packages: packages.collect(), owners: HashMap::new(), dispatch };
        Self { all: Arc::new(names.with_macros(macros)), notes: None }
    }

    /// The same, the macros that are found noted.
    pub(super) fn noted(&self, notes: &Arc<Notes>) -> Self {
        Self { all: Arc::clone(&self.all), notes: Some(Arc::clone(notes)) }
    }

    fn found<'a>(&self, owner: Option<&'a Entry>, name: &str) -> Option<&'a str> {
        let owner = owner?;
        if let Some(notes) = self.notes.as_ref().filter(|_| !owner.is_builtin) {
            notes.found_macro(&owner.name, name);
        }
        Some(&owner.name)
    }

    /// The package whose macro a bare `name` means in a node of the package `from`.
    #[must_use]
    pub fn find(&self, from: &str, name: &str) -> Option<&str> {
        let owners = self.owners(name);
        let own = owners.clone().find(|entry| entry.name == from);
        let root = owners.clone().find(|entry| entry.is_root);
        self.found(own.or(root).or_else(|| Self::nearest_builtin(owners)), name)
    }

    /// The package whose macro `namespace.name` means: the namespace itself, or for
    /// `dbt` any built-in package.
    #[must_use]
    pub fn find_in(&self, namespace: &str, name: &str) -> Option<&str> {
        let owners = self.owners(name);
        let found = match namespace {
            GLOBAL => Self::nearest_builtin(owners),
            _ => owners.clone().find(|entry| entry.name == namespace),
        };
        self.found(found, name)
    }

    /// Every package that has a macro of that name, the nearest first: the root project,
    /// installed packages, the warehouse's built-in package, `dbt`.
    pub fn packages_with(&self, name: &str) -> impl Iterator<Item = &str> {
        self.owners(name).rev().map(|entry| entry.name.as_str())
    }

    /// Whether `name` is that of a package, or of none.
    #[must_use]
    pub fn is_package(&self, name: &str) -> bool {
        self.all.packages.iter().any(|entry| entry.name == name)
    }

    /// Whether that package comes with xform.
    #[must_use]
    pub fn is_builtin(&self, package: &str) -> bool {
        self.all.packages.iter().any(|entry| entry.is_builtin && entry.name == package)
    }

    /// The root project's name; empty when there is none.
    #[must_use]
    pub fn root(&self) -> &str {
        self.all.packages.iter().find(|entry| entry.is_root).map_or("", |entry| entry.name.as_str())
    }

    /// Where `adapter.dispatch(name, namespace)` looks, in order: what `dispatch:` in the
    /// root project says, else the root project and the namespace. See
    /// <https://docs.getdbt.com/reference/dbt-jinja-functions/dispatch>.
    #[must_use]
    pub fn search_order(&self, namespace: &str) -> Vec<&str> {
        if let Some(order) = self.all.dispatch.get(namespace) {
            return order.iter().map(String::as_str).collect();
        }
        let namespace =
            self.all.packages.iter().map(|entry| entry.name.as_str()).find(|name| *name == namespace);
        let mut order = vec![self.root()];
        order.extend(namespace.filter(|namespace| *namespace != self.root()));
        order
    }

    /// Whether a bare name in a node of the package `from` means what the context offers: no
    /// macro and no package is called so.
    #[must_use]
    pub fn leaves(&self, from: &str, name: &str) -> bool {
        self.find(from, name).is_none() && !self.is_package(name)
    }

    /// Whether a bare name in a node of the package `from` means a macro that comes with xform.
    #[must_use]
    pub fn is_own(&self, from: &str, name: &str) -> bool {
        self.find(from, name).is_some_and(|owner| self.is_builtin(owner))
    }

    /// Whether `adapter.dispatch(name, 'dbt')` gives the macro of any warehouse that comes with
    /// xform; `prefixes` are those that are looked for.
    #[must_use]
    pub fn dispatches_to_default(&self, name: &str, prefixes: &[&str]) -> bool {
        let owners = self.search_order(GLOBAL).into_iter().flat_map(|space| {
            prefixes.iter().map(move |prefix| (prefix, self.find_in(space, &format!("{prefix}__{name}"))))
        });
        let mut found = owners.filter_map(|(prefix, owner)| Some((*prefix, owner?)));
        found.next().is_some_and(|(prefix, owner)| prefix == "default" && self.is_builtin(owner))
    }

    /// The names that templates in `from` can call bare, and the names of packages.
    #[must_use]
    pub fn names(&self, from: &str) -> Vec<&str> {
        let is_near = |at: &usize| {
            self.all
                .packages
                .get(*at)
                .is_some_and(|entry| entry.name == from || entry.is_root || entry.is_builtin)
        };
        let packages = self.all.packages.iter().map(|entry| entry.name.as_str());
        let macros = self.all.owners.iter().filter(|(_, owners)| owners.iter().any(is_near));
        let mut names: Vec<_> = macros.map(|(name, _)| name.as_str()).chain(packages).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The names of a package's macros, in order.
    #[must_use]
    pub fn names_in(&self, package: &str) -> Vec<&str> {
        let is_here = |at: &usize| self.all.packages.get(*at).is_some_and(|entry| entry.name == package);
        let here = self.all.owners.iter().filter(|(_, owners)| owners.iter().any(is_here));
        let mut names: Vec<_> = here.map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    fn owners(&self, name: &str) -> impl DoubleEndedIterator<Item = &Entry> + Clone {
        let places = self.all.owners.get(name).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|at| self.all.packages.get(*at))
    }

    /// The warehouse's package is loaded after `dbt`.
    fn nearest_builtin<'a>(owners: impl Iterator<Item = &'a Entry>) -> Option<&'a Entry> {
        owners.filter(|entry| entry.is_builtin).last()
    }
}

impl Names {
    fn with_macros<'a>(mut self, macros: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        for (package, name) in macros {
            let Some(at) = self.packages.iter().position(|entry| entry.name == package) else { continue };
            let owners = self.owners.entry(name.to_owned()).or_default();
            if let Err(place) = owners.binary_search(&at) {
                owners.insert(place, at);
            }
        }
        self
    }
}

#[cfg(test)]
impl MacroNamespace {
    /// Packages by name: the first two are built in, the last is the root.
    pub(crate) fn of(packages: &[&str], macros: &[(&str, &str)]) -> Self {
        let last = packages.len().saturating_sub(1);
        let entries = packages.iter().enumerate().map(|(at, name)| Entry {
            name: (*name).to_owned(),
            is_root: at == last,
            is_builtin: at < 2,
        });
        let names = Names { packages: entries.collect(), owners: HashMap::new(), dispatch: BTreeMap::new() };
        Self { all: Arc::new(names.with_macros(macros.iter().copied())), notes: None }
    }

    pub(crate) fn with_dispatch(mut self, namespace: &str, order: &[&str]) -> Self {
        let names = Arc::make_mut(&mut self.all);
        names.dispatch.insert(namespace.to_owned(), order.iter().map(|name| (*name).to_owned()).collect());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namespace() -> MacroNamespace {
        let macros = [
            ("dbt", "hash"),
            ("dbt", "star"),
            ("dbt", "now"),
            ("dbt_duckdb", "now"),
            ("utils", "star"),
            ("utils", "hash"),
            ("shop", "hash"),
            ("shop", "금액"),
            ("missing", "lost"),
        ];
        MacroNamespace::of(&["dbt", "dbt_duckdb", "utils", "shop"], &macros)
    }

    #[test]
    fn a_bare_name_is_the_nodes_own_then_the_roots_then_built_in() {
        let names = namespace();
        assert_eq!(names.find("utils", "hash"), Some("utils"));
        assert_eq!(names.find("shop", "hash"), Some("shop"));
        assert_eq!(names.find("shop", "star"), Some("dbt"), "packages are not searched for bare names");
        assert_eq!(names.find("shop", "now"), Some("dbt_duckdb"));
        assert_eq!(names.find("utils", "금액"), Some("shop"));
        assert_eq!(names.find("shop", "lost"), None);
    }

    #[test]
    fn dbt_stands_for_all_built_in_packages() {
        let names = namespace();
        assert_eq!(names.find_in("dbt", "now"), Some("dbt_duckdb"));
        assert_eq!(names.find_in("dbt", "hash"), Some("dbt"));
        assert_eq!(names.find_in("utils", "now"), None);
        assert_eq!(names.packages_with("hash").collect::<Vec<_>>(), ["shop", "utils", "dbt"]);
    }

    #[test]
    fn dispatch_searches_the_root_first_unless_told_otherwise() {
        let names = namespace();
        assert_eq!(names.search_order("utils"), ["shop", "utils"]);
        assert_eq!(names.search_order("dbt"), ["shop", "dbt"]);
        assert_eq!(names.search_order("nowhere"), ["shop"]);
        let names = names.with_dispatch("utils", &["other", "utils"]);
        assert_eq!(names.search_order("utils"), ["other", "utils"]);
    }
}
