/// What went wrong in a warehouse, as far as callers care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// It could not be reached or opened.
    Connection,
    /// Another process has the database.
    Locked,
    /// It refused a statement.
    Statement,
    /// Another transaction changed the same thing at the same time; tried again, the same
    /// statements may pass.
    Conflict,
    /// We stopped it.
    Cancelled,
    /// It does not have what was asked for.
    NotSupported,
    /// A seed file is not well-formed, or a value in it does not fit its column.
    Seed,
}

/// An error of a warehouse, mapped at the edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterError {
    pub kind: ErrorKind,
    /// One line, as the warehouse said it, without its picture of the statement.
    pub message: String,
    /// The byte of the statement (or the seed file) where it went wrong, if known.
    pub position: Option<usize>,
    /// Further lines of the warehouse's message.
    pub notes: Box<[String]>,
    /// Names that the warehouse would have known in that place, the nearest first.
    pub candidates: Box<[String]>,
    /// What to do next, if we know.
    pub help: Option<String>,
    /// The key of the profile that is wrong, with points between levels: `attach.0.type`.
    pub key: Option<Box<str>>,
}

impl AdapterError {
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            position: None,
            notes: Box::default(),
            candidates: Box::default(),
            help: None,
            key: None,
        }
    }

    /// About a key of the profile, unless a nearer one is named already.
    #[must_use]
    pub fn about(mut self, key: &str) -> Self {
        self.key.get_or_insert_with(|| key.into());
        self
    }

    /// About what stands in a key of the profile: what is named already is below it.
    #[must_use]
    pub fn within(mut self, key: &str) -> Self {
        self.key = Some(match self.key {
            Some(below) => format!("{key}.{below}").into(),
            None => key.into(),
        });
        self
    }

    #[must_use]
    pub fn at(mut self, position: usize) -> Self {
        self.position = Some(position);
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl std::fmt::Display for AdapterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AdapterError {}
