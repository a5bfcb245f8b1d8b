use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema};

use super::crew::Crew;
use super::error::from_duckdb;
use super::hidden::Hidden;
use super::profile::Profile;
use super::retries::Retries;
use super::seed;
use super::value::{meaning, type_name};
use crate::adapter::value::{Meaning, Reader};
use crate::adapter::{
    AdapterError, Batches, Canceller, Cell, Connection, ErrorKind, Response, SeedFile, Transaction,
};
use crate::sql::{Dialect, RelationName, first_word, statements};

/// A connection of one thread to the shared database.
pub(super) struct DuckDbConnection {
    connection: ::duckdb::Connection,
    crew: Arc<Crew>,
    has_transactions: bool,
    retries: Retries,
    hidden: Arc<Hidden>,
}

const ROLLBACK_ATTEMPTS: usize = 20;

/// What reading a result made of it.
enum Read {
    Batches(Batches),
    /// Some columns (by number) have types that DuckDB has to write as text.
    NeedsText(Vec<usize>),
}

impl DuckDbConnection {
    pub fn new(connection: ::duckdb::Connection, profile: &Profile, crew: &Arc<Crew>) -> Self {
        let has_transactions = !profile.disable_transactions;
        Self {
            connection,
            crew: Arc::clone(crew),
            has_transactions,
            retries: profile.retries.clone(),
            hidden: Arc::new(profile.hidden.clone()),
        }
    }

    /// An error, without what nobody is to read.
    fn told(&self, error: &::duckdb::Error, sql: &str) -> AdapterError {
        self.hidden.taken_out_of(from_duckdb(error, sql))
    }

