use std::collections::BTreeSet;

use crate::analyze::{Analysis, Problem, Schema};
use crate::diagnostic::Code;
use crate::sql::{Dialect, Ident, Lexeme, Scanner};

/// How many letters of a name may be other than those of a declared one, and how many it must
/// have for that to be no chance.
const MOST_EDITS: usize = 2;
const FEWEST_LETTERS: usize = 5;

/// Columns that a query reads from relations of which only some columns are declared, and that
/// are very like one of these which it does not read: most likely slips of the finger, though
/// there may be such columns. `schema_of` tells what is known of an input, and its name.
pub(super) fn undeclared<'a>(
    analysis: &Analysis,
    sql: &str,
    dialect: Dialect,
    schema_of: impl Fn(usize) -> Option<(&'a Schema, &'a str)>,
) -> Vec<Problem> {
    let made_of = analysis.columns.iter().flat_map(|column| &column.made_of);
    let uses = made_of.chain(&analysis.row_uses);
    let used: BTreeSet<(usize, &str)> = uses.map(|part| (part.input, part.column.as_str())).collect();
    let is_used = |input: usize, name: &str| {
        used.iter().any(|(other, column)| *other == input && column.eq_ignore_ascii_case(name))
    };
    let mut told = Vec::new();
    for (input, column) in &used {
        let Some((schema, relation)) = schema_of(*input).filter(|(schema, _)| !schema.is_complete) else {
            continue;
        };
        if schema.names().any(|name| name.eq_ignore_ascii_case(column)) {
            continue;
        }
        let mut near = schema.names().filter(|name| is_slip(column, name) && !is_used(*input, name));
        let (Some(near), Some(range)) = (near.next(), place(sql, column, dialect)) else {
            continue;
        };
        let message = format!("`{column}` is not declared in `{relation}`, where there is `{near}`");
        let help = format!("write `{near}`, or declare `{column}` if it is there too");
        told.push(Problem {
            code: Code::UndeclaredColumn,
            message,
            at: range.into(),
            label: "perhaps misspelt".to_owned(),
            also: Vec::new(),
            help: Some(help),
        });
    }
    told
}

/// Whether a name is another one with a slip: names that differ in a digit are two names.
fn is_slip(name: &str, other: &str) -> bool {
    let (name, other) = (name.to_lowercase(), other.to_lowercase());
    let digits = |text: &str| -> Vec<char> { text.chars().filter(char::is_ascii_digit).collect() };
    name.chars().count() >= FEWEST_LETTERS
        && digits(&name) == digits(&other)
        && strsim::osa_distance(&name, &other) <= MOST_EDITS
}

/// The first place in a query where a name stands.
fn place(sql: &str, name: &str, dialect: Dialect) -> Option<std::ops::Range<usize>> {
    let is_it = |(lexeme, range): &(Lexeme, std::ops::Range<usize>)| match lexeme {
        Lexeme::Word => sql[range.clone()].eq_ignore_ascii_case(name),
        Lexeme::QuotedName => {
            Ident::unquoted(&sql[range.clone()], dialect).is_some_and(|found| found.as_str() == name)
        }
        _ => false,
    };
    Scanner::new(sql, dialect).find(is_it).map(|(_, range)| range)
}

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn slips_are_few_letters_of_long_names() {
        assert!(is_slip("amuont", "amount") && is_slip("AMOUNT_USDD", "amount_usd"));
        for (name, other) in [("total_1", "total_2"), ("name", "game"), ("created_at", "updated_at")] {
            assert!(!is_slip(name, other), "{name} {other}");
        }
    }
}
