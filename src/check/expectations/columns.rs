use std::collections::HashSet;
use std::fmt::Write;

use crate::analyze::Schema;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::Node;
use crate::sql::{Dialect, Ident, Lexeme, Scanner};
use crate::text::Span;

/// Words that look like names and are none.
const VALUES: &[&str] = &[
    "current_date",
    "current_time",
    "current_timestamp",
    "false",
    "localtime",
    "localtimestamp",
    "null",
    "sysdate",
    "true",
];

/// Columns that tables have without being asked, as warehouses call them.
const HIDDEN: &[&str] = &[
    "_change_type",
    "_commit_timestamp",
    "_commit_version",
    "_file_name",
    "_metadata",
    "_partitiondate",
    "_partitiontime",
    "_table_suffix",
    "ctid",
    "file_index",
    "file_row_number",
    "filename",
    "oid",
    "rowid",
    "snapshot_id",
    "tableoid",
    "xmax",
    "xmin",
];

/// How many columns a help line names at most.
const MOST_NAMED: usize = 8;

/// All columns of a node.
pub(super) struct Columns<'a> {
    of: &'a Node,
    schema: &'a Schema,
    folded: HashSet<String>,
}

impl<'a> Columns<'a> {
    pub fn new(of: &'a Node, schema: &'a Schema) -> Self {
        Self { of, schema, folded: schema.names().map(str::to_lowercase).collect() }
    }

    pub fn has(&self, name: &str) -> bool {
        self.folded.contains(&name.to_lowercase())
    }

    /// The diagnostic for a column that is not there.
    pub fn lacks(&self, name: &str, place: Span, label: impl Into<String>) -> Diagnostic {
        let message = format!("`{}` has no column `{name}`", self.of.search_name());
        Diagnostic::error(Code::UnknownColumn, message).label(place, label).help(self.help(name))
    }

    /// A column with a similar name, else what columns there are.
    pub fn help(&self, name: &str) -> String {
        if let Some(similar) = suggest::similar("column", name, self.schema.names()) {
            return similar;
        }
        let mut text = String::from("its columns are ");
        for (at, column) in self.schema.names().take(MOST_NAMED).enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            _ = write!(text, "{comma}`{column}`");
        }
        match self.schema.columns.len() {
            0 => "it has no columns".to_owned(),
            count if count > MOST_NAMED => format!("{text} and {} more", count - MOST_NAMED),
            _ => text,
        }
    }
}

/// The column that a text names, when it is nothing but a name; `None` for an expression.
pub(super) fn plain_name(text: &str, dialect: Dialect) -> Option<String> {
    let text = text.trim();
    let mut lexemes = Scanner::new(text, dialect);
    let (lexeme, _) = lexemes.next()?;
    if lexemes.next().is_some() {
        return None;
    }
    let is_number = text.starts_with(|letter: char| letter.is_ascii_digit());
    let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    match lexeme {
        Lexeme::Word if !is_number && !is_one_of(VALUES) && !is_one_of(HIDDEN) => Some(text.to_owned()),
        Lexeme::QuotedName => Some(Ident::unquoted(text, dialect)?.as_str().to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_are_names() {
        let name = |text| plain_name(text, Dialect::DuckDb);
        assert_eq!(name(" 금액 ").as_deref(), Some("금액"));
        assert_eq!(name("\"order \"\"id\"\"\"").as_deref(), Some("order \"id\""));
        for text in
            ["", "a.b", "a || b", "lower(a)", "1", "'a'", "NULL", "current_date", "a, b", "rowid", "a -- b"]
        {
            assert_eq!(name(text), None, "{text}");
        }
        assert_eq!(plain_name("`a b`", Dialect::BigQuery).as_deref(), Some("a b"));
    }
}
