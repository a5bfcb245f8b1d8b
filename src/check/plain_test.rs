use crate::adapter::Adapter;
use crate::analyze::Schema;
use crate::sql::{Ident, Lexeme, RelationName, Scanner, TypeKind};

/// The queries of the built-in generic tests, word by word. `%c` is a column of the relation `%r`,
/// `%d` one of `%s`, `%v` a list of values.
const SHAPES: [(&str, Need); 5] = [
    ("select %c from %r where %c is null", Need::Nothing),
    ("select * from %r where %c is null", Need::Nothing),
    (
        "select %c as unique_field , count ( * ) as n_records from %r where %c is not null \
         group by %c having count ( * ) > 1",
        Need::Grouping,
    ),
    (
        "with all_values as ( select %c as value_field , count ( * ) as n_records from %r group by %c ) \
         select * from all_values where value_field not in ( %v )",
        Need::Values,
    ),
    (
        "with child as ( select %c as from_field from %r where %c is not null ) , \
         parent as ( select %d as to_field from %s ) \
         select from_field from child left join parent on child . from_field = parent . to_field \
         where parent . to_field is null",
        Need::SameType,
    ),
];

/// What must be so for a query to be right, beside that the columns are there.
#[derive(Clone, Copy)]
enum Need {
    Nothing,
    /// The column can be grouped by.
    Grouping,
    /// The values are of the column's type.
    Values,
    /// Both columns are of one type.
    SameType,
}

/// Names that the queries give to columns of their own.
const GIVEN: [&str; 5] = ["from_field", "n_records", "to_field", "unique_field", "value_field"];

/// Whether a query is one of those of the built-in generic tests, whoever wrote it, over relations
/// that are known to the last column, and surely right. `false` says nothing.
pub(super) fn is_surely_right<'a>(
    sql: &str,
    adapter: &dyn Adapter,
    schema_of: impl Fn(&RelationName) -> Option<&'a Schema>,
) -> bool {
    let words = Scanner::new(sql, adapter.dialect())
        .filter(|(lexeme, _)| !matches!(lexeme, Lexeme::Space | Lexeme::Comment));
    let words: Vec<(Lexeme, &str)> = words.map(|(lexeme, range)| (lexeme, &sql[range])).collect();
    SHAPES.iter().any(|(shape, need)| {
        let Some(found) = Match::of(shape, &words, adapter) else { return false };
        found.is_right(*need, adapter, &schema_of).unwrap_or(false)
    })
}

/// What stands in the places that a shape leaves open.
#[derive(Default)]
struct Match<'a> {
    columns: [Option<&'a str>; 2],
    relations: [Option<RelationName>; 2],
    values: &'a [(Lexeme, &'a str)],
}

