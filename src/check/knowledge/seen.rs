use std::collections::{HashMap, HashSet};

use crate::analyze::{Column, Schema};
use crate::artifact::{CachedRelation, CatalogCache, CatalogSeal, Paths};
use crate::check::knowledge::merge::Observed;
use crate::context::Invocation;
use crate::sql::{DataType, RelationName};

type Key = (String, String, String);

/// What was in the warehouse when xform was last connected to the target.
pub(super) struct Seen {
    relations: HashMap<Key, CachedRelation>,
    /// By their last part, folded.
    by_name: HashMap<String, Vec<Key>>,
    /// Databases, folded, that hold now what they held then: files nobody wrote to since.
    unchanged: HashSet<String>,
    databases: HashSet<String>,
    /// For messages.
    when: String,
}

impl Seen {
    /// Reads what was kept; `None` when there is nothing, or it is of another warehouse.
    pub fn read(invocation: &Invocation) -> Option<Self> {
        let (system, adapter) = (&*invocation.system, &*invocation.adapter);
        let paths = Paths::new(invocation.target_path.clone(), std::path::PathBuf::new());
        let target = &invocation.target.name;
        let cache = CatalogCache::read(&system.read(&paths.catalog_cache(target)).ok()?)?;
        if cache.adapter != adapter.name() || cache.target != *target {
            return None;
        }
        let files = adapter.files();
        // A database whose file is gone holds nothing; one that is no file may still be there.
        let is_gone = |database: &str| {
            files
                .iter()
                .any(|(name, path)| name.eq_ignore_ascii_case(database) && system.stamp(path).is_none())
        };
        let seal = system.read(&paths.catalog_seal(target)).ok().and_then(|bytes| CatalogSeal::read(&bytes));
        let unchanged = seal.unwrap_or_default().unchanged(system, &files);
        let gone: HashSet<String> =
            cache.databases.iter().filter(|name| is_gone(name)).map(|name| name.to_lowercase()).collect();
        let mut seen = Self {
            relations: HashMap::new(),
            by_name: HashMap::new(),
            unchanged: unchanged.iter().map(|name| name.to_lowercase()).collect(),
            databases: cache.databases.iter().map(|name| name.to_lowercase()).collect(),
            when: cache.generated_at.format("%Y-%m-%d %H:%M UTC").to_string(),
        };
        for relation in cache.relations {
            let key = (
                relation.database.to_lowercase(),
                relation.schema.to_lowercase(),
                relation.name.to_lowercase(),
            );
            if !gone.contains(&key.0) {
                seen.by_name.entry(key.2.clone()).or_default().push(key.clone());
                seen.relations.insert(key, relation);
            }
        }
        Some(seen)
    }

    /// The columns of a relation, if it was there.
    pub fn find(&self, relation: &RelationName) -> Option<Observed> {
        self.at(&relation.key())
    }

    fn at(&self, key: &Key) -> Option<Observed> {
        let found = self.relations.get(key)?;
        let columns = found.columns.iter();
        let columns =
            columns.map(|(name, kind)| Column::new(name.as_str(), Some(DataType::new(kind.as_str()))));
        let is_certain = self.unchanged.contains(&key.0);
        let whereabouts = match is_certain {
            true => format!("the database `{}`", found.database),
            false => format!("the database `{}` as it was at {}", found.database, self.when),
        };
        Some(Observed { schema: Schema::complete(columns.collect()), is_certain, whereabouts })
    }

    /// The relations with such a name, folded, in whatever schema.
    pub fn named(&self, name: &str) -> impl Iterator<Item = (&CachedRelation, Observed)> {
        let keys = self.by_name.get(name).into_iter().flatten();
        keys.filter_map(|key| Some((self.relations.get(key)?, self.at(key)?)))
    }

    /// Whether all that a database holds is known.
    pub fn is_whole(&self, database: &str) -> bool {
        let database = database.to_lowercase();
        self.databases.contains(&database) && self.unchanged.contains(&database)
    }
}
