use std::io::Write;
use std::path::Path;

use chrono::{NaiveDate, NaiveTime};

use super::connection::PostgresConnection;
use crate::adapter::csv::{Record, Records, header, not_utf8, value, wrong};
use crate::adapter::{AdapterError, ErrorKind, Response, SeedFile};
use crate::sql::{Dialect, Ident, RelationName};
use crate::system::{OsSystem, System};

/// The types a column may get; the first that all its values have is taken.
const TYPES: &[&str] = &[
    "boolean",
    "integer",
    "bigint",
    "numeric",
    "double precision",
    "date",
    "timestamp without time zone",
    "timestamp with time zone",
    "time without time zone",
];
const TEXT: &str = "text";

/// See [`Connection::infer_seed`](crate::adapter::Connection::infer_seed): the same values have
/// the same kinds of types as with DuckDB. A column without values is `integer`, as with
/// dbt-postgres.
pub(super) fn infer(
    path: &Path,
    delimiter: char,
    types: &[(String, String)],
) -> Result<Vec<(String, String)>, AdapterError> {
    let bytes = read(path)?;
    let names = header(&bytes, delimiter)?;
    let mut found: Vec<Option<u16>> = vec![None; names.len()];
    for record in rows(&bytes, delimiter, names.len()) {
        let record = record?;
        for (cell, found) in record.cells.iter().zip(&mut found) {
            let text = value(&bytes[cell.clone()]);
            if !text.is_empty() && *found != Some(0) {
                *found = Some(found.unwrap_or(u16::MAX) & kinds(&text));
            }
        }
    }
    let given = |name: &str| {
        let same = |other: &&(String, String)| other.0 == name;
        let alike = |other: &&(String, String)| other.0.eq_ignore_ascii_case(name);
        types.iter().find(same).or_else(|| types.iter().find(alike)).map(|(_, kind)| kind.clone())
    };
    let inferred = |bits: Option<u16>| {
        let Some(bits) = bits else { return "integer".to_owned() };
        let first = TYPES.iter().enumerate().find(|(bit, _)| bits & (1 << bit) != 0);
        first.map_or(TEXT, |(_, name)| name).to_owned()
    };
    Ok(names
        .into_iter()
        .zip(found)
        .map(|(name, bits)| {
            let kind = given(&name).unwrap_or_else(|| inferred(bits));
            (name, kind)
        })
        .collect())
}

/// The types that a value has, as bits in the order of [`TYPES`].
fn kinds(text: &str) -> u16 {
    let of = |name: &str| TYPES.iter().position(|other| *other == name).map_or(0, |bit| 1 << bit);
    let bit = |name: &str, has: bool| if has { of(name) } else { 0 };
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return of("boolean");
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return bit("integer", text.parse::<i32>().is_ok())
            | bit("bigint", text.parse::<i64>().is_ok())
            | of("numeric")
            | of("double precision");
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-')) {
        let is_finite = digits.parse::<f64>().is_ok_and(f64::is_finite);
        if is_finite && digits.bytes().any(|byte| byte.is_ascii_digit()) {
            return of("double precision");
        }
    }
    let is_date = |text: &str| text.len() >= 8 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok();
    if is_date(text) {
        return of("date") | of("timestamp without time zone");
    }
    if is_time(text) {
        return of("time without time zone");
    }
    let Some((day, rest)) = text.split_once(['T', ' ']) else { return 0 };
    if !is_date(day) {
        return 0;
    }
    if is_time(rest) {
        return of("timestamp without time zone");
    }
    // In UTC: what dbt makes a timestamp without time zone, too.
    if let Some(time) = rest.strip_suffix('Z')
        && is_time(time.trim_end())
    {
        return of("timestamp without time zone") | of("timestamp with time zone");
    }
    let Some((time, offset)) = rest.rfind(['+', '-']).map(|at| rest.split_at(at)) else { return 0 };
    let offset = offset[1..].replace(':', "");
    let is_offset = matches!(offset.len(), 2 | 4) && offset.bytes().all(|byte| byte.is_ascii_digit());
    bit("timestamp with time zone", is_offset && is_time(time.trim_end()))
}

/// `9:30`, `09:30:00`, `09:30:00.5`.
fn is_time(text: &str) -> bool {
    let is_shaped = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
    is_shaped
        && (NaiveTime::parse_from_str(text, "%H:%M:%S%.f").is_ok()
            || NaiveTime::parse_from_str(text, "%H:%M").is_ok())
}

/// See [`Connection::load_seed`](crate::adapter::Connection::load_seed). The rows go by `COPY`:
/// <https://www.postgresql.org/docs/current/sql-copy.html>. Empty values are null.
pub(super) fn load(
    connection: &mut PostgresConnection,
    into: &RelationName,
    seed: &SeedFile,
) -> Result<Response, AdapterError> {
    let bytes = read(&seed.path)?;
    let names = header(&bytes, seed.delimiter)?;
    let quoted: Vec<String> =
        seed.columns.iter().map(|(name, _)| Ident::new(name.as_str()).quoted(Dialect::Postgres)).collect();
    let mut text = Vec::with_capacity(bytes.len() + bytes.len() / 8);
    let mut places = Vec::new();
    for record in rows(&bytes, seed.delimiter, names.len()) {
        let record = record?;
        for (number, cell) in record.cells.iter().enumerate() {
            if number > 0 {
                text.push(b'\t');
            }
            match value(&bytes[cell.clone()]) {
                empty if empty.is_empty() => text.extend_from_slice(b"\\N"),
                value => escape(&value, &mut text),
            }
        }
        text.push(b'\n');
        places.push(record);
    }
    let sql = format!("copy {into} ({}) from stdin", quoted.join(", "));
    let copied = connection.session.run(&sql, |client| {
        let mut writer = client.copy_in(&sql)?;
        // An error of the wire is told by `finish`, in the driver's words.
        let written = writer.write_all(&text);
        match writer.finish() {
            Ok(count) => Ok(written.map(|()| count)),
            Err(error) => Err(error),
        }
    });
    let count = match copied {
        Ok(Ok(count)) => count,
        Ok(Err(error)) => {
            let message = format!("the rows could not be sent: {error}");
            return Err(AdapterError::new(ErrorKind::Connection, message));
        }
        Err(error) => return Err(explain(error, &places, &seed.columns)),
    };
    Ok(Response { message: format!("INSERT {count}"), rows_affected: Some(count) })
}

