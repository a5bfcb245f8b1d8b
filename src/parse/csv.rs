use serde_json::{Map, Value};

/// The rows of a CSV text, each a mapping from the names of its first line to texts; an empty
/// cell is null. Cells may be quoted with `"`, which is then doubled inside. Lines that are
/// empty are left out; a line that is too short has nulls at its end.
///
/// # Errors
/// A line that has more cells than the first, or a quote that does not end: what is wrong, with
/// the number of the line from 1.
pub(super) fn rows(text: &str, delimiter: char) -> Result<Vec<Value>, (usize, String)> {
    let mut records = records(text.trim_start_matches('\u{feff}'), delimiter)?.into_iter();
    let Some((_, names)) = records.next() else { return Ok(Vec::new()) };
    let names: Vec<String> =
        names.into_iter().map(|name| name.unwrap_or_default().trim().to_owned()).collect();
    let mut rows = Vec::new();
    for (line, cells) in records {
        if cells.len() > names.len() {
            let message = format!("has {} values for {} columns", cells.len(), names.len());
            return Err((line, message));
        }
        let cells = cells.into_iter().chain(std::iter::repeat(None));
        let row: Map<String, Value> =
            names.iter().cloned().zip(cells.map(|cell| cell.map_or(Value::Null, Value::String))).collect();
        rows.push(Value::Object(row));
    }
    Ok(rows)
}

type Record = (usize, Vec<Option<String>>);

fn records(text: &str, delimiter: char) -> Result<Vec<Record>, (usize, String)> {
    let mut records = Vec::new();
    let mut letters = text.chars().peekable();
    let mut line = 1;
    while letters.peek().is_some() {
        let (first, mut cells) = (line, Vec::new());
        loop {
            let (cell, end) = cell(&mut letters, delimiter, &mut line)
                .ok_or_else(|| (first, "begins a quoted value that does not end".to_owned()))?;
            cells.push(cell);
            if end == End::Record {
                break;
            }
        }
        if cells.len() > 1 || cells.iter().any(Option::is_some) {
            records.push((first, cells));
        }
    }
    Ok(records)
}

#[derive(PartialEq, Eq)]
enum End {
    Cell,
    Record,
}

/// One cell and what ends it; `None` when its quote does not end.
fn cell(
    letters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    delimiter: char,
    line: &mut usize,
) -> Option<(Option<String>, End)> {
    let mut text = String::new();
    let is_quoted = letters.next_if_eq(&'"').is_some();
    if is_quoted {
        loop {
            match letters.next()? {
                '"' if letters.next_if_eq(&'"').is_some() => text.push('"'),
                '"' => break,
                letter => {
                    *line += usize::from(letter == '\n');
                    text.push(letter);
                }
            }
        }
    }
    let end = loop {
        match letters.next() {
            Some(letter) if letter == delimiter => break End::Cell,
            Some('\r') if letters.peek() == Some(&'\n') => {}
            Some('\n') => {
                *line += 1;
                break End::Record;
            }
            Some(letter) => text.push(letter),
            None => break End::Record,
        }
    };
    Some(((is_quoted || !text.is_empty()).then_some(text).filter(|text| !text.is_empty()), end))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_texts_and_nothing_is_null() {
        let found =
            rows("id,이름,memo\r\n1,\"김, \"\"민\"\"\",\n\n2,,\"a\nb\"\n3\n", ',').unwrap_or_default();
        assert_eq!(
            found,
            [
                json!({"id": "1", "이름": "김, \"민\"", "memo": null}),
                json!({"id": "2", "이름": null, "memo": "a\nb"}),
                json!({"id": "3", "이름": null, "memo": null}),
            ]
        );
        assert_eq!(rows("", ','), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_csv_is_told_with_its_line() {
        assert_eq!(rows("a\n1\n2,3", ','), Err((3, "has 2 values for 1 columns".to_owned())));
        assert_eq!(rows("a\n\"1", ',').map_err(|(line, _)| line), Err(2));
    }
}
