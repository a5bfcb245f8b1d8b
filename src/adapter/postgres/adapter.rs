use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};

use super::connection::PostgresConnection;
use super::profile::Profile;
use super::seed;
use super::session::Door;
use super::tls;
use crate::adapter::{Adapter, AdapterError, Capabilities, Cell, Connection, ListedColumn, Rows, TableSize};
use crate::sql::Dialect;

/// A database of a Postgres server.
pub struct PostgresAdapter {
    door: Door,
    capabilities: Capabilities,
    /// Somebody reached the server already.
    is_connected: AtomicBool,
}

impl PostgresAdapter {
    /// An adapter for a target of a profile, `keys` being all it says. Paths of certificates that
    /// are not absolute start at `root`. Nothing is reached yet.
    ///
    /// # Errors
    /// A key is unknown, of the wrong shape or missing; a certificate cannot be read.
    pub fn new(keys: &Map<String, Value>, root: &Path) -> Result<Self, AdapterError> {
        let profile = Profile::read(keys, root)?;
        let tls = tls::connector(&profile)?;
        Ok(Self {
            door: Door::new(profile, tls),
            capabilities: Capabilities {
                has_transactional_ddl: true,
                has_table_freshness: true,
                reads_files: false,
                has_filtered_aggregates: true,
                has_foreign_keys_with_database: false,
                incremental_strategies: &["append", "delete+insert", "merge", "microbatch"],
            },
            is_connected: AtomicBool::new(false),
        })
    }

    /// What a query of the catalog says; `None` where nobody is connected, or other databases are
    /// meant than this one: the server cannot look into those.
    fn catalog_rows(&self, sql: &str, databases: &BTreeSet<String>) -> Result<Option<Rows>, AdapterError> {
        let own = &self.door.profile.database;
        let is_own = databases.iter().any(|database| database.eq_ignore_ascii_case(own));
        if !is_own || !self.is_connected.load(Ordering::SeqCst) {
            return Ok(None);
        }
        PostgresConnection::to_read(self.door.clone()).query(sql).map(Some)
    }
}

impl Adapter for PostgresAdapter {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn database(&self) -> &str {
        &self.door.profile.database
    }

    fn connect(&self) -> Result<Box<dyn Connection>, AdapterError> {
        let mut connection = PostgresConnection::new(self.door.clone());
        connection.session.client()?;
        self.is_connected.store(true, Ordering::SeqCst);
        Ok(Box::new(connection))
    }

    fn connect_ahead(&self, connections: usize) {
        self.door.open_ahead(connections);
    }

    /// The server is reached by the first template that asks it.
    fn connect_to_compile(&self) -> Result<Box<dyn Connection>, AdapterError> {
        Ok(Box::new(PostgresConnection::new(self.door.clone())))
    }

    fn infer_seed(
        &self,
        path: &Path,
        delimiter: char,
        types: &[(String, String)],
    ) -> Result<Option<Vec<(String, String)>>, AdapterError> {
        seed::infer(path, delimiter, types).map(Some)
    }

    /// One row a relation, its columns as JSON: many small rows cost the server three times as much.
    fn list_columns(&self, databases: &BTreeSet<String>) -> Result<Option<Vec<ListedColumn>>, AdapterError> {
        const SQL: &str = "\
            select current_database()::text, n.nspname::text, c.relname::text, ( \
                select json_agg( \
                    json_build_array(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)) \
                    order by a.attnum \
                )::text \
                from pg_catalog.pg_attribute as a \
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped \
            ) \
            from pg_catalog.pg_class as c \
            join pg_catalog.pg_namespace as n on n.oid = c.relnamespace \
            where c.relkind in ('r', 'v', 'm', 'f', 'p') \
              and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') \
            order by n.nspname, c.relname";
        let Some(rows) = self.catalog_rows(SQL, databases)? else { return Ok(None) };
        let columns = |row: Vec<Cell>| {
            let mut cells = row.into_iter().map(|cell| cell.display());
            let mut next = || cells.next().unwrap_or_default();
            let (database, schema, relation) = (next(), next(), next());
            // A table may have no columns: then it is NULL.
            let columns: Vec<(String, String)> = serde_json::from_str(&next()).unwrap_or_default();
            columns.into_iter().map(move |(name, data_type)| ListedColumn {
                database: database.clone(),
                schema: schema.clone(),
                relation: relation.clone(),
                name,
                data_type,
            })
        };
        Ok(Some(rows.rows.into_iter().flat_map(columns).collect()))
    }

    /// The sizes are those of the server's last look at the tables:
    /// <https://www.postgresql.org/docs/current/catalog-pg-class.html>.
    fn list_sizes(&self, databases: &BTreeSet<String>) -> Result<Vec<TableSize>, AdapterError> {
        const SQL: &str = "\
            select current_database()::text, n.nspname::text, c.relname::text, c.reltuples::bigint \
            from pg_catalog.pg_class as c \
            join pg_catalog.pg_namespace as n on n.oid = c.relnamespace \
            where c.relkind in ('r', 'm', 'p') and c.reltuples >= 0 \
              and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') \
            order by 2, 3";
        let Some(rows) = self.catalog_rows(SQL, databases)? else { return Ok(Vec::new()) };
        let size = |row: Vec<Cell>| {
            let rows = u64::try_from(row.get(3)?.as_int()?).ok()?;
            let mut cells = row.into_iter().map(|cell| cell.display());
            Some(TableSize { database: cells.next()?, schema: cells.next()?, relation: cells.next()?, rows })
        };
        Ok(rows.rows.into_iter().filter_map(size).collect())
    }
}

impl std::fmt::Debug for PostgresAdapter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresAdapter").field("profile", &self.door.profile).finish_non_exhaustive()
    }
}
