//! Types of expressions, one table of text a dialect: `expression => type`. A `?` instead of a
//! type says that it cannot be told, `!` what is complained about.

mod duckdb;
mod groups;
mod problems;
mod tables;

use super::*;
use crate::analyze::Problem;
use crate::sql::tree::{Body, Expr, Name, Query, Select, SelectItem};
use crate::sql::{DataType, Dialect, parse_query};

/// One relation `t` whose columns are known.
pub(super) struct World {
    pub dialect: Dialect,
    pub columns: Vec<(&'static str, &'static str)>,
}

impl Environment for World {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn column(&self, path: &[Name]) -> Option<DataType> {
        let path = match path {
            [table, rest @ ..] if table.text == "t" && !rest.is_empty() => rest,
            path => path,
        };
        let (first, fields) = path.split_first()?;
        let (_, kind) = self.columns.iter().find(|(name, _)| name.eq_ignore_ascii_case(&first.text))?;
        fields.iter().try_fold(DataType::new(*kind), |kind, field| {
            access::field(&kind.kind(self.dialect), field, self.dialect).data_type(self.dialect)
        })
    }

    fn subquery(&self, query: &Query) -> Option<Vec<Option<DataType>>> {
        let Body::Select(select) = &query.body else { return None };
        let mut problems = Vec::new();
        Some(exprs(select).into_iter().map(|expr| type_of(expr, self, &mut problems)).collect())
    }

    fn identity(&self, path: &[Name]) -> Option<Identity> {
        let name = match path {
            [table, column, ..] if table.text == "t" => column,
            [outer, ..] if outer.text == "outside" => return Some(Identity::Outer),
            [column, ..] => column,
            [] => return None,
        };
        self.columns
            .iter()
            .find(|(column, _)| column.eq_ignore_ascii_case(&name.text))
            .map(|(column, _)| Identity::Local { relation: 0, column: (*column).to_owned(), has_keys: false })
    }
}

fn exprs(select: &Select) -> Vec<&Expr> {
    let expr = |item: &'_ SelectItem| matches!(item, SelectItem::Expr { .. });
    select
        .items
        .iter()
        .filter(|item| expr(item))
        .filter_map(|item| match item {
            SelectItem::Expr { expr, .. } => Some(expr),
            SelectItem::Star(_) => None,
        })
        .collect()
}

pub(super) fn query(text: &str, dialect: Dialect) -> Query {
    parse_query(text, dialect).unwrap_or_else(|error| panic!("{text}: {}", error.message))
}

impl World {
    /// The type of an expression over the columns, and what is complained about.
    pub fn type_of(&self, expr: &str) -> (Option<String>, Vec<Problem>) {
        let query = match parse_query(&format!("select {expr} from t"), self.dialect) {
            Ok(query) => query,
            Err(error) => return (Some(format!("it is not read: {}", error.message)), Vec::new()),
        };
        let Body::Select(select) = &query.body else { panic!("{expr}") };
        let mut problems = Vec::new();
        let kind = type_of(exprs(select)[0], self, &mut problems);
        (kind.map(|kind| kind.to_string()), problems)
    }

    /// Compares a table with what is said of its expressions.
    pub fn check(&self, table: &str) -> usize {
        let (mut wrong, mut count) = (Vec::new(), 0);
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (expr, expected) = line.split_once(" => ").unwrap_or_else(|| panic!("{line}"));
            let (kind, problems) = self.type_of(expr);
            let told = match problems.as_slice() {
                [] => kind.unwrap_or_else(|| "?".to_owned()),
                problems => problems
                    .iter()
                    .map(|problem| format!("! {}", problem.message))
                    .collect::<Vec<_>>()
                    .join(" "),
            };
            if told != expected {
                wrong.push(format!("{expr} => {told}   (not {expected})"));
            }
            count += 1;
        }
        assert!(wrong.is_empty(), "{:?}\n{}", self.dialect, wrong.join("\n"));
        count
    }
}
