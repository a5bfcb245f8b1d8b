/// What went wrong in a warehouse, as far as callers care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// It could not be reached or opened.
    Connection,
    /// Another process has the database.
    Locked,
    /// It refused a statement.
    Statement,
    /// We stopped it.
    Cancelled,
    /// It does not have what was asked for.
    NotSupported,
}

/// An error of a warehouse, mapped at the edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterError {
    pub kind: ErrorKind,
    /// As the warehouse said it, without its picture of the statement.
    pub message: String,
    /// The byte of the statement (or the seed file) where it went wrong, if known.
    pub position: Option<usize>,
    /// What to do next, if we know.
    pub help: Option<String>,
}

impl AdapterError {
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), position: None, help: None }
    }
}

impl std::fmt::Display for AdapterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AdapterError {}
