use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Supposition;
use crate::adapter::Relation;
use crate::sql::{DataType, RelationName};

/// The relations that are in the warehouse, by schema, as far as they were asked for.
/// Shared by all threads of a run.
///
/// A schema is asked for once: [`begin`](RelationCache::begin), list it with no lock
/// held, then [`fill`](RelationCache::fill). What other threads create and drop in the
/// meantime is not lost.
#[derive(Debug, Default)]
pub struct RelationCache {
    state: Mutex<State>,
    /// What is answered without asking, where there is nobody to ask.
    supposition: Supposition,
}

#[derive(Debug, Default)]
struct State {
    schemas: BTreeMap<SchemaKey, BTreeMap<String, Relation>>,
    /// Every change since the run began, for listings that are under way.
    changes: Vec<Change>,
    under_way: usize,
    /// How often something was forgotten; a listing from before is not to be trusted.
    generation: usize,
}

/// Database and schema in small letters.
type SchemaKey = (String, String);

#[derive(Clone, Debug)]
enum Change {
    Added(Relation),
    Removed(RelationName),
    Renamed(RelationName, RelationName),
    SchemaDropped(SchemaKey),
}

/// A listing that has begun; what it is told counts until the moment it began.
#[derive(Debug)]
#[must_use = "a listing that has begun is to be given back to `fill` or `abandon`"]
pub struct Listing {
    from: usize,
    generation: usize,
}

impl RelationCache {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Knows nothing, and answers what is supposed.
    #[must_use]
    pub fn supposing(supposition: Supposition) -> Self {
        Self { supposition, ..Self::default() }
    }

    /// Whether a template asked if the relation it is for is there, which was only supposed.
    #[must_use]
    pub fn was_asked_of_itself(&self) -> bool {
        self.supposition.was_asked_of_itself()
    }

    /// The columns that a relation is supposed to have.
    pub(super) fn supposed_columns(&self, relation: &RelationName) -> Option<&Vec<(String, DataType)>> {
        self.supposition.columns(relation)
    }

    /// The relations of a schema in order of name, or `None` when nobody asked yet.
    #[must_use]
    pub fn list(&self, database: &str, schema: &str) -> Option<Vec<Relation>> {
        let state = self.lock();
        Some(state.schemas.get(&key(database, schema))?.values().cloned().collect())
    }

    /// The relation of that name, whatever its case, or `None` when nobody asked for its
    /// schema yet. Each node of a run looks for its own, so the schema is not copied.
    #[must_use]
    pub fn find(&self, database: &str, schema: &str, identifier: &str) -> Option<Option<Relation>> {
        if let Some(supposed) = self.supposition.find(database, schema, identifier) {
            return Some(supposed);
        }
        let state = self.lock();
        Some(state.schemas.get(&key(database, schema))?.get(&identifier.to_lowercase()).cloned())
    }

    /// To be called before a schema is listed.
    pub fn begin(&self) -> Listing {
        let mut state = self.lock();
        state.under_way += 1;
        Listing { from: state.changes.len(), generation: state.generation }
    }

    /// Takes in what the warehouse listed; what changed since the listing began counts
    /// more. When another thread was quicker, its answer stands.
    pub fn fill(&self, listing: Listing, database: &str, schema: &str, relations: Vec<Relation>) {
        let mut state = self.lock();
        let schema = key(database, schema);
        if state.generation == listing.generation && !state.schemas.contains_key(&schema) {
            let later = state.changes.get(listing.from..).unwrap_or_default().to_vec();
            let listed = relations.into_iter().map(|relation| (relation.name.key().2, relation)).collect();
            state.schemas.insert(schema, listed);
            for change in later {
                state.apply(&change);
            }
        }
        state.end(listing);
    }

    /// For a listing that failed.
    pub fn abandon(&self, listing: Listing) {
        self.lock().end(listing);
    }

    /// A relation was created, or replaced by one of another kind.
    pub fn add(&self, relation: Relation) {
        self.change(Change::Added(relation));
    }

    /// A relation was dropped.
    pub fn remove(&self, name: &RelationName) {
        self.change(Change::Removed(name.clone()));
    }

