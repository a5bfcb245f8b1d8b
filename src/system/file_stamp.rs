use serde::{Deserialize, Serialize};

/// How a file stands, told by the file system without reading it: a file that still has the
/// stamp it had holds the bytes it held, if the stamp was settled when it was taken.
///
/// A file may be changed twice within one tick of the clock that files are stamped with, and
/// look the same after the second time. So a stamp younger than two seconds, the longest tick
/// that file systems have, says nothing yet. That is the rule of git's index, see
/// <https://git-scm.com/docs/racy-git>; the time of the last change of the file's entry, which no
/// program can set back, makes it hold for files whose own time is set, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileStamp {
    size: u64,
    /// Nanoseconds since 1970.
    modified: i64,
    /// The same, of the file's entry; of its making where the system has no such time.
    changed: i64,
    /// 0 where the system has none.
    inode: u64,
    is_settled: bool,
}

/// In nanoseconds. FAT counts in two seconds.
const LONGEST_TICK: i64 = 2_000_000_000;

impl FileStamp {
    /// A stamp taken at the time `now` of the clock that files are stamped with. Times are
    /// nanoseconds since 1970.
    #[must_use]
    pub fn new(size: u64, modified: i64, changed: i64, inode: u64, now: i64) -> Self {
        let youngest = modified.max(changed);
        Self { size, modified, changed, inode, is_settled: youngest < now.saturating_sub(LONGEST_TICK) }
    }

    /// In bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether a file with this stamp is sure to hold other bytes once it is changed.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Whether the bytes that were read when this stamp was taken are those of a file that has
    /// the stamp `now`.
    #[must_use]
    pub fn vouches_for(&self, now: &FileStamp) -> bool {
        let parts = |stamp: &FileStamp| (stamp.size, stamp.modified, stamp.changed, stamp.inode);
        self.is_settled && parts(self) == parts(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn stamp(modified: i64, changed: i64, now: i64) -> FileStamp {
        FileStamp::new(8, modified, changed, 7, now)
    }

    #[test]
    fn a_stamp_as_young_as_the_look_vouches_for_nothing() {
        let now = 100 * SECOND;
        let (old, young) = (stamp(now - 3 * SECOND, now - 3 * SECOND, now), stamp(now, now, now));
        assert!(old.vouches_for(&stamp(now - 3 * SECOND, now - 3 * SECOND, now + SECOND)));
        assert!(!young.vouches_for(&young));
        // Its time was set back, or is that of tomorrow.
        assert!(!stamp(now - 90 * SECOND, now, now).is_settled());
        assert!(!stamp(now + 90 * SECOND, now - 3 * SECOND, now).is_settled());
    }

    #[test]
    fn every_part_counts() {
        let of =
            |size, modified, changed, inode| FileStamp::new(size, modified, changed, inode, 100 * SECOND);
        let known = of(8, 1, 2, 3);
        assert!(known.vouches_for(&of(8, 1, 2, 3)));
        for other in [of(9, 1, 2, 3), of(8, 0, 2, 3), of(8, 1, 3, 3), of(8, 1, 2, 4)] {
            assert!(!known.vouches_for(&other), "{other:?}");
        }
    }
}
