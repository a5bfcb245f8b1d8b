use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::system::{ContentDigest, FileStamp, System};

/// What was found out about a file when it was last read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownFile {
    pub stamp: FileStamp,
    pub digest: ContentDigest,
    /// SHA-256, as dbt takes it.
    pub checksum: [u8; 32],
}

/// The files that were read before, with stamps that vouch for them: as long as a file has its
/// stamp it need not be read. Only files that are valid text are among them. Kept below the
/// target folder; what cannot be read or written is as if it were not there.
#[derive(Debug, Default)]
pub(super) struct KnownFiles {
    path: PathBuf,
    before: HashMap<String, KnownFile>,
}

/// How the table is written; another number where what is in it means something else.
const FORM: &str = concat!(env!("CARGO_PKG_VERSION"), " 1");

impl KnownFiles {
    pub(super) fn read(system: &dyn System, target_path: &Path) -> Self {
        let path = target_path.join("xform").join("files.bin");
        let bytes = system.unwatched().read(&path).unwrap_or_default();
        let kept: Option<(String, HashMap<String, KnownFile>)> = postcard::from_bytes(&bytes).ok();
        let before = kept.filter(|(form, _)| form == FORM).map(|(_, files)| files);
        Self { path, before: before.unwrap_or_default() }
    }

    /// What is known of a file that stands so.
    pub(super) fn find(&self, path: &Path, now: Option<FileStamp>) -> Option<KnownFile> {
        let known = self.before.get(path.to_str()?)?;
        known.stamp.vouches_for(&now?).then_some(*known)
    }

    /// Keeps what is known now, of all files.
    pub(super) fn keep(self, system: &dyn System, now: HashMap<String, KnownFile>) {
        if now == self.before {
            return;
        }
        if let Ok(bytes) = postcard::to_stdvec(&(FORM, now)) {
            let _ = system.unwatched().write(&self.path, &bytes);
        }
    }
}
