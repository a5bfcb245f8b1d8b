//! Columns and constraints of a contract as the text of a `create table`.

use serde_json::Value as Json;

use super::column::translate_type;
use crate::sql::{Dialect, Ident};

/// Each column with its type and constraints: `id integer not null`. `columns` is as in `model`.
/// A constraint that demands nothing, such as a check without an expression, is left out.
pub(super) fn columns(
    dialect: Dialect,
    columns: &Json,
    alias_types: bool,
    with_database: bool,
) -> Vec<String> {
    let columns = columns.as_object().into_iter().flat_map(|columns| columns.values());
    let column = |column: &Json| {
        let name = text(column, "name").unwrap_or_default();
        let is_quoted = column.get("quote").and_then(Json::as_bool).unwrap_or_default();
        let name = if is_quoted { Ident::new(name).quoted(dialect) } else { name.to_owned() };
        let kind = text(column, "data_type").unwrap_or_default();
        let kind = if alias_types { translate_type(kind) } else { kind.to_owned() };
        let constraints = list(column, "constraints").filter_map(|one| of_column(one, with_database));
        let parts: Vec<String> = [name, kind].into_iter().chain(constraints).collect();
        parts.join(" ")
    };
    columns.map(column).collect()
}

/// Each constraint of a whole table: `constraint positive check (id > 0)`.
pub(super) fn of_model(constraints: &Json, with_database: bool) -> Vec<String> {
    let constraints = constraints.as_array().into_iter().flatten();
    constraints.filter_map(|constraint| of_table(constraint, with_database)).collect()
}

fn of_column(constraint: &Json, with_database: bool) -> Option<String> {
    let expression = text(constraint, "expression");
    Some(match text(constraint, "type")? {
        "check" => format!("check ({})", expression?),
        "not_null" => with("not null", expression),
        "unique" => with("unique", expression),
        "primary_key" => with("primary key", expression),
        "foreign_key" => format!("references {}", reference(constraint, with_database)?),
        "custom" => expression?.to_owned(),
        _ => return None,
    })
}

fn of_table(constraint: &Json, with_database: bool) -> Option<String> {
    let expression = text(constraint, "expression");
    let columns = names(constraint, "columns");
    let body = match text(constraint, "type")? {
        "check" => format!("check ({})", expression?),
        "unique" => format!("{} ({columns})", with("unique", expression)),
        "primary_key" => format!("{} ({columns})", with("primary key", expression)),
        "foreign_key" => {
            format!("foreign key ({columns}) references {}", reference(constraint, with_database)?)
        }
        "custom" => expression?.to_owned(),
        _ => return None,
    };
    Some(match text(constraint, "name") {
        Some(name) => format!("constraint {name} {body}"),
        None => body,
    })
}

/// What a foreign key points to: `"main"."users" (id)`.
fn reference(constraint: &Json, with_database: bool) -> Option<String> {
    let columns = names(constraint, "to_columns");
    match text(constraint, "to") {
        Some(to) if !columns.is_empty() => {
            let to = if with_database { to } else { without_database(to) };
            Some(format!("{to} ({columns})"))
        }
        _ => text(constraint, "expression").map(str::to_owned),
    }
}

/// The last two parts of a name.
fn without_database(name: &str) -> &str {
    let mut is_quoted = false;
    let mut dots = Vec::new();
    for (at, letter) in name.char_indices() {
        match letter {
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => dots.push(at),
            _ => {}
        }
    }
    match dots.as_slice() {
        [.., first, _] => name.get(first + 1..).unwrap_or(name),
        _ => name,
    }
}

fn with(words: &str, expression: Option<&str>) -> String {
    expression.map_or_else(|| words.to_owned(), |expression| format!("{words} {expression}"))
}

fn text<'a>(value: &'a Json, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Json::as_str).filter(|text| !text.is_empty())
}

fn list<'a>(value: &'a Json, key: &str) -> impl Iterator<Item = &'a Json> {
    value.get(key).and_then(Json::as_array).into_iter().flatten()
}

fn names(value: &Json, key: &str) -> String {
    list(value, key).filter_map(Json::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_have_their_types_and_constraints_in_order() {
        let written = json!({
            "id": {"name": "id", "data_type": "INT", "quote": true, "constraints": [
                {"type": "not_null"},
                {"type": "primary_key"},
                {"type": "check", "expression": "id < 100", "name": "small"},
                {"type": "check"},
                {"type": "foreign_key", "to": "\"db.1\".\"main\".\"원본\"", "to_columns": ["id"]},
                {"type": "foreign_key", "expression": "users (id)"},
                {"type": "custom", "expression": "default 5"},
            ]},
            "name": {"name": "name", "data_type": "string"},
        });
        assert_eq!(
            columns(Dialect::DuckDb, &written, true, false),
            [
                "\"id\" INT not null primary key check (id < 100) references \"main\".\"원본\" (id) \
                 references users (id) default 5",
                "name TEXT",
            ]
        );
        assert_eq!(columns(Dialect::DuckDb, &written, false, true)[1], "name string");
    }

    #[test]
    fn constraints_of_a_table_have_their_names() {
        let written = json!([
            {"type": "check", "name": "positive", "expression": "id > 0"},
            {"type": "unique", "columns": ["a", "b"]},
            {"type": "primary_key", "columns": ["a"]},
            {"type": "foreign_key", "columns": ["a"], "to": "\"db\".\"main\".\"t\"", "to_columns": ["x"]},
            {"type": "foreign_key", "columns": ["a"], "expression": "t (x)"},
            {"type": "not_null", "columns": ["a"]},
        ]);
        assert_eq!(
            of_model(&written, true),
            [
                "constraint positive check (id > 0)",
                "unique (a, b)",
                "primary key (a)",
                "foreign key (a) references \"db\".\"main\".\"t\" (x)",
                "foreign key (a) references t (x)",
            ]
        );
    }
}
