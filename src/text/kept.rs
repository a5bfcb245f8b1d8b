//! Numbers of files in what is kept from one command to the next. Files have other numbers in
//! each run, so a number is written as a place in a list, and found again in the list of the same
//! files in the run that reads it.

use std::cell::RefCell;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::FileId;

thread_local! {
    static LIST: RefCell<Option<Vec<FileId>>> = const { RefCell::new(None) };
}

/// Runs `write`, which may serialize values with places in files; gives with its answer the files
/// that were named, each by its place in this list.
///
/// ```
/// use xform::text::{Files, Span, listing_files, with_files_of_list};
///
/// let (before, now) = (Files::new(), Files::new());
/// let orders = before.add("models/orders.sql", "select 1");
/// let (text, list) = listing_files(|| serde_json::to_string(&orders.span()).unwrap());
/// assert_eq!(list, [orders.id()]);
///
/// now.add("models/new.sql", "select 0");
/// let same = now.add("models/orders.sql", "select 1");
/// let read: Span = with_files_of_list(vec![same.id()], || serde_json::from_str(&text).unwrap());
/// assert_eq!(read, same.span());
/// ```
pub fn listing_files<T>(write: impl FnOnce() -> T) -> (T, Vec<FileId>) {
    let outer = LIST.replace(Some(Vec::new()));
    let written = write();
    (written, LIST.replace(outer).unwrap_or_default())
}

/// Runs `read`, which may deserialize values that [`listing_files`] wrote: their places are in the
/// files of this list. One that the list does not have is an error of deserialization.
pub fn with_files_of_list<T>(list: Vec<FileId>, read: impl FnOnce() -> T) -> T {
    let outer = LIST.replace(Some(list));
    let found = read();
    LIST.replace(outer);
    found
}

impl Serialize for FileId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = LIST.with_borrow_mut(|list| {
            let list = list.as_mut()?;
            // Most places of a value are in the file of the place before.
            let known = list.iter().rposition(|known| known == self);
            let place = known.unwrap_or_else(|| {
                list.push(*self);
                list.len() - 1
            });
            u32::try_from(place).ok()
        });
        match place {
            Some(place) => serializer.serialize_u32(place),
            None => Err(ser::Error::custom("there is no list to write the number of a file by")),
        }
    }
}

impl<'de> Deserialize<'de> for FileId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let place = u32::deserialize(deserializer)?;
        let found = LIST.with_borrow(|list| list.as_ref()?.get(place as usize).copied());
        found.ok_or_else(|| de::Error::custom("there is no file of that number in the list"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Files, Span};

    #[test]
    fn a_number_is_written_and_read_only_by_a_list() {
        let files = Files::new();
        let (one, other) = (files.add("a.sql", "a").span(), files.add("b.sql", "b").span());
        assert!(serde_json::to_string(&one).is_err());
        let write = || serde_json::to_string(&[other, one, other]).unwrap();
        let (text, list) = listing_files(|| {
            // A list of its own, which changes nothing of this one.
            assert_eq!(listing_files(|| serde_json::to_string(&one).unwrap()).1, [one.file]);
            write()
        });
        assert_eq!(list, [other.file, one.file]);
        let read = |list| with_files_of_list(list, || serde_json::from_str::<Vec<Span>>(&text));
        assert_eq!(read(list).unwrap(), [other, one, other]);
        assert!(read(vec![one.file]).is_err());
        assert!(serde_json::from_str::<Vec<Span>>(&text).is_err());
    }
}
