use std::fmt::Write;
use std::path::Path;

use super::connection::DuckDbConnection;
use crate::adapter::csv::{Record, Records, check_delimiter, header, mixed_line_end, not_utf8, wrong};
use crate::adapter::{AdapterError, Cell, Connection, ErrorKind, Response, SeedFile};
use crate::sql::{Dialect, Ident, RelationName, string_literal};
use crate::system::{OsSystem, System};

/// The types a column may get; the first that all its values have is taken. Each value has
/// a set of them, a bit a type in this order.
const TYPES: &[&str] = &[
    "BOOLEAN",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "DOUBLE",
    "DATE",
    "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE",
    "TIME",
];

/// How values must be written to be of some types. What DuckDB casts besides (`t` to a truth
/// value, `1.5` and `1e3` to a whole number) would change what the file says. Dates are ISO
/// 8601, as dbt reads them.
const SHAPES: &[(&str, &[&str])] = &[
    (r"[+-]?[0-9]+", &["INTEGER", "BIGINT", "HUGEINT", "DOUBLE"]),
    (r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", &["DOUBLE"]),
    (r"(?i)true|false", &["BOOLEAN"]),
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", &["DATE", "TIMESTAMP"]),
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?", &["TIMESTAMP"]),
    // In UTC: what dbt makes a timestamp without time zone, too.
    (
        r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)? ?Z",
        &["TIMESTAMP", "TIMESTAMP WITH TIME ZONE"],
    ),
    (
        r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9:.]+ ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)",
        &["TIMESTAMP WITH TIME ZONE"],
    ),
    (r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?", &["TIME"]),
];
const TEXT: &str = "VARCHAR";

/// See [`Connection::infer_seed`]. A column without values is text.
pub(super) fn infer(
    connection: &mut DuckDbConnection,
    path: &Path,
    delimiter: char,
    types: &[(String, String)],
) -> Result<Vec<(String, String)>, AdapterError> {
    let names = header(&read(path)?, delimiter)?;
    // Under names of our own: the file's may be anything.
    let columns: Vec<(String, String)> =
        (0..names.len()).map(|column| (format!("c{column}"), TEXT.to_owned())).collect();
    let mut guesses = String::new();
    for (column, _) in &columns {
        let separator = if guesses.is_empty() { "" } else { ", " };
        _ = write!(guesses, "{separator}{}", guess(column));
    }
    let sql = format!("select {guesses} from {}", reader(path, delimiter, &columns)?);
    let found = connection.query(&sql).map_err(|error| explain(error, path, delimiter, &names))?;
    let inferred = found.rows.into_iter().next().unwrap_or_default();
    let given = |name: &str| {
        let same = |other: &&(String, String)| other.0 == name;
        let alike = |other: &&(String, String)| other.0.eq_ignore_ascii_case(name);
        types.iter().find(same).or_else(|| types.iter().find(alike)).map(|(_, kind)| kind.clone())
    };
    Ok(names
        .into_iter()
        .zip(inferred)
        .map(|(name, kind)| {
            let kind = given(&name).unwrap_or_else(|| type_of(&kind).to_owned());
            (name, kind)
        })
        .collect())
}

/// SQL for the types that all values of a column have, as bits in the order of [`TYPES`];
/// null when there is no value.
fn guess(column: &str) -> String {
    let mut sql = format!("bit_and(case when {column} is null then null");
    for (pattern, types) in SHAPES {
        let bits: Vec<String> = TYPES
            .iter()
            .enumerate()
            .filter(|(_, name)| types.contains(name))
            .map(|(bit, name)| format!("if({}, {}, 0)", fits(column, name), 1 << bit))
            .collect();
        _ = write!(sql, " when regexp_full_match({column}, '{pattern}') then {}", bits.join(" + "));
    }
    sql + " else 0 end)"
}

/// SQL that tells whether a value is in the range of a type.
fn fits(column: &str, name: &str) -> String {
    match name {
        "DOUBLE" => format!("coalesce(isfinite(try_cast({column} as double)), false)"),
        name => format!("try_cast({column} as {name}) is not null"),
    }
}

/// The type for what [`guess`] found.
fn type_of(bits: &Cell) -> &'static str {
    let bits = bits.as_int().unwrap_or(0);
    TYPES.iter().enumerate().find(|(bit, _)| bits & (1 << bit) != 0).map_or(TEXT, |(_, name)| name)
}

/// See [`Connection::load_seed`].
pub(super) fn load(
    connection: &mut DuckDbConnection,
    into: &RelationName,
    seed: &SeedFile,
) -> Result<Response, AdapterError> {
    let names: Vec<String> = seed.columns.iter().map(|(name, _)| name.clone()).collect();
    let quoted: Vec<String> =
        names.iter().map(|name| Ident::new(name.as_str()).quoted(Dialect::DuckDb)).collect();
    let list = quoted.join(", ");
    let reader = reader(&seed.path, seed.delimiter, &seed.columns)?;
    let sql = format!("insert into {into} ({list}) select {list} from {reader}");
    let response =
        connection.execute(&sql).map_err(|error| explain(error, &seed.path, seed.delimiter, &names))?;
    let message = response.rows_affected.map_or_else(|| "INSERT".to_owned(), |rows| format!("INSERT {rows}"));
    Ok(Response { message, ..response })
}

fn read(path: &Path) -> Result<Vec<u8>, AdapterError> {
    OsSystem.read(path).map_err(|error| wrong(format!("the file cannot be read: {error}")))
}

