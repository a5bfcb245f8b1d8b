use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::{Map, Number, Value};

use crate::adapter::{Cell, Rows};

/// Rows as a Markdown table, numbers to the right. `width` is the number of columns it
/// must fit in, if it must. Ends without a newline.
#[must_use]
pub fn table(rows: &Rows, width: Option<usize>) -> String {
    table_with(rows, width, "")
}

/// As [`table`], with a word for values that are not there.
pub(super) fn table_with(rows: &Rows, width: Option<usize>, null: &str) -> String {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    }
    table.set_header(rows.names.iter().map(|name| printable(name)));
    for row in &rows.rows {
        table.add_row(row.iter().map(|cell| if *cell == Cell::Null { null.to_owned() } else { text(cell) }));
    }
    for index in 0..rows.names.len() {
        let mut cells = rows.rows.iter().filter_map(|row| row.get(index)).peekable();
        let is_numeric = cells.peek().is_some()
            && cells
                .all(|cell| matches!(cell, Cell::Null | Cell::Int(_) | Cell::Float(_) | Cell::Decimal(_)));
        if let Some(column) = table.column_mut(index).filter(|_| is_numeric) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Rows as `show --output json` prints them: `{"node": …, "show": [{…}]}`; without a
/// name (`--inline`) only `show`.
#[must_use]
pub fn rows_json(node: Option<&str>, rows: &Rows) -> Value {
    let row = |row: &Vec<Cell>| -> Value {
        let values = row.iter().map(json);
        Value::Object(rows.names.iter().cloned().zip(values).collect())
    };
    let mut object = Map::new();
    if let Some(node) = node {
        object.insert("node".to_owned(), node.into());
    }
    object.insert("show".to_owned(), rows.rows.iter().map(row).collect());
    Value::Object(object)
}

/// A value as people read it.
fn text(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Bool(flag) => if *flag { "True" } else { "False" }.to_owned(),
        Cell::Int(number) => number.to_string(),
        Cell::Float(number) => number.to_string(),
        Cell::Decimal(text) | Cell::Text(text) | Cell::Other(text) => printable(text),
        Cell::Bytes(bytes) => bytes.escape_ascii().to_string(),
        Cell::Date(date) => date.to_string(),
        Cell::Time(time) => time.to_string(),
        Cell::Timestamp(time) => time.to_string(),
        Cell::TimestampTz(time) => time.format("%Y-%m-%d %H:%M:%S%.f%:z").to_string(),
    }
}

/// A value as JSON; numbers that JSON's readers would change stay text.
fn json(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(flag) => (*flag).into(),
        Cell::Int(number) => match i64::try_from(*number) {
            Ok(number) => number.into(),
            Err(_) => number.to_string().into(),
        },
        Cell::Float(number) => Number::from_f64(*number).map_or_else(|| text(cell).into(), Value::Number),
        Cell::Decimal(digits) => decimal(digits),
        Cell::Text(text) | Cell::Other(text) => text.as_str().into(),
        Cell::Timestamp(time) => time.format("%Y-%m-%dT%H:%M:%S%.f").to_string().into(),
        Cell::TimestampTz(time) => time.format("%Y-%m-%dT%H:%M:%S%.f%:z").to_string().into(),
        Cell::Bytes(_) | Cell::Date(_) | Cell::Time(_) => text(cell).into(),
    }
}

/// The number if it survives as one: up to 15 digits do.
fn decimal(digits: &str) -> Value {
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    let number = digits.parse().ok().filter(|_| count <= 15).and_then(Number::from_f64);
    number.map_or_else(|| digits.into(), Value::Number)
}

/// Text on one line and without what would steer the terminal.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::json;

    use super::*;

    fn sample() -> Rows {
        Rows {
            names: vec!["id".to_owned(), "이름".to_owned(), "price".to_owned()],
            types: vec![String::new(); 3],
            rows: vec![
                vec![Cell::Int(1), Cell::Text("사과".to_owned()), Cell::Decimal("1200.50".to_owned())],
                vec![Cell::Int(20), Cell::Text("a\n\u{1b}[31mb".to_owned()), Cell::Null],
            ],
        }
    }

    #[test]
    fn columns_line_up_with_wide_letters_in_them() {
        assert_snapshot!(table(&sample(), None), @r"
        | id | 이름           |   price |
        |----|----------------|---------|
        |  1 | 사과           | 1200.50 |
        | 20 | a\n\u{1b}[31mb |         |
        ");
    }

    #[test]
    fn a_narrow_terminal_breaks_long_cells() {
        let text = "가나다라 ".repeat(8);
        let rows = Rows {
            names: vec!["t".to_owned()],
            types: vec![String::new()],
            rows: vec![vec![Cell::Text(text)]],
        };
        let shown = table(&rows, Some(30));
        assert!(shown.lines().all(|line| crate::text::LineIndex::display_width(line) <= 30), "{shown}");
    }

    #[test]
    fn json_keeps_types_and_loses_no_digit() {
        assert_eq!(
            rows_json(Some("orders"), &sample()),
            json!({"node": "orders", "show": [
                {"id": 1, "이름": "사과", "price": 1200.5},
                {"id": 20, "이름": "a\n\u{1b}[31mb", "price": null},
            ]})
        );
        let wide = Rows {
            names: vec!["a".to_owned(), "b".to_owned()],
            types: Vec::new(),
            rows: vec![vec![Cell::Int(i128::MAX), Cell::Decimal("12345678901234567890.1".to_owned())]],
        };
        assert_eq!(
            rows_json(None, &wide),
            json!({"show": [{"a": i128::MAX.to_string(), "b": "12345678901234567890.1"}]})
        );
    }
}
