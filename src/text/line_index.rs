use unicode_width::UnicodeWidthStr;

/// A place in a text as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// Where each line of a text begins, to turn byte offsets into lines and columns.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    #[must_use]
    pub fn new(text: &str) -> Self {
        let after_newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
        let starts =
            std::iter::once(0).chain(after_newlines).map(|i| u32::try_from(i).unwrap_or(u32::MAX)).collect();
        Self { starts }
    }

    /// Line and column of a byte offset in `text`, the text the index was made of.
    /// An offset past the end is taken as the end.
    #[must_use]
    pub fn line_column(&self, text: &str, offset: usize) -> LineColumn {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start as usize <= offset);
        let start = self.starts[line - 1] as usize;
        LineColumn { line, column: text[start..offset].chars().count() + 1 }
    }

    /// Byte offset of a 1-based line and a 1-based column in characters; a place
    /// past the end of a line or of the text is taken as that end.
    #[must_use]
    pub fn offset(&self, text: &str, place: LineColumn) -> usize {
        let Some(start) = self.starts.get(place.line.saturating_sub(1)) else { return text.len() };
        let start = *start as usize;
        let end = self.starts.get(place.line).map_or(text.len(), |next| *next as usize);
        let line = text[start..end].trim_end_matches(['\n', '\r']);
        line.char_indices()
            .nth(place.column.saturating_sub(1))
            .map_or(start + line.len(), |(at, _)| start + at)
    }

    /// Number of lines; a text has at least one.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// Width of a text on a terminal, where Korean letters take two cells.
    #[must_use]
    pub fn display_width(text: &str) -> usize {
        text.width()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = "select 1\n-- 주문 x\n";
        let index = LineIndex::new(text);
        let at = text.find('x').unwrap_or_default();
        let place = LineColumn { line: 2, column: 7 };
        assert_eq!(index.line_column(text, at), place);
        assert_eq!(index.offset(text, place), at);
    }

    #[test]
    fn places_past_the_end_are_the_end() {
        let index = LineIndex::new("ab\r\nc");
        assert_eq!(index.offset("ab\r\nc", LineColumn { line: 1, column: 9 }), 2);
        assert_eq!(index.offset("ab\r\nc", LineColumn { line: 9, column: 1 }), 5);
        assert_eq!(index.line_column("ab\r\nc", 99), LineColumn { line: 2, column: 2 });
    }
}
