use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{AdapterError, Binder, Capabilities, Connection};
use crate::sql::Dialect;

/// A column of a relation of the warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedColumn {
    pub database: String,
    pub schema: String,
    pub relation: String,
    pub name: String,
    pub data_type: String,
}

/// How many rows a table of the warehouse has, about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSize {
    pub database: String,
    pub schema: String,
    pub relation: String,
    pub rows: u64,
}

/// A kind of warehouse, configured and ready to connect.
pub trait Adapter: Send + Sync + std::fmt::Debug {
    /// `duckdb`: also the prefix of its macros and the answer of `adapter.type()`.
    fn name(&self) -> &'static str;

    fn dialect(&self) -> Dialect;

    fn capabilities(&self) -> &Capabilities;

    /// The database that relations are in when nothing else is said.
    fn database(&self) -> &str;

    /// Where files of models go that do not say where; `.` is the project's folder.
    #[allow(clippy::unnecessary_literal_bound, reason = "other adapters give what their profile says")]
    fn external_root(&self) -> &str {
        "."
    }

    /// Whether the tables of a database are those of a `DuckLake`.
    fn is_ducklake(&self, _database: &str) -> bool {
        false
    }

    /// Opens a connection; each worker thread asks for one of its own.
    ///
    /// # Errors
    /// The warehouse cannot be reached, refuses us, or its file is locked.
    fn connect(&self) -> Result<Box<dyn Connection>, AdapterError>;

    /// That many connections in all will be asked for soon: where the way to the warehouse is long
    /// they are made meanwhile. What cannot be reached is told to the first who connects.
    fn connect_ahead(&self, _connections: usize) {}

    /// How many connections are at work at the same time from now on: a warehouse in this
    /// process leaves them the cores. Nothing but time depends on it. To be told of more only
    /// while no statement runs.
    fn set_busy(&self, _workers: usize) {}

    /// A connection for templates that become SQL, most of which ask the warehouse nothing: where
    /// it cannot be reached at all, one that refuses every statement.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    fn connect_to_compile(&self) -> Result<Box<dyn Connection>, AdapterError> {
        self.connect()
    }

    /// The warehouse's own judge of queries, if it can be had without connecting; each thread
    /// asks for one of its own.
    ///
    /// # Errors
    /// There is one, and it cannot be started.
    fn binder(&self) -> Result<Option<Box<dyn Binder>>, AdapterError> {
        Ok(None)
    }

    /// Whether a word that stands in a query without quotes, where a value may stand, can only be
    /// the name of a column: it is no word of the grammar.
    fn is_plain_name(&self, _word: &str) -> bool {
        false
    }

    /// The columns that the table of a CSV file gets, as [`Connection::infer_seed`] gives them,
    /// without connecting; `None` where only the warehouse itself can tell.
    ///
    /// # Errors
    /// As [`Connection::infer_seed`].
    fn infer_seed(
        &self,
        _path: &std::path::Path,
        _delimiter: char,
        _types: &[(String, String)],
    ) -> Result<Option<Vec<(String, String)>>, AdapterError> {
        Ok(None)
    }

    /// Names and types of the columns of a query over files that other machines have, asked of the
    /// warehouse's own readers with what the profile says, without connecting, within a few
    /// seconds; `None` where it has no such readers.
    ///
    /// # Errors
    /// The files cannot be read, or did not answer in time.
    fn look(&self, _query: &str) -> Result<Option<Vec<(String, String)>>, AdapterError> {
        Ok(None)
    }

    /// The columns of all tables and views of some databases, in order, if xform is connected
    /// and can ask for them in one go; `None` otherwise.
    ///
    /// # Errors
    /// The warehouse refuses to tell.
    fn list_columns(&self, _databases: &BTreeSet<String>) -> Result<Option<Vec<ListedColumn>>, AdapterError> {
        Ok(None)
    }

    /// About how many rows the tables of some databases have, as far as the warehouse knows without
    /// counting, if xform is connected; none where it cannot tell.
    ///
    /// # Errors
    /// The warehouse refuses to tell.
    fn list_sizes(&self, _databases: &BTreeSet<String>) -> Result<Vec<TableSize>, AdapterError> {
        Ok(Vec::new())
    }

    /// The databases that are files of this machine, by name.
    fn files(&self) -> Vec<(String, PathBuf)> {
        Vec::new()
    }

    /// Whether it reaches no other databases than [these](Self::files).
    fn is_all_files(&self) -> bool {
        false
    }

    /// Asked when a run has ended: whether the database is still there.
    ///
    /// # Errors
    /// It is gone, and with it what was built.
    fn check(&self) -> Result<(), AdapterError> {
        Ok(())
    }
}
