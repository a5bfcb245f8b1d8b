use std::fmt;

use serde::{Deserialize, Serialize};

/// What tells the bytes of a file from all others: 32 bytes of BLAKE3
/// (<https://github.com/BLAKE3-team/BLAKE3-specs>).
///
/// ```
/// use xform::system::ContentDigest;
///
/// assert_eq!(ContentDigest::of(b"select 1"), ContentDigest::of(b"select 1"));
/// assert_ne!(ContentDigest::of(b"select 1"), ContentDigest::of(b"select 2"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentDigest([u8; 32]);

impl ContentDigest {
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).into())
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Makes a digest of bytes that come piece by piece.
#[derive(Default)]
pub(super) struct ContentDigester(blake3::Hasher);

impl ContentDigester {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn digest(&self) -> ContentDigest {
        ContentDigest(self.0.finalize().into())
    }
}

/// The first half, as 32 hexadecimal digits: enough for a name.
impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..16].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentDigest({self})")
    }
}
