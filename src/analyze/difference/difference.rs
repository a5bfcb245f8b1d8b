use super::super::{Analysis, Relations};
use super::Change;
use super::columns::{Out, column_changes};
use super::lower::{Ctes, Lowerer, Rows};
use super::rows::row_changes;
use super::terms::{Kind, TermId, Terms};
use super::words::{Words, row_of_words};
use crate::sql::tree::Query;
use crate::sql::{Dialect, RelationName};

/// One of the two queries that are compared.
pub struct Version<'a> {
    pub text: &'a str,
    /// `None` where no parser reads the text.
    pub query: Option<&'a Query>,
    /// Names and types of the columns that come out, as far as they are known.
    pub analysis: Option<&'a Analysis>,
    /// What was known of the relations around it.
    pub relations: &'a Relations,
    /// What a relation is, whatever it is called: two versions may be of two environments.
    pub identify: &'a dyn Fn(&RelationName) -> Option<String>,
}

/// Whether two texts differ in nothing but spaces, comments, and letters whose case says nothing.
#[must_use]
pub fn is_same_text(old: &str, new: &str, dialect: Dialect) -> bool {
    old == new || row_of_words(old, dialect).is_some_and(|words| row_of_words(new, dialect) == Some(words))
}

/// What of a query means something else in its new version; nothing when both surely mean the
/// same. Columns first, then rows. Of what cannot be told apart for sure, the least is claimed:
/// that rows or columns may be others.
///
/// Takes time in proportion to the texts and what their stars spread to, however often a CTE is
/// used.
#[must_use]
pub fn difference(old: &Version<'_>, new: &Version<'_>) -> Vec<Change> {
    let dialect = new.relations.dialect();
    let is_same = is_same_text(old.text, new.text, dialect);
    if is_same && has_same_columns(old.analysis, new.analysis) {
        return Vec::new();
    }
    let (Some(old_query), Some(new_query)) = (old.query, new.query) else {
        return vec![Change::Unclear("the query cannot be read".to_owned())];
    };
    let mut terms = Terms::default();
    let before = lowered(&mut terms, old, old_query);
    let after = lowered(&mut terms, new, new_query);
    let rows = row_changes(&terms, before.rows.bag, after.rows.bag);
    let has_same_rows = rows.is_empty();
    let mut changes = column_changes(&mut terms, &before.columns, &after.columns, has_same_rows, dialect);
    changes.extend(rows.into_iter().map(Change::Rows));
    if has_same_rows && before.rows.order != after.rows.order {
        changes.push(Change::Reordered);
    }
    if is_same && changes.is_empty() {
        return changes;
    }
    if let (None, Some(why)) = (changes.first(), before.doubt.or(after.doubt)) {
        changes.push(Change::Unclear(why));
    }
    changes
}

fn has_same_columns(old: Option<&Analysis>, new: Option<&Analysis>) -> bool {
    let columns = |analysis: Option<&Analysis>| -> Option<Vec<_>> {
        let columns = analysis?.columns.iter();
        Some(columns.map(|column| (column.name.clone(), column.data_type.clone())).collect())
    };
    columns(old) == columns(new)
}

struct Lowered {
    rows: Rows,
    columns: Vec<Out>,
    /// Why equal terms do not prove equal meaning.
    doubt: Option<String>,
}

fn lowered(terms: &mut Terms, version: &Version<'_>, query: &Query) -> Lowered {
    let words = Words::new(version.text, query, version.relations.dialect());
    let mut lowerer = Lowerer::new(terms, words, version.relations, version.identify);
    let rows = lowerer.query(query, &Ctes::default(), None);
    let mut doubt = lowerer
        .volatile
        .take()
        .map(|name| format!("`{name}` gives another value each time that it is called"));
    let columns = match version.analysis.filter(|analysis| analysis.is_complete) {
        Some(analysis) => {
            let (columns, is_sure) = named_columns(&mut lowerer, &rows, analysis);
            if !is_sure {
                doubt = Some("not all of its columns could be followed".to_owned());
            }
            columns
        }
        None => rows
            .columns
            .iter()
            .map(|column| Out {
                name: column.name.as_deref().map(str::to_owned),
                term: column.term,
                data_type: None,
            })
            .collect(),
    };
    Lowered { rows, columns, doubt }
}

/// The columns with the names and types they are known to have, and whether these fit.
fn named_columns(lowerer: &mut Lowerer<'_>, rows: &Rows, analysis: &Analysis) -> (Vec<Out>, bool) {
    let is_alike = |found: Option<&str>, known: &str| {
        // A name that was given twice is another in the answer: `id_1`, `id:1`.
        let number = known.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let first = number.strip_suffix(['_', ':']).unwrap_or(known);
        found.is_some_and(|found| {
            let found = found.to_lowercase();
            found.starts_with('(') || [known, first].iter().any(|name| name.to_lowercase() == found)
        })
    };
    let out = |name: &str, term: TermId, data_type| Out { name: Some(name.to_owned()), term, data_type };
    let pairs = rows.columns.iter().zip(&analysis.columns);
    if rows.is_complete() && rows.columns.len() == analysis.columns.len() {
        let mut is_sure = true;
        let columns = pairs.map(|(column, known)| {
            is_sure &= is_alike(column.name.as_deref(), &known.name);
            out(&known.name, column.term, known.data_type.clone())
        });
        let columns = columns.collect();
        return (columns, is_sure);
    }
    let rests: Vec<TermId> =
        rows.columns.iter().filter(|column| column.name.is_none()).map(|column| column.term).collect();
    let all = rows.terms();
    let mut columns = Vec::with_capacity(analysis.columns.len());
    for known in &analysis.columns {
        let found = rows.columns.iter().find(|column| {
            column.name.as_ref().is_some_and(|name| name.to_lowercase() == known.name.to_lowercase())
        });
        let term = match (found, rests.as_slice()) {
            (Some(column), _) => column.term,
            (None, [rest]) => lowerer.of_rest(*rest, &known.name.to_lowercase()),
            (None, _) => lowerer.terms.add(Kind::Value, format!("output {}", known.name), all.clone()),
        };
        columns.push(out(&known.name, term, known.data_type.clone()));
    }
    (columns, !rests.is_empty())
}
