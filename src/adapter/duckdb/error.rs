use std::path::Path;

use serde_json::Value;

use crate::adapter::{AdapterError, ErrorKind};
use crate::diagnostic::suggest;

/// What DuckDB tells in JSON, where it does.
pub(super) fn told(text: &str) -> Option<Value> {
    text.find('{').and_then(|at| serde_json::from_str::<Value>(&text[at..]).ok())
}

/// An error of DuckDB for the statements `sql`, with what it tells in JSON taken apart.
pub(super) fn from_duckdb(error: &::duckdb::Error, sql: &str) -> AdapterError {
    let text = error.to_string();
    let Some(told) = told(&text) else { return from_text(&text) };
    let of = |key: &str| told.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut mapped = from_message(of("exception_type"), of("exception_message"));
    mapped.position = of("position").parse().ok().filter(|at| *at <= sql.len() && sql.is_char_boundary(*at));
    mapped
}

/// From a message as DuckDB prints it: `Binder Error: …`, perhaps with a picture.
fn from_text(text: &str) -> AdapterError {
    let (exception, message) = text.split_once(" Error: ").unwrap_or(("", text));
    let picture = message.find("\nLINE ").unwrap_or(message.len());
    from_message(exception, &message[..picture])
}

fn from_message(exception: &str, message: &str) -> AdapterError {
    if let Some(locked) = locked(message) {
        return locked;
    }
    let kind = match exception {
        "Interrupt" | "INTERRUPT" => ErrorKind::Cancelled,
        "Connection" | "FATAL" => ErrorKind::Connection,
        "TransactionContext" | "Transaction" if is_conflict(message) => ErrorKind::Conflict,
        _ => ErrorKind::Statement,
    };
    let mut lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("the statement failed");
    let mut mapped = AdapterError::new(
        kind,
        match exception {
            "" => first.to_owned(),
            exception => format!("{exception} Error: {first}"),
        },
    );
    if kind == ErrorKind::Cancelled {
        "cancelled".clone_into(&mut mapped.message);
        return mapped;
    }
    let (mut notes, mut candidates) = (Vec::new(), Vec::new());
    for line in lines {
        if let Some(names) = line.strip_prefix("Candidate bindings:") {
            candidates.extend(quoted_names(names));
        } else if let Some(names) = line.strip_prefix("Did you mean") {
            // The nearest of all tables or functions there are, however far: only near ones help.
            let missed = missed_name(&mapped.message).unwrap_or_default().to_owned();
            let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
            let near = |name: &String| suggest::nearest(&missed, [last(name).as_str()]).is_some();
            candidates.extend(quoted_names(names).filter(near));
        } else {
            notes.push(line.to_owned());
        }
    }
    (mapped.notes, mapped.candidates) = (notes.into(), candidates.into());
    mapped.help = help(exception, message)
        .or_else(|| did_you_mean(&mapped.candidates))
        .or_else(|| not_built(exception, message));
    mapped
}

/// The name that a message says is not there: quoted, or after `with name`.
pub(super) fn missed_name(message: &str) -> Option<&str> {
    let named = message.split_once(" with name ").map(|(_, rest)| rest.trim_start_matches('"'));
    let rest = named.or_else(|| message.split_once('"').map(|(_, rest)| rest))?;
    rest.split(['"', ' ', '!']).next().filter(|name| !name.is_empty())
}

/// The texts in double quotes.
pub(super) fn quoted_names(text: &str) -> impl Iterator<Item = String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned)
}

fn did_you_mean(candidates: &[String]) -> Option<String> {
    let names: Vec<String> = candidates.iter().take(5).map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("did you mean {one}?")),
        several => Some(format!("did you mean one of {}?", several.join(", "))),
    }
}

/// Tables that are not there were often not built yet.
fn not_built(exception: &str, message: &str) -> Option<String> {
    let is_missing = exception == "Catalog" && message.contains("Table with name");
    let help = "if a node of the project makes it, build that first: `xform build --select +NAME` builds what NAME needs too";
    is_missing.then(|| help.to_owned())
}

fn help(exception: &str, message: &str) -> Option<String> {
    if let Some(extension) = missing_extension(exception, message) {
        return Some(format!(
            "list `{extension}` under `extensions` in the profile; without the network, install it beforehand"
        ));
    }
    let is_no_folder = message.contains("No such file or directory")
        && (message.starts_with("Cannot open file") || message.starts_with("Failed to create directory"));
    let help = match exception {
        "IO" if is_no_folder => "is its folder there? it is not made",
        "Out of Memory" => "give DuckDB more with `memory_limit` under `settings`, or use fewer threads",
        "TransactionContext" | "Transaction" if is_conflict(message) => {
            "two nodes changed the same relation at the same time: let one `ref()` the other"
        }
        _ if message.contains("attached in read-only mode") => {
            "the database is opened with `read_only: true`"
        }
        _ => return None,
    };
    Some(help.to_owned())
}

/// Whether one of two transactions had to give way to the other.
fn is_conflict(message: &str) -> bool {
    message.contains("onflict")
}

/// The extension that a message misses.
pub(super) fn missing_extension(exception: &str, message: &str) -> Option<String> {
    let word = |text: &str| {
        let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        (!name.is_empty()).then_some(name)
    };
    if let Some((_, rest)) = message.split_once("exists in the ") {
        return rest[..rest.find(' ')?].parse().ok().filter(|_| rest.contains("extension"));
    }
    if exception.contains("Autoloading") || message.contains("required extension") {
        return word(message.split_once("extension '")?.1);
    }
    None
}

