use std::fmt::Write;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::courtroom::{Courtroom, Known};
use super::refusal;
use crate::adapter::duckdb::error::from_duckdb;
use crate::adapter::duckdb::tree;
use crate::adapter::duckdb::words::Words;
use crate::adapter::{AdapterError, Binder, ErrorKind, Refusal, RefusalKind};
use crate::sql::tree::Query;
use crate::sql::{
    DataType, Dialect, Ident, Lexeme, RelationName, Scanner, statements, without_last_semicolon,
};

/// What DuckDB calls the type of a column that is null in every row.
const NULL: &str = "\"NULL\"";

/// A judge with a connection of its own.
pub(in crate::adapter::duckdb) struct DuckDbBinder {
    connection: ::duckdb::Connection,
    known: Arc<Known>,
}

impl DuckDbBinder {
    /// # Errors
    /// DuckDB refuses a connection.
    pub fn new(courtroom: &Courtroom) -> Result<Self, AdapterError> {
        let (connection, known) = courtroom.connect()?;
        Ok(Self { connection, known })
    }

    /// The names and types that a statement beginning with `describe` tells.
    fn describe(&self, query: &str) -> Result<Vec<(String, String)>, ::duckdb::Error> {
        let mut statement = self.connection.prepare(query)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    }

    /// What can be said of a query without asking DuckDB.
    fn refuse_unasked(&self, sql: &str, words: &Words<'_>) -> Option<Refusal> {
        if let Some(at) = sql.find('\0') {
            let refusal = Refusal::new(RefusalKind::Syntax, "there is a zero byte in the text");
            return Some(refusal.at((at..at + 1).into()));
        }
        if let Some(second) = statements(sql, Dialect::DuckDb).get(1) {
            let refusal = Refusal::new(RefusalKind::Syntax, "there is more than one statement");
            let at = words.range(words.from(second.start));
            return Some(refusal.at(at));
        }
        if words.len() == 0 {
            return Some(Refusal::new(RefusalKind::Syntax, "there is no query"));
        }
        // A variable that is not set has the type of null: what it is at run time cannot be known.
        if words.calls("getvariable") {
            return Some(Refusal::new(RefusalKind::CannotTell, "it reads a variable"));
        }
        if !is_statement(words) {
            let message = format!("syntax error at or near \"{}\"", words.text(0));
            return Some(Refusal::new(RefusalKind::Syntax, message).at(words.range(0)));
        }
        if words.contains("pivot") || words.contains("pivot_wider") {
            return self.refuse_pivot(sql);
        }
        None
    }

    /// A PIVOT without IN takes its columns from the data; DuckDB makes several statements of it,
    /// which it does not write as JSON.
    fn refuse_pivot(&self, sql: &str) -> Option<Refusal> {
        let answer: Result<String, _> =
            self.connection.query_row("select json_serialize_sql(?::varchar)", [sql], |row| row.get(0));
        let is_many = answer.is_ok_and(|json| {
            json.contains("\"error_type\":\"not implemented\"") && json.contains("Only SELECT statements")
        });
        is_many.then(|| Refusal::new(RefusalKind::CannotTell, "the columns of its PIVOT depend on the data"))
    }

    /// Which columns are null in every row and have no type yet; DuckDB describes them as
    /// integers, as which a table has them. Other types come out when one is mixed with a boolean.
    fn null_columns(&self, sql: &str, columns: &[(String, String)]) -> Vec<usize> {
        let suspects: Vec<usize> = (0..columns.len())
            .filter(|index| matches!(columns[*index].1.as_str(), "INTEGER" | "INTEGER[]"))
            .collect();
        if suspects.is_empty() {
            return suspects;
        }
        let mut query = "describe select ".to_owned();
        for (count, index) in suspects.iter().enumerate() {
            let with = if columns[*index].1 == "INTEGER" { "true" } else { "[true]" };
            _ = write!(query, "{}coalesce(c{index}, {with})", if count > 0 { ", " } else { "" });
        }
        _ = write!(query, " from (\n{}\n) as t(", without_last_semicolon(sql, Dialect::DuckDb));
        for index in 0..columns.len() {
            _ = write!(query, "{}c{index}", if index > 0 { ", " } else { "" });
        }
        query.push(')');
        let Ok(mixed) = self.describe(&query) else { return Vec::new() };
        let is_null = |kind: &str| matches!(kind, "BOOLEAN" | "BOOLEAN[]");
        suspects
            .into_iter()
            .zip(mixed)
            .filter(|(_, (_, kind))| is_null(kind))
            .map(|(index, _)| index)
            .collect()
    }
}

