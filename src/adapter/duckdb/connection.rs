use std::path::Path;
use std::sync::Arc;

use ::duckdb::core::LogicalTypeId;

use super::crew::Crew;
use super::error::from_duckdb;
use super::profile::Profile;
use super::retries::Retries;
use super::seed;
use super::value::{cell, type_name};
use crate::adapter::{
    AdapterError, Canceller, Cell, Connection, ErrorKind, Response, Rows, SeedFile, Transaction,
};
use crate::sql::{Dialect, RelationName, first_word, statements};

/// A connection of one thread to the shared database.
pub(super) struct DuckDbConnection {
    connection: ::duckdb::Connection,
    crew: Arc<Crew>,
    has_transactions: bool,
    retries: Retries,
}

const ROLLBACK_ATTEMPTS: usize = 20;

/// What reading a result made of it.
enum Read {
    Rows(Rows),
    /// Some columns (by number) have types that DuckDB has to write as text.
    NeedsText(Vec<usize>),
}

impl DuckDbConnection {
    pub fn new(connection: ::duckdb::Connection, profile: &Profile, crew: &Arc<Crew>) -> Self {
        let has_transactions = !profile.disable_transactions;
        Self { connection, crew: Arc::clone(crew), has_transactions, retries: profile.retries.clone() }
    }

    /// Runs the statements of `sql` and reads the rows of the last.
    fn read(&self, sql: &str) -> Result<Read, ::duckdb::Error> {
        let mut statement = self.connection.prepare(sql)?;
        let mut result = match statement.query([]) {
            Ok(result) => result,
            // The library cannot read such a column at all.
            Err(::duckdb::Error::FromSqlConversionFailure(column, ::duckdb::types::Type::Variant, _)) => {
                return Ok(Read::NeedsText(vec![column]));
            }
            Err(error) => return Err(error),
        };
        let mut rows = Rows::default();
        let mut ids: Vec<LogicalTypeId> = Vec::new();
        let mut unreadable = Vec::new();
        if let Some(statement) = result.as_ref() {
            let schema = statement.schema();
            rows.names = statement.column_names();
            for column in 0..rows.names.len() {
                let handle = statement.column_logical_type(column);
                ids.push(handle.id());
                let is_json = schema
                    .fields()
                    .get(column)
                    .and_then(|field| field.metadata().get("ARROW:extension:name"))
                    .is_some_and(|name| name == "arrow.json");
                match type_name(handle.id(), (handle.decimal_width(), handle.decimal_scale())) {
                    Some(_) if is_json => rows.types.push("JSON".to_owned()),
                    Some(name) => rows.types.push(name),
                    None => unreadable.push(column),
                }
            }
        }
        if !unreadable.is_empty() {
            return Ok(Read::NeedsText(unreadable));
        }
        while let Some(row) = result.next()? {
            let mut cells = Vec::with_capacity(ids.len());
            for (column, id) in ids.iter().enumerate() {
                match cell(row.get_ref(column)?, *id) {
                    Some(cell) => cells.push(cell),
                    None if !unreadable.contains(&column) => unreadable.push(column),
                    None => {}
                }
            }
            rows.rows.push(cells);
        }
        Ok(if unreadable.is_empty() { Read::Rows(rows) } else { Read::NeedsText(unreadable) })
    }

    /// The rows of one query, with the columns `as_text` (by number) cast by DuckDB.
    fn read_as_text(&self, query: &str, as_text: &[usize]) -> Result<Rows, AdapterError> {
        let unreadable = |error: &::duckdb::Error| {
            let error = from_duckdb(error, "");
            match error.kind {
                ErrorKind::Cancelled => error,
                _ => AdapterError::new(
                    ErrorKind::NotSupported,
                    "this statement gives back values of a type that cannot be read",
                )
                .help("cast the column to `varchar`"),
            }
        };
        let Read::Rows(described) = self.read(&format!("describe {query}")).map_err(|e| unreadable(&e))?
        else {
            return Err(AdapterError::new(ErrorKind::NotSupported, "this statement cannot be described"));
        };
        let text_of = |row: &Vec<Cell>, column: usize| row.get(column).map(Cell::display).unwrap_or_default();
        let names: Vec<String> = described.rows.iter().map(|row| text_of(row, 0)).collect();
        let types: Vec<String> = described.rows.iter().map(|row| text_of(row, 1)).collect();
        let columns: Vec<String> = (0..names.len()).map(|column| format!("c{column}")).collect();
        let selected: Vec<String> = (0..names.len())
            .map(|column| format!("c{column}{}", if as_text.contains(&column) { "::varchar" } else { "" }))
            .collect();
        let sql = format!("select {} from (\n{query}\n) as t({})", selected.join(", "), columns.join(", "));
        match self.read(&sql).map_err(|error| unreadable(&error))? {
            Read::Rows(rows) => {
                let rows = rows.rows.into_iter().map(|row| name_text(row, as_text)).collect();
                Ok(Rows { names, types, rows })
            }
            // A value that was readable before is not now: the query does not give the same twice.
            Read::NeedsText(more) => {
                let mut all = as_text.to_vec();
                all.extend(more.into_iter().filter(|column| !as_text.contains(column)));
                if all.len() > as_text.len() {
                    return self.read_as_text(query, &all);
                }
                let message = "this query gives back values that cannot be read";
                Err(AdapterError::new(ErrorKind::NotSupported, message).help("cast the columns to `varchar`"))
            }
        }
    }
}