    /// A relation got another name; what had that name before is gone.
    pub fn rename(&self, from: &RelationName, to: &RelationName) {
        self.change(Change::Renamed(from.clone(), to.clone()));
    }

    /// A schema was dropped with all that was in it.
    pub fn drop_schema(&self, database: &str, schema: &str) {
        self.change(Change::SchemaDropped(key(database, schema)));
    }

    /// Forgets everything: after a rollback nobody knows what is there.
    pub fn clear(&self) {
        let mut state = self.lock();
        state.schemas.clear();
        state.generation += 1;
    }

    fn change(&self, change: Change) {
        let mut state = self.lock();
        state.apply(&change);
        if state.under_way > 0 {
            state.changes.push(change);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Added(relation) => self.add(relation.clone()),
            Change::Removed(name) => {
                self.remove(name);
            }
            Change::Renamed(from, to) => {
                let kind = self.remove(from).and_then(|relation| relation.kind);
                self.add(Relation { name: to.clone(), kind });
            }
            Change::SchemaDropped(schema) => {
                if let Some(relations) = self.schemas.get_mut(schema) {
                    relations.clear();
                }
            }
        }
    }

    fn add(&mut self, relation: Relation) {
        let (database, schema, identifier) = relation.name.key();
        if let Some(relations) = self.schemas.get_mut(&(database, schema)) {
            relations.insert(identifier, relation);
        }
    }

    fn remove(&mut self, name: &RelationName) -> Option<Relation> {
        let (database, schema, identifier) = name.key();
        self.schemas.get_mut(&(database, schema))?.remove(&identifier)
    }

    fn end(&mut self, _listing: Listing) {
        self.under_way = self.under_way.saturating_sub(1);
        if self.under_way == 0 {
            self.changes.clear();
        }
    }
}

fn key(database: &str, schema: &str) -> SchemaKey {
    (database.to_lowercase(), schema.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::RelationType;
    use crate::sql::Dialect;

    fn relation(schema: &str, name: &str, kind: RelationType) -> Relation {
        Relation { name: RelationName::new(Dialect::DuckDb, "db", schema, name), kind: Some(kind) }
    }

    fn names(cache: &RelationCache, schema: &str) -> Option<String> {
        let relations = cache.list("DB", schema)?;
        let name = |relation: &Relation| relation.name.identifier.clone().unwrap_or_default();
        Some(relations.iter().map(name).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn what_changes_while_a_schema_is_listed_is_kept() {
        let cache = RelationCache::new();
        let (old, new) =
            (relation("main", "주문", RelationType::Table), relation("main", "users", RelationType::View));
        assert_eq!(names(&cache, "main"), None);
        let listing = cache.begin();
        cache.add(new);
        cache.remove(&old.name);
        cache.fill(listing, "db", "Main", vec![old.clone()]);
        assert_eq!(names(&cache, "main").as_deref(), Some("users"));
        let listing = cache.begin();
        cache.fill(listing, "db", "main", vec![old]);
        assert_eq!(names(&cache, "main").as_deref(), Some("users"), "the first answer stands");
    }

    #[test]
    fn renaming_keeps_the_kind_and_replaces_what_was_there() {
        let cache = RelationCache::new();
        let listing = cache.begin();
        let (new, old) =
            (relation("main", "a__tmp", RelationType::Table), relation("main", "a", RelationType::View));
        cache.fill(listing, "db", "main", vec![new.clone(), old.clone()]);
        cache.rename(&new.name, &old.name);
        let found = cache.list("db", "main").unwrap_or_default();
        assert_eq!(found, vec![relation("main", "a", RelationType::Table)]);
        assert_eq!(cache.find("DB", "Main", "A"), Some(Some(relation("main", "a", RelationType::Table))));
        assert_eq!(cache.find("db", "main", "a__tmp"), Some(None));
        assert_eq!(cache.find("db", "unasked", "a"), None);
        cache.drop_schema("db", "main");
        assert_eq!(names(&cache, "main").as_deref(), Some(""));
        let listing = cache.begin();
        cache.clear();
        cache.fill(listing, "db", "main", vec![old]);
        assert_eq!(names(&cache, "main"), None, "a listing from before a rollback is not trusted");
    }
}
