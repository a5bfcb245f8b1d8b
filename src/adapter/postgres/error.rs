use postgres::error::{DbError, ErrorPosition, SqlState};

use super::profile::Profile;
use super::session::NOT_AGAIN;
use crate::adapter::{AdapterError, ErrorKind};

/// An error of the server or the wire for the statements `sql`.
/// Codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(super) fn from_postgres(error: &postgres::Error, sql: &str, profile: &Profile) -> AdapterError {
    let Some(told) = error.as_db_error() else {
        return if error.is_closed() { gone() } else { lost(error, profile) };
    };
    let code = told.code();
    let kind = match code.code() {
        "40001" => ErrorKind::Conflict,
        "57P01" | "57P02" | "57P03" | "57P05" => ErrorKind::Connection,
        code if code.starts_with("08") || code.starts_with("28") || code.starts_with("53") => {
            ErrorKind::Connection
        }
        _ => ErrorKind::Statement,
    };
    let mut mapped = AdapterError::new(kind, profile.hidden(&one_line(told.message())));
    if let Some(ErrorPosition::Original(place)) = told.position() {
        mapped.position = byte_of(sql, *place);
    }
    let mut notes = Vec::new();
    for note in [told.detail(), told.where_()].into_iter().flatten() {
        notes.extend(note.lines().map(|line| profile.hidden(line)).filter(|line| !line.is_empty()));
    }
    if let Some(hint) = told.hint() {
        mapped.candidates = hinted_columns(hint).into();
        if mapped.candidates.is_empty() {
            notes.push(profile.hidden(&one_line(hint)));
        }
    }
    mapped.notes = notes.into();
    mapped.help = help(told, &mapped.candidates);
    mapped
}

/// What to do about an error, if we know.
fn help(told: &DbError, candidates: &[String]) -> Option<String> {
    if let [first, ..] = candidates {
        return Some(format!("did you mean `{first}`?"));
    }
    let help = match told.code() {
        code if *code == SqlState::UNDEFINED_TABLE || *code == SqlState::INVALID_SCHEMA_NAME => {
            "if a node of the project makes it, build that first: `xform build --select +NAME` builds what NAME needs too"
        }
        code if *code == SqlState::T_R_DEADLOCK_DETECTED => {
            "another client holds what this one needs and waits for it: `xform retry` goes on from here"
        }
        code if *code == SqlState::T_R_SERIALIZATION_FAILURE => {
            "run it again: `xform retry` goes on from here"
        }
        code if *code == SqlState::QUERY_CANCELED && told.message().contains("statement timeout") => {
            "give the statement more time (`set statement_timeout` in a `pre_hook`, or for the role), or make it smaller"
        }
        code if *code == SqlState::LOCK_NOT_AVAILABLE => "another client holds the relation: try again",
        code if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            "grant the right to the user or the `role` of the profile"
        }
        code if *code == SqlState::ADMIN_SHUTDOWN || *code == SqlState::CRASH_SHUTDOWN => {
            "the server or somebody on it ended the session: `xform retry` goes on from here"
        }
        code if *code == SqlState::TOO_MANY_CONNECTIONS => "use fewer `threads`, or allow more connections",
        code if *code == SqlState::DISK_FULL => "the disk of the server is full",
        code if *code == SqlState::DEPENDENT_OBJECTS_STILL_EXIST => {
            "what depends on it was not made here: drop it by hand, or with `cascade`"
        }
        _ => return None,
    };
    Some(help.to_owned())
}

/// `Perhaps you meant to reference the column "t.order_id" …`: the names.
fn hinted_columns(hint: &str) -> Vec<String> {
    if !hint.contains("Perhaps you meant to reference the column") {
        return Vec::new();
    }
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    hint.split('"').skip(1).step_by(2).map(last).collect()
}

