use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::confirm::confirmed;
use super::judge::Judge;
use super::refused::{of_refusal, same_place};
use super::{Reason, ReasonKind};
use crate::adapter::{Refusal, RefusalKind};
use crate::analyze::{Analysis, Column, Found, Known, OutputColumn, Problem, Relations, Schema, analyze};
use crate::diagnostic::Code;
use crate::sql::tree::{Body, Query, TextRange};
use crate::sql::{DataType, Dialect, RelationName};
use crate::sql::{SyntaxError, parse_query};

/// How much is wanted of a query that nothing is wrong with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// Its columns.
    Columns,
    /// What they are made of, too.
    Lineage,
}

/// A query, and all that what is known of it depends on: the same question always has the
/// same answer.
pub(super) struct Question<'a> {
    pub(super) sql: &'a str,
    pub(super) dialect: Dialect,
    /// What it may read.
    pub(super) relations: &'a Relations,
    /// The names and texts that stand in it, folded.
    pub(super) names: &'a BTreeSet<String>,
    /// Whether there may be functions and types that neither the warehouse nor the project
    /// declares: hooks make them, or extensions that only the warehouse has.
    pub(super) is_open: bool,
    /// Whether the warehouse may hold functions that somebody made by hand: one that is like no
    /// other may be there.
    pub(super) may_hold_more: bool,
}

/// The answer. Ranges are bytes of the query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Understood {
    pub(super) schema: Option<Schema>,
    /// The same of a table made of it, where the warehouse gives one other types.
    pub(super) stored: Option<Schema>,
    pub(super) analysis: Option<Analysis>,
    pub(super) problems: Vec<Problem>,
    /// The judge's own words for the first of them.
    pub(super) said: Option<String>,
    pub(super) reasons: Vec<Reason>,
    /// The word of the query behind which its columns are listed.
    pub(super) listed_at: Option<TextRange>,
    /// Whether the warehouse's judge knew all that the query reads, and so had the last word.
    pub(super) is_judged: bool,
    /// Whether the judge took it and nobody analyzed it: it is known to [`Depth::Columns`] only.
    pub(super) is_brief: bool,
}

/// What there is to know of a query. The judge has the last word where every relation that is
/// read is exactly known; where not, what our own analysis is sure of counts.
pub(super) fn understand(question: &Question<'_>, depth: Depth, mut judge: Option<&mut Judge>) -> Understood {
    let bound = match (depth, judge.as_deref_mut()) {
        (Depth::Columns, Some(judge)) => bind_at_once(question, judge),
        _ => None,
    };
    let mut found = match bound {
        Some(Ok(columns)) => Understood { is_brief: true, ..accepted(Understood::default(), None, columns) },
        Some(Err(refusal)) => find(question, Some(Err(refusal)), judge.as_deref_mut()),
        None => find(question, None, judge.as_deref_mut()),
    };
    if let (Some(judge), Some(schema)) = (judge, &found.schema) {
        let mut stored = schema.clone();
        judge.stored(&mut stored);
        found.stored = Some(stored).filter(|stored| stored != schema);
    }
    found
}

/// A brief answer with what it is made of.
pub(super) fn completed(
    question: &Question<'_>,
    brief: &Understood,
    judge: Option<&mut Judge>,
) -> Understood {
    let columns = brief.schema.iter().flat_map(|schema| &schema.columns);
    let columns = columns.filter_map(|column| Some((column.name.clone(), column.data_type.clone()?)));
    let tree = tree(question.sql, question.dialect, judge).ok();
    let analysis = tree.as_ref().map(|tree| analyze(tree, question.sql, question.relations));
    Understood {
        analysis: analysis.map(|analysis| with_columns(analysis, columns.collect())),
        listed_at: tree.as_ref().and_then(|tree| listed_at(&tree.body)),
        is_brief: false,
        ..brief.clone()
    }
}

/// The word of a query behind which its columns are listed.
pub(super) fn listing(sql: &str, dialect: Dialect, judge: Option<&mut Judge>) -> Option<TextRange> {
    listed_at(&tree(sql, dialect, judge).ok()?.body)
}

/// The tree that our own parser makes, or the judge's.
pub(super) fn tree(sql: &str, dialect: Dialect, judge: Option<&mut Judge>) -> Result<Query, SyntaxError> {
    let own = parse_query(sql, dialect);
    own.or_else(|error| judge.and_then(|judge| judge.tree(sql)).ok_or(error))
}

/// What the judge says where it is plain without an analysis that it knows all that the query may
/// read: every relation whose name stands in it, and none that nobody told it of.
fn bind_at_once(question: &Question<'_>, judge: &mut Judge) -> Option<Bound> {
    judge.declare(question.relations);
    let is_known =
        knows_all(judge, question.relations, None) && !question.names.iter().any(|name| judge.may_hold(name));
    is_known.then(|| judge.bind(question.sql))
}

