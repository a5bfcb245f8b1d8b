use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{LineColumn, LineIndex, Span};

/// The number of a file in [`Files`](super::Files).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(super) u32);

impl FileId {
    /// Its place among all files, from 0 in the order they were taken in.
    #[must_use]
    pub fn place(self) -> usize {
        self.0 as usize
    }
}

/// One text: its path as shown to the user (relative to the project, `/` between
/// folders) and its characters, which may be fetched when somebody first asks for them.
pub struct SourceFile {
    id: FileId,
    path: String,
    text: OnceLock<Arc<str>>,
    /// What messages show in place of the text.
    masked: Option<Arc<str>>,
    fetch: Option<Fetch>,
    lines: OnceLock<LineIndex>,
}

/// Gives a text, the same each time.
pub(super) type Fetch = Box<dyn Fn() -> Arc<str> + Send + Sync>;

impl SourceFile {
    pub(super) fn new(id: FileId, path: String, text: Arc<str>) -> Self {
        Self { id, path, text: OnceLock::from(text), masked: None, fetch: None, lines: OnceLock::new() }
    }

    /// With a text of the same length that messages show in place of it, for one that holds
    /// passwords.
    pub(super) fn masked(id: FileId, path: String, text: Arc<str>, masked: Arc<str>) -> Self {
        debug_assert_eq!(text.len(), masked.len());
        Self { masked: Some(masked), ..Self::new(id, path, text) }
    }

    pub(super) fn fetched(id: FileId, path: String, fetch: Fetch) -> Self {
        Self { id, path, text: OnceLock::new(), masked: None, fetch: Some(fetch), lines: OnceLock::new() }
    }

    #[must_use]
    pub fn id(&self) -> FileId {
        self.id
    }

    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    #[must_use]
    pub fn text(&self) -> &str {
        self.arc()
    }

    /// The text as messages may show it: every byte of it at its place, or hidden.
    #[must_use]
    pub fn shown_text(&self) -> &str {
        self.masked.as_deref().unwrap_or_else(|| self.text())
    }

    /// The text as a shared string, free to clone.
    #[must_use]
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(self.arc())
    }

    fn arc(&self) -> &Arc<str> {
        self.text.get_or_init(|| self.fetch.as_ref().map_or_else(|| Arc::from(""), |fetch| fetch()))
    }

    /// Whether somebody has asked for the text, or it was there from the beginning.
    #[must_use]
    pub fn is_fetched(&self) -> bool {
        self.text.get().is_some()
    }

    fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(self.text()))
    }

    /// The span of the whole text.
    #[must_use]
    pub fn span(&self) -> Span {
        Span::new(self.id, 0, self.text().len())
    }

    /// The characters of a span of this file; empty when the span does not fit.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text().get(span.range()).unwrap_or_default()
    }

    #[must_use]
    pub fn line_column(&self, offset: usize) -> LineColumn {
        self.lines().line_column(self.text(), offset)
    }

    /// Byte offset of a 1-based line and column.
    #[must_use]
    pub fn offset(&self, place: LineColumn) -> usize {
        self.lines().offset(self.text(), place)
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, path, text, masked, .. } = self;
        let mut shown = f.debug_struct("SourceFile");
        shown.field("id", id).field("path", path);
        match masked {
            Some(masked) => shown.field("text", masked).finish(),
            None => shown.field("text", text).finish(),
        }
    }
}