impl<'a> Match<'a> {
    fn of(shape: &str, words: &'a [(Lexeme, &'a str)], adapter: &dyn Adapter) -> Option<Self> {
        let mut found = Self::default();
        let mut left = words;
        for part in shape.split(' ') {
            let taken = match part {
                "%c" => found.take_column(0, left)?,
                "%d" => found.take_column(1, left)?,
                "%r" => found.take_relation(0, left, adapter)?,
                "%s" => found.take_relation(1, left, adapter)?,
                "%v" => {
                    let end = left.iter().position(|(_, text)| *text == ")")?;
                    found.values = &left[..end];
                    end
                }
                fixed => {
                    let (lexeme, text) = left.first()?;
                    let is_it =
                        matches!(lexeme, Lexeme::Word | Lexeme::Symbol) && text.eq_ignore_ascii_case(fixed);
                    if !is_it {
                        return None;
                    }
                    1
                }
            };
            left = &left[taken..];
        }
        left.is_empty().then_some(found)
    }

    /// One name, the same each time.
    fn take_column(&mut self, which: usize, left: &'a [(Lexeme, &'a str)]) -> Option<usize> {
        let (Lexeme::Word | Lexeme::QuotedName, text) = left.first()? else { return None };
        let known = self.columns[which].get_or_insert(text);
        (known == text).then_some(1)
    }

    /// A name of three parts in quotes, as templates write relations.
    fn take_relation(
        &mut self,
        which: usize,
        left: &[(Lexeme, &str)],
        adapter: &dyn Adapter,
    ) -> Option<usize> {
        let dialect = adapter.dialect();
        let [(_, database), (_, "."), (_, schema), (_, "."), (_, identifier)] = left.get(..5)? else {
            return None;
        };
        let part = |text: &str| Ident::unquoted(text, dialect);
        let (database, schema, identifier) = (part(database)?, part(schema)?, part(identifier)?);
        let name = RelationName::new(dialect, database.as_str(), schema.as_str(), identifier.as_str());
        self.relations[which] = Some(name);
        Some(5)
    }

    fn is_right<'s>(
        &self,
        need: Need,
        adapter: &dyn Adapter,
        schema_of: &impl Fn(&RelationName) -> Option<&'s Schema>,
    ) -> Option<bool> {
        let kind = self.kind(0, adapter, schema_of)?;
        Some(match need {
            Need::Nothing => true,
            Need::Grouping => is_simple(&kind),
            Need::Values => self.are_of(&kind),
            Need::SameType => is_simple(&kind) && kind == self.kind(1, adapter, schema_of)?,
        })
    }

    /// The type of a column that is surely there.
    fn kind<'s>(
        &self,
        which: usize,
        adapter: &dyn Adapter,
        schema_of: &impl Fn(&RelationName) -> Option<&'s Schema>,
    ) -> Option<TypeKind> {
        let written = self.columns[which]?;
        let unquoted = Ident::unquoted(written, adapter.dialect());
        if unquoted.is_none() && !adapter.is_plain_name(written) {
            return None;
        }
        let name = unquoted.as_ref().map_or(written, Ident::as_str);
        let schema = schema_of(self.relations[which].as_ref()?).filter(|schema| schema.is_exact())?;
        let column = schema.columns.iter().find(|column| column.name == name)?;
        let is_given = GIVEN.iter().any(|given| schema.names().any(|name| name.eq_ignore_ascii_case(given)));
        let kind = column.data_type.as_ref().filter(|_| !is_given)?;
        Some(TypeKind::read(kind.as_str(), adapter.dialect()))
    }

    /// Whether all the values are literals that any value of the type can be compared with.
    fn are_of(&self, kind: &TypeKind) -> bool {
        let is_value = |(lexeme, text): &(Lexeme, &str)| match kind {
            TypeKind::Text(_) => *lexeme == Lexeme::String && text.starts_with('\''),
            TypeKind::Integer { .. } => {
                *lexeme == Lexeme::Word
                    && text.len() < 10
                    && text.bytes().all(|letter| letter.is_ascii_digit())
            }
            _ => false,
        };
        self.values.len() % 2 == 1
            && self.values.iter().step_by(2).all(is_value)
            && self.values.iter().skip(1).step_by(2).all(|(_, text)| *text == ",")
    }
}

