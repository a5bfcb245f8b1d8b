use std::sync::Arc;

use super::{LineColumn, LineIndex, Span};

/// The number of a file in [`Files`](super::Files).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(super) u32);

/// One text: its path as shown to the user (relative to the project, `/` between
/// folders) and its characters.
#[derive(Debug)]
pub struct SourceFile {
    id: FileId,
    path: String,
    text: Arc<str>,
    lines: LineIndex,
}

impl SourceFile {
    pub(super) fn new(id: FileId, path: String, text: Arc<str>) -> Self {
        let lines = LineIndex::new(&text);
        Self { id, path, text, lines }
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
        &self.text
    }

    /// The text as a shared string, free to clone.
    #[must_use]
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// The span of the whole text.
    #[must_use]
    pub fn span(&self) -> Span {
        Span::new(self.id, 0, self.text.len())
    }

    /// The characters of a span of this file; empty when the span does not fit.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    #[must_use]
    pub fn line_column(&self, offset: usize) -> LineColumn {
        self.lines.line_column(&self.text, offset)
    }

    /// Byte offset of a 1-based line and column.
    #[must_use]
    pub fn offset(&self, place: LineColumn) -> usize {
        self.lines.offset(&self.text, place)
    }
}
