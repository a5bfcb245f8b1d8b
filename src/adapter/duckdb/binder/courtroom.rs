use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::adapter::duckdb::error::from_duckdb;
use crate::adapter::duckdb::profile::Profile;
use crate::adapter::{AdapterError, ErrorKind};
use crate::sql::{Dialect, Ident, string_literal};

/// Extensions that only compute or read local files: those of others may ask the network as
/// soon as a query that names them is bound.
const WITHOUT_NETWORK: &[&str] = &[
    "autocomplete",
    "encodings",
    "excel",
    "fts",
    "icu",
    "inet",
    "json",
    "parquet",
    "spatial",
    "sqlite",
    "sqlite_scanner",
    "tpcds",
    "tpch",
    "vss",
];

/// Settings that change what a name means or which types come out.
/// <https://duckdb.org/docs/stable/configuration/overview>
const OF_BINDING: &[&str] = &[
    "calendar",
    "default_collation",
    "file_search_path",
    "ieee_floating_point_ops",
    "integer_division",
    "lambda_syntax",
    "max_expression_depth",
    "old_implicit_casting",
    "order_by_non_integer_literal",
    "pivot_limit",
    "preserve_identifier_case",
    "schema",
    "search_path",
    "timezone",
];

/// The database that judges, with what is known of how far it is like the real one.
pub(in crate::adapter::duckdb) struct Courtroom {
    root: ::duckdb::Connection,
    /// What each connection is told first.
    greetings: Vec<String>,
    known: Arc<Known>,
}

/// The statement that a relation was declared with last.
type Declaration = Arc<Mutex<Option<String>>>;

/// What the binders of one courtroom share.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Schemas that are there, by catalog and name, folded.
    schemas: Mutex<BTreeSet<(String, String)>>,
    /// Names of databases that hold more than what is declared, folded.
    pub attached: BTreeSet<String>,
    /// Whether an extension of the profile is missing, so that a function that is not there
    /// may be one of its.
    pub misses_extensions: bool,
    /// Whether a setting could not be made, so that names may be looked for elsewhere.
    pub misses_settings: bool,
    /// The statement that each relation was declared with last, by its name in quotes: each
    /// thread tells of what it reads, and most was told by another.
    declared: Mutex<BTreeMap<String, Declaration>>,
    /// Whether a relation was declared with a column of nothing but null.
    pub has_null_columns: std::sync::atomic::AtomicBool,
}

impl Courtroom {
    /// Opens the database.
    ///
    /// # Errors
    /// DuckDB cannot be started.
    pub fn open(profile: &Profile) -> Result<Self, AdapterError> {
        // Nothing is run, so no threads to run it; nothing is fetched that is missing.
        let config = [
            ("threads", "1"),
            ("autoinstall_known_extensions", "false"),
            ("autoload_known_extensions", "false"),
            ("allow_community_extensions", "false"),
        ]
        .into_iter()
        .try_fold(::duckdb::Config::default(), |config, (key, value)| config.with(key, value))
        .map_err(|error| from_duckdb(&error, ""))?;
        let config = match &profile.extension_directory {
            Some(folder) => {
                config.with("extension_directory", folder).map_err(|error| from_duckdb(&error, ""))?
            }
            None => config,
        };
        let root = ::duckdb::Connection::open_in_memory_with_flags(config)
            .map_err(|error| from_duckdb(&error, ""))?;
        let run = |sql: &str| root.execute_batch(sql).map_err(|error| from_duckdb(&error, sql));
        let mut known = Known::default();
        for extension in &profile.extensions {
            let is_harmless = extension.repository.is_none()
                && WITHOUT_NETWORK.iter().any(|name| name.eq_ignore_ascii_case(&extension.name));
            let load = format!("load {}", string_literal(&extension.name));
            known.misses_extensions |= !is_harmless || run(&load).is_err();
        }
        let quoted = |name: &str| Ident::new(name).quoted(Dialect::DuckDb);
        let own = profile.database.to_lowercase();
        known.attached = profile.attached.iter().map(|name| name.to_lowercase()).collect();
        for name in &profile.attached {
            // One that cannot be called so is not found in the real one either.
            _ = run(&format!("attach if not exists ':memory:' as {}", quoted(name)));
        }
        // A database in memory is there already, under that name.
        run(&format!("attach if not exists ':memory:' as {}", quoted(&profile.database)))?;
        known.attached.remove(&own);
        let mut greetings = vec!["set errors_as_json = true".to_owned()];
        greetings.push(format!("use {}", quoted(&profile.database)));
        let options = profile
            .config_options
            .iter()
            .filter(|(name, _)| is_of_binding(name))
            .map(|(name, value)| format!("set {} = {}", quoted(name), string_literal(value)));
        let settings = profile.settings.iter().filter(|(name, _)| is_of_binding(name));
        for statement in options.chain(settings.map(|(_, statement)| statement.clone())) {
            // Of a schema that is not there yet, perhaps, or of a missing extension.
            if run(&statement).is_ok() {
                greetings.push(statement);
            } else {
                known.misses_settings = true;
            }
        }
        Ok(Self { root, greetings, known: Arc::new(known) })
    }

    /// A connection of one thread.
    ///
    /// # Errors
    /// DuckDB refuses one.
    pub(super) fn connect(&self) -> Result<(::duckdb::Connection, Arc<Known>), AdapterError> {
        let connection = self.root.try_clone().map_err(|error| from_duckdb(&error, ""))?;
        for statement in &self.greetings {
            connection.execute_batch(statement).map_err(|error| from_duckdb(&error, statement))?;
        }
        Ok((connection, Arc::clone(&self.known)))
    }
}

fn is_of_binding(setting: &str) -> bool {
    OF_BINDING.iter().any(|name| name.eq_ignore_ascii_case(setting))
}

impl Known {
    /// What a relation was declared with, by its name in quotes, folded.
    pub fn declaration(&self, name: String) -> Declaration {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(declared.entry(name).or_default())
    }

    /// Makes a schema and its database where they are not there.
    pub fn open_schema(
        &self,
        connection: &::duckdb::Connection,
        database: &str,
        schema: &str,
    ) -> Result<(), AdapterError> {
        let key = (database.to_lowercase(), schema.to_lowercase());
        // Held while it is made: two threads must not make it at once.
        let mut schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        if schemas.contains(&key) {
            return Ok(());
        }
        if matches!(key.0.as_str(), "system" | "temp") {
            return Err(AdapterError::new(
                ErrorKind::NotSupported,
                format!("the database `{database}` is DuckDB's own"),
            ));
        }
        let quoted = |name: &str| Ident::new(name).quoted(Dialect::DuckDb);
        let mut statements = Vec::new();
        if !database.is_empty() {
            statements.push(format!("attach if not exists ':memory:' as {}", quoted(database)));
        }
        if !schema.is_empty() {
            let dot = if database.is_empty() { String::new() } else { format!("{}.", quoted(database)) };
            statements.push(format!("create schema if not exists {dot}{}", quoted(schema)));
        }
        for statement in statements {
            connection.execute_batch(&statement).map_err(|error| from_duckdb(&error, &statement))?;
        }
        schemas.insert(key);
        Ok(())
    }
}