impl Binder for DuckDbBinder {
    fn declare(
        &mut self,
        relation: &RelationName,
        columns: &[(String, DataType)],
    ) -> Result<(), AdapterError> {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let (database, schema) = (part(&relation.database), part(&relation.schema));
        self.known.open_schema(&self.connection, &database, &schema)?;
        let quoted = |name: &str| Ident::new(name).quoted(Dialect::DuckDb);
        let name: Vec<String> = [&relation.database, &relation.schema, &relation.identifier]
            .into_iter()
            .flatten()
            .map(|part| quoted(part))
            .collect();
        let mut sql = format!("create or replace table {} (", name.join("."));
        for (index, (column, data_type)) in columns.iter().enumerate() {
            if !is_type(data_type.as_str()) {
                let message = format!("`{data_type}` is not a type");
                return Err(AdapterError::new(ErrorKind::Statement, message));
            }
            if data_type.as_str().contains(NULL) {
                self.known.has_null_columns.store(true, Ordering::Relaxed);
            }
            let comma = if index > 0 { ", " } else { "" };
            _ = write!(sql, "{comma}{} {data_type}", quoted(column));
        }
        sql.push(')');
        let declaration = self.known.declaration(name.join(".").to_lowercase());
        // Held while it is made: of two threads that make one table at once DuckDB refuses one.
        let mut last = declaration.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref() == Some(&sql) {
            return Ok(());
        }
        self.connection.execute_batch(&sql).map_err(|error| {
            // The statement is ours, nobody sees it.
            AdapterError { position: None, ..from_duckdb(&error, &sql) }
        })?;
        *last = Some(sql);
        Ok(())
    }

    fn bind(&mut self, sql: &str) -> Result<Vec<(String, DataType)>, Refusal> {
        let words = Words::new(sql);
        if let Some(refusal) = self.refuse_unasked(sql, &words) {
            return Err(refusal);
        }
        // Of what tells about relations only that which comes from it can be described.
        let (before, query) = if begins(&words, TELLING) {
            let before = "describe select * from (\n";
            (before, format!("{before}{}\n)", without_last_semicolon(sql, Dialect::DuckDb)))
        } else {
            ("describe ", format!("describe {sql}"))
        };
        let mut columns = self
            .describe(&query)
            .map_err(|error| refusal::from_duckdb(&error, &words, before.len(), &self.known))?;
        if words.has_null_value() || self.known.has_null_columns.load(Ordering::Relaxed) {
            for index in self.null_columns(sql, &columns) {
                columns[index].1 = columns[index].1.replace("INTEGER", NULL);
            }
        }
        rename_duplicates(&mut columns);
        Ok(columns.into_iter().map(|(name, kind)| (name, DataType::new(kind))).collect())
    }

    fn may_hold(&self, name: &str) -> bool {
        name == "information_schema" || OF_DUCKDB.iter().any(|prefix| name.starts_with(prefix))
    }

    fn stored(&self, data_type: &DataType) -> DataType {
        match data_type.as_str() {
            text if text.starts_with(NULL) => DataType::new(text.replace(NULL, "INTEGER")),
            text => DataType::new(text),
        }
    }

    fn tree(&mut self, sql: &str) -> Result<Query, Refusal> {
        tree::read(&self.connection, sql)
    }
}

/// Words that a query begins with; behind `describe` a name alone would be that of a table.
const ASKING: &[&str] =
    &["select", "with", "from", "values", "table", "pivot", "pivot_wider", "unpivot", "pivot_longer"];
/// What the names of the views and schemas that DuckDB has itself begin with.
/// <https://duckdb.org/docs/stable/sql/meta/information_schema>
const OF_DUCKDB: &[&str] = &["duckdb_", "pg_", "pragma_", "sqlite_"];

const TELLING: &[&str] = &["describe", "desc", "show", "summarize"];

fn begins(words: &Words<'_>, with: &[&str]) -> bool {
    with.iter().any(|word| words.is(0, word))
}

fn is_statement(words: &Words<'_>) -> bool {
    words.text(0) == "(" || begins(words, ASKING) || begins(words, TELLING)
}

/// Whether a text can stand where a column's type is written without breaking out of it.
fn is_type(text: &str) -> bool {
    let mut depth = 0_usize;
    for (lexeme, range) in Scanner::new(text, Dialect::DuckDb) {
        match (lexeme, &text[range]) {
            (Lexeme::Comment, _) | (_, ";") => return false,
            (Lexeme::Symbol, "(" | "[") => depth += 1,
            (Lexeme::Symbol, ")" | "]" | ",") if depth == 0 => return false,
            (Lexeme::Symbol, ")" | "]") => depth -= 1,
            (Lexeme::String | Lexeme::QuotedName, piece) if !is_closed(piece) => return false,
            _ => {}
        }
    }
    depth == 0 && !text.trim().is_empty()
}

/// Whether a piece in quotes ends with its quote.
fn is_closed(piece: &str) -> bool {
    piece.len() > 1 && piece.chars().next_back().is_some_and(|last| matches!(last, '\'' | '"' | '$'))
}

/// Of columns with one name the second is called `a_1`, the third `a_2`, past those that are
/// there. DuckDB does so when it makes a table or view of a query, and in FROM.
fn rename_duplicates(columns: &mut [(String, String)]) {
    let mut counts: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for (name, _) in columns {
        // DuckDB's comparison knows capitals of ASCII alone.
        let own = name.to_ascii_lowercase();
        let mut folded = own.clone();
        let written = name.clone();
        while counts.contains_key(&folded) {
            let count = counts.entry(own.clone()).or_default();
            *count += 1;
            *name = format!("{written}_{count}");
            folded = name.to_ascii_lowercase();
        }
        counts.insert(folded, 0);
    }
}