fn escape(value: &str, into: &mut Vec<u8>) {
    for byte in value.bytes() {
        match byte {
            b'\\' => into.extend_from_slice(b"\\\\"),
            b'\n' => into.extend_from_slice(b"\\n"),
            b'\r' => into.extend_from_slice(b"\\r"),
            b'\t' => into.extend_from_slice(b"\\t"),
            other => into.push(other),
        }
    }
}

/// The server's complaint about a row, with the byte of the file that it is about.
fn explain(error: AdapterError, places: &[Record], columns: &[(String, String)]) -> AdapterError {
    let error = AdapterError { position: None, ..error };
    if error.kind != ErrorKind::Statement {
        return error;
    }
    // `COPY orders, line 3, column price: "many"`
    let Some(context) = error.notes.iter().find(|note| note.starts_with("COPY ")) else { return error };
    let after = |word: &str| context.rsplit_once(word).map(|(_, rest)| rest);
    let line = after(", line ").and_then(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok()
    });
    let Some(record) = line.and_then(|line| places.get(line.checked_sub(1)?)) else { return error };
    let column = after(", column ").map(|rest| rest.split(": \"").next().unwrap_or(rest));
    let number = column.and_then(|name| columns.iter().position(|(other, _)| other == name));
    let place = number.and_then(|number| record.cells.get(number));
    let message = match column {
        Some(column) => format!("column `{column}`: {}", error.message),
        None => error.message.clone(),
    };
    wrong(message)
        .at(place.map_or(record.range.start, |cell| cell.start))
        .help("correct the value, or give the column another type in `column_types`")
}

fn read(path: &Path) -> Result<Vec<u8>, AdapterError> {
    let bytes = OsSystem.read(path).map_err(|error| wrong(format!("the file cannot be read: {error}")))?;
    match std::str::from_utf8(&bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(not_utf8(error.valid_up_to())),
    }
}

/// The records below the header, each with as many values as it has columns; empty lines are left
/// out.
fn rows(
    bytes: &[u8],
    delimiter: char,
    columns: usize,
) -> impl Iterator<Item = Result<Record, AdapterError>> + '_ {
    let is_there = move |record: &Record| columns == 1 || !record.range.is_empty();
    Records::new(bytes, delimiter).skip(1).filter(is_there).map(move |record| {
        let is_open = |cell: &&std::ops::Range<usize>| {
            let text = &bytes[(*cell).clone()];
            text.first() == Some(&b'"') && (text.len() == 1 || text.last() != Some(&b'"'))
        };
        if record.range.end == bytes.len()
            && let Some(cell) = record.cells.iter().find(is_open)
        {
            return Err(wrong("a value in quotes does not end with its quote")
                .at(cell.start)
                .help("close the quotes; write quotes inside of them twice: `\"\"`"));
        }
        let has = record.cells.len();
        if has == columns {
            return Ok(record);
        }
        let values = if has == 1 { "value" } else { "values" };
        let wanted = if columns == 1 { "column" } else { "columns" };
        let position = record.cells.get(columns).map_or(record.range.start, |extra| extra.start);
        Err(wrong(format!("a row has {has} {values}, but the header has {columns} {wanted}"))
            .at(position)
            .help("quote values that hold the delimiter, and write empty values for missing ones"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_of(values: &[&str]) -> &'static str {
        let bits = values.iter().fold(u16::MAX, |bits, text| bits & kinds(text));
        TYPES.iter().enumerate().find(|(bit, _)| bits & (1 << bit) != 0).map_or(TEXT, |(_, name)| name)
    }

    #[test]
    fn types_are_those_that_all_values_have() {
        for (values, wanted) in [
            (["1", "-2"], "integer"),
            (["1", "3000000000"], "bigint"),
            (["1", "12345678901234567890"], "numeric"),
            (["1", "2.5"], "double precision"),
            (["1e3", ".5"], "double precision"),
            (["true", "FALSE"], "boolean"),
            (["t", "f"], TEXT),
            (["2024-01-01", "2024-2-9"], "date"),
            (["2024-01-01", "2024-01-01 10:00"], "timestamp without time zone"),
            (["2024-01-01T10:00:00Z", "2024-01-01"], "timestamp without time zone"),
            (["2024-01-01T10:00:00Z", "2024-01-01 10:00:00+09:00"], "timestamp with time zone"),
            (["10:30", "9:05:07.5"], "time without time zone"),
            (["2024-13-01", "2024-01-01"], TEXT),
            (["1", "가"], TEXT),
            (["-", "+"], TEXT),
            (["1-2", "3"], TEXT),
        ] {
            assert_eq!(type_of(&values), wanted, "{values:?}");
        }
    }
}
