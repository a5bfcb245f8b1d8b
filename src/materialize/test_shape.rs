use crate::sql::{Dialect, Lexeme, Scanner};

/// What a data test selects its failing rows from, and what it asks of them, as far as
/// several tests can be answered by one scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestShape {
    /// As the test's SQL writes it: `"db"."main"."orders"`, or a subquery.
    pub relation: String,
    pub asks: Asks,
}

/// A question about one column of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// The column that has a value in each row.
    NotNull(String),
    /// The column that has each value once.
    Unique(String),
    /// The column, and the values it may have, as a list of literals.
    AcceptedValues(String, String),
}

impl TestShape {
    /// Reads the compiled SQL of a test. It is read word for word: what the library's
    /// `not_null`, `unique` and `accepted_values` come to has a shape, for a column that is
    /// a plain name; nothing else has.
    #[must_use]
    pub fn read(sql: &str, dialect: Dialect) -> Option<Self> {
        let mut lexemes = Vec::new();
        for (lexeme, range) in Scanner::new(sql, dialect) {
            match lexeme {
                Lexeme::Space => {}
                Lexeme::Comment => return None,
                _ => lexemes.push((lexeme, range.start, &sql[range])),
            }
        }
        let words = Words { sql, lexemes: &lexemes };
        words.not_null().or_else(|| words.unique()).or_else(|| words.accepted_values())
    }
}

/// The words of a query from some place on.
#[derive(Clone, Copy)]
struct Words<'a> {
    sql: &'a str,
    lexemes: &'a [(Lexeme, usize, &'a str)],
}

/// Names that the tests' own queries give: a column of that name could mean either.
const OWN_NAMES: [&str; 3] = ["unique_field", "value_field", "n_records"];

impl<'a> Words<'a> {
    fn not_null(mut self) -> Option<TestShape> {
        self.skip("select")?;
        let column = self.column()?;
        self.skip("from")?;
        let relation = self.relation()?;
        self.skip("where")?;
        self.skip(&column)?;
        self.skip("is null")?;
        self.end()?;
        Some(TestShape { relation, asks: Asks::NotNull(column) })
    }

    fn unique(mut self) -> Option<TestShape> {
        self.skip("select")?;
        let column = self.column()?;
        self.skip("as unique_field , count ( * ) as n_records from")?;
        let relation = self.relation()?;
        self.skip("where")?;
        self.skip(&column)?;
        self.skip("is not null group by")?;
        self.skip(&column)?;
        self.skip("having count ( * ) > 1")?;
        self.end()?;
        Some(TestShape { relation, asks: Asks::Unique(column) })
    }

    fn accepted_values(mut self) -> Option<TestShape> {
        self.skip("with all_values as ( select")?;
        let column = self.column()?;
        self.skip("as value_field , count ( * ) as n_records from")?;
        let relation = self.relation()?;
        self.skip("group by")?;
        self.skip(&column)?;
        self.skip(") select * from all_values where value_field not in (")?;
        let mut values = vec![self.literal()?];
        while self.skip(",").is_some() {
            values.push(self.literal()?);
        }
        self.skip(")")?;
        self.end()?;
        Some(TestShape { relation, asks: Asks::AcceptedValues(column, values.join(", ")) })
    }

    fn next(&mut self) -> Option<(Lexeme, &'a str)> {
        let ((lexeme, _, text), rest) = self.lexemes.split_first()?;
        self.lexemes = rest;
        Some((*lexeme, text))
    }

