use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use postgres::{CancelToken, Client, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::ahead::Ahead;
use super::error::{from_postgres, gone, unreachable};
use super::profile::Profile;
use crate::adapter::{AdapterError, Canceller, ErrorKind};
use crate::sql::{Dialect, Ident};

/// What opens sessions.
#[derive(Clone)]
pub(super) struct Door {
    pub profile: Arc<Profile>,
    pub tls: MakeRustlsConnect,
    /// A session that nobody works with any more, for whoever reads the catalog.
    spare: Arc<Mutex<Option<Client>>>,
    ahead: Arc<Ahead>,
}

impl Door {
    pub fn new(profile: Profile, tls: MakeRustlsConnect) -> Self {
        Self { profile: Arc::new(profile), tls, spare: Arc::default(), ahead: Arc::default() }
    }

    /// Opens that many sessions while somebody has other work.
    pub fn open_ahead(&self, sessions: usize) {
        self.ahead.open(self, sessions);
    }

    /// A session that was opened ahead, or a new one.
    fn enter(&self) -> Result<Client, AdapterError> {
        match self.ahead.take()? {
            Some(client) => Ok(client),
            None => self.open(),
        }
    }

    /// Opens a session, trying again as often as the profile says.
    pub fn open(&self) -> Result<Client, AdapterError> {
        let mut attempt = 0;
        loop {
            match self.open_once() {
                // Who is refused is refused again.
                Err(error) if attempt < self.profile.retries && error.kind == ErrorKind::Connection => {
                    if error.help.as_deref().is_some_and(|help| help.starts_with(NOT_AGAIN)) {
                        return Err(error);
                    }
                    attempt += 1;
                    std::thread::sleep(Duration::from_secs(1).min(self.profile.connect_timeout));
                }
                done => return done,
            }
        }
    }

    /// The driver's own time-out ends with the TCP connection: a server that says nothing after
    /// that is given up here, and its thread left to itself.
    fn open_once(&self) -> Result<Client, AdapterError> {
        let (config, tls) = (self.profile.config(), self.tls.clone());
        let (send, receive) = sync_channel(1);
        let connect = move || {
            // Nobody waits any more: the session is closed again.
            let _ = send.send(config.connect(tls));
        };
        let limit = self.profile.connect_timeout;
        std::thread::Builder::new().name("postgres".to_owned()).spawn(connect).map_err(|error| {
            AdapterError::new(ErrorKind::Connection, format!("no thread to connect: {error}"))
        })?;
        // The driver keeps to the limit for each address of the host; then it says why.
        let mut client = match receive.recv_timeout(limit + Duration::from_millis(500)) {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => return Err(unreachable(&error, &self.profile)),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                let Profile { host, port, .. } = &*self.profile;
                let message =
                    format!("the server at `{host}:{port}` did not answer within {} s", limit.as_secs());
                return Err(AdapterError::new(ErrorKind::Connection, message)
                    .help("is it the right port? `connect_timeout` of the profile gives it more time"));
            }
        };
        client.batch_execute(&self.greeting()).map_err(|error| {
            let mut error = from_postgres(&error, "", &self.profile);
            error.kind = ErrorKind::Connection;
            error.position = None;
            error
        })?;
        Ok(client)
    }

    /// What each session is told first: values are written as they are read here, and the role.
    fn greeting(&self) -> String {
        let mut sql = "set datestyle = 'ISO'; set bytea_output = 'hex'".to_owned();
        if let Some(role) = &self.profile.role {
            sql += "; set role ";
            sql += &Ident::new(role.as_str()).quoted(Dialect::Postgres);
        }
        sql
    }
}

/// The beginning of what is advised where another attempt is of no use.
pub(super) const NOT_AGAIN: &str = "correct";

/// One session of the server, opened when it is needed and again when the server ended it.
pub(super) struct Session {
    door: Door,
    client: Option<Client>,
    is_in_transaction: bool,
    /// A transaction was begun that the server has not heard of: it is told with the first
    /// statement, which saves a way there and back for each node.
    owes_begin: bool,
    line: Arc<Line>,
}

/// What goes before the first statement of a transaction.
const BEGIN: &str = "begin;\n";

/// How another thread stops what runs.
#[derive(Default)]
struct Line {
    token: Mutex<Option<CancelToken>>,
    /// The statement that runs is to stop.
    is_cancelled: AtomicBool,
    /// A request to stop is on its way.
    is_asking: AtomicBool,
}

impl Session {
    /// Nothing is opened yet.
    pub fn new(door: Door) -> Self {
        Self { door, client: None, is_in_transaction: false, owes_begin: false, line: Arc::default() }
    }