/// "Could not set lock on file" with the process that has it.
fn locked(message: &str) -> Option<AdapterError> {
    let (_, rest) = message.split_once("Could not set lock on file \"")?;
    let (file, rest) = rest.split_once('"')?;
    let held = rest.split_once("held in ").map(|(_, held)| held);
    let pid = held.and_then(|held| held.split_once("(PID ")?.1.split_once(')')).map(|(pid, _)| pid);
    let program = held.and_then(|held| held.split_once(" (PID ")).map(|(program, _)| program);
    let program = program.and_then(|program| Path::new(program).file_name()?.to_str());
    let holder = match (program, pid) {
        (Some(program), Some(pid)) => format!("`{program}` (process {pid})"),
        (None, Some(pid)) => format!("process {pid}"),
        _ => "another process".to_owned(),
    };
    let error = AdapterError::new(ErrorKind::Locked, format!("{holder} has the database `{file}` open"));
    Some(error.help("DuckDB lets one process at a time write to a file: end the other one and try again"))
}

/// An error from opening the file at `path`.
pub(super) fn from_open(error: &::duckdb::Error, path: &Path) -> AdapterError {
    let text = error.to_string();
    let mut mapped = from_text(&text);
    if mapped.kind == ErrorKind::Locked {
        return mapped;
    }
    mapped.kind = ErrorKind::Connection;
    let file = path.display();
    let (message, help) = if text.contains("not a valid DuckDB database file") {
        (
            format!("`{file}` is not a DuckDB database"),
            "point `path` to another file, or move this one away: a new database is made in its place",
        )
    } else if text.contains("database file with version number") {
        (
            format!("`{file}` was written by another version of DuckDB, whose files this one cannot read"),
            "export it with the DuckDB that wrote it (`export database`) and import it here, or use another `path`",
        )
    } else if text.contains("Permission denied") {
        (
            format!("no permission to open `{file}`"),
            "give this user the right to read and write the file and its folder, or choose another `path`",
        )
    } else if text.contains("Is a directory") {
        (format!("`{file}` is a folder, not a database"), "add a file name to `path`")
    } else if text.contains("Read-only file system") {
        (format!("`{file}` is on a file system that cannot be written"), "choose another `path`")
    } else if text.contains("database does not exist") || text.contains("No such file or directory") {
        (format!("there is no database `{file}`"), "with `read_only: true` the file must be there already")
    } else {
        return mapped;
    };
    AdapterError::new(ErrorKind::Connection, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(text: &str) -> ::duckdb::Error {
        ::duckdb::Error::DuckDBFailure(::duckdb::ffi::Error::new(1), Some(text.to_owned()))
    }

    #[test]
    fn the_holder_of_a_lock_is_named() {
        let text = "IO Error: Could not set lock on file \"/a/shop.duckdb\": Conflicting lock is held in \
                    /usr/bin/my db (PID 4711). See also https://duckdb.org/docs";
        let error = from_open(&failure(text), Path::new("/a/shop.duckdb"));
        assert_eq!(error.kind, ErrorKind::Locked);
        assert_eq!(error.message, "`my db` (process 4711) has the database `/a/shop.duckdb` open");
        let bare = from_text("IO Error: Could not set lock on file \"x\": Resource temporarily unavailable");
        assert_eq!(bare.message, "another process has the database `x` open");
    }

    #[test]
    fn what_opening_says_is_told_in_our_words() {
        for (text, wanted) in [
            (
                "IO Error: The file \"a\" exists, but it is not a valid DuckDB database file!",
                "is not a DuckDB database",
            ),
            (
                "IO Error: Trying to read a database file with version number 99, but we can only read versions between 64 and 67.",
                "another version of DuckDB",
            ),
            ("IO Error: Cannot open file \"a\": Permission denied", "no permission"),
            ("IO Error: Could not read from file \"a\": Is a directory", "is a folder"),
            (
                "Invalid Input Error: The following options were not recognized: nope",
                "options were not recognized: nope",
            ),
        ] {
            let error = from_open(&failure(text), Path::new("a"));
            assert_eq!(error.kind, ErrorKind::Connection);
            assert!(error.message.contains(wanted), "{}", error.message);
        }
    }

    #[test]
    fn json_is_taken_apart() {
        let text = r#"Parser Error: {"exception_type":"Parser","exception_message":"syntax error at or near \"x\"","position":"13"}"#;
        let error = from_duckdb(&failure(text), "select 1 frm x y z");
        assert_eq!(error.message, "Parser Error: syntax error at or near \"x\"");
        assert_eq!(error.position, Some(13));
        assert_eq!(from_duckdb(&failure(text), "short").position, None);
    }

    #[test]
    fn a_picture_of_the_statement_is_left_out() {
        let error = from_text(
            "Binder Error: Referenced column \"b\" not found\nCandidate bindings: \"a\", \"이름\"\n\nLINE 1: select b\n               ^",
        );
        assert_eq!(error.message, "Binder Error: Referenced column \"b\" not found");
        assert_eq!(*error.candidates, ["a", "이름"]);
        assert_eq!(error.help.as_deref(), Some("did you mean one of `a`, `이름`?"));
        assert!(error.notes.is_empty());
    }

    #[test]
    fn a_missing_extension_is_named() {
        let message = "Scalar Function with name \"st_point\" is not in the catalog, but it exists in the spatial extension.\n\nPlease try";
        assert_eq!(missing_extension("Catalog", message).as_deref(), Some("spatial"));
        let message = "An error occurred while trying to automatically install the required extension 'httpfs':\nFailed";
        assert_eq!(missing_extension("Extension Autoloading", message).as_deref(), Some("httpfs"));
        assert_eq!(missing_extension("Catalog", "it exists in the "), None);
    }
}
