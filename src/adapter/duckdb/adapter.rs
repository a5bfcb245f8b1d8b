use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::binder::{Courtroom, DuckDbBinder};
use super::connection::DuckDbConnection;
use super::crew::Crew;
use super::error::{from_duckdb, from_open};
use super::keywords;
use super::lookout::Lookout;
use super::profile::{Attach, EXTENSIONS, Extension, Profile};
use crate::adapter::{
    Adapter, AdapterError, Binder, Capabilities, Cell, Connection, ErrorKind, ListedColumn, Rows, TableSize,
};
use crate::sql::{Dialect, Ident, string_literal};
use crate::system::{OsSystem, System};

/// One DuckDB database and the connections to it.
pub struct DuckDbAdapter {
    profile: Arc<Profile>,
    capabilities: Capabilities,
    /// The database, once somebody asked for a connection. It is closed, its log folded
    /// into the file, when this and all connections are dropped.
    database: Mutex<Option<::duckdb::Connection>>,
    /// The threads that work on the database.
    crew: Arc<Crew>,
    /// A database in memory to look at files with, once somebody wanted to.
    bench: Mutex<Option<::duckdb::Connection>>,
    /// Where queries are judged, once somebody asked for a binder.
    courtroom: Mutex<Option<Courtroom>>,
    lookout: Lookout,
}

impl DuckDbAdapter {
    /// What a table function of the catalog says of some databases, in order of relation; `None`
    /// where nobody is connected.
    fn catalog_rows(
        &self,
        select: &str,
        databases: &BTreeSet<String>,
        order: &str,
    ) -> Result<Option<Rows>, AdapterError> {
        let connection = {
            let database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(root) = &*database else { return Ok(None) };
            root.try_clone().map_err(|error| from_duckdb(&error, ""))?
        };
        let names: Vec<String> = databases.iter().map(|name| string_literal(&name.to_lowercase())).collect();
        let sql = format!(
            "{select} where not internal and lower(database_name) in ({}) \
             order by database_name, schema_name, table_name, {order}",
            names.join(", ")
        );
        DuckDbConnection::new(connection, &self.profile, &self.crew).query(&sql).map(Some)
    }

    /// An adapter for a target of a profile, `keys` being all it says. Paths that are not
    /// absolute start at `root`. Nothing is opened yet.
    ///
    /// # Errors
    /// A key is unknown, of the wrong shape or not supported.
    pub fn new(keys: &Map<String, Value>, root: &Path) -> Result<Self, AdapterError> {
        let capabilities = Capabilities {
            has_table_freshness: false,
            reads_files: true,
            has_filtered_aggregates: true,
            has_transactional_ddl: true,
            has_foreign_keys_with_database: false,
            incremental_strategies: &["delete+insert", "append", "merge", "microbatch"],
        };
        let profile = Arc::new(Profile::read(keys, root)?);
        Ok(Self {
            crew: Arc::new(Crew::new(&profile)),
            profile,
            capabilities,
            database: Mutex::new(None),
            bench: Mutex::new(None),
            courtroom: Mutex::new(None),
            lookout: Lookout::default(),
        })
    }

    /// The file of the database; `None` when it is in memory.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.profile.path.as_deref()
    }

    fn open(&self) -> Result<::duckdb::Connection, AdapterError> {
        let profile = &self.profile;
        let in_memory = Path::new(":memory:");
        let path = profile.path.as_deref().unwrap_or(in_memory);
        let mut config = ::duckdb::Config::default();
        for (key, value) in &profile.config_options {
            if key.contains('\0') || value.contains('\0') {
                return Err(AdapterError::new(ErrorKind::Connection, "an option has a zero byte in it"));
            }
            config = config.with(key, value).map_err(|error| from_open(&error, path))?;
        }
        if let Some(folder) = &profile.extension_directory {
            config = config.with("extension_directory", folder).map_err(|error| from_open(&error, path))?;
        }
        if profile.read_only && profile.path.is_some() {
            config = config
                .access_mode(::duckdb::AccessMode::ReadOnly)
                .map_err(|error| from_open(&error, path))?;
        } else if let Some(folder) = profile.path.as_deref().and_then(Path::parent) {
            OsSystem.create_dir_all(folder).map_err(|error| {
                let message = format!("the folder `{}` cannot be made: {error}", folder.display());
                AdapterError::new(ErrorKind::Connection, message)
                    .help("give this user the right to write there, or choose another `path`")
            })?;
        }
        let database = match &profile.path {
            Some(path) => ::duckdb::Connection::open_with_flags(path, config),
            None => ::duckdb::Connection::open_in_memory_with_flags(config),
        }
        .map_err(|error| from_open(&error, path))?;
        run(&database, "set errors_as_json = true")?;
        for extension in &profile.extensions {
            load(&database, extension, profile.extension_directory.as_deref())?;
        }
        for secret in &profile.secrets {
            run(&database, &secret.statement).map_err(|error| {
                let mut error = profile.hidden.taken_out_of(error);
                let help = "each kind of secret comes with an extension: list it under `extensions`";
                error.help.get_or_insert_with(|| help.to_owned());
                error
            })?;
        }
        for Attach(statement) in &profile.attach {
            run(&database, statement).map_err(|error| profile.hidden.taken_out_of(error))?;
        }
        Ok(database)
    }

    /// What each connection is told first.
    fn greet(&self, connection: &::duckdb::Connection) -> Result<(), AdapterError> {
        run(connection, "set errors_as_json = true")?;
        for (_, statement) in &self.profile.settings {
            run(connection, statement)?;
        }
        if self.profile.is_database_attached {
            let name = Ident::new(self.profile.database.as_str()).quoted(Dialect::DuckDb);
            run(connection, &format!("use {name}"))?;
        }
        Ok(())
    }
}

