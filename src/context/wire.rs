use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::blame::{Source, blame};
use super::query_comment::QueryComment;
use super::{Invocation, RunHandle, SharedConnection};
use crate::adapter::{AdapterError, Connection, ErrorKind, Response, Rows, Transaction};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Error, Value, raise, raise_told};
use crate::text::{SourceMap, Span};

/// How a template's statements reach the warehouse: with the query comment, noted, inside
/// of a transaction where one is wanted, and with errors told at the template.
pub(super) struct Wire {
    pub(super) invocation: Arc<Invocation>,
    /// `None` while nothing may be asked.
    connection: Option<SharedConnection>,
    /// The unique id that the query comment names.
    node: Option<String>,
    /// Where to point when the place of an error is not known; a template that is
    /// compiled has the place of the call instead.
    fallback: Option<Span>,
    compiled: Option<(Arc<str>, SourceMap)>,
    /// Whether statements may begin transactions: only where somebody ends them.
    has_transactions: bool,
    comment: OnceLock<Result<QueryComment, Diagnostic>>,
    /// What the template of the query comment sees.
    names: OnceLock<Value>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    has_asked: bool,
    has_looked: bool,
    is_in_transaction: bool,
    handle: RunHandle,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("node", &self.node).finish_non_exhaustive()
    }
}

impl Wire {
    /// For a template that is compiled: it asks, but changes nothing.
    pub(super) fn for_compiling(
        invocation: &Arc<Invocation>,
        node: Option<String>,
        connection: Option<SharedConnection>,
    ) -> Self {
        Self {
            invocation: Arc::clone(invocation),
            connection,
            node,
            fallback: None,
            compiled: None,
            has_transactions: false,
            comment: OnceLock::new(),
            names: OnceLock::new(),
            state: Mutex::default(),
        }
    }

    /// For a node that is run.
    pub(super) fn for_running(
        invocation: &Arc<Invocation>,
        node: Option<String>,
        connection: SharedConnection,
        fallback: Option<Span>,
        compiled: Option<(Arc<str>, SourceMap)>,
    ) -> Self {
        let wire = Self::for_compiling(invocation, node, Some(connection));
        Self { fallback, compiled, has_transactions: true, ..wire }
    }

    /// Tells what the query comment's template sees.
    pub(super) fn set_names(&self, names: Value) {
        // Told once, by who made the wire.
        let _ = self.names.set(names);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What happened so far.
    pub(super) fn handle(&self) -> RunHandle {
        self.state().handle.clone()
    }

    pub(super) fn change_handle(&self, change: impl FnOnce(&mut RunHandle)) {
        change(&mut self.state().handle);
    }

    /// Whether the warehouse was asked anything, or would have been.
    pub(super) fn has_asked(&self) -> bool {
        self.state().has_asked
    }

    /// Whether it was told anything of what is in the warehouse, by the warehouse, from what is
    /// remembered of it, or from what is supposed to be there.
    pub(super) fn has_looked(&self) -> bool {
        let state = self.state();
        state.has_asked || state.has_looked
    }

    /// Notes an answer that came without a statement.
    pub(super) fn note_look(&self) {
        self.state().has_looked = true;
    }

    /// Runs statements whose rows nobody wants.
    pub(super) fn execute(&self, sql: &str, auto_begin: bool) -> Result<Response, Diagnostic> {
        let source = self.source();
        self.send(sql, auto_begin, source, |connection, sql| connection.execute(sql))
    }

    /// Runs statements and gives the rows of the last.
    pub(super) fn query(&self, sql: &str, auto_begin: bool) -> Result<Rows, Diagnostic> {
        let source = self.source();
        self.send(sql, auto_begin, source, |connection, sql| connection.query(sql))
    }

    /// As [`execute`](Wire::execute), for a text whose map is known.
    pub(super) fn execute_mapped(&self, sql: &str, map: &SourceMap) -> Result<Response, Diagnostic> {
        let source = Some(Source { text: sql, map });
        self.send(sql, false, source, |connection, sql| connection.execute(sql))
    }

    /// As [`query`](Wire::query), for a text whose map is known.
    pub(super) fn query_mapped(&self, sql: &str, map: &SourceMap) -> Result<Rows, Diagnostic> {
        let source = Some(Source { text: sql, map });
        self.send(sql, false, source, |connection, sql| connection.query(sql))
    }

    /// As [`query`](Wire::query), for a text that no template wrote and an answer that is read
    /// whatever types it comes in.
    pub(super) fn query_untyped(&self, sql: &str) -> Result<Rows, Diagnostic> {
        self.send(sql, false, None, |connection, sql| connection.query_untyped(sql))
    }

    fn source(&self) -> Option<Source<'_>> {
        self.compiled.as_ref().map(|(text, map)| Source { text, map })
    }

