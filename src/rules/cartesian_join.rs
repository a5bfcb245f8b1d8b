use super::subject::{Query as Looked, Subject};
use crate::analyze::Problem;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{NodeId, ResourceType};
use crate::sql::parse_query;
use crate::sql::tree::{
    Body, Cte, ExprKind, FromItem, GroupBy, JoinKind, Query, Select, SelectItem, TextRange,
};

/// How many relations are followed to tell whether they have one row.
const FAR: usize = 8;

/// Relations in one FROM that nothing connects: every row of one meets every row of the other.
/// `cross join` says that it is meant.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let Some(looked) = subject.query() else { return Vec::new() };
    let suspects = looked.analysis.facts.joins.iter().filter(|join| {
        let is_meant = matches!(join.kind, Some(JoinKind::Cross | JoinKind::Positional));
        !join.has_condition && !join.is_connected && !is_meant
    });
    let suspects: Vec<TextRange> = suspects.map(|join| join.at).collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    let dialect = subject.project.invocation.adapter.dialect();
    let Ok(tree) = parse_query(&looked.compiled.code, dialect) else { return Vec::new() };
    let mut ctes: Vec<&Cte> = Vec::new();
    let mut selects: Vec<&Select> = Vec::new();
    tree.for_each_query(&mut |query| {
        ctes.extend(&query.ctes);
        selects_of(&query.body, &mut selects);
    });
    let rows = Rows { subject, ctes: &ctes, looked: &looked };
    let mut problems = Vec::new();
    for select in selects {
        let mut right = Vec::new();
        right_sides(&select.from, &mut right);
        for at in right.into_iter().filter(|at| suspects.contains(at)) {
            // A filter may leave one row of a relation.
            let is_plain = select.filter.is_none() && select.qualify.is_none();
            if is_plain && select.from.iter().all(|item| rows.has_many(item, FAR)) {
                let text = looked.compiled.code.get(at.range()).unwrap_or_default();
                problems.push(Problem {
                    code: Code::CartesianJoin,
                    message: format!("nothing connects `{text}` with what stands before it"),
                    at,
                    label: "every row meets every row".to_owned(),
                    also: Vec::new(),
                    help: Some("join it `on` a condition, or write `cross join` if this is meant".to_owned()),
                });
            }
        }
    }
    subject.in_own_project(&looked, &problems)
}

fn selects_of<'a>(body: &'a Body, selects: &mut Vec<&'a Select>) {
    let mut left = vec![body];
    while let Some(body) = left.pop() {
        match body {
            Body::Select(select) => selects.push(select),
            Body::SetOperation(operation) => left.extend([&operation.right, &operation.left]),
            Body::Values(_) | Body::Query(_) => {}
        }
    }
}

/// The places of what stands behind commas and joins.
fn right_sides(from: &[FromItem], right: &mut Vec<TextRange>) {
    right.extend(from.iter().skip(1).map(FromItem::at));
    let mut left: Vec<&FromItem> = from.iter().collect();
    while let Some(item) = left.pop() {
        if let FromItem::Join(join) = item {
            right.push(join.right.at());
            left.extend([&join.left, &join.right]);
        }
    }
}

/// Tells relations that surely have many rows from those that may have one.
struct Rows<'a> {
    subject: &'a Subject<'a>,
    ctes: &'a [&'a Cte],
    looked: &'a Looked<'a>,
}

impl Rows<'_> {
    fn has_many(&self, item: &FromItem, far: usize) -> bool {
        match item {
            FromItem::Table { name, at, .. } if far > 0 => {
                if let [name] = &name[..] {
                    let mut ctes =
                        self.ctes.iter().filter(|cte| cte.name.text.eq_ignore_ascii_case(&name.text));
                    if let Some(cte) = ctes.next() {
                        return ctes.next().is_none()
                            && !cte.query.at.contains(*at)
                            && self.query_has_many(&cte.query, far - 1);
                    }
                }
                let key: Vec<String> = name.iter().map(|part| part.text.to_lowercase()).collect();
                let inputs = self.looked.analysis.inputs.iter().zip(self.looked.inputs);
                let mut found = inputs.filter_map(|(input, id)| {
                    let (database, schema, identifier) = input.relation.key();
                    let whole = [database, schema, identifier];
                    whole.ends_with(&key).then_some(id.as_ref()).flatten()
                });
                let first = found.next();
                found.next().is_none() && first.is_some_and(|id| self.node_has_many(id, far - 1))
            }
            FromItem::Join(join) => self.has_many(&join.left, far) && self.has_many(&join.right, far),
            _ => false,
        }
    }

    fn query_has_many(&self, query: &Query, far: usize) -> bool {
        let Body::Select(select) = &query.body else { return false };
        let is_grouped = select.group_by != GroupBy::No;
        let may_aggregate = select.items.iter().any(|item| match item {
            SelectItem::Expr { expr, .. } => {
                let mut calls = false;
                expr.for_each(&mut |part| calls |= matches!(part.kind, ExprKind::Call(_)));
                calls
            }
            SelectItem::Star(_) => false,
        });
        let is_cut = select.filter.is_some() || select.having.is_some() || select.qualify.is_some();
        let is_whole = query.limit.is_empty() && !is_cut && (is_grouped || !may_aggregate);
        is_whole && !select.from.is_empty() && select.from.iter().all(|item| self.has_many(item, far))
    }

    /// Sources have many rows; a seed may be a handful of settings, and so may a model be that
    /// is not a plain copy.
    fn node_has_many(&self, id: &NodeId, far: usize) -> bool {
        let project = self.subject.project;
        let Some(node) = project.manifest.node(id) else { return false };
        match node.resource_type {
            ResourceType::Source => true,
            ResourceType::Seed => {
                // Two rows and more are below the line of names.
                let place = project.invocation.files.get(node.file);
                place.text().lines().filter(|line| !line.trim().is_empty()).nth(2).is_some()
            }
            ResourceType::Model if far > 0 => {
                let known = project.analysis.node(id);
                let Some((known, compiled)) =
                    known.and_then(|known| Some((known, known.compiled.as_deref()?)))
                else {
                    return false;
                };
                let Some(analysis) = known.analysis.as_deref() else { return false };
                let dialect = project.invocation.adapter.dialect();
                let Ok(tree) = parse_query(&compiled.code, dialect) else { return false };
                let mut ctes = Vec::new();
                tree.for_each_query(&mut |query| ctes.extend(&query.ctes));
                let looked = Looked { analysis, compiled, inputs: &known.inputs };
                Rows { subject: self.subject, ctes: &ctes, looked: &looked }.query_has_many(&tree, far - 1)
            }
            _ => false,
        }
    }
}