/// A statement from the profile: when it fails, the target cannot be used.
fn run(connection: &::duckdb::Connection, sql: &str) -> Result<(), AdapterError> {
    connection.execute_batch(sql).map_err(|error| {
        let mut mapped = from_duckdb(&error, sql);
        if mapped.kind == ErrorKind::Statement {
            mapped.kind = ErrorKind::Connection;
        }
        // The statement is ours, nobody sees it.
        mapped.position = None;
        mapped
    })
}

/// Loads an extension; what is not there yet is installed, as the network allows.
fn load(
    database: &::duckdb::Connection,
    extension: &Extension,
    folder: Option<&str>,
) -> Result<(), AdapterError> {
    let name = string_literal(&extension.name);
    let load = format!("load {name}");
    if run(database, &load).is_ok() {
        return Ok(());
    }
    let from = match extension.repository.as_deref() {
        None => String::new(),
        Some(repository) if repository.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') => {
            format!(" from {}", Ident::new(repository).quoted(Dialect::DuckDb))
        }
        Some(repository) => format!(" from {}", string_literal(repository)),
    };
    run(database, &format!("install {name}{from}")).and_then(|()| run(database, &load)).map_err(|error| {
        let message = format!("the extension `{}` cannot be loaded: {}", extension.name, error.message);
        let mut error = AdapterError { message, candidates: Box::default(), ..error };
        let version = database.version().unwrap_or_default();
        error.help = Some(match folder {
            Some(folder) => format!(
                "put `{}.duckdb_extension` for DuckDB {version} into `{folder}/{version}/PLATFORM`, as `install` lays it out",
                extension.name
            ),
            None => format!(
                "install it once where the network can be reached, with DuckDB {version}; or name a folder that has it: \
                 `settings: {{extension_directory: …}}` in the profile, or `{EXTENSIONS}`"
            ),
        });
        error
    })
}

