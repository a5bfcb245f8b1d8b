use std::ops::Range;

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
