use std::path::Path;

use serde_json::Value;

use crate::analyze::{Column, Schema};
use crate::check::arbiter::Arbiter;
use crate::manifest::{Node, NodeKind};
use crate::sql::DataType;
use crate::system::System;

/// The columns that the table of a seed gets; `Err` says why they cannot be known. What is
/// wrong with its file is told when it is loaded.
pub(super) fn schema(node: &Node, system: &dyn System, arbiter: &Arbiter) -> Result<Schema, String> {
    let NodeKind::Seed { root_path } = &node.kind else { return Err(String::new()) };
    let path = Path::new(root_path).join(&node.original_file_path);
    let delimiter = match node.config.text("delimiter").map(|text| text.chars().collect::<Vec<_>>()) {
        None => ',',
        Some(letters) if letters.len() == 1 => letters[0],
        Some(_) => return Err("its `delimiter` is no single character".to_owned()),
    };
    let types = column_types(node);
    let unreadable =
        |error: &dyn std::fmt::Display| format!("`{}` cannot be read: {error}", node.original_file_path);
    let inferred = arbiter.seed(system, &path, delimiter, &types);
    let inferred = inferred.map_err(|error| unreadable(&error.message))?;
    if let Some(columns) = inferred {
        let given = |name: &str| types.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let columns = columns.into_iter().map(|(name, kind)| {
            // What the project gives may be written otherwise than the warehouse calls it.
            let kind = if given(&name) { arbiter.data_type(&kind) } else { Some(DataType::new(kind)) };
            Column::new(name, kind)
        });
        return Ok(Schema::complete(columns.collect()));
    }
    // The types that another warehouse would infer are not known; the names stand in the file.
    let text = system.read(&path).map_err(|error| unreadable(&error))?;
    let text = String::from_utf8(text).map_err(|_| unreadable(&"it is not UTF-8"))?;
    let names = header(&text, delimiter).ok_or_else(|| unreadable(&"its first line does not end"))?;
    let columns = names.into_iter().map(|name| {
        let given = types.iter().find(|(other, _)| other.eq_ignore_ascii_case(&name));
        let kind = given.map(|(_, kind)| DataType::new(kind.as_str()));
        Column::new(name, kind)
    });
    Ok(Schema::complete(columns.collect()))
}

/// The types that the project wants for columns, by name.
fn column_types(node: &Node) -> Vec<(String, String)> {
    let types = node.config.get("column_types").and_then(Value::as_object);
    let types = types.into_iter().flatten();
    types.filter_map(|(name, kind)| Some((name.clone(), kind.as_str()?.to_owned()))).collect()
}

/// The cells of the first record of a CSV text.
fn header(text: &str, delimiter: char) -> Option<Vec<String>> {
    let mut cells = vec![String::new()];
    let mut letters = text.trim_start_matches('\u{feff}').chars().peekable();
    let mut is_quoted = false;
    while let Some(letter) = letters.next() {
        let cell = cells.last_mut()?;
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if cell.trim().is_empty() => {
                cell.clear();
                is_quoted = true;
            }
            '\n' | '\r' if !is_quoted => break,
            letter if letter == delimiter && !is_quoted => cells.push(String::new()),
            letter => cell.push(letter),
        }
    }
    (!is_quoted).then(|| cells.into_iter().map(|cell| cell.trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::header;

    #[test]
    fn the_first_record_names_the_columns() {
        let names = |text| header(text, ',').map(|names| names.join("|"));
        assert_eq!(names("\u{feff}id, 이름\r\n1,2\n").as_deref(), Some("id|이름"));
        assert_eq!(names("id,\"a, \"\"b\"\"\"\n").as_deref(), Some("id|a, \"b\""));
        assert_eq!(names("id,\"open\n1"), None);
        assert_eq!(header("a;b", ';').map(|names| names.len()), Some(2));
    }
}
