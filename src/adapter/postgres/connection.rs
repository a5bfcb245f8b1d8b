use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema};
use postgres::{Column, SimpleQueryMessage};

use super::error::unreadable;
use super::response::response;
use super::seed;
use super::session::{Door, Session};
use super::types::{self, Plain};
use crate::adapter::{
    AdapterError, Batches, Canceller, Cell, Connection, ErrorKind, Response, Rows, SeedFile, Transaction,
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

    /// For reading the catalog.
    pub fn to_read(door: Door) -> Self {
        Self { session: Session::to_read(door) }
    }

    /// The rows of one statement, whose columns the server tells when it is prepared. Where all
    /// are of types that are read as they come, it is run as it was prepared; otherwise it is sent
    /// again as a text, for which the server prints the values.
    fn read(&mut self, sql: &str) -> Result<Batches, AdapterError> {
        let statement = self.session.run(sql, |client| client.prepare(sql))?;
        let columns = statement.columns();
        if columns.is_empty() {
            self.session.run(sql, |client| client.batch_execute(sql))?;
            return Ok(Batches::default());
        }
        let plain: Option<Vec<Plain>> = columns.iter().map(|column| Plain::of(column.type_())).collect();
        let (rows, arrays) = match plain {
            Some(plain) => {
                let rows = self.session.run(sql, |client| client.query(&statement, &[]))?;
                let array =
                    |(number, column): (usize, &Column)| plain[number].array(column.name(), &rows, number);
                (rows.len(), columns.iter().enumerate().map(array).collect::<Result<Vec<_>, _>>())
            }
            None => {
                let messages = self.session.send(sql)?;
                let rows: Vec<_> = messages
                    .iter()
                    .filter_map(|message| match message {
                        SimpleQueryMessage::Row(row) => Some(row),
                        _ => None,
                    })
                    .collect();
                let array = |(number, column): (usize, &Column)| {
                    let texts: Vec<Option<&str>> =
                        rows.iter().map(|row| row.try_get(number)).collect::<Result<_, _>>()?;
                    Ok(types::array(column.name(), column.type_(), &texts))
                };
                (rows.len(), columns.iter().enumerate().map(array).collect())
            }
        };
        let arrays = arrays.map_err(|error| unreadable(&error, self.session.profile()))?;
        let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = arrays.into_iter().unzip();
        let mut batches = Batches {
            names: columns.iter().map(|column| column.name().to_owned()).collect(),
            types: columns
                .iter()
                .map(|column| types::type_name(column.type_(), column.type_modifier()))
                .collect(),
            batches: Vec::new(),
        };
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
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
        let messages = self.session.send(sql)?;
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
                self.session.send(&sql[..last.start])?;
                last.start
            }
        };
        self.read(&sql[start..]).map_err(|error| AdapterError {
            position: error.position.map(|position| position + start),
            ..error
        })
    }

    /// A statement is sent once: the server does not tell types of what it was sent as a text.
    fn query_untyped(&mut self, sql: &str) -> Result<Rows, AdapterError> {
        if statements(sql, Dialect::Postgres).len() != 1 {
            return self.query(sql);
        }
        let mut rows = Rows::default();
        for message in self.session.send(sql)? {
            match message {
                SimpleQueryMessage::RowDescription(columns) => {
                    rows.names = columns.iter().map(|column| column.name().to_owned()).collect();
                    rows.types = vec!["text".to_owned(); columns.len()];
                }
                SimpleQueryMessage::Row(row) => {
                    let cell = |number| {
                        let text = row.try_get(number)?;
                        Ok(text.map_or(Cell::Null, |text| Cell::Text(text.to_owned())))
                    };
                    let cells = (0..row.len()).map(cell).collect::<Result<_, postgres::Error>>();
                    rows.rows.push(cells.map_err(|error| unreadable(&error, self.session.profile()))?);
                }
                _ => {}
            }
        }
        Ok(rows)
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
            Transaction::Begin => {
                self.session.begin();
                Ok(())
            }
            Transaction::Commit => self.session.end(true),
            Transaction::Rollback => self.session.end(false),
        }
        .map_err(|error| AdapterError { position: None, ..error })
    }

    fn canceller(&self) -> Canceller {
        self.session.canceller()
    }
}
