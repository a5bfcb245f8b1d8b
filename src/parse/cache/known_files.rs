use std::borrow::Cow;
use std::collections::HashMap;

use super::{Digest, Digester};
use crate::project::{ProjectFile, ProjectFiles};
use crate::text::{FileId, Files};

/// The files that were read before parsing began, by path and by number. What is kept names them
/// by path, for they have other numbers in each run.
pub(super) struct KnownFiles<'a> {
    /// `None` for a path that two of them have.
    by_path: HashMap<Cow<'a, str>, Option<FileId>>,
    by_id: HashMap<FileId, Cow<'a, str>>,
    project: HashMap<&'a str, &'a ProjectFile>,
    /// How many there were: files with a greater number are texts that parsing made.
    count: usize,
}

impl<'a> KnownFiles<'a> {
    pub(super) fn new(files: &Files, project_files: &'a ProjectFiles) -> Self {
        let mut known = Self {
            by_path: HashMap::with_capacity(project_files.files.len()),
            by_id: HashMap::with_capacity(project_files.files.len()),
            project: HashMap::with_capacity(project_files.files.len()),
            count: files.len(),
        };
        for file in &project_files.files {
            let path = file.source.path();
            known.project.insert(path, file);
            known.add(Cow::Borrowed(path), file.source.id());
        }
        for id in project_files.packages.iter().filter_map(|package| package.config.file) {
            known.add(Cow::Owned(files.get(id).path().to_owned()), id);
        }
        known
    }

    fn add(&mut self, path: Cow<'a, str>, id: FileId) {
        let place = self.by_path.entry(path.clone()).or_insert(Some(id));
        if *place != Some(id) {
            *place = None;
        }
        self.by_id.insert(id, path);
    }

    pub(super) fn id(&self, path: &str) -> Option<FileId> {
        *self.by_path.get(path)?
    }

    /// The path of a file that is known by it.
    pub(super) fn path(&self, id: FileId) -> Option<&str> {
        let path = &**self.by_id.get(&id)?;
        self.id(path).map(|_| path)
    }

    /// Whether parsing itself made this text.
    pub(super) fn is_made(&self, id: FileId) -> bool {
        id.place() >= self.count
    }

    /// The digest of a file of the project as it is now.
    pub(super) fn digest(&self, path: &str) -> Option<Digest> {
        self.id(path)?;
        self.project.get(path).map(|file| of_file(file))
    }
}

/// Everything that a file of the project is.
pub(super) fn of_file(file: &ProjectFile) -> Digest {
    let ProjectFile {
        package,
        kind,
        resource_path,
        path,
        // Follows from the package's folder, which is among the surroundings.
        absolute_path: _,
        source,
        checksum,
        checksum_name,
        digest,
    } = file;
    let bytes = digest.as_ref().map(|digest| digest.as_bytes().as_slice());
    Digester::new("file")
        .text(package)
        .text(&format!("{kind:?}"))
        .text(resource_path)
        .text(path)
        .text(source.path())
        .bytes(bytes.unwrap_or_default())
        .text(checksum)
        .text(checksum_name)
        .digest()
}
