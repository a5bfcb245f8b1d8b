use std::ops::Range;

/// A mark in the output of a traced render: what stands between it and its close was
/// written by a certain place. Marks are made of characters that Unicode keeps out of
/// texts (<https://www.unicode.org/faq/private_use.html#noncharacters>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Text of a template, copied.
    Text { template: usize, range: Range<usize> },
    /// What an expression gave.
    Value { template: usize, range: Range<usize> },
    /// What a call of the macro of that number gave.
    Macro { template: usize },
}

const OPEN: char = '\u{fdd0}';
const END: char = '\u{fdd1}';

impl Mark {
    pub(super) const CLOSE: &'static str = "\u{fdd2}";

    pub(super) fn open(&self) -> String {
        match self {
            Mark::Text { template, range } => {
                format!("{OPEN}t,{template},{},{}{END}", range.start, range.end)
            }
            Mark::Value { template, range } => {
                format!("{OPEN}v,{template},{},{}{END}", range.start, range.end)
            }
            Mark::Macro { template } => format!("{OPEN}m,{template}{END}"),
        }
    }

    /// The text put between this mark and its close.
    pub(super) fn around(&self, text: &str) -> String {
        format!("{}{text}{}", self.open(), Self::CLOSE)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(',');
        let kind = parts.next()?;
        let template = parts.next()?.parse().ok()?;
        if kind == "m" {
            return Some(Mark::Macro { template });
        }
        let range = parts.next()?.parse().ok()?..parts.next()?.parse().ok()?;
        Some(if kind == "t" { Mark::Text { template, range } } else { Mark::Value { template, range } })
    }
}

/// A marked text taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Marked<'a> {
    Open(Mark),
    Close,
    Text(&'a str),
}

/// The marks and texts of a marked text, in order; `None` when a mark was torn.
pub(super) fn take_apart(text: &str) -> Option<Vec<Marked<'_>>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find([OPEN, END, '\u{fdd2}']) {
        if at > 0 {
            parts.push(Marked::Text(&rest[..at]));
        }
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix(Mark::CLOSE) {
            parts.push(Marked::Close);
            rest = after;
        } else {
            let inner = rest.strip_prefix(OPEN)?;
            let end = inner.find(END)?;
            parts.push(Marked::Open(Mark::parse(&inner[..end])?));
            rest = &inner[end + END.len_utf8()..];
        }
    }
    if !rest.is_empty() {
        parts.push(Marked::Text(rest));
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_can_be_read_back_and_torn_ones_are_noticed() {
        let mark = Mark::Text { template: 3, range: 4..9 };
        let text = format!("a{}b", mark.around("주문"));
        let parts =
            [Marked::Text("a"), Marked::Open(mark), Marked::Text("주문"), Marked::Close, Marked::Text("b")];
        assert_eq!(take_apart(&text).as_deref(), Some(&parts[..]));
        assert_eq!(take_apart(&text[..4]), None);
    }
}