    fn peek(&self) -> &'a str {
        self.lexemes.first().map_or("", |(_, _, text)| text)
    }

    /// Goes past words that stand between spaces in `expected`; a column is one of them,
    /// whatever is in its quotation marks.
    fn skip(&mut self, expected: &str) -> Option<()> {
        if expected.starts_with('"') {
            return (self.next()?.1 == expected).then_some(());
        }
        let before = *self;
        let is_there = expected.split(' ').all(|word| self.next().is_some_and(|(_, text)| text == word));
        if !is_there {
            *self = before;
        }
        is_there.then_some(())
    }

    fn end(&self) -> Option<()> {
        self.lexemes.is_empty().then_some(())
    }

    fn name(&mut self) -> Option<&'a str> {
        let (lexeme, text) = self.next()?;
        let is_name = match lexeme {
            Lexeme::QuotedName => text.starts_with('"'),
            Lexeme::Word => !text.starts_with(|c: char| c.is_numeric() || c == '$'),
            _ => false,
        };
        is_name.then_some(text)
    }

    fn column(&mut self) -> Option<String> {
        let name = self.name()?;
        let bare = name.trim_matches('"');
        (!OWN_NAMES.iter().any(|own| own.eq_ignore_ascii_case(bare))).then(|| name.to_owned())
    }

    /// A relation's name, a file, a function that reads one, or the subquery that a test's
    /// `where` makes.
    fn relation(&mut self) -> Option<String> {
        let start = self.lexemes.first()?.1;
        match self.peek() {
            "(" => {
                self.in_parentheses()?;
                self.skip("dbt_subquery")?;
            }
            text if text.starts_with('\'') => {
                self.next()?;
            }
            _ => {
                self.name()?;
                while self.skip(".").is_some() {
                    self.name()?;
                }
                if self.peek() == "(" {
                    self.in_parentheses()?;
                }
            }
        }
        let end = self.lexemes.first().map_or(self.sql.len(), |(_, at, _)| *at);
        Some(self.sql[start..end].trim_end().to_owned())
    }

    fn in_parentheses(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.next()?.1 {
                "(" => depth += 1,
                ")" if depth == 1 => return Some(()),
                ")" => depth -= 1,
                ";" => return None,
                _ => {}
            }
        }
    }

    /// A string, a number or a truth value.
    fn literal(&mut self) -> Option<String> {
        let sign = if self.skip("-").is_some() { "-" } else { "" };
        let (lexeme, text) = self.next()?;
        let is_number = lexeme == Lexeme::Word && text.bytes().all(|byte| byte.is_ascii_digit());
        match lexeme {
            Lexeme::String if sign.is_empty() && text.starts_with('\'') => Some(text.to_owned()),
            Lexeme::Word if sign.is_empty() && matches!(text, "true" | "false") => Some(text.to_owned()),
            Lexeme::Word if is_number && self.skip(".").is_some() => {
                let (_, fraction) = self.next()?;
                let is_whole = fraction.bytes().all(|byte| byte.is_ascii_digit());
                is_whole.then(|| format!("{sign}{text}.{fraction}"))
            }
            Lexeme::Word if is_number => Some(format!("{sign}{text}")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sql: &str) -> Option<TestShape> {
        TestShape::read(sql, Dialect::DuckDb)
    }

    fn shape(relation: &str, asks: Asks) -> TestShape {
        TestShape { relation: relation.to_owned(), asks }
    }

    #[test]
    fn the_librarys_tests_have_a_shape() {
        let relation = "\"db\".\"main\".\"주문\"";
        assert_eq!(
            read(&format!("\nselect id\nfrom {relation}\nwhere id is null\n")),
            Some(shape(relation, Asks::NotNull("id".to_owned())))
        );
        assert_eq!(
            read(&format!(
                "select\n \"a b\" as unique_field,\n count(*) as n_records\nfrom {relation} \
                 where \"a b\" is not null group by \"a b\" having count(*) > 1"
            )),
            Some(shape(relation, Asks::Unique("\"a b\"".to_owned())))
        );
        let subquery = "(select * from t where (a) > 1 ) dbt_subquery";
        assert_eq!(
            read(&format!(
                "with all_values as (select 상태 as value_field, count(*) as n_records from {subquery} \
                 group by 상태) select * from all_values where value_field not in ('it''s' ,'완료', -1, 2.5,true)"
            )),
            Some(shape(
                subquery,
                Asks::AcceptedValues("상태".to_owned(), "'it''s', '완료', -1, 2.5, true".to_owned())
            ))
        );
        assert_eq!(
            read("select a from read_csv('x(.csv') where a is null"),
            Some(shape("read_csv('x(.csv')", Asks::NotNull("a".to_owned())))
        );
    }

    #[test]
    fn nothing_else_has_one() {
        for sql in [
            "",
            "select 1 from t where 1 is null",
            "select a from t where b is null",
            "select a from t where a is null or true",
            "select a, b from t where a, b is null",
            "select a from t -- x\nwhere a is null",
            "select a from t u where a is null",
            "select a from (select 1 as a) where a is null",
            "select * from t where a is null",
            "select n_records from t where n_records is null",
            "select a as unique_field, count(*) as n_records from t where a is not null group by a having count(*) > 2",
            "select a as unique_field, count(*) as n_records from t group by a having count(*) > 1",
            "with all_values as (select a as value_field, count(*) as n_records from t group by a) \
             select * from all_values where value_field not in (b)",
            "with all_values as (select a as value_field, count(*) as n_records from t group by a) \
             select * from all_values where value_field not in (null)",
            "with all_values as (select a as value_field, count(*) as n_records from t group by a) \
             select * from all_values where value_field not in (E'x')",
            "with all_values as (select a as value_field, count(*) as n_records from t group by a) \
             select * from all_values where value_field not in ()",
        ] {
            assert_eq!(read(sql), None, "{sql}");
        }
    }
}
