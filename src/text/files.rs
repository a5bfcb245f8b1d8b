use std::sync::{Arc, RwLock};

use super::{FileId, SourceFile, Span};

/// Every text xform has read, by number. Texts are only ever added, so a [`Span`]
/// stays good; adding needs no `&mut`, so threads can share one `Files`.
#[derive(Debug, Default)]
pub struct Files {
    files: RwLock<Vec<Arc<SourceFile>>>,
}

impl Files {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a text and gives it a number. `path` is what users will see.
    pub fn add(&self, path: impl Into<String>, text: impl Into<Arc<str>>) -> Arc<SourceFile> {
        self.push(|id| SourceFile::new(id, path.into(), text.into()))
    }

    /// Takes in a text of which messages show another one, of the same length.
    pub fn add_masked(
        &self,
        path: impl Into<String>,
        text: impl Into<Arc<str>>,
        masked: impl Into<Arc<str>>,
    ) -> Arc<SourceFile> {
        self.push(|id| SourceFile::masked(id, path.into(), text.into(), masked.into()))
    }

    /// Takes in a text that is fetched when somebody first asks for it.
    pub fn add_fetched(
        &self,
        path: impl Into<String>,
        fetch: impl Fn() -> Arc<str> + Send + Sync + 'static,
    ) -> Arc<SourceFile> {
        self.push(|id| SourceFile::fetched(id, path.into(), Box::new(fetch)))
    }

    fn push(&self, make: impl FnOnce(FileId) -> SourceFile) -> Arc<SourceFile> {
        let mut files = self.files.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let id = FileId(u32::try_from(files.len()).unwrap_or(u32::MAX));
        let file = Arc::new(make(id));
        files.push(Arc::clone(&file));
        file
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.read().unwrap_or_else(std::sync::PoisonError::into_inner).len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The file of that number; a number always comes from this table.
    #[must_use]
    pub fn get(&self, id: FileId) -> Arc<SourceFile> {
        let files = self.files.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(&files[id.0 as usize])
    }

    /// The first file taken in under that path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<Arc<SourceFile>> {
        let files = self.files.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        files.iter().find(|file| file.path() == path).cloned()
    }

    /// The characters of a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> String {
        self.get(span.file).slice(span).to_owned()
    }

    /// `path:line:column` of a span's start.
    #[must_use]
    pub fn location(&self, span: Span) -> String {
        let file = self.get(span.file);
        let place = file.line_column(span.start as usize);
        format!("{}:{}:{}", file.path(), place.line, place.column)
    }
}

#[cfg(test)]
impl Files {
    /// The path of the file in a place.
    pub(crate) fn path_of(&self, place: usize) -> String {
        self.get(FileId(u32::try_from(place).unwrap_or(u32::MAX))).path().to_owned()
    }
}
