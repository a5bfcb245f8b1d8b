use std::cmp::Ordering;
use std::fmt::Write as _;

use crate::adapter::Cell;
use crate::text::LineIndex;

/// So many rows are shown; what a person wants of more is not in a table.
const MOST_ROWS: usize = 200;
/// Rows that could be taken for changed ones are compared each with each up to here.
const MOST_PAIRS: usize = 1_000_000;

type Row = Vec<Cell>;

/// How two sets of rows differ, whatever their order; `None` when they do not. Each line has a
/// mark, as dbt's: `+++` a row that was not expected, `---` one that is missing, `→` one of which
/// some values differ, shown as `expected→actual`. Rows that are the same are shown beside
/// those that are not; `...` stands for the others.
pub(super) fn row_diff(names: &[String], mut expected: Vec<Row>, mut actual: Vec<Row>) -> Option<String> {
    expected.sort_by(|one, two| compare(one, two));
    actual.sort_by(|one, two| compare(one, two));
    let (same, missing, extra) = matched(expected, actual);
    if missing.is_empty() && extra.is_empty() {
        return None;
    }
    let same = same.into_iter().map(Line::Same);
    let mut lines: Vec<Line> = same.chain(paired(missing, extra)).collect();
    lines.sort_by(|one, two| compare(one.row(), two.row()));
    Some(table(names, &lines))
}

enum Line {
    Same(Row),
    Missing(Row),
    Extra(Row),
    Changed { expected: Row, actual: Row },
}

impl Line {
    fn row(&self) -> &Row {
        match self {
            Self::Same(row) | Self::Missing(row) | Self::Extra(row) => row,
            Self::Changed { actual, .. } => actual,
        }
    }

    fn is_same(&self) -> bool {
        matches!(self, Self::Same(_))
    }

    fn mark(&self) -> &'static str {
        match self {
            Self::Same(_) => "",
            Self::Missing(_) => "---",
            Self::Extra(_) => "+++",
            Self::Changed { .. } => "→",
        }
    }

    fn cells(&self) -> Vec<String> {
        match self {
            Self::Changed { expected, actual } => {
                let cell = |(expected, actual): (&Cell, &Cell)| match expected == actual {
                    true => shown(actual),
                    false => format!("{}→{}", shown(expected), shown(actual)),
                };
                expected.iter().zip(actual).map(cell).collect()
            }
            line => line.row().iter().map(shown).collect(),
        }
    }
}

/// Rows of two sorted lists that are the same, and those that only one of them has.
fn matched(expected: Vec<Row>, actual: Vec<Row>) -> (Vec<Row>, Vec<Row>, Vec<Row>) {
    let (mut same, mut missing, mut extra) = (Vec::new(), Vec::new(), Vec::new());
    let (mut expected, mut actual) = (expected.into_iter().peekable(), actual.into_iter().peekable());
    loop {
        match (expected.peek(), actual.peek()) {
            (Some(one), Some(two)) => match compare(one, two) {
                Ordering::Equal => {
                    expected.next();
                    same.extend(actual.next());
                }
                Ordering::Less => missing.extend(expected.next()),
                Ordering::Greater => extra.extend(actual.next()),
            },
            (Some(_), None) => missing.extend(expected.next()),
            (None, Some(_)) => extra.extend(actual.next()),
            (None, None) => return (same, missing, extra),
        }
    }
}

/// Takes rows that have the most values in common for one that changed.
fn paired(missing: Vec<Row>, extra: Vec<Row>) -> Vec<Line> {
    let mut pairs = Vec::new();
    if missing.len() * extra.len() <= MOST_PAIRS {
        for (at, one) in missing.iter().enumerate() {
            for (other, two) in extra.iter().enumerate() {
                let alike = one.iter().zip(two).filter(|(one, two)| one == two && !one.is_null()).count();
                if alike > 0 {
                    pairs.push((std::cmp::Reverse(alike), at, other));
                }
            }
        }
    }
    pairs.sort_unstable();
    let mut missing: Vec<Option<Row>> = missing.into_iter().map(Some).collect();
    let mut extra: Vec<Option<Row>> = extra.into_iter().map(Some).collect();
    let mut lines = Vec::new();
    for (_, at, other) in pairs {
        if missing[at].is_some()
            && extra[other].is_some()
            && let (Some(expected), Some(actual)) = (missing[at].take(), extra[other].take())
        {
            lines.push(Line::Changed { expected, actual });
        }
    }
    lines.extend(missing.into_iter().flatten().map(Line::Missing));
    lines.extend(extra.into_iter().flatten().map(Line::Extra));
    lines
}

