use std::collections::BTreeMap;

use super::declared::Declared;
use crate::analyze::{Column, Schema};
use crate::diagnostic::{Code, Diagnostic, Severity, suggest};
use crate::manifest::Node;
use crate::sql::DataType;

/// The columns that a relation was found to have.
pub(super) struct Observed {
    pub schema: Schema,
    /// Whether it is so now, and not only when somebody last looked.
    pub is_certain: bool,
    /// Where they were found, for messages: the file, or the database.
    pub whereabouts: String,
}

/// Puts together what is declared and what was found. All columns of both are known, so that
/// a wrong declaration is told once, at its entry; the types are those found where they are
/// certain.
pub(super) fn merge(node: &Node, declared: &Declared, observed: &Observed) -> (Schema, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let entries: BTreeMap<String, usize> =
        declared.columns.iter().enumerate().map(|(at, column)| (column.name.to_lowercase(), at)).collect();
    let found: BTreeMap<String, &Column> =
        observed.schema.columns.iter().map(|column| (column.name.to_lowercase(), column)).collect();
    let mut columns: Vec<Column> = Vec::with_capacity(found.len());
    for column in &observed.schema.columns {
        let entry = entries.get(&column.name.to_lowercase()).map(|at| &declared.columns[*at]);
        let said = entry.and_then(|entry| entry.data_type.as_ref());
        let data_type = match (said, &column.data_type) {
            (Some(said), Some(is)) => {
                if let Some(entry) = entry.filter(|_| observed.is_certain && !is_same_kind(said, is)) {
                    let written = entry.written.as_deref().unwrap_or(said.as_str());
                    let message = format!(
                        "`{}` of `{}` is declared as `{written}`, and is `{is}`",
                        entry.name,
                        node.search_name()
                    );
                    let label = format!("{} has `{is}`", observed.whereabouts);
                    problems.push(
                        Diagnostic::warning(Code::WrongSourceColumn, message)
                            .label(entry.span.unwrap_or_else(|| node.place()), label)
                            .help(format!("write `data_type: {}`", is.as_str().to_lowercase())),
                    );
                }
                Some(if observed.is_certain { is } else { said }.clone())
            }
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        };
        columns.push(Column::new(column.name.as_str(), data_type));
    }
    for entry in &declared.columns {
        if found.contains_key(&entry.name.to_lowercase()) {
            continue;
        }
        columns.push(Column::new(entry.name.as_str(), entry.data_type.clone()));
        if !observed.schema.is_complete {
            continue;
        }
        let severity = if observed.is_certain { Severity::Error } else { Severity::Warning };
        let help = suggest::similar("column", &entry.name, observed.schema.names());
        let help = help.unwrap_or_else(|| match observed.is_certain {
            true => "remove it, or correct its name".to_owned(),
            false => {
                "correct it, or run a command that connects, such as `xform build`, to look again".into()
            }
        });
        let message = format!("`{}` has no column `{}`", node.search_name(), entry.name);
        problems.push(
            Diagnostic::new(Code::WrongSourceColumn, message)
                .with_severity(severity)
                .label(entry.span.unwrap_or_else(|| node.place()), format!("not in {}", observed.whereabouts))
                .help(help),
        );
    }
    let is_complete = declared.is_complete || (observed.is_certain && observed.schema.is_complete);
    (Schema { columns, is_complete }, problems)
}

/// Whether two types are of one kind: a declaration is not held against the size of a number
/// or a text, as nothing is made of it.
fn is_same_kind(one: &DataType, other: &DataType) -> bool {
    let is_instant = |kind: &DataType| {
        let base = kind.base().to_lowercase();
        base.starts_with("timestamp") || base.starts_with("datetime")
    };
    (one.is_number() && other.is_number())
        || (one.is_string() && other.is_string())
        || (is_instant(one) && is_instant(other))
        || one.base().eq_ignore_ascii_case(other.base())
        || one.base().to_lowercase().starts_with("enum") && other.is_string()
}