/// Marks the texts that DuckDB wrote for values that are none.
fn name_text(row: Vec<Cell>, as_text: &[usize]) -> Vec<Cell> {
    row.into_iter()
        .enumerate()
        .map(|(column, cell)| match cell {
            Cell::Text(text) if as_text.contains(&column) => Cell::Other(text),
            cell => cell,
        })
        .collect()
}

impl Connection for DuckDbConnection {
    fn execute(&mut self, sql: &str) -> Result<Response, AdapterError> {
        let response = |rows_affected| Response { message: "OK".to_owned(), rows_affected };
        let Some(last) = statements(sql, Dialect::DuckDb).pop() else { return Ok(response(None)) };
        self.crew.heed(sql, &self.connection);
        let run = || {
            let mut statement = self.connection.prepare(sql)?;
            let mut result = statement.query([])?;
            let is_count =
                matches!(
                    first_word(&sql[last.clone()], Dialect::DuckDb).as_str(),
                    "insert" | "update" | "delete" | "merge" | "create" | "copy"
                ) && result.as_ref().is_some_and(|statement| statement.column_names() == ["Count"]);
            match (is_count, result.next()?) {
                (true, Some(row)) => Ok(cell(row.get_ref(0)?, LogicalTypeId::Bigint)),
                _ => Ok(None),
            }
        };
        let attempts = self.retries.query_attempts;
        let count: Option<Cell> =
            self.retries.run(attempts, || run().map_err(|error| from_duckdb(&error, sql)))?;
        Ok(response(count.and_then(|count| u64::try_from(count.as_int()?).ok())))
    }

    fn query(&mut self, sql: &str) -> Result<Rows, AdapterError> {
        let Some(last) = statements(sql, Dialect::DuckDb).pop() else { return Ok(Rows::default()) };
        self.crew.heed(sql, &self.connection);
        let read = || self.read(sql).map_err(|error| from_duckdb(&error, sql));
        match self.retries.run(self.retries.query_attempts, read)? {
            Read::Rows(rows) => Ok(rows),
            Read::NeedsText(columns) => self.read_as_text(&sql[last], &columns),
        }
    }

    fn infer_seed(
        &mut self,
        path: &Path,
        delimiter: char,
        types: &[(String, String)],
    ) -> Result<Vec<(String, String)>, AdapterError> {
        seed::infer(self, path, delimiter, types)
    }

    fn load_seed(&mut self, into: &RelationName, seed: &SeedFile) -> Result<Response, AdapterError> {
        seed::load(self, into, seed)
    }

    fn transaction(&mut self, step: Transaction) -> Result<(), AdapterError> {
        if !self.has_transactions && step == Transaction::Begin {
            return Ok(());
        }
        let sql = match step {
            Transaction::Begin => "begin transaction",
            Transaction::Commit => "commit",
            Transaction::Rollback => "rollback",
        };
        let mut attempts = 0;
        loop {
            let Err(error) = self.connection.execute_batch(sql) else { return Ok(()) };
            let error = from_duckdb(&error, sql);
            // What a macro has begun in so many words is ended, there mostly is nothing.
            if !self.has_transactions && error.message.contains("no transaction is active") {
                return Ok(());
            }
            attempts += 1;
            // Who stops the statement that runs is not to stop that it is undone.
            let was_missed = step == Transaction::Rollback && error.kind == ErrorKind::Cancelled;
            if !was_missed || attempts == ROLLBACK_ATTEMPTS {
                return Err(AdapterError { position: None, ..error });
            }
        }
    }

    fn canceller(&self) -> Canceller {
        let handle = self.connection.interrupt_handle();
        Canceller::new(move || handle.interrupt())
    }
}