/// The byte of a character, counted from 1.
fn byte_of(sql: &str, place: u32) -> Option<usize> {
    let place = usize::try_from(place).ok()?.checked_sub(1)?;
    sql.char_indices().map(|(at, _)| at).chain([sql.len()]).nth(place)
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The session ended under way.
pub(super) fn gone() -> AdapterError {
    AdapterError::new(ErrorKind::Connection, "the connection to the server was lost")
        .help("what was finished is kept; `xform retry` goes on from here")
}

/// An error of the wire, with its causes.
fn lost(error: &postgres::Error, profile: &Profile) -> AdapterError {
    let message = format!("the connection to the server failed: {}", causes(error, profile));
    AdapterError::new(ErrorKind::Connection, message)
        .help("what was finished is kept; `xform retry` goes on from here")
}

/// A value that the driver cannot read.
pub(super) fn unreadable(error: &postgres::Error, profile: &Profile) -> AdapterError {
    let message = format!("the answer of the server cannot be read: {}", causes(error, profile));
    AdapterError::new(ErrorKind::Statement, message)
        .help("is it a text that is not UTF-8? A database of the encoding `SQL_ASCII` takes any bytes")
}

fn causes(error: &dyn std::error::Error, profile: &Profile) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    profile.hidden(&one_line(&text))
}

/// Why a session could not be opened.
pub(super) fn unreachable(error: &postgres::Error, profile: &Profile) -> AdapterError {
    let Profile { host, port, user, database, .. } = profile;
    let place = format!("`{host}:{port}`");
    let of = |message: String, help: &str| AdapterError::new(ErrorKind::Connection, message).help(help);
    if let Some(told) = error.as_db_error() {
        let said = profile.hidden(&one_line(told.message()));
        let message = format!("the server at {place} refused us: {said}");
        let code = told.code();
        return if *code == SqlState::INVALID_PASSWORD {
            let help = match profile.has_password() {
                true => format!("{NOT_AGAIN} `user` and `password` of the profile"),
                false => format!("{NOT_AGAIN} the profile: it has no `password`"),
            };
            of(format!("the server at {place} refused the password of `{user}`"), &help)
        } else if *code == SqlState::INVALID_CATALOG_NAME {
            of(message, &format!("{NOT_AGAIN} `dbname` of the profile, or create the database `{database}`"))
        } else if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
            let help = match told.message().contains("no encryption") {
                true => format!("{NOT_AGAIN} `sslmode` of the profile: the server wants `require`"),
                false => format!("{NOT_AGAIN} the profile, or let `pg_hba.conf` of the server allow it"),
            };
            of(message, &help)
        } else if *code == SqlState::TOO_MANY_CONNECTIONS {
            of(message, "use fewer `threads`, or allow more connections")
        } else {
            of(message, "see the server's log for more")
        };
    }
    let why = causes(error, profile);
    let message = format!("the server at {place} cannot be reached: {why}");
    let help = if why.contains("server does not support TLS") {
        format!("{NOT_AGAIN} `sslmode`: this server has no TLS; `disable` goes on without")
    } else if why.contains("invalid peer certificate") || why.contains("certificate") {
        format!("{NOT_AGAIN} `sslrootcert`: it names the authority that signed the server's certificate")
    } else if why.contains("password missing") {
        return of(
            format!("the server at {place} wants a password of `{user}`"),
            &format!("{NOT_AGAIN} the profile: give it a `password`"),
        );
    } else if why.contains("failed to lookup address") {
        format!("is `{host}` written right, and the network there?")
    } else if why.contains("timed out") {
        "is it the right host? `connect_timeout` of the profile gives it more time".to_owned()
    } else {
        "does the server run, and are `host` and `port` of the profile right?".to_owned()
    };
    of(message, &help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters() {
        assert_eq!(byte_of("select 가나 frm", 11), Some(14));
        assert_eq!(byte_of("ab", 3), Some(2));
        assert_eq!(byte_of("ab", 4), None);
        assert_eq!(byte_of("ab", 0), None);
    }

    #[test]
    fn hints_name_columns() {
        let hint = "Perhaps you meant to reference the column \"o.order_id\" or the column \"o.주문\".";
        assert_eq!(hinted_columns(hint), ["order_id", "주문"]);
        assert!(hinted_columns("No function matches \"x\".").is_empty());
    }
}
