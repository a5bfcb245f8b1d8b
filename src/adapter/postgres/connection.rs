use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema};
use postgres::SimpleQueryMessage;

use super::response::response;
use super::seed;
use super::session::{Door, Session};
use super::types;
use crate::adapter::{
    AdapterError, Batches, Canceller, Connection, ErrorKind, Response, SeedFile, Transaction,
};
use crate::sql::{Dialect, RelationName, statements};

/// The session of one thread.
pub(super) struct PostgresConnection {
    pub session: Session,
}

impl PostgresConnection {
    /// Nothing is opened until the first statement.
    pub fn new(door: Door) -> Self {
        Self { session: Session::new(door) }
    }

    /// The rows of one statement: the server tells the types of its columns when it is prepared,
    /// and prints the values when it is run.
    fn read(&mut self, sql: &str) -> Result<Batches, AdapterError> {
        let statement = self.session.run(sql, |client| client.prepare(sql))?;
        if statement.columns().is_empty() {
            self.session.run(sql, |client| client.batch_execute(sql))?;
            return Ok(Batches::default());
        }
        let messages = self.session.run(sql, |client| client.simple_query(sql))?;
        let rows: Vec<_> = messages
            .iter()
            .filter_map(|message| match message {
                SimpleQueryMessage::Row(row) => Some(row),
                _ => None,
            })
            .collect();
        let mut batches = Batches::default();
        let mut columns: Vec<(Field, ArrayRef)> = Vec::new();
        for (number, column) in statement.columns().iter().enumerate() {
            batches.names.push(column.name().to_owned());
            batches.types.push(types::type_name(column.type_(), column.type_modifier()));
            let texts: Vec<Option<&str>> =
                rows.iter().map(|row| row.try_get(number).ok().flatten()).collect();
            columns.push(types::array(column.name(), column.type_(), &texts));
        }
        let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options);
        let batch = batch.map_err(|error| AdapterError::new(ErrorKind::NotSupported, error.to_string()))?;
        batches.batches.push(batch);
        Ok(batches)
    }
}

impl Connection for PostgresConnection {
    fn execute(&mut self, sql: &str) -> Result<Response, AdapterError> {
        let all = statements(sql, Dialect::Postgres);
        let Some(last) = all.last() else { return Ok(response("", 0)) };
        let messages = self.session.run(sql, |client| client.simple_query(sql))?;
        let count = messages.iter().rev().find_map(|message| match message {
            SimpleQueryMessage::CommandComplete(count) => Some(*count),
            _ => None,
        });
        Ok(response(&sql[last.clone()], count.unwrap_or_default()))
    }

    fn query_arrow(&mut self, sql: &str) -> Result<Batches, AdapterError> {
        let all = statements(sql, Dialect::Postgres);
        let start = match all.as_slice() {
            [] => return Ok(Batches::default()),
            [_] => 0,
            [.., last] => {
                let before = &sql[..last.start];
                self.session.run(before, |client| client.batch_execute(before))?;
                last.start
            }
        };
        self.read(&sql[start..]).map_err(|error| AdapterError {
            position: error.position.map(|position| position + start),
            ..error
        })
    }

    fn infer_seed(
        &mut self,
        path: &Path,
        delimiter: char,
        types: &[(String, String)],
    ) -> Result<Vec<(String, String)>, AdapterError> {
        seed::infer(path, delimiter, types)
    }

    fn load_seed(&mut self, into: &RelationName, seed: &SeedFile) -> Result<Response, AdapterError> {
        seed::load(self, into, seed)
    }

    fn transaction(&mut self, step: Transaction) -> Result<(), AdapterError> {
        match step {
            Transaction::Begin => self.session.begin(),
            Transaction::Commit => self.session.end(true),
            Transaction::Rollback => self.session.end(false),
        }
        .map_err(|error| AdapterError { position: None, ..error })
    }

    fn canceller(&self) -> Canceller {
        self.session.canceller()
    }
}