/// The columns of a query, or why there are none.
type Bound = Result<Vec<(String, DataType)>, Refusal>;

fn find(question: &Question<'_>, bound: Option<Bound>, mut judge: Option<&mut Judge>) -> Understood {
    let mut unreadable = None;
    let tree = tree(question.sql, question.dialect, judge.as_deref_mut());
    let tree = tree.map_err(|error| unreadable = Some(error)).ok();
    let analysis = tree.as_ref().map(|tree| analyze(tree, question.sql, question.relations));
    let listed_at = tree.as_ref().and_then(|tree| listed_at(&tree.body));
    let mut found = Understood { listed_at, ..Understood::default() };
    if let Some(judge) = judge {
        judge.declare(question.relations);
        let is_known = knows_all(judge, question.relations, analysis.as_ref());
        match bound.unwrap_or_else(|| judge.bind(question.sql)) {
            Ok(columns) if is_known => return accepted(found, analysis, columns),
            Err(refusal) if refusal.kind == RefusalKind::Syntax || is_known => {
                return refused(found, question, analysis, &refusal, judge);
            }
            // It knows of relations that this query does not stand on.
            Ok(_) | Err(_) => {}
        }
    }
    if tree.is_none() {
        let error = unreadable.map_or_else(String::new, |error| format!(": {}", error.message));
        found.reasons.push(Reason::new(ReasonKind::Unreadable, format!("cannot be read{error}")));
    }
    leniently(found, question, analysis)
}

/// Whether every relation that a query reads is one that the judge was told of.
fn knows_all(judge: &Judge, relations: &Relations, analysis: Option<&Analysis>) -> bool {
    match analysis {
        Some(analysis) => analysis.inputs.iter().all(|input| {
            // The judge may know of it from another question, which this one's answer must not
            // depend on.
            let is_exact = match relations.known(&input.relation) {
                Some(Known::Schema(schema)) => schema.is_exact(),
                _ => false,
            };
            is_exact && judge.knows(&input.relation) || is_file(&input.relation)
        }),
        None => relations.iter().all(|(relation, known)| {
            matches!(known, Known::Schema(schema) if schema.is_exact()) && judge.knows(relation)
        }),
    }
}

/// Whether what is read is a file, which the judge looks into itself.
fn is_file(relation: &RelationName) -> bool {
    let name = relation.identifier.as_deref().unwrap_or_default();
    relation.schema.is_none() && name.contains(['/', '.', '*', '\\'])
}

/// What our own analysis says, where nobody has the last word.
fn leniently(mut found: Understood, question: &Question<'_>, analysis: Option<Analysis>) -> Understood {
    let Some(mut analysis) = analysis else { return found };
    found.problems = std::mem::take(&mut analysis.problems);
    if question.is_open {
        found.problems.retain(|problem| !matches!(problem.code, Code::UnknownFunction | Code::UnknownType));
    }
    for unknown in &analysis.unknowns {
        found.reasons.push(Reason::new(ReasonKind::Undeclared, unknown.why.clone()));
    }
    for input in analysis.inputs.iter().filter(|input| !input.is_known) {
        let phrase = format!("reads `{}`, of which nothing is known", shown(&input.relation));
        let parent = question.relations.iter().find(|(relation, _)| relation.key() == input.relation.key());
        found.reasons.push(match parent {
            Some((_, Known::Nothing(why))) => Reason::new(ReasonKind::Undeclared, why.clone()),
            _ => Reason::new(ReasonKind::Undeclared, phrase),
        });
    }
    found.schema = Some(analysis.schema());
    found.analysis = Some(analysis);
    found
}

/// The judge has nothing against the query: what it gives is known exactly.
fn accepted(
    mut found: Understood,
    analysis: Option<Analysis>,
    columns: Vec<(String, DataType)>,
) -> Understood {
    found.is_judged = true;
    let schema = columns.iter().map(|(name, kind)| Column::new(name.as_str(), Some(kind.clone())));
    found.schema = Some(Schema::complete(schema.collect()));
    found.analysis = analysis.map(|analysis| with_columns(analysis, columns));
    found
}

