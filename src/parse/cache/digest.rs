use serde::Serialize;

use crate::text::{Files, listing_files};

/// A name for some content: 16 bytes of BLAKE3.
pub type Digest = [u8; 16];

/// Makes a [`Digest`] of parts, each put with its length.
#[derive(Clone)]
pub struct Digester(blake3::Hasher);

impl Digester {
    /// For things of the kind `what`.
    pub fn new(what: &str) -> Self {
        Self(blake3::Hasher::new()).text(what)
    }

    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update(&bytes.len().to_le_bytes()).update(bytes);
        self
    }

    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    pub fn digest(self) -> Digest {
        let mut digest = Digest::default();
        digest.copy_from_slice(&self.0.finalize().as_bytes()[..16]);
        digest
    }

    /// A value, its places with the paths of their files. `None` for a value that cannot be
    /// written, which no value is.
    pub fn value(self, value: &impl Serialize, files: &Files) -> Option<Self> {
        let (bytes, list) = listing_files(|| postcard::to_stdvec(value));
        let all = self.bytes(&bytes.ok()?);
        Some(list.iter().fold(all, |all, id| all.text(files.get(*id).path())))
    }
}