impl Adapter for DuckDbAdapter {
    fn name(&self) -> &'static str {
        "duckdb"
    }

    fn dialect(&self) -> Dialect {
        Dialect::DuckDb
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn database(&self) -> &str {
        &self.profile.database
    }

    fn is_ducklake(&self, database: &str) -> bool {
        self.profile.lakes.iter().any(|lake| lake.eq_ignore_ascii_case(database))
    }

    fn external_root(&self) -> &str {
        &self.profile.external_root
    }

    fn connect(&self) -> Result<Box<dyn Connection>, AdapterError> {
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let root = match &mut *database {
            Some(root) => root,
            none => {
                let retries = &self.profile.retries;
                none.insert(retries.run(retries.connect_attempts, || self.open())?)
            }
        };
        let connection = root.try_clone().map_err(|error| from_duckdb(&error, ""))?;
        self.greet(&connection)?;
        Ok(Box::new(DuckDbConnection::new(connection, &self.profile, &self.crew)))
    }

    fn set_busy(&self, workers: usize) {
        let connection = {
            let database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
            database.as_ref().and_then(|root| root.try_clone().ok())
        };
        if let Some(connection) = connection {
            self.crew.share(workers, &connection);
        }
    }

    fn list_columns(&self, databases: &BTreeSet<String>) -> Result<Option<Vec<ListedColumn>>, AdapterError> {
        if self.files().is_empty() {
            // Gone with this process.
            return Ok(None);
        }
        let Some(rows) = self.catalog_rows(
            "select database_name, schema_name, table_name, column_name, data_type from duckdb_columns()",
            databases,
            "table_oid, column_index",
        )?
        else {
            return Ok(None);
        };
        let column = |row: Vec<Cell>| {
            let mut cells = row.into_iter();
            ListedColumn {
                database: text(cells.next()),
                schema: text(cells.next()),
                relation: text(cells.next()),
                name: text(cells.next()),
                data_type: text(cells.next()),
            }
        };
        Ok(Some(rows.rows.into_iter().map(column).collect()))
    }

    /// The sizes are DuckDB's estimates: <https://duckdb.org/docs/stable/sql/meta/duckdb_table_functions#duckdb_tables>.
    fn list_sizes(&self, databases: &BTreeSet<String>) -> Result<Vec<TableSize>, AdapterError> {
        let select = "select database_name, schema_name, table_name, estimated_size from duckdb_tables()";
        let Some(rows) = self.catalog_rows(select, databases, "table_oid")? else { return Ok(Vec::new()) };
        let size = |row: Vec<Cell>| {
            let mut cells = row.into_iter();
            let (database, schema, relation) = (text(cells.next()), text(cells.next()), text(cells.next()));
            let rows = u64::try_from(cells.next()?.as_int()?).ok()?;
            Some(TableSize { database, schema, relation, rows })
        };
        Ok(rows.rows.into_iter().filter_map(size).collect())
    }

    fn files(&self) -> Vec<(String, PathBuf)> {
        let profile = &self.profile;
        let own = profile.path.iter().map(|path| (profile.file_database.clone(), path.clone()));
        own.chain(profile.attached_files.iter().cloned()).collect()
    }

    fn is_all_files(&self) -> bool {
        self.profile.path.is_some() && self.profile.attach.len() == self.profile.attached_files.len()
    }

    /// In a database of its own, in memory.
    fn infer_seed(
        &self,
        path: &Path,
        delimiter: char,
        types: &[(String, String)],
    ) -> Result<Option<Vec<(String, String)>>, AdapterError> {
        let connection = {
            let mut bench = self.bench.lock().unwrap_or_else(PoisonError::into_inner);
            let root = match &mut *bench {
                Some(root) => root,
                none => {
                    let opened = ::duckdb::Connection::open_in_memory();
                    none.insert(opened.map_err(|error| from_open(&error, Path::new(":memory:")))?)
                }
            };
            root.try_clone().map_err(|error| from_duckdb(&error, ""))?
        };
        run(&connection, "set errors_as_json = true")?;
        let crew = Arc::new(Crew::new(&self.profile));
        let mut connection = DuckDbConnection::new(connection, &self.profile, &crew);
        connection.infer_seed(path, delimiter, types).map(Some)
    }

    fn binder(&self) -> Result<Option<Box<dyn Binder>>, AdapterError> {
        let mut courtroom = self.courtroom.lock().unwrap_or_else(PoisonError::into_inner);
        let courtroom = match &mut *courtroom {
            Some(courtroom) => courtroom,
            none => none.insert(Courtroom::open(&self.profile)?),
        };
        Ok(Some(Box::new(DuckDbBinder::new(courtroom)?)))
    }

    fn look(&self, query: &str) -> Result<Option<Vec<(String, String)>>, AdapterError> {
        self.lookout.columns(&self.profile, query).map(Some)
    }

    fn is_plain_name(&self, word: &str) -> bool {
        keywords::is_plain_name(word)
    }

    /// DuckDB goes on without complaint in a file that has no name any more.
    fn check(&self) -> Result<(), AdapterError> {
        let is_open = self.database.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        match &self.profile.path {
            Some(path) if is_open && !OsSystem.exists(path) => {
                let message = format!("the database `{}` was deleted while it was open", path.display());
                Err(AdapterError::new(ErrorKind::Connection, message)
                    .help("what was built in it is lost: run the command again"))
            }
            _ => Ok(()),
        }
    }
}

fn text(cell: Option<Cell>) -> String {
    match cell {
        Some(Cell::Text(text)) => text,
        _ => String::new(),
    }
}

impl std::fmt::Debug for DuckDbAdapter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DuckDbAdapter").field("profile", &self.profile).finish_non_exhaustive()
    }
}