    /// For reading the catalog: in a session that somebody left, if there is one.
    pub fn to_read(door: Door) -> Self {
        let mut session = Self::new(door);
        session.client = session.door.spare.lock().unwrap_or_else(PoisonError::into_inner).take();
        session
    }

    pub fn profile(&self) -> &Profile {
        &self.door.profile
    }

    /// The open session.
    ///
    /// # Errors
    /// It cannot be opened; or the server ended it in the middle of a transaction.
    pub fn client(&mut self) -> Result<&mut Client, AdapterError> {
        if self.client.as_ref().is_some_and(Client::is_closed) {
            self.client = None;
            if self.is_in_transaction && !self.owes_begin {
                return Err(gone());
            }
        }
        match &mut self.client {
            Some(client) => Ok(client),
            none => {
                let client = self.door.enter()?;
                let mut token = self.line.token.lock().unwrap_or_else(PoisonError::into_inner);
                *token = Some(client.cancel_token());
                drop(token);
                Ok(none.insert(client))
            }
        }
    }

    /// Runs statements as one text.
    pub fn send(&mut self, sql: &str) -> Result<Vec<SimpleQueryMessage>, AdapterError> {
        if !std::mem::take(&mut self.owes_begin) {
            return self.do_with(sql, |client| client.simple_query(sql));
        }
        let begun = format!("{BEGIN}{sql}");
        self.do_with(&begun, |client| client.simple_query(&begun)).map_err(|error| AdapterError {
            position: error.position.and_then(|position| position.checked_sub(BEGIN.len())),
            ..error
        })
    }

    /// Does something with the open session; errors are about `sql`.
    pub fn run<T>(
        &mut self,
        sql: &str,
        work: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, AdapterError> {
        if self.owes_begin {
            self.send("")?;
        }
        self.do_with(sql, work)
    }

    fn do_with<T>(
        &mut self,
        sql: &str,
        work: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, AdapterError> {
        self.line.is_cancelled.store(false, Ordering::SeqCst);
        let done = work(self.client()?);
        done.map_err(|error| {
            let mapped = from_postgres(&error, sql, self.profile());
            let was_stopped = self.line.is_cancelled.load(Ordering::SeqCst);
            let is_stop = error.code() == Some(&postgres::error::SqlState::QUERY_CANCELED);
            match was_stopped && is_stop {
                true => AdapterError::new(ErrorKind::Cancelled, "cancelled"),
                false => mapped,
            }
        })
    }

    /// Begins a transaction.
    pub fn begin(&mut self) {
        self.is_in_transaction = true;
        self.owes_begin = true;
    }

    /// Ends the transaction. The server rolls back by itself what a lost session had begun.
    pub fn end(&mut self, is_success: bool) -> Result<(), AdapterError> {
        let was_open = std::mem::take(&mut self.is_in_transaction);
        if std::mem::take(&mut self.owes_begin) {
            return Ok(());
        }
        let is_lost = self.client.as_ref().is_none_or(Client::is_closed);
        if is_lost {
            return if is_success && was_open { Err(gone()) } else { Ok(()) };
        }
        let sql = if is_success { "commit" } else { "rollback" };
        let mut attempts = 0;
        loop {
            let done = self.run(sql, |client| client.batch_execute(sql));
            attempts += 1;
            match done {
                // Who stops the statement that runs is not to stop that it is undone.
                Err(error) if !is_success && error.kind == ErrorKind::Cancelled && attempts < 20 => {}
                Err(error) if !is_success && error.kind == ErrorKind::Connection => return Ok(()),
                done => return done,
            }
        }
    }

    pub fn canceller(&self) -> Canceller {
        let (line, tls) = (Arc::clone(&self.line), self.door.tls.clone());
        Canceller::new(move || line.stop(&tls))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let is_clean = !self.is_in_transaction || self.owes_begin;
        if let Some(client) = self.client.take_if(|client| is_clean && !client.is_closed()) {
            *self.door.spare.lock().unwrap_or_else(PoisonError::into_inner) = Some(client);
        }
    }
}

impl Line {
    /// Asks the server to stop what runs, in a thread of its own: a server that is gone does not
    /// answer that either.
    fn stop(self: &Arc<Self>, tls: &MakeRustlsConnect) {
        self.is_cancelled.store(true, Ordering::SeqCst);
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(token) = token else { return };
        if self.is_asking.swap(true, Ordering::SeqCst) {
            return;
        }
        let (line, tls) = (Arc::clone(self), tls.clone());
        let ask = move || {
            // Not heard: the statement ends by itself, or somebody asks again.
            let _ = token.cancel_query(tls);
            line.is_asking.store(false, Ordering::SeqCst);
        };
        if std::thread::Builder::new().name("postgres-cancel".to_owned()).spawn(ask).is_err() {
            self.is_asking.store(false, Ordering::SeqCst);
        }
    }
}