#[cfg(test)]
mod tests {
    use super::super::declared::DeclaredColumn;
    use super::*;
    use crate::manifest::{NodeKind, ResourceType};
    use crate::text::{Files, Span};

    fn declared(columns: &[(&str, Option<&str>)]) -> Declared {
        let columns: Vec<DeclaredColumn> = columns
            .iter()
            .map(|(name, kind)| DeclaredColumn {
                name: (*name).to_owned(),
                data_type: kind.map(DataType::new),
                written: kind.map(str::to_owned),
                span: None,
            })
            .collect();
        let is_complete = columns.iter().all(|column| column.written.is_some());
        Declared { columns, is_complete }
    }

    fn observed(columns: &[(&str, &str)], is_certain: bool) -> Observed {
        let columns = columns.iter().map(|(name, kind)| Column::new(*name, Some(DataType::new(*kind))));
        Observed {
            schema: Schema::complete(columns.collect()),
            is_certain,
            whereabouts: "the file `a.csv`".to_owned(),
        }
    }

    fn merged(declared: &Declared, observed: &Observed) -> (String, Vec<String>) {
        let files = Files::new();
        let at = Span::start_of(files.add("models/s.yml", "").id());
        let node = Node::new(ResourceType::Model, "shop", "orders", at, NodeKind::Analysis);
        let (schema, problems) = merge(&node, declared, observed);
        let mut text: Vec<String> = schema
            .columns
            .iter()
            .map(|column| {
                format!("{} {}", column.name, column.data_type.as_ref().map_or("?", DataType::as_str))
            })
            .collect();
        text.extend((!schema.is_complete).then(|| "…".to_owned()));
        let told = problems.iter().map(|told| format!("{:?} {told}", told.severity()));
        (text.join(", "), told.collect())
    }

    #[test]
    fn a_file_completes_and_corrects_what_is_declared() {
        let said = declared(&[("ID", None), ("amuont", None), ("at", Some("date"))]);
        let (schema, told) =
            merged(&said, &observed(&[("id", "BIGINT"), ("amount", "DOUBLE"), ("at", "VARCHAR")], true));
        assert_eq!(schema, "id BIGINT, amount DOUBLE, at VARCHAR, amuont ?");
        assert_eq!(
            told,
            [
                "Warning `at` of `orders` is declared as `date`, and is `VARCHAR`",
                "Error `orders` has no column `amuont`"
            ]
        );
    }

    #[test]
    fn what_was_seen_once_proves_nothing() {
        let said = declared(&[("id", Some("varchar")), ("새_열", Some("date"))]);
        let (schema, told) = merged(&said, &observed(&[("id", "BIGINT"), ("old", "DATE")], false));
        assert_eq!(schema, "id varchar, old DATE, 새_열 date", "complete, as every column has a type");
        assert_eq!(told, ["Warning `orders` has no column `새_열`"]);
        let (schema, _) = merged(&declared(&[("id", None)]), &observed(&[("id", "BIGINT")], false));
        assert_eq!(schema, "id BIGINT, …");
    }

    #[test]
    fn sizes_of_numbers_and_texts_are_not_held_against_a_declaration() {
        for (said, is) in [
            ("integer", "BIGINT"),
            ("numeric", "DECIMAL(18,2)"),
            ("varchar(20)", "VARCHAR"),
            ("timestamp", "TIMESTAMP WITH TIME ZONE"),
            ("ENUM('a', 'b')", "VARCHAR"),
        ] {
            let (_, told) = merged(&declared(&[("a", Some(said))]), &observed(&[("a", is)], true));
            assert_eq!(told, Vec::<String>::new(), "{said} {is}");
        }
        let (_, told) = merged(&declared(&[("a", Some("varchar"))]), &observed(&[("a", "BIGINT")], true));
        assert_eq!(told.len(), 1);
    }
}
