use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::system::Recording;

/// Something that must be as it was for an entry to be taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Need {
    /// The file of a macro.
    Macros { path: String, digest: Digest },
    /// An answer of the machine, such as a variable of the environment.
    Machine(Recording),
    /// All doc blocks.
    Docs(Digest),
    /// What templates see of a flag.
    Flag(String, Digest),
    /// All arguments of the command.
    Arguments(Digest),
}

/// What the file says of its entries, in front of their contents.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Head {
    /// The program that wrote it.
    kept_by: String,
    needs: Vec<Need>,
    entries: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    key: Digest,
    /// Places in `needs`.
    needs: Vec<u32>,
    length: u64,
}

/// The file of a cache, read. Contents are understood when they are asked for.
///
/// The file is a BLAKE3 hash of all that follows, the length of the head in eight bytes, the head,
/// then the contents of the entries one after the other.
#[derive(Debug, Default)]
pub(super) struct Book {
    bytes: Vec<u8>,
    pub(super) needs: Vec<Need>,
    pub(super) entries: Vec<Kept>,
    places: HashMap<Digest, usize>,
}

/// An entry of a book.
#[derive(Debug)]
pub(super) struct Kept {
    key: Digest,
    pub(super) needs: Vec<u32>,
    content: Range<usize>,
}

const HASH: usize = 32;
const LENGTH: usize = 8;

impl Book {
    /// Reads the bytes of a file that `kept_by` wrote. `None` for anything else, and for a file that
    /// is not whole.
    pub(super) fn read(bytes: Vec<u8>, kept_by: &str) -> Option<Self> {
        let (hash, rest) = bytes.split_at_checked(HASH)?;
        if *blake3::hash(rest).as_bytes() != *hash {
            return None;
        }
        let (length, rest) = rest.split_at_checked(LENGTH)?;
        let length = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
        let head: Head = postcard::from_bytes(rest.get(..length)?).ok()?;
        if head.kept_by != kept_by {
            return None;
        }
        let mut at = HASH + LENGTH + length;
        let mut places = HashMap::with_capacity(head.entries.len());
        let mut entries = Vec::with_capacity(head.entries.len());
        for Entry { key, needs, length } in head.entries {
            let end = at.checked_add(usize::try_from(length).ok()?)?;
            if end > bytes.len() || needs.iter().any(|need| *need as usize >= head.needs.len()) {
                return None;
            }
            places.insert(key, entries.len());
            entries.push(Kept { key, needs, content: at..end });
            at = end;
        }
        Some(Self { bytes, needs: head.needs, entries, places })
    }

    /// The place of the entry under a key.
    pub(super) fn find(&self, key: &Digest) -> Option<usize> {
        self.places.get(key).copied()
    }

    pub(super) fn content(&self, entry: &Kept) -> &[u8] {
        &self.bytes[entry.content.clone()]
    }
}

/// An entry that is to be written.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) key: Digest,
    pub(super) needs: Vec<Need>,
    pub(super) content: Vec<u8>,
}

/// What a file is to hold: the entries of `book` at the places `kept`, and the `fresh` ones.
pub(super) struct Draft<'a> {
    head: Vec<u8>,
    contents: Vec<&'a [u8]>,
}

impl<'a> Draft<'a> {
    /// `None` when it cannot be written.
    pub(super) fn new(kept_by: &str, book: &'a Book, kept: &[usize], fresh: &'a [Fresh]) -> Option<Self> {
        let mut head = Head { kept_by: kept_by.to_owned(), ..Head::default() };
        let mut places: HashMap<&Need, u32> = HashMap::new();
        let mut contents: Vec<&[u8]> = Vec::with_capacity(kept.len() + fresh.len());
        let mut entries = Vec::with_capacity(kept.len() + fresh.len());
        for place in kept {
            let entry = book.entries.get(*place)?;
            let needs = entry.needs.iter().filter_map(|need| book.needs.get(*need as usize));
            entries.push((entry.key, needs.collect::<Vec<_>>(), book.content(entry)));
        }
        for one in fresh {
            entries.push((one.key, one.needs.iter().collect(), one.content.as_slice()));
        }
        entries.sort_unstable_by_key(|(key, _, _)| *key);
        for (key, needs, content) in entries {
            let mut numbers = Vec::with_capacity(needs.len());
            for need in needs {
                let next = u32::try_from(head.needs.len()).ok()?;
                let number = *places.entry(need).or_insert_with(|| {
                    head.needs.push(need.clone());
                    next
                });
                numbers.push(number);
            }
            head.entries.push(Entry { key, needs: numbers, length: content.len() as u64 });
            contents.push(content);
        }
        Some(Self { head: postcard::to_stdvec(&head).ok()?, contents })
    }

    /// Writes the bytes of the file, which are never in memory as a whole.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let length = (self.head.len() as u64).to_le_bytes();
        let parts = || [&length[..], &self.head].into_iter().chain(self.contents.iter().copied());
        let mut hasher = blake3::Hasher::new();
        for part in parts() {
            hasher.update(part);
        }
        let mut out = BufWriter::with_capacity(PIECE, out);
        out.write_all(hasher.finalize().as_bytes())?;
        for part in parts() {
            out.write_all(part)?;
        }
        out.flush()
    }
}

/// How many bytes are written to disk at a time.
const PIECE: usize = 1 << 18;

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(key: u8, needs: &[u8], content: &str) -> Fresh {
        let needs = needs.iter().map(|digest| Need::Arguments([*digest; 16]));
        Fresh { key: [key; 16], needs: needs.collect(), content: content.into() }
    }

    fn written(kept_by: &str, book: &Book, kept: &[usize], fresh: &[Fresh]) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        Draft::new(kept_by, book, kept, fresh)?.write(&mut bytes).ok()?;
        Some(bytes)
    }

    #[test]
    fn entries_come_back_with_what_they_need() {
        let bytes =
            written("me", &Book::default(), &[], &[fresh(2, &[7, 8], "둘"), fresh(1, &[8], "one")]).unwrap();
        let book = Book::read(bytes, "me").unwrap();
        assert_eq!(book.needs.len(), 2);
        let place = book.find(&[2; 16]).unwrap();
        assert_eq!(book.content(&book.entries[place]), "둘".as_bytes());
        assert_eq!(book.find(&[3; 16]), None);
        // Those that are still good, and one more.
        let bytes = written("me", &book, &[place], &[fresh(3, &[8, 9], "")]).unwrap();
        let book = Book::read(bytes.clone(), "me").unwrap();
        let two = &book.entries[book.find(&[2; 16]).unwrap()];
        let needs: Vec<&Need> = two.needs.iter().map(|need| &book.needs[*need as usize]).collect();
        assert_eq!(needs, [&Need::Arguments([7; 16]), &Need::Arguments([8; 16])]);
        assert_eq!((book.find(&[1; 16]), book.needs.len()), (None, 3));
        assert!(Book::read(bytes, "somebody else").is_none());
    }

    #[test]
    fn a_file_that_is_not_whole_is_none() {
        let bytes = written("me", &Book::default(), &[], &[fresh(2, &[7], "two")]).unwrap();
        for end in 0..bytes.len() {
            assert!(Book::read(bytes[..end].to_vec(), "me").is_none(), "{end}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(Book::read(damaged, "me").is_none(), "{at}");
        }
    }
}