/// An analysis with the columns that the judge found.
fn with_columns(mut analysis: Analysis, columns: Vec<(String, DataType)>) -> Analysis {
    let is_same = analysis.columns.len() == columns.len();
    let own = std::mem::take(&mut analysis.columns);
    let mut by_name: BTreeMap<String, OutputColumn> = BTreeMap::new();
    let mut in_order = Vec::new();
    if is_same {
        in_order = own;
    } else {
        by_name = own.into_iter().map(|column| (column.name.to_lowercase(), column)).collect();
    }
    let mut in_order = in_order.into_iter();
    analysis.columns = columns
        .into_iter()
        .map(|(name, kind)| {
            let known = in_order.next().or_else(|| by_name.remove(&name.to_lowercase()));
            let known = known.unwrap_or_else(|| OutputColumn {
                name: String::new(),
                is_named: true,
                data_type: None,
                at: TextRange::default(),
                made_of: Vec::new(),
            });
            OutputColumn { name, data_type: Some(kind), ..known }
        })
        .collect();
    analysis.is_complete = true;
    analysis.problems.clear();
    analysis.unknowns.clear();
    analysis
}

/// The judge refuses: what it says is wrong, and of what our own analysis found that which the
/// judge says too once the rest is out of its way.
fn refused(
    mut found: Understood,
    question: &Question<'_>,
    analysis: Option<Analysis>,
    refusal: &Refusal,
    judge: &mut Judge,
) -> Understood {
    let is_doubtful = match refusal.kind {
        RefusalKind::CannotTell => true,
        RefusalKind::UnknownFunction | RefusalKind::UnknownType => {
            question.is_open || question.may_hold_more && !is_like_another(analysis.as_ref(), refusal)
        }
        RefusalKind::UnknownRelation => !is_missing(question.relations, analysis.as_ref(), refusal),
        _ => false,
    };
    if is_doubtful {
        let (kind, phrase) = match refusal.kind {
            RefusalKind::UnknownRelation => (ReasonKind::Undeclared, "reads a relation that no node makes"),
            RefusalKind::UnknownFunction => {
                (ReasonKind::Outside, "calls a function that may be made elsewhere")
            }
            RefusalKind::UnknownType => (ReasonKind::Outside, "names a type that may be made elsewhere"),
            _ => (ReasonKind::Outside, "needs more than is known without a warehouse"),
        };
        let said = refusal.message.lines().next().unwrap_or_default();
        let phrase = match &refusal.name {
            Some(name) => format!("{phrase}: `{name}`"),
            None => format!("{phrase}: {said}"),
        };
        found.reasons.push(Reason::new(kind, phrase));
        return leniently(found, question, analysis);
    }
    found.is_judged = true;
    found.said = Some(refusal.message.clone());
    let Some(mut analysis) = analysis else {
        found.problems.push(of_refusal(refusal, None));
        return found;
    };
    let own = std::mem::take(&mut analysis.problems);
    let in_its_words = of_refusal(refusal, Some(&analysis));
    let first = match own.iter().find(|problem| same_place(problem, refusal)).cloned() {
        Some(first) => Problem { help: first.help.clone().or(in_its_words.help), ..first },
        None => in_its_words,
    };
    found.problems = confirmed(question.sql, first, own, judge);
    found.schema = Some(analysis.schema());
    found.analysis = Some(analysis);
    found
}

/// Whether a name is so much like one that is there that it is a slip of the finger.
fn is_like_another(analysis: Option<&Analysis>, refusal: &Refusal) -> bool {
    let own = analysis.map(|analysis| &analysis.problems[..]).unwrap_or_default();
    of_refusal(refusal, analysis).help.is_some()
        || own.iter().any(|problem| same_place(problem, refusal) && problem.help.is_some())
}

/// Whether the relation that the judge does not find is one that surely is not there.
fn is_missing(relations: &Relations, analysis: Option<&Analysis>, refusal: &Refusal) -> bool {
    let own = analysis.is_some_and(|analysis| {
        analysis.problems.iter().any(|problem| problem.code == Code::UnknownRelation)
    });
    let name = refusal.name.as_deref().map(|name| crate::sql::tree::Name {
        text: name.to_owned(),
        is_quoted: false,
        at: TextRange::default(),
    });
    own || name.is_some_and(|name| relations.find(&[name]) == Found::Missing)
}

/// `select` of the query, or of the first that a set operation joins.
fn listed_at(body: &Body) -> Option<TextRange> {
    match body {
        Body::Select(select) => {
            Some(TextRange::new(select.at.start, select.at.end.min(select.at.start + "select".len())))
        }
        Body::SetOperation(operation) => listed_at(&operation.left),
        Body::Query(query) => of_query(query),
        Body::Values(_) => None,
    }
}

fn of_query(query: &Query) -> Option<TextRange> {
    listed_at(&query.body)
}

/// A relation by the name that people know it by.
fn shown(relation: &RelationName) -> String {
    let parts = [&relation.schema, &relation.identifier];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(".")
}
