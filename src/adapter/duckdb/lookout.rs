use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::error::{from_duckdb, from_open};
use super::profile::Profile;
use crate::adapter::{AdapterError, ErrorKind};
use crate::sql::string_literal;

/// How long one look at files of another machine may take, and all of a command together.
const ONE: Duration = Duration::from_secs(6);
const ALL: Duration = Duration::from_secs(20);

/// A database in memory that looks into files of other machines, with the extensions and secrets
/// of the profile, while the real one is left alone.
#[derive(Default)]
pub(super) struct Lookout {
    root: Mutex<Option<Opened>>,
}

struct Opened {
    connection: ::duckdb::Connection,
    until: Instant,
}

impl Lookout {
    /// Names and types of the columns of a query.
    ///
    /// # Errors
    /// The files cannot be read, or did not answer in time.
    pub fn columns(
        &self,
        profile: &Arc<Profile>,
        query: &str,
    ) -> Result<Vec<(String, String)>, AdapterError> {
        let late = || AdapterError::new(ErrorKind::Connection, "it did not answer in time");
        let (connection, left) = {
            let mut root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
            let opened = match &mut *root {
                Some(opened) => opened,
                none => none.insert(Opened { connection: open(profile)?, until: Instant::now() + ALL }),
            };
            let left = opened.until.saturating_duration_since(Instant::now()).min(ONE);
            (opened.connection.try_clone().map_err(|error| from_duckdb(&error, ""))?, left)
        };
        if left.is_zero() {
            return Err(late());
        }
        let stop = connection.interrupt_handle();
        let (send, receive) = sync_channel(1);
        let sql = format!("describe {query}");
        // A read that hangs keeps its thread; nobody waits for it.
        let look = move || {
            let _ = send.send(described(&connection, &sql));
        };
        std::thread::Builder::new()
            .name("lookout".to_owned())
            .spawn(look)
            .map_err(|error| AdapterError::new(ErrorKind::Connection, error.to_string()))?;
        match receive.recv_timeout(left) {
            Ok(found) => found.map_err(|error| profile.hidden.taken_out_of(from_duckdb(&error, ""))),
            Err(_) => {
                stop.interrupt();
                Err(late())
            }
        }
    }
}

fn described(connection: &::duckdb::Connection, sql: &str) -> Result<Vec<(String, String)>, ::duckdb::Error> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Extensions are loaded, and none is installed: that may take long.
fn open(profile: &Profile) -> Result<::duckdb::Connection, AdapterError> {
    let options = [("autoinstall_known_extensions", "false"), ("http_timeout", "5"), ("http_retries", "0")];
    let mut config = ::duckdb::Config::default()
        .with(options[0].0, options[0].1)
        .map_err(|error| from_duckdb(&error, ""))?;
    if let Some(folder) = &profile.extension_directory {
        config = config.with("extension_directory", folder).map_err(|error| from_duckdb(&error, ""))?;
    }
    let connection = ::duckdb::Connection::open_in_memory_with_flags(config)
        .map_err(|error| from_open(&error, Path::new(":memory:")))?;
    let run = |sql: &str| {
        connection.execute_batch(sql).map_err(|error| profile.hidden.taken_out_of(from_duckdb(&error, "")))
    };
    run("set errors_as_json = true")?;
    for extension in &profile.extensions {
        run(&format!("load {}", string_literal(&extension.name)))?;
    }
    for (name, value) in &options[1..] {
        // Known once `httpfs` is loaded.
        let _ = run(&format!("set {name} = {value}"));
    }
    for secret in profile.secrets.iter().filter(|secret| !secret.is_persistent) {
        run(&secret.statement)?;
    }
    for (_, statement) in &profile.settings {
        run(statement)?;
    }
    Ok(connection)
}
