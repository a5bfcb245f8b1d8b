use std::ops::Range;

/// What a stretch of code is. The numbers are those of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkKind {
    Keyword = 1,
    String = 2,
    Number = 3,
    Comment = 4,
    Function = 5,
    /// The marks `{{`, `%}` and words of Jinja.
    Jinja = 6,
    /// What names a node, with its number.
    Node = 7,
    /// The name of a macro that is called, with its number.
    Macro = 8,
}

/// A stretch of a text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub range: Range<usize>,
    pub kind: MarkKind,
    pub target: Option<usize>,
}

impl Mark {
    pub(super) fn new(range: Range<usize>, kind: MarkKind) -> Self {
        Self { range, kind, target: None }
    }

    pub(super) fn to(range: Range<usize>, kind: MarkKind, target: usize) -> Self {
        Self { range, kind, target: Some(target) }
    }
}

/// Marks as the contract has them: start and length in UTF-16 units, kind, target or -1. They come in
/// any order and do not overlap.
pub(super) fn flat(text: &str, mut marks: Vec<Mark>) -> Vec<i64> {
    marks.sort_by_key(|mark| mark.range.start);
    let mut flat = Vec::with_capacity(marks.len() * 4);
    let (mut byte, mut unit) = (0, 0);
    let mut units_at = |at: usize| {
        let between = text.get(byte..at).unwrap_or_default();
        // Nearly all code is ASCII, where the two are the same.
        unit += if between.is_ascii() { between.len() } else { between.encode_utf16().count() };
        byte = at;
        unit
    };
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    for mark in marks.into_iter().filter(|mark| !mark.range.is_empty()) {
        let start = units_at(mark.range.start);
        let end = units_at(mark.range.end);
        flat.extend([number(start), number(end - start), mark.kind as i64, mark.target.map_or(-1, number)]);
    }
    flat
}

/// A stretch without the parts of it that are cut out; `cuts` are in order.
pub(super) fn without(range: Range<usize>, cuts: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut left = Vec::new();
    let mut at = range.start;
    let first = cuts.partition_point(|cut| cut.end <= range.start);
    for cut in cuts[first..].iter().take_while(|cut| cut.start < range.end) {
        if at < cut.start {
            left.push(at..cut.start);
        }
        at = cut.end.max(at);
    }
    if at < range.end {
        left.push(at..range.end);
    }
    left
}

/// The marks with the text of each, for tests.
#[cfg(test)]
pub(super) fn shown(text: &str, flat: &[i64]) -> Vec<(String, i64, i64)> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut last = 0;
    let shown = flat.chunks(4).map(|mark| {
        let (start, length) = (usize::try_from(mark[0]).unwrap(), usize::try_from(mark[1]).unwrap());
        assert!(start >= last && length > 0, "marks overlap or are empty: {flat:?}");
        last = start + length;
        (String::from_utf16(&units[start..last]).unwrap(), mark[2], mark[3])
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_utf16_units() {
        let text = "가🍵'x' 1";
        let marks = vec![Mark::to(11..12, MarkKind::Node, 5), Mark::new(7..10, MarkKind::String)];
        assert_eq!(flat(text, marks), [3, 3, 2, -1, 7, 1, 7, 5]);
    }

    #[test]
    #[allow(clippy::single_range_in_vec_init, reason = "a list of one stretch is meant")]
    fn stretches_are_cut() {
        assert_eq!(without(2..10, &[0..3, 5..6, 9..12]), [3..5, 6..9]);
        assert_eq!(without(2..4, &[5..6]), [2..4]);
        assert_eq!(without(2..4, &[0..6]), Vec::<Range<usize>>::new());
    }
}