/// The call of DuckDB's reader, told everything: nothing is sniffed.
/// <https://duckdb.org/docs/stable/data/csv/overview>
fn reader(path: &Path, delimiter: char, columns: &[(String, String)]) -> Result<String, AdapterError> {
    check_delimiter(delimiter)?;
    let path = path.to_str().ok_or_else(|| wrong("the path of the file is not UTF-8"))?;
    let columns: Vec<String> = columns
        .iter()
        .map(|(name, kind)| format!("{}: {}", string_literal(name), string_literal(kind)))
        .collect();
    Ok(format!(
        "read_csv({}, auto_detect = false, header = true, delim = {}, quote = '\"', escape = '\"', \
         nullstr = '', compression = 'none', hive_partitioning = false, columns = {{{}}})",
        string_literal(&glob_escaped(path)),
        string_literal(&delimiter.to_string()),
        columns.join(", ")
    ))
}

/// The path as a pattern that fits only itself.
fn glob_escaped(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for character in path.chars() {
        match character {
            '*' | '?' | '[' => {
                escaped.push('[');
                escaped.push(character);
                escaped.push(']');
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// DuckDB's complaint about a file, with the byte of the file that it is about.
fn explain(error: AdapterError, path: &Path, delimiter: char, names: &[String]) -> AdapterError {
    // Positions in a statement of ours tell nobody anything.
    let error = AdapterError { position: None, ..error };
    if error.kind != ErrorKind::Statement {
        return error;
    }
    let Ok(bytes) = read(path) else { return error };
    let notes = error.notes.join("\n");
    if notes.contains("Invalid unicode") || error.message.contains("Invalid unicode") {
        let position = std::str::from_utf8(&bytes).err().map_or(0, |error| error.valid_up_to());
        return not_utf8(position);
    }
    if error.message.contains("invalid state")
        && let Some(position) = mixed_line_end(&bytes, delimiter)
    {
        return wrong("lines of the file end in different ways")
            .at(position)
            .help("save the file with the same line end (LF or CRLF) on every line");
    }
    let Some((_, line)) = error.message.split_once("CSV Error on Line: ") else { return error };
    let original =
        error.notes.iter().find_map(|note| note.strip_prefix("Original Line: ")).unwrap_or_default();
    let number = line.trim().parse().unwrap_or(1);
    let Some(record) = find_record(&bytes, delimiter, number, original) else {
        return AdapterError { kind: ErrorKind::Seed, ..error };
    };
    let about = |prefix: &str| error.notes.iter().find_map(|note| note.strip_prefix(prefix));
    if about("Expected Number of Columns: ").is_some() {
        let (has, wants) = (record.cells.len(), names.len());
        let position = record.cells.get(wants).map_or(record.range.start, |extra| extra.start);
        let values = if has == 1 { "value" } else { "values" };
        let columns = if wants == 1 { "column" } else { "columns" };
        return wrong(format!("a row has {has} {values}, but the header has {wants} {columns}"))
            .at(position)
            .help("quote values that hold the delimiter, and write empty values for missing ones");
    }
    if notes.contains("unterminated quote") {
        let is_open = |cell: &&std::ops::Range<usize>| {
            let text = &bytes[(*cell).clone()];
            text.first() == Some(&b'"') && !is_closed(text)
        };
        let position = record.cells.iter().find(is_open).map_or(record.range.start, |cell| cell.start);
        return wrong("a value in quotes does not end with its quote")
            .at(position)
            .help("close the quotes; write quotes inside of them twice: `\"\"`");
    }
    if let Some(rest) = about("Error when converting column ") {
        let (column, reason) =
            rest.strip_prefix('"').unwrap_or(rest).split_once("\". ").unwrap_or((rest, ""));
        let cell = names.iter().position(|name| name == column).and_then(|at| record.cells.get(at));
        let message = match reason.trim() {
            "" => format!("a value does not fit column `{column}`"),
            reason => format!("column `{column}`: {}", lower_first(reason)),
        };
        return wrong(message)
            .at(cell.map_or(record.range.start, |cell| cell.start))
            .help("correct the value, or give the column another type in `column_types`");
    }
    let told: Vec<String> =
        error.notes.iter().filter(|note| !note.starts_with("Original Line: ")).take(1).cloned().collect();
    wrong(told.first().cloned().unwrap_or(error.message)).at(record.range.start)
}

/// Whether a value that begins with a quote also ends with it.
fn is_closed(cell: &[u8]) -> bool {
    let inside = cell.get(1..).unwrap_or_default();
    let Some((b'"', inside)) = inside.split_last() else { return false };
    let quotes = inside.iter().rev().take_while(|byte| **byte == b'"').count();
    // An odd quote before the last escapes it.
    quotes % 2 == 0 && !has_lone_quote(inside)
}

fn has_lone_quote(inside: &[u8]) -> bool {
    let mut bytes = inside.iter().peekable();
    while let Some(byte) = bytes.next() {
        if *byte == b'"' && bytes.next_if(|next| **next == b'"').is_none() {
            return true;
        }
    }
    false
}

/// The record DuckDB speaks of: the one of that number (from 1), unless another with the
/// same first line is meant, as its count leaves some lines out.
fn find_record(bytes: &[u8], delimiter: char, number: usize, original: &str) -> Option<Record> {
    let is_it = |record: &Record| {
        let text = String::from_utf8_lossy(&bytes[record.range.clone()]);
        !original.is_empty() && text.lines().next().is_some_and(|line| line.trim() == original.trim())
    };
    let records: Vec<Record> = Records::new(bytes, delimiter).collect();
    let alike = records
        .iter()
        .enumerate()
        .filter(|(_, record)| is_it(record))
        .min_by_key(|(at, _)| at.abs_diff(number.saturating_sub(1)));
    alike.map(|(_, record)| record).or_else(|| records.get(number.saturating_sub(1))).cloned()
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
