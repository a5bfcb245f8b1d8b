use std::path::PathBuf;
use std::sync::Arc;

use super::{AdapterError, Batches, Rows};
use crate::sql::RelationName;

/// What a warehouse said of a statement that it ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// Short, as dbt prints it: `OK`, `INSERT 3`.
    pub message: String,
    pub rows_affected: Option<u64>,
}

/// A step in the life of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transaction {
    Begin,
    Commit,
    Rollback,
}

/// A CSV file to be loaded into a table that is there already.
#[derive(Clone, Debug)]
pub struct SeedFile {
    pub path: PathBuf,
    pub delimiter: char,
    /// Column names of the header and the types wanted for them, in the file's order.
    pub columns: Vec<(String, String)>,
}

/// One open connection; each worker thread holds one.
pub trait Connection: Send {
    /// Runs statements (several may stand in one text) whose rows nobody wants.
    ///
    /// # Errors
    /// The warehouse refuses one; those before it stand unless a transaction is open.
    fn execute(&mut self, sql: &str) -> Result<Response, AdapterError>;

    /// Runs statements and gives the rows of the last as Arrow record batches.
    ///
    /// # Errors
    /// As [`execute`](Connection::execute).
    fn query_arrow(&mut self, sql: &str) -> Result<Batches, AdapterError>;

    /// Runs statements and gives the rows of the last as single values.
    ///
    /// # Errors
    /// As [`execute`](Connection::execute).
    fn query(&mut self, sql: &str) -> Result<Rows, AdapterError> {
        self.query_arrow(sql)?.into_rows()
    }

    /// As [`query`](Connection::query), for whoever reads values whatever type they come in: where
    /// it costs the warehouse more to tell types, all are texts.
    ///
    /// # Errors
    /// As [`execute`](Connection::execute).
    fn query_untyped(&mut self, sql: &str) -> Result<Rows, AdapterError> {
        self.query(sql)
    }

    /// The columns of a CSV file with the types that the warehouse infers; those named
    /// in `types` (name, type) have the type given.
    ///
    /// # Errors
    /// The file cannot be read or is not well-formed; the position is a byte of the file.
    fn infer_seed(
        &mut self,
        path: &std::path::Path,
        delimiter: char,
        types: &[(String, String)],
    ) -> Result<Vec<(String, String)>, AdapterError>;

    /// Appends the rows of a CSV file to a table with those columns.
    ///
    /// # Errors
    /// A row does not fit; the position is a byte of the file.
    fn load_seed(&mut self, into: &RelationName, seed: &SeedFile) -> Result<Response, AdapterError>;

    /// Begins, commits or rolls back.
    ///
    /// # Errors
    /// The warehouse refuses; committing can fail on a conflict.
    fn transaction(&mut self, step: Transaction) -> Result<(), AdapterError>;

    /// A handle to stop what this connection is running, usable from another thread.
    fn canceller(&self) -> Canceller;
}

/// Stops the running statement of one connection; it then fails with
/// [`ErrorKind::Cancelled`](super::ErrorKind::Cancelled).
#[derive(Clone)]
pub struct Canceller(Arc<dyn Fn() + Send + Sync>);

impl Canceller {
    pub fn new(cancel: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(cancel))
    }

    pub fn cancel(&self) {
        (self.0)();
    }
}

impl std::fmt::Debug for Canceller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Canceller")
    }
}
