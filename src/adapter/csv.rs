use std::ops::Range;

use super::{AdapterError, ErrorKind};

/// One record of a CSV file: where it is, and where its values are, quotes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub range: Range<usize>,
    pub cells: Vec<Range<usize>>,
}

/// Cuts a CSV file into records, each with its values, as
/// <https://www.rfc-editor.org/rfc/rfc4180> has it; lines end with LF, CRLF or CR. It
/// takes whatever there is: this is to find places, the warehouse is the judge.
#[derive(Clone, Debug)]
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    delimiter: Vec<u8>,
}

impl<'a> Records<'a> {
    /// The records of a file, a byte order mark skipped.
    pub fn new(bytes: &'a [u8], delimiter: char) -> Self {
        let at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self { bytes, at, delimiter: delimiter.to_string().into_bytes() }
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let start = self.at;
        let (mut cells, mut cell, mut is_quoted) = (Vec::new(), start, false);
        loop {
            let rest = &self.bytes[self.at..];
            let byte = rest.first().copied();
            match byte {
                None => break,
                Some(b'"') if is_quoted && rest.get(1) == Some(&b'"') => self.at += 2,
                Some(b'"') if is_quoted => (is_quoted, self.at) = (false, self.at + 1),
                Some(b'"') if self.at == cell => (is_quoted, self.at) = (true, self.at + 1),
                Some(b'\n' | b'\r') if !is_quoted => break,
                Some(_) if !is_quoted && rest.starts_with(&self.delimiter) => {
                    cells.push(cell..self.at);
                    self.at += self.delimiter.len();
                    cell = self.at;
                }
                Some(_) => self.at += 1,
            }
        }
        cells.push(cell..self.at);
        let range = start..self.at;
        let rest = &self.bytes[self.at..];
        self.at += if rest.starts_with(b"\r\n") { 2 } else { usize::from(!rest.is_empty()) };
        Some(Record { range, cells })
    }
}

/// The text of a value: without its quotes, doubled ones made single.
pub(super) fn value(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    match text.strip_prefix('"') {
        Some(inside) => inside.strip_suffix('"').unwrap_or(inside).replace("\"\"", "\""),
        None => text.into_owned(),
    }
}

/// Where lines begin to end in another way than the first one does: the byte of that end.
pub(super) fn mixed_line_end(bytes: &[u8], delimiter: char) -> Option<usize> {
    let end_of = |record: &Record| {
        let rest = &bytes[record.range.end..];
        if rest.starts_with(b"\r\n") { 2 } else { rest.first().copied().unwrap_or(0) }
    };
    let mut ends = Records::new(bytes, delimiter)
        .map(|record| (record.range.end, end_of(&record)))
        .filter(|(_, end)| *end != 0);
    let (_, first) = ends.next()?;
    ends.find(|(_, end)| *end != first).map(|(at, _)| at)
}

/// An error of a seed file.
pub(super) fn wrong(message: impl Into<String>) -> AdapterError {
    AdapterError::new(ErrorKind::Seed, message)
}

pub(super) fn not_utf8(position: usize) -> AdapterError {
    wrong("the file is not UTF-8").at(position).help("save the file with the encoding UTF-8")
}

/// Refuses a delimiter that no CSV file can have.
pub(super) fn check_delimiter(delimiter: char) -> Result<(), AdapterError> {
    if matches!(delimiter, '"' | '\n' | '\r' | '\0') {
        return Err(wrong(format!("{delimiter:?} cannot be the delimiter of a CSV file"))
            .help("set `delimiter` to another character, such as `,` or `;`"));
    }
    Ok(())
}

/// The column names of the first line. A column without a name gets the letter of its
/// place, as dbt names it.
pub(super) fn header(bytes: &[u8], delimiter: char) -> Result<Vec<String>, AdapterError> {
    check_delimiter(delimiter)?;
    let record = Records::new(bytes, delimiter).next().filter(|record| !record.range.is_empty());
    let Some(record) = record else {
        let message = if bytes.is_empty() { "the file is empty" } else { "the first line is empty" };
        return Err(wrong(message).at(0).help("the first line of a seed names its columns"));
    };
    if let Err(error) = std::str::from_utf8(&bytes[record.range.clone()]) {
        return Err(not_utf8(record.range.start + error.valid_up_to()));
    }
    let mut names: Vec<String> = Vec::with_capacity(record.cells.len());
    for (number, cell) in record.cells.iter().enumerate() {
        let name = match value(&bytes[cell.clone()]) {
            name if name.is_empty() => letters(number),
            name => name,
        };
        if names.iter().any(|other| other.to_lowercase() == name.to_lowercase()) {
            let error = wrong(format!("two columns have the name `{name}`")).at(cell.start);
            return Err(error.help("names of columns differ by more than upper and lower case"));
        }
        names.push(name);
    }
    Ok(names)
}

/// `a` to `z`, then `aa`, `bb` …
fn letters(number: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(number % 26).unwrap_or(0));
    std::iter::repeat_n(letter, number / 26 + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str, delimiter: char) -> Vec<Vec<String>> {
        Records::new(text.as_bytes(), delimiter)
            .map(|record| record.cells.into_iter().map(|cell| value(&text.as_bytes()[cell])).collect())
            .collect()
    }

    #[test]
    fn quotes_hold_delimiters_and_line_ends() {
        assert_eq!(
            cells("\u{feff}아이디,\"a,\"\"b\"\"\"\r\n1,\"x\n\ny\"\r2,z\"z\n\n3,", ','),
            [vec!["아이디", "a,\"b\""], vec!["1", "x\n\ny"], vec!["2", "z\"z"], vec![""], vec!["3", ""]]
        );
        assert_eq!(cells("a→b\n\"→", '→'), [vec!["a", "b"], vec!["→"]]);
        assert_eq!(cells("", ','), Vec::<Vec<String>>::new());
    }

    #[test]
    fn the_first_odd_line_end_is_found() {
        assert_eq!(mixed_line_end(b"a\r\n\"x\ny\"\r\nb\nc", ','), Some(11));
        assert_eq!(mixed_line_end(b"a\nb\nc", ','), None);
        assert_eq!(mixed_line_end(b"", ','), None);
    }
}
