//! Understanding with a judge that knows a few words only.

use std::sync::Arc;

use super::ReasonKind;
use super::judge::Judge;
use super::knowledge::names;
use super::understand::{Depth, Question, Understood, completed, understand};
use crate::adapter::{AdapterError, Binder, Refusal, RefusalKind};
use crate::analyze::{Column, Known, Relations, Schema};
use crate::sql::tree::{Query, TextRange};
use crate::sql::{DataType, Dialect, RelationName};

/// Refuses the first of some words that a query holds, and says it has one column.
struct Words(&'static [(&'static str, RefusalKind)]);

impl Binder for Words {
    fn declare(&mut self, _: &RelationName, _: &[(String, DataType)]) -> Result<(), AdapterError> {
        Ok(())
    }

    fn bind(&mut self, sql: &str) -> Result<Vec<(String, DataType)>, Refusal> {
        if let Some(at) = sql.find("(null as") {
            return Err(Refusal::new(RefusalKind::Syntax, "no").at(TextRange::new(at, at + 1)));
        }
        let found = self.0.iter().filter_map(|(word, kind)| {
            let at = sql.find(word).filter(|at| !sql[..*at].ends_with("as \""))?;
            Some((at, *word, *kind))
        });
        match found.min_by_key(|(at, ..)| *at) {
            None => Ok(vec![("n".to_owned(), DataType::new("BIGINT"))]),
            Some((at, word, kind)) => {
                let refusal = Refusal::new(kind, format!("Binder Error: \"{word}\" is not there"));
                let name = Some(word.to_owned());
                Err(Refusal { name, ..refusal.at(TextRange::new(at, at + word.len())) })
            }
        }
    }

    fn may_hold(&self, name: &str) -> bool {
        name == "duckdb_tables"
    }

    fn tree(&mut self, _: &str) -> Result<Query, Refusal> {
        Err(Refusal::new(RefusalKind::CannotTell, "no trees"))
    }
}

fn answer(sql: &str, words: &'static [(&'static str, RefusalKind)], is_exact: bool) -> Understood {
    answer_to(sql, Depth::Lineage, words, is_exact)
}

fn answer_to(
    sql: &str,
    depth: Depth,
    words: &'static [(&'static str, RefusalKind)],
    is_exact: bool,
) -> Understood {
    let mut relations = Relations::new(Dialect::DuckDb, "db", "main");
    let kind = is_exact.then(|| DataType::new("INTEGER"));
    let columns = ["id", "금액"].map(|name| Column::new(name, kind.clone()));
    let schema = Arc::new(Schema::complete(columns.to_vec()));
    relations.insert(RelationName::new(Dialect::DuckDb, "db", "main", "orders"), Known::Schema(schema));
    let question = Question {
        sql,
        dialect: Dialect::DuckDb,
        relations: &relations,
        names: &names(sql, Dialect::DuckDb),
        is_open: false,
        may_hold_more: true,
    };
    let mut judge = Judge::new(Box::new(Words(words)));
    let found = understand(&question, depth, Some(&mut judge));
    if !found.is_brief {
        return found;
    }
    // What is left out can be made good.
    let whole = understand(&question, Depth::Lineage, Some(&mut judge));
    assert_eq!(completed(&question, &found, Some(&mut judge)), whole);
    found
}

fn wrong<'a>(found: &Understood, sql: &'a str) -> Vec<&'a str> {
    found.problems.iter().map(|problem| &sql[problem.at.range()]).collect()
}

const COLUMN: RefusalKind = RefusalKind::UnknownColumn;

#[test]
fn what_the_judge_accepts_is_as_it_says() {
    let found = answer("select sum(nothing) as n from orders", &[], true);
    assert!(found.is_judged && found.problems.is_empty());
    assert_eq!(found.schema.map(|schema| schema.is_exact()), Some(true));
}

#[test]
fn what_the_judge_takes_at_once_is_not_analyzed_unless_somebody_wants_it() {
    let brief = |sql, is_exact| answer_to(sql, Depth::Columns, &[], is_exact).is_brief;
    assert!(brief("select id as n from orders", true));
    assert!(!brief("select id as n from orders", false), "a type is not known");
    assert!(!brief("select table_oid as n from duckdb_tables", true), "nobody declared it");
    let sql = "select idd from orders";
    assert_eq!(
        answer_to(sql, Depth::Columns, &[("idd", COLUMN)], true),
        answer(sql, &[("idd", COLUMN)], true)
    );
}

#[test]
fn all_that_both_complain_of_is_told_and_nothing_that_the_judge_takes() {
    let sql = "select idd, o.금악, abs(ammount), other from orders as o";
    let found = answer(sql, &[("idd", COLUMN), ("금악", COLUMN), ("ammount", COLUMN)], true);
    assert_eq!(wrong(&found, sql), ["idd", "금악", "ammount"]);
    assert_eq!(found.said.as_deref(), Some("Binder Error: \"idd\" is not there"));
    let found = answer(sql, &[("ammount", COLUMN)], true);
    assert_eq!(wrong(&found, sql), ["ammount"]);
}

#[test]
fn where_a_type_is_not_known_our_own_analysis_counts_alone() {
    let sql = "select idd from orders";
    let found = answer(sql, &[("orders", RefusalKind::UnknownRelation)], false);
    assert!(!found.is_judged);
    assert_eq!(wrong(&found, sql), ["idd"]);
}

#[test]
fn a_function_that_is_like_no_other_may_have_been_made_by_hand() {
    let sql = "select our_own_thing(id) as n from orders";
    let found = answer(sql, &[("our_own_thing", RefusalKind::UnknownFunction)], true);
    assert_eq!(found.problems, []);
    assert_eq!(found.reasons.first().map(|reason| reason.kind), Some(ReasonKind::Outside));
    let sql = "select coalesc(id, 0) as n from orders";
    let found = answer(sql, &[("coalesc", RefusalKind::UnknownFunction)], true);
    assert_eq!(wrong(&found, sql), ["coalesc"]);
}

#[test]
fn sql_that_cannot_be_read_is_the_judges_affair() {
    let sql = "select id frm orders where";
    let found = answer(sql, &[("frm", RefusalKind::Syntax)], false);
    assert_eq!(wrong(&found, sql), ["frm"]);
    let found = answer(sql, &[("frm", RefusalKind::CannotTell)], true);
    assert_eq!(found.problems, []);
    assert!(!found.reasons.is_empty());
}