    /// Runs the statements of `sql` and hands on the record batches of the last.
    fn read(&self, sql: &str) -> Result<Read, ::duckdb::Error> {
        let mut statement = self.connection.prepare(sql)?;
        match statement.execute([]) {
            Ok(_) => {}
            // The library cannot read such a column at all.
            Err(::duckdb::Error::FromSqlConversionFailure(column, ::duckdb::types::Type::Variant, _)) => {
                return Ok(Read::NeedsText(vec![column]));
            }
            Err(error) => return Err(error),
        }
        let schema = statement.schema();
        let mut found = Batches { names: statement.column_names(), ..Batches::default() };
        let mut fields = Vec::new();
        let mut unreadable = Vec::new();
        for (column, field) in schema.fields().iter().enumerate() {
            let handle = statement.column_logical_type(column);
            let is_json =
                field.metadata().get("ARROW:extension:name").is_some_and(|name| name == "arrow.json");
            match type_name(handle.id(), (handle.decimal_width(), handle.decimal_scale())) {
                Some(_) if is_json => found.types.push("JSON".to_owned()),
                Some(name) => found.types.push(name),
                None => unreadable.push(column),
            }
            let metadata = meaning(handle.id()).map(Meaning::metadata).unwrap_or_default();
            fields.push(field.as_ref().clone().with_metadata(metadata));
        }
        if !unreadable.is_empty() {
            return Ok(Read::NeedsText(unreadable));
        }
        let schema = Arc::new(Schema::new(fields));
        while let Some(part) = statement.step()? {
            let columns = part.columns().to_vec();
            for (column, (field, array)) in schema.fields().iter().zip(&columns).enumerate() {
                if !is_readable(field, array) && !unreadable.contains(&column) {
                    unreadable.push(column);
                }
            }
            let options = RecordBatchOptions::new().with_row_count(Some(part.len()));
            let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options).map_err(
                |error| ::duckdb::Error::DuckDBFailure(::duckdb::ffi::Error::new(1), Some(error.to_string())),
            )?;
            found.batches.push(batch);
        }
        Ok(if unreadable.is_empty() { Read::Batches(found) } else { Read::NeedsText(unreadable) })
    }

    /// The rows of one query, with the columns `as_text` (by number) cast by DuckDB.
    fn read_as_text(&self, query: &str, as_text: &[usize]) -> Result<Batches, AdapterError> {
        let unreadable = |error: &::duckdb::Error| {
            let error = self.told(error, "");
            match error.kind {
                ErrorKind::Cancelled => error,
                _ => AdapterError::new(
                    ErrorKind::NotSupported,
                    "this statement gives back values of a type that cannot be read",
                )
                .help("cast the column to `varchar`"),
            }
        };
        let Read::Batches(described) = self.read(&format!("describe {query}")).map_err(|e| unreadable(&e))?
        else {
            return Err(AdapterError::new(ErrorKind::NotSupported, "this statement cannot be described"));
        };
        let described = described.into_rows()?;
        let text_of = |row: &Vec<Cell>, column: usize| row.get(column).map(Cell::display).unwrap_or_default();
        let names: Vec<String> = described.rows.iter().map(|row| text_of(row, 0)).collect();
        let types: Vec<String> = described.rows.iter().map(|row| text_of(row, 1)).collect();
        let columns: Vec<String> = (0..names.len()).map(|column| format!("c{column}")).collect();
        let selected: Vec<String> = (0..names.len())
            .map(|column| format!("c{column}{}", if as_text.contains(&column) { "::varchar" } else { "" }))
            .collect();
        let sql = format!("select {} from (\n{query}\n) as t({})", selected.join(", "), columns.join(", "));
        match self.read(&sql).map_err(|error| unreadable(&error))? {
            Read::Batches(found) => {
                let batches = found.batches.into_iter().map(|batch| printed(batch, as_text)).collect();
                Ok(Batches { names, types, batches })
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

/// Whether each value of a column has a [`Cell`]: not those of times beyond what Rust has words
/// for, and infinities.
fn is_readable(field: &Field, array: &ArrayRef) -> bool {
    let Some(reader) = Reader::new(field, array.as_ref()) else { return false };
    !is_time(array.data_type()) || (0..array.len()).all(|row| reader.cell(row).is_some())
}

fn is_time(kind: &DataType) -> bool {
    matches!(kind, DataType::Date32 | DataType::Time64(_) | DataType::Timestamp(..))
}

/// Marks the texts that DuckDB wrote for values that are none.
fn printed(batch: RecordBatch, as_text: &[usize]) -> RecordBatch {
    let mark = |(column, field): (usize, &Arc<Field>)| match as_text.contains(&column) {
        true => Arc::new(field.as_ref().clone().with_metadata(Meaning::Other.metadata())),
        false => Arc::clone(field),
    };
    let fields: Vec<Arc<Field>> = batch.schema().fields().iter().enumerate().map(mark).collect();
    let plain = batch.clone();
    batch.with_schema(Arc::new(Schema::new(fields))).unwrap_or(plain)
}

impl Connection for DuckDbConnection {
    fn execute(&mut self, sql: &str) -> Result<Response, AdapterError> {
        let response = |rows_affected| Response { message: "OK".to_owned(), rows_affected };
        let Some(last) = statements(sql, Dialect::DuckDb).pop() else { return Ok(response(None)) };
        self.crew.heed(sql, &self.connection);
        let run = || {
            let mut statement = self.connection.prepare(sql)?;
            statement.execute([])?;
            let is_count = matches!(
                first_word(&sql[last.clone()], Dialect::DuckDb).as_str(),
                "insert" | "update" | "delete" | "merge" | "create" | "copy"
            ) && statement.column_names() == ["Count"];
            Ok(if is_count { statement.step()? } else { None })
        };
        let attempts = self.retries.query_attempts;
        let counted = self.retries.run(attempts, || run().map_err(|error| self.told(&error, sql)))?;
        let count = counted.filter(|rows| !rows.is_empty()).and_then(|rows| {
            let numbers = rows.column(0).as_any().downcast_ref::<Int64Array>()?;
            u64::try_from(numbers.value(0)).ok()
        });
        Ok(response(count))
    }

    fn query_arrow(&mut self, sql: &str) -> Result<Batches, AdapterError> {
        let Some(last) = statements(sql, Dialect::DuckDb).pop() else { return Ok(Batches::default()) };
        self.crew.heed(sql, &self.connection);
        let read = || self.read(sql).map_err(|error| self.told(&error, sql));
        match self.retries.run(self.retries.query_attempts, read)? {
            Read::Batches(batches) => Ok(batches),
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
            let error = self.told(&error, sql);
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
