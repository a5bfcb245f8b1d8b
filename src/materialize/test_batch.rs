use std::fmt::Write;

use super::{Asks, Job, TestShape};
use crate::adapter::{Cell, Rows};
use crate::context::LogLevel;

/// Data tests of one relation that one scan of it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestBatch {
    relation: String,
    asks: Vec<Asks>,
}

impl TestBatch {
    #[must_use]
    pub fn new(first: TestShape) -> Self {
        Self { relation: first.relation, asks: vec![first.asks] }
    }

    #[must_use]
    pub fn relation(&self) -> &str {
        &self.relation
    }

    /// Takes in another question about the same relation, and gives its place; `None` where it
    /// would need a scan of its own, as a second column that is to be unique.
    pub fn add(&mut self, asks: Asks) -> Option<usize> {
        if let (Asks::Unique(column), Some(key)) = (&asks, self.key())
            && column != key
        {
            return None;
        }
        self.asks.push(asks);
        Some(self.asks.len() - 1)
    }

    /// The column that rows are grouped by.
    fn key(&self) -> Option<&str> {
        self.asks.iter().find_map(|asks| match asks {
            Asks::Unique(column) => Some(column.as_str()),
            _ => None,
        })
    }

    /// A query of one row: for each question how much is found that should not be there. Only
    /// whether it is none means anything; NULL is none.
    ///
    /// What is to be unique is found by grouping, as its own test does: `count(distinct …)`
    /// pays no heed to a column's collation.
    #[must_use]
    pub fn sql(&self) -> String {
        let (mut inner, mut outer) = (Vec::new(), Vec::new());
        let key = self.key();
        for asks in &self.asks {
            let counted = match asks {
                Asks::Unique(_) => {
                    outer.push("count(*) filter (where t_key is not null and t_rows > 1)".to_owned());
                    continue;
                }
                Asks::NotNull(column) if Some(column.as_str()) == key => {
                    outer.push("count(*) filter (where t_key is null)".to_owned());
                    continue;
                }
                // The number of values is often known without looking.
                Asks::NotNull(column) => format!("count(*) - count({column})"),
                Asks::AcceptedValues(column, values) => {
                    format!("count(*) filter (where {column} not in ({values}))")
                }
            };
            outer.push(format!("cast(sum(t_{}) as bigint)", inner.len()));
            inner.push(counted);
        }
        let relation = &self.relation;
        let Some(key) = key else {
            return format!("select\n    {}\nfrom {relation}", inner.join(",\n    "));
        };
        let (mut columns, mut names) = (format!("{key},\n        count(*)"), "t_key, t_rows".to_owned());
        for (at, counted) in inner.iter().enumerate() {
            // Writing to a text never fails.
            let _ = write!(columns, ",\n        {counted}");
            let _ = write!(names, ", t_{at}");
        }
        format!(
            "select\n    {}\nfrom (\n    select\n        {columns}\n    from {relation}\n    group by {key}\n) \
             as xform_tested({names})",
            outer.join(",\n    ")
        )
    }

    /// Asks the warehouse, over the connection of `job`: which of the tests surely find nothing,
    /// in their order. `None` where it gave no answer: then each test has to ask for itself, and
    /// what is wrong comes to light in its own words. `names` are for the log.
    #[must_use]
    pub fn ask(&self, job: &Job<'_>, names: &[&str]) -> Option<Vec<bool>> {
        let log = &job.invocation.log;
        let tests = names.join(", ");
        log.log(
            LogLevel::Debug,
            &format!("One query for {} tests of {}: {tests}", names.len(), self.relation),
        );
        let answer = job.context().query_untyped(&self.sql());
        match answer.map_err(|error| error.message().to_owned()).and_then(|rows| self.read(&rows)) {
            Ok(found_none) => Some(found_none),
            Err(why) => {
                log.log(LogLevel::Debug, &format!("Each test asks for itself, as the query failed: {why}"));
                None
            }
        }
    }

    fn read(&self, rows: &Rows) -> Result<Vec<bool>, String> {
        let [row] = rows.rows.as_slice() else { return Err(format!("{} rows", rows.rows.len())) };
        if row.len() != self.asks.len() {
            return Err(format!("{} columns", row.len()));
        }
        Ok(row.iter().map(is_none).collect())
    }
}

fn is_none(cell: &Cell) -> bool {
    match cell {
        Cell::Null => true,
        Cell::Text(text) => text == "0",
        cell => cell.as_int() == Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(asks: &[Asks]) -> TestBatch {
        let (first, others) = asks.split_first().expect("questions");
        let mut batch = TestBatch::new(TestShape { relation: "t".to_owned(), asks: first.clone() });
        for asks in others {
            assert!(batch.add(asks.clone()).is_some());
        }
        batch
    }

    fn flat(sql: &str) -> String {
        sql.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn counts_of_one_scan_stand_side_by_side() {
        let asks = [
            Asks::NotNull("a".to_owned()),
            Asks::AcceptedValues("상태".to_owned(), "'완료', '취소'".to_owned()),
        ];
        assert_eq!(
            flat(&batch(&asks).sql()),
            "select count(*) - count(a), count(*) filter (where 상태 not in ('완료', '취소')) from t"
        );
    }

    #[test]
    fn what_is_to_be_unique_groups_the_rows() {
        let asks = [
            Asks::NotNull("id".to_owned()),
            Asks::NotNull("a".to_owned()),
            Asks::Unique("id".to_owned()),
            Asks::AcceptedValues("id".to_owned(), "1, 2".to_owned()),
        ];
        let mut batch = batch(&asks);
        assert_eq!(
            flat(&batch.sql()),
            "select count(*) filter (where t_key is null), cast(sum(t_0) as bigint), \
             count(*) filter (where t_key is not null and t_rows > 1), cast(sum(t_1) as bigint) \
             from ( select id, count(*), count(*) - count(a), count(*) filter (where id not in (1, 2)) \
             from t group by id ) as xform_tested(t_key, t_rows, t_0, t_1)"
        );
        assert_eq!(batch.add(Asks::Unique("a".to_owned())), None);
        assert_eq!(batch.add(Asks::Unique("id".to_owned())), Some(4));
    }

    #[test]
    fn only_none_is_none() {
        let batch = batch(&[Asks::NotNull("a".to_owned()), Asks::NotNull("b".to_owned())]);
        let rows = |cells: Vec<Cell>| Rows { rows: vec![cells], ..Rows::default() };
        assert_eq!(batch.read(&rows(vec![Cell::Null, Cell::Int(0)])), Ok(vec![true, true]));
        let texts = ["0", "3"].map(|text| Cell::Text(text.to_owned())).to_vec();
        assert_eq!(batch.read(&rows(texts)), Ok(vec![true, false]));
        assert_eq!(batch.read(&rows(vec![Cell::Int(3), Cell::Bool(true)])), Ok(vec![false, false]));
        assert!(batch.read(&rows(vec![Cell::Int(0)])).is_err());
        assert!(batch.read(&Rows::default()).is_err());
    }
}