    fn send<T>(
        &self,
        sql: &str,
        auto_begin: bool,
        source: Option<Source<'_>>,
        run: impl FnOnce(&mut dyn Connection, &str) -> Result<T, AdapterError>,
    ) -> Result<T, Diagnostic> {
        let dialect = self.invocation.adapter.dialect();
        self.state().has_asked = true;
        let comment = self.comment()?;
        let (text, moved) = comment.apply(sql, dialect);
        if auto_begin {
            self.begin()?;
        }
        let answer = self.with_connection(|connection| {
            let on = self.node.as_deref().unwrap_or("master");
            self.invocation.log.sent(on, &text);
            self.state().handle.statements.push(text.clone());
            Ok(run(connection, &text))
        })?;
        match answer {
            Ok(answer) => {
                self.note_transaction(sql);
                Ok(answer)
            }
            Err(mut error) => {
                self.note_conflict(&error);
                // The comment is ours: positions count from the statement.
                error.position = error.position.and_then(|position| position.checked_sub(moved));
                Err(blame(&error, sql, source, self.fallback, &self.invocation.macros))
            }
        }
    }

    /// Does something with the connection, held only for that long.
    ///
    /// # Errors
    /// There is no connection, or what was done failed.
    pub(super) fn with_connection<T>(
        &self,
        act: impl FnOnce(&mut dyn Connection) -> Result<T, Diagnostic>,
    ) -> Result<T, Diagnostic> {
        self.state().has_asked = true;
        let Some(connection) = &self.connection else {
            let message = "the template asks the warehouse, to which there is no connection here";
            return Err(Diagnostic::error(Code::ConnectionFailed, message)
                .help("ask only `{% if execute %}`, and not with `--no-introspect`"));
        };
        let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut **connection)
    }

    /// An error of the warehouse that has no statement.
    pub(super) fn failed(&self, error: &AdapterError) -> Diagnostic {
        blame(error, "", None, self.fallback, &self.invocation.macros)
    }

    /// Ends the render with that diagnostic. Of a node that runs, the place is known better
    /// than the template of its materialization knows it.
    pub(super) fn raise(&self, diagnostic: Diagnostic) -> Error {
        if self.has_transactions && diagnostic.span().is_some() {
            raise_told(diagnostic)
        } else {
            raise(diagnostic)
        }
    }

    /// Begins a transaction unless one is open.
    pub(super) fn begin(&self) -> Result<(), Diagnostic> {
        if !self.has_transactions || self.state().is_in_transaction {
            return Ok(());
        }
        self.step(Transaction::Begin)?;
        self.state().is_in_transaction = true;
        Ok(())
    }

    /// Ends the transaction that is open, if one is.
    pub(super) fn end(&self, is_success: bool) -> Result<(), Diagnostic> {
        if !std::mem::take(&mut self.state().is_in_transaction) {
            return Ok(());
        }
        if !is_success {
            return self.step(Transaction::Rollback);
        }
        self.step(Transaction::Commit).inspect_err(|_| {
            // A commit that was refused has mostly rolled back by itself; one that was
            // cancelled has not.
            let _ = self.step(Transaction::Rollback);
        })
    }

    fn step(&self, step: Transaction) -> Result<(), Diagnostic> {
        self.with_connection(|connection| {
            connection.transaction(step).map_err(|error| {
                self.note_conflict(&error);
                self.failed(&error)
            })
        })
    }

    fn note_conflict(&self, error: &AdapterError) {
        if error.kind == ErrorKind::Conflict {
            self.state().handle.met_conflict = true;
        }
    }

    /// A user's own `begin` and `commit` count too.
    fn note_transaction(&self, sql: &str) {
        let end = |c: char| c == ';' || c.is_whitespace();
        let words: Vec<String> =
            sql.trim_end_matches(end).split_whitespace().take(3).map(str::to_lowercase).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["begin"] | ["begin" | "start", "transaction"] => self.state().is_in_transaction = true,
            ["commit" | "rollback" | "end" | "abort"] | ["commit" | "rollback" | "end", "transaction"] => {
                self.state().is_in_transaction = false;
            }
            _ => {}
        }
    }

    fn comment(&self) -> Result<QueryComment, Diagnostic> {
        let make = || {
            let names = self.names.get().cloned().unwrap_or_default();
            QueryComment::new(&self.invocation, self.node.as_deref(), &names)
        };
        self.comment.get_or_init(make).clone()
    }
}