/// Whether values of a type can be compared and grouped by as they are.
fn is_simple(kind: &TypeKind) -> bool {
    matches!(
        kind,
        TypeKind::Boolean
            | TypeKind::Integer { .. }
            | TypeKind::Decimal(_)
            | TypeKind::Float
            | TypeKind::Double
            | TypeKind::Text(_)
            | TypeKind::Date
            | TypeKind::Timestamp(_)
            | TypeKind::Uuid
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Map;

    use super::*;
    use crate::adapter::for_target;
    use crate::analyze::Column;
    use crate::sql::{DataType, Dialect};

    const NOT_NULL: &str = "select C\nfrom \"db\".\"main\".\"주문\"\nwhere C is null -- twice";
    const UNIQUE: &str = "select C as unique_field, count(*) as n_records from \"db\".\"main\".\"주문\" \
                          where C is not null group by C having count(*) > 1";
    const ACCEPTED: &str = "with all_values as (select C as value_field, count(*) as n_records \
                            from \"db\".\"main\".\"주문\" group by C) \
                            select * from all_values where value_field not in (VALUES)";
    const RELATED: &str = "with child as (select C as from_field from \"db\".\"main\".\"주문\" \
                           where C is not null), parent as (select D as to_field \
                           from \"db\".\"main\".\"주문\") select from_field from child left join parent \
                           on child.from_field = parent.to_field where parent.to_field is null";

    /// Whether it is said to be right; where it is, the judge has to take it.
    fn is_right(sql: &str, columns: &[(&str, &str)]) -> bool {
        let columns: Vec<_> =
            columns.iter().map(|(name, kind)| ((*name).to_owned(), DataType::new(*kind))).collect();
        let known = columns.iter().map(|(name, kind)| Column::new(name.as_str(), Some(kind.clone())));
        let schema = Schema::complete(known.collect());
        let adapter = for_target("duckdb", &Map::new(), Path::new("/")).unwrap();
        let orders = RelationName::new(Dialect::DuckDb, "DB", "main", "주문");
        let of = |relation: &RelationName| (relation.key() == orders.key()).then_some(&schema);
        let found = is_surely_right(sql, &*adapter, of);
        if found {
            let mut judge = adapter.binder().unwrap().unwrap();
            judge.declare(&orders, &columns).unwrap();
            judge.bind(sql).unwrap();
            let some = Schema { is_complete: false, ..schema.clone() };
            assert!(!is_surely_right(sql, &*adapter, |_| Some(&some)), "there may be other columns");
        }
        found
    }

    #[test]
    fn a_query_of_a_test_is_right_where_its_column_is_there() {
        for (sql, kind) in [(NOT_NULL, "STRUCT(a INTEGER)"), (UNIQUE, "DATE")] {
            let of = |column: &str, columns: &[(&str, &str)]| is_right(&sql.replace('C', column), columns);
            assert!(of("id", &[("id", kind)]) && of("\"이 름\"", &[("이 름", kind)]));
            assert!(!of("id", &[("idd", kind)]) && !of("id", &[("ID", kind)]), "{sql}");
            assert!(!of("order", &[("order", kind)]) && !of("id + 1", &[("id", kind)]), "{sql}");
            assert!(!of("id", &[("id", kind), ("n_records", "INTEGER")]), "a name of the query's own");
        }
        assert!(!is_right(&UNIQUE.replace('C', "id"), &[("id", "STRUCT(a INTEGER)")]));
        assert!(!is_right(&NOT_NULL.replace('C', "id").replace("db", "other"), &[("id", "DATE")]));
        assert!(is_right(&NOT_NULL.replacen('C', "*", 1).replace('C', "id"), &[("id", "DATE")]));
    }

    #[test]
    fn values_have_to_be_of_the_type_of_the_column() {
        let of = |kind: &str, values: &str| {
            is_right(&ACCEPTED.replace('C', "id").replace("VALUES", values), &[("id", kind)])
        };
        assert!(of("VARCHAR", "'a', 'b)', 'ㄱ''s'") && of("BIGINT", "1, 20"));
        for (kind, values) in [
            ("VARCHAR", "1"),
            ("INTEGER", "'a'"),
            ("DATE", "'2026-01-01'"),
            ("VARCHAR", ""),
            ("VARCHAR", "'a',"),
            ("VARCHAR", "'a' || 'b'"),
            ("ENUM('a', 'b')", "'a'"),
        ] {
            assert!(!of(kind, values), "{kind} {values}");
        }
    }

    #[test]
    fn columns_that_are_compared_have_to_be_of_one_type() {
        let sql = RELATED.replace('C', "id").replace('D', "other");
        assert!(is_right(&sql, &[("id", "BIGINT"), ("other", "BIGINT")]));
        assert!(!is_right(&sql, &[("id", "BIGINT"), ("other", "VARCHAR")]));
        assert!(!is_right(&sql, &[("id", "BIGINT")]));
        assert!(!is_right(&format!("{sql} limit 1"), &[("id", "BIGINT"), ("other", "BIGINT")]));
    }
}
