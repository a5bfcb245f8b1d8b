use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::adapter::ListedColumn;
use crate::system::System;

/// Raised whenever the meaning of the file changes; others are not read.
const VERSION: u32 = 1;

/// What the databases of a target held when xform was last connected to it: all their tables
/// and views with their columns. Kept for `check`, which never connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogCache {
    version: u32,
    pub generated_at: DateTime<Utc>,
    pub adapter: String,
    pub target: String,
    /// The databases that were listed whole.
    pub databases: Vec<String>,
    pub relations: Vec<CachedRelation>,
}

/// A table or view with its columns in order: names and types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedRelation {
    pub database: String,
    pub schema: String,
    pub name: String,
    pub columns: Vec<(String, String)>,
}

/// How the files of databases stood when they were closed, after the columns were listed: as
/// long as they stand so, they hold what was listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogSeal {
    pub files: Vec<SealedFile>,
}

/// A database that is a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedFile {
    pub database: String,
    pub path: PathBuf,
    pub size: u64,
    pub modified_at: DateTime<Utc>,
}

impl CatalogCache {
    /// From the columns of all relations of some databases, those of a relation side by side.
    #[must_use]
    pub fn new(
        generated_at: DateTime<Utc>,
        adapter: &str,
        target: &str,
        databases: Vec<String>,
        columns: Vec<ListedColumn>,
    ) -> Self {
        let mut relations: Vec<CachedRelation> = Vec::new();
        for column in columns {
            let pair = (column.name, column.data_type);
            let is_of = |last: &CachedRelation| {
                last.name == column.relation
                    && last.schema == column.schema
                    && last.database == column.database
            };
            match relations.last_mut() {
                Some(last) if is_of(last) => last.columns.push(pair),
                _ => relations.push(CachedRelation {
                    database: column.database,
                    schema: column.schema,
                    name: column.relation,
                    columns: vec![pair],
                }),
            }
        }
        let (adapter, target) = (adapter.to_owned(), target.to_owned());
        Self { version: VERSION, generated_at, adapter, target, databases, relations }
    }

    /// From the bytes of its file; `None` when it is of another version, or broken.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().filter(|cache: &Self| cache.version == VERSION)
    }
}

impl CatalogSeal {
    /// How the files stand now, those that are there.
    #[must_use]
    pub fn of(system: &dyn System, files: &[(String, PathBuf)]) -> Self {
        let sealed = |(database, path): &(String, PathBuf)| {
            let (size, modified_at) = system.stamp(path)?;
            Some(SealedFile { database: database.clone(), path: path.clone(), size, modified_at })
        };
        Self { files: files.iter().filter_map(sealed).collect() }
    }

    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The databases that were not written to since, of those there are.
    #[must_use]
    pub fn unchanged(&self, system: &dyn System, files: &[(String, PathBuf)]) -> Vec<String> {
        let now = Self::of(system, files);
        let is_quiet = |file: &&SealedFile| {
            // Somebody has it open, or died with it open: what is in the log counts too.
            let mut log = file.path.clone().into_os_string();
            log.push(".wal");
            self.files.contains(file) && !system.exists(log.as_ref())
        };
        now.files.iter().filter(is_quiet).map(|file| file.database.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::OsSystem;

    fn column(relation: &str, name: &str) -> ListedColumn {
        let text = str::to_owned;
        ListedColumn {
            database: text("db"),
            schema: text("main"),
            relation: text(relation),
            name: text(name),
            data_type: text("INTEGER"),
        }
    }

    #[test]
    fn columns_become_relations_and_come_back() {
        let columns = vec![column("주문", "id"), column("주문", "금액"), column("users", "id")];
        let cache = CatalogCache::new(DateTime::UNIX_EPOCH, "duckdb", "dev", vec!["db".into()], columns);
        let shape: Vec<(&str, usize)> =
            cache.relations.iter().map(|found| (found.name.as_str(), found.columns.len())).collect();
        assert_eq!(shape, [("주문", 2), ("users", 1)]);
        let text = serde_json::to_string(&cache).unwrap();
        assert_eq!(CatalogCache::read(text.as_bytes()), Some(cache));
        assert_eq!(CatalogCache::read(text.replace("\"version\":1", "\"version\":0").as_bytes()), None);
        assert_eq!(CatalogCache::read(b"{"), None);
    }

    #[test]
    fn a_file_that_was_written_to_is_not_what_was_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("쇼핑.duckdb");
        let files = [("shop".to_owned(), path.clone()), ("gone".to_owned(), folder.path().join("none"))];
        OsSystem.write(&path, b"one").unwrap();
        let seal = CatalogSeal::of(&OsSystem, &files);
        assert_eq!(seal.files.len(), 1);
        assert_eq!(seal.unchanged(&OsSystem, &files), ["shop"]);
        let log = folder.path().join("쇼핑.duckdb.wal");
        OsSystem.write(&log, b"").unwrap();
        assert_eq!(seal.unchanged(&OsSystem, &files), Vec::<String>::new());
        OsSystem.remove(&log).unwrap();
        OsSystem.write(&path, b"more").unwrap();
        assert_eq!(seal.unchanged(&OsSystem, &files), Vec::<String>::new());
    }
}