fn table(names: &[String], lines: &[Line]) -> String {
    let is_near = |at: usize| {
        let around = lines.iter().skip(at.saturating_sub(1)).take(if at == 0 { 2 } else { 3 });
        around.into_iter().any(|line| !line.is_same())
    };
    let header = std::iter::once("@@".to_owned()).chain(names.iter().map(|name| quoted(name)));
    let mut rows: Vec<Vec<String>> = vec![header.collect()];
    let gap = || vec!["...".to_owned(); names.len() + 1];
    let mut was_left_out = false;
    let mut left = 0;
    for (at, line) in lines.iter().enumerate() {
        if !is_near(at) {
            was_left_out = true;
            continue;
        }
        if rows.len() > MOST_ROWS {
            left += usize::from(!line.is_same());
            continue;
        }
        if std::mem::take(&mut was_left_out) {
            rows.push(gap());
        }
        rows.push(std::iter::once(line.mark().to_owned()).chain(line.cells()).collect());
    }
    if was_left_out {
        rows.push(gap());
    }
    let mut text = written(&rows);
    if left > 0 {
        let _ = writeln!(text, "and {left} more that differ");
    }
    text
}

/// Columns below each other; the last is not filled up.
fn written(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |at: usize| rows.iter().map(|row| LineIndex::display_width(&row[at])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                line.push(',');
            }
            line.push_str(cell);
            if at + 1 < columns {
                line.push_str(&" ".repeat(widths[at] - LineIndex::display_width(cell)));
            }
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn shown(cell: &Cell) -> String {
    quoted(&cell.display())
}

/// A text as in CSV: in quotes where it has to be.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\"").replace('\n', "\\n"))
    } else {
        text.to_owned()
    }
}

fn compare(one: &[Cell], two: &[Cell]) -> Ordering {
    let cells = one.iter().zip(two).map(|(one, two)| compare_cells(one, two));
    cells.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Nothing first, then numbers by size and texts by letter. Values that are the same compare
/// as the same, also those that are no number (`NaN`).
fn compare_cells(one: &Cell, two: &Cell) -> Ordering {
    if one.is_null() || two.is_null() {
        return two.is_null().cmp(&one.is_null());
    }
    let by_size = match (one, two) {
        (Cell::Int(one), Cell::Int(two)) => Some(one.cmp(two)),
        (Cell::Float(one), Cell::Float(two)) => one.partial_cmp(two),
        (Cell::Decimal(one), Cell::Decimal(two)) => match (one.parse::<f64>(), two.parse::<f64>()) {
            (Ok(one), Ok(two)) => one.partial_cmp(&two).filter(|order| order.is_ne()),
            _ => None,
        },
        _ => None,
    };
    by_size.unwrap_or_else(|| one.display().cmp(&two.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[(i128, &str)]) -> Vec<Row> {
        rows.iter().map(|(id, name)| vec![Cell::Int(*id), Cell::Text((*name).to_owned())]).collect()
    }

    fn diff(expected: &[(i128, &str)], actual: &[(i128, &str)]) -> Option<String> {
        row_diff(&["id".to_owned(), "이름".to_owned()], rows(expected), rows(actual))
    }

    #[test]
    fn the_order_of_rows_does_not_count_but_their_number_does() {
        assert_eq!(diff(&[(1, "가"), (2, "나")], &[(2, "나"), (1, "가")]), None);
        let found = diff(&[(1, "가")], &[(1, "가"), (1, "가")]).unwrap_or_default();
        assert_eq!(found, "@@ ,id,이름\n   ,1 ,가\n+++,1 ,가\n");
    }

    #[test]
    fn rows_that_are_alike_are_shown_as_changed() {
        let expected = [(1, "가"), (2, "bb"), (5, "e"), (4, "c, d")];
        let actual = [(1, "가"), (2, "b"), (3, "q"), (4, "c, d")];
        let found = diff(&expected, &actual).unwrap_or_default();
        let lines = ["@@ ,id,이름", "   ,1 ,가", "→  ,2 ,bb→b", "+++,3 ,q", "   ,4 ,\"c, d\"", "---,5 ,e"];
        assert_eq!(found.lines().collect::<Vec<_>>(), lines);
    }

    #[test]
    fn rows_far_from_any_difference_are_left_out() {
        let expected: Vec<_> = (1..=9).map(|id| (id, "a")).collect();
        let actual: Vec<_> = (1..=9).filter(|id| *id != 5).map(|id| (id, "a")).collect();
        let found = diff(&expected, &actual).unwrap_or_default();
        let lines = ["@@ ,id ,이름", "...,...,...", "   ,4  ,a", "---,5  ,a", "   ,6  ,a", "...,...,..."];
        assert_eq!(found.lines().collect::<Vec<_>>(), lines);
    }

    #[test]
    fn nothing_is_not_the_text_null() {
        let null = vec![vec![Cell::Null]];
        let text = vec![vec![Cell::Text("NULL".to_owned())]];
        assert!(row_diff(&["a".to_owned()], null.clone(), text).is_some());
        assert_eq!(row_diff(&["a".to_owned()], null.clone(), null), None);
        let number = |text: &str| vec![vec![Cell::Decimal(text.to_owned())]];
        assert!(row_diff(&["a".to_owned()], number("1.50"), number("1.5")).is_some());
    }
}
