use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::Relations;
use super::resolve::Scope;
use super::terms::{Kind, TermId, Terms};
use super::words::Words;
use crate::sql::tree::{Body, Cte, Expr, Name, Query, SetOperation, SetOperator};
use crate::sql::{Dialect, RelationName};

/// A column of rows. One without a name stands for all columns that are not known.
#[derive(Clone, Debug)]
pub(super) struct Col {
    /// Folded.
    pub name: Option<Rc<str>>,
    pub term: TermId,
}

/// Rows in normal form.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub columns: Vec<Col>,
    /// Which rows, in no order.
    pub bag: TermId,
    pub order: TermId,
    /// The relations that columns may come from, to tell two uses of one apart.
    pub bases: Rc<BTreeSet<TermId>>,
    /// The highest number of a copy.
    pub copies: usize,
}

impl Rows {
    pub(super) fn is_complete(&self) -> bool {
        self.columns.iter().all(|column| column.name.is_some())
    }

    pub(super) fn terms(&self) -> Vec<TermId> {
        self.columns.iter().map(|column| column.term).collect()
    }
}

/// The CTEs that can be seen, the nearest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Ctes(Option<Rc<Named>>);

#[derive(Debug)]
struct Named {
    name: String,
    rows: Rc<Rows>,
    further: Ctes,
}

impl Ctes {
    fn with(&self, name: String, rows: Rc<Rows>) -> Self {
        Self(Some(Rc::new(Named { name, rows, further: self.clone() })))
    }

    pub(super) fn find(&self, name: &str) -> Option<&Rc<Rows>> {
        let mut next = self.0.as_deref();
        while let Some(named) = next {
            if named.name == name {
                return Some(&named.rows);
            }
            next = named.further.0.as_deref();
        }
        None
    }
}

/// How deep queries and expressions may nest before they are compared as written.
const DEPTH: usize = 120;

/// Brings one version to its normal form.
pub(super) struct Lowerer<'a> {
    pub terms: &'a mut Terms,
    pub words: Words<'a>,
    pub relations: &'a Relations,
    pub identify: &'a dyn Fn(&RelationName) -> Option<String>,
    pub dialect: Dialect,
    /// An aggregate was met in the expressions since this was last unset.
    pub saw_aggregate: bool,
    /// A window was.
    pub saw_window: bool,
    /// Functions that give another value each time.
    pub volatile: Option<String>,
    pub depth: usize,
    pub recursions: usize,
}

impl<'a> Lowerer<'a> {
    pub(super) fn new(
        terms: &'a mut Terms,
        words: Words<'a>,
        relations: &'a Relations,
        identify: &'a dyn Fn(&RelationName) -> Option<String>,
    ) -> Self {
        Self {
            terms,
            words,
            relations,
            identify,
            dialect: relations.dialect(),
            saw_aggregate: false,
            saw_window: false,
            volatile: None,
            depth: 0,
            recursions: 0,
        }
    }

    pub(super) fn fold(&self, name: &Name) -> Rc<str> {
        name.folded(self.dialect).into()
    }

    /// Whether there is room for one more level; where there is, [`leave`](Self::leave) it.
    pub(super) fn enter(&mut self) -> bool {
        self.depth += 1;
        if self.depth > DEPTH {
            self.depth -= 1;
            return false;
        }
        true
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn any_order(&mut self) -> TermId {
        self.terms.add(Kind::AnyOrder, "", Vec::new())
    }

    /// Rows of which nothing is known but how they are made.
    pub(super) fn opaque(&mut self, bag: TermId) -> Rows {
        let rest = self.terms.add(Kind::Rest, "", vec![bag]);
        Rows {
            columns: vec![Col { name: None, term: rest }],
            bag,
            order: self.any_order(),
            bases: Rc::new(BTreeSet::from([bag])),
            copies: 0,
        }
    }

    pub(super) fn query(&mut self, query: &'a Query, ctes: &Ctes, outer: Option<&Scope<'_, 'a>>) -> Rows {
        if !self.enter() {
            let text = self.words.all_at(query.at);
            let around = outer.map(|scope| scope.from.bag);
            let bag = self.terms.add(Kind::Rows, text, around.into_iter().collect());
            return self.opaque(bag);
        }
        let mut ctes = ctes.clone();
        for cte in &query.ctes {
            let rows = self.cte(cte, query.is_recursive, &ctes, outer);
            ctes = ctes.with(self.fold(&cte.name).to_string(), Rc::new(rows));
        }
        let mut rows = match &query.body {
            Body::Select(select) => self.select(select, query, &ctes, outer),
            body => {
                let rows = self.body(body, &ctes, outer);
                self.ordered_and_limited(rows, query, &ctes, outer)
            }
        };
        if let Some(text) = self.words.unsaid_at(query.at) {
            rows.bag = self.terms.add(Kind::Text, text, vec![rows.bag]);
        }
        self.leave();
        rows
    }

    fn cte(&mut self, cte: &'a Cte, is_recursive: bool, ctes: &Ctes, outer: Option<&Scope<'_, 'a>>) -> Rows {
        let name = self.fold(&cte.name);
        let mut rows = match &cte.query.body {
            Body::SetOperation(operation)
                if is_recursive && cte.query.ctes.is_empty() && self.reads(&operation.right, &name) =>
            {
                self.recursive(cte, operation, ctes, outer)
            }
            _ => self.query(&cte.query, ctes, outer),
        };
        self.name_columns(&mut rows, &cte.columns);
        rows
    }

    /// Whether the words of a body have that name, so that it may refer to itself.
    fn reads(&self, body: &Body, name: &str) -> bool {
        let at = match body {
            Body::Select(select) => select.at,
            Body::SetOperation(operation) => operation.at,
            Body::Query(query) => query.at,
            Body::Values(_) => return false,
        };
        let text = self.words.text().get(at.range()).unwrap_or_default();
        text.to_lowercase().contains(&name.to_lowercase())
    }

    /// A CTE that reads itself: its columns are known by number.
    fn recursive(
        &mut self,
        cte: &'a Cte,
        operation: &'a SetOperation,
        ctes: &Ctes,
        outer: Option<&Scope<'_, 'a>>,
    ) -> Rows {
        let mut first = self.body(&operation.left, ctes, outer);
        self.name_columns(&mut first, &cte.columns);
        self.recursions += 1;
        let mark = self.terms.add(Kind::Rows, format!("itself {}", self.recursions), Vec::new());
        let mut itself = self.opaque(mark);
        if first.is_complete() {
            itself.columns = self.numbered(mark, &first.columns);
        }
        let named = ctes.with(self.fold(&cte.name).to_string(), Rc::new(itself));
        let second = self.body(&operation.right, &named, outer);
        self.recursions -= 1;
        let mut parts = vec![first.bag, second.bag];
        parts.extend(first.terms());
        parts.extend(second.terms());
        let label = format!("{:?} {} {}", operation.operator, operation.is_all, operation.by_name);
        let mut bag = self.terms.add(Kind::Recursive, label, parts);
        if let Some(text) = self.words.unsaid_at(operation.at) {
            bag = self.terms.add(Kind::Text, text, vec![bag]);
        }
        let mut rows = self.opaque(bag);
        if first.is_complete() {
            rows.columns = self.numbered(bag, &first.columns);
        }
        self.ordered_and_limited(rows, &cte.query, &named, outer)
    }

    /// Columns of rows, known by their place.
    fn numbered(&mut self, bag: TermId, columns: &[Col]) -> Vec<Col> {
        let column = |(at, column): (usize, &Col)| Col {
            name: column.name.clone(),
            term: self.terms.add(Kind::Column, format!("#{at}"), vec![bag]),
        };
        columns.iter().enumerate().map(column).collect()
    }

    /// `AS t (a, b)`: new names for the first columns.
    pub(super) fn name_columns(&mut self, rows: &mut Rows, names: &[Name]) {
        for (at, name) in names.iter().enumerate() {
            let folded = self.fold(name);
            match rows.columns.get_mut(at) {
                Some(column) if column.name.is_some() => column.name = Some(folded),
                _ => {
                    // The columns that are not known have names now.
                    let bag = rows.bag;
                    rows.columns.truncate(at);
                    for (at, name) in names.iter().enumerate().skip(at) {
                        let term = self.terms.add(Kind::Column, format!("#{at}"), vec![bag]);
                        rows.columns.push(Col { name: Some(self.fold(name)), term });
                    }
                    let rest = self.terms.add(Kind::Rest, format!("after {}", names.len()), vec![bag]);
                    rows.columns.push(Col { name: None, term: rest });
                    return;
                }
            }
        }
    }

    pub(super) fn body(&mut self, body: &'a Body, ctes: &Ctes, outer: Option<&Scope<'_, 'a>>) -> Rows {
        match body {
            Body::Select(select) => self.bare_select(select, ctes, outer),
            Body::SetOperation(operation) => self.set_operation(operation, ctes, outer),
            Body::Values(rows) => self.values(rows, ctes, outer),
            Body::Query(query) => self.query(query, ctes, outer),
        }
    }

    fn values(&mut self, rows: &'a [Vec<Expr>], ctes: &Ctes, outer: Option<&Scope<'_, 'a>>) -> Rows {
        let width = rows.first().map_or(0, Vec::len);
        let parts: Vec<TermId> =
            rows.iter().flatten().map(|expr| self.lonely_expr(expr, ctes, outer)).collect();
        let bag = self.terms.add(Kind::Rows, format!("values {width}"), parts);
        let mut made = self.opaque(bag);
        let first = match self.dialect {
            Dialect::DuckDb => Some(("col", 0)),
            Dialect::Postgres | Dialect::Snowflake => Some(("column", 1)),
            Dialect::Spark | Dialect::Databricks => Some(("col", 1)),
            Dialect::BigQuery | Dialect::Redshift => None,
        };
        if let Some((word, first)) = first {
            let name = |at: usize| format!("{word}{}", at + first);
            let fold =
                |name: String| if self.dialect == Dialect::Snowflake { name.to_uppercase() } else { name };
            let names: Vec<Rc<str>> = (0..width).map(|at| fold(name(at)).into()).collect();
            let column = |(at, name)| Col {
                name: Some(name),
                term: self.terms.add(Kind::Column, format!("#{at}"), vec![bag]),
            };
            made.columns = names.into_iter().enumerate().map(column).collect();
        }
        made
    }

    fn set_operation(
        &mut self,
        operation: &'a SetOperation,
        ctes: &Ctes,
        outer: Option<&Scope<'_, 'a>>,
    ) -> Rows {
        let is_plain_union =
            |one: &SetOperation| one.operator == SetOperator::Union && one.is_all && !one.by_name;
        // A chain of a thousand branches, however it nests.
        let mut branches = Vec::new();
        let mut texts = vec![self.words.unsaid_at(operation.at)];
        let mut open = vec![&operation.right, &operation.left];
        while let Some(body) = open.pop() {
            match body {
                Body::SetOperation(next) if is_plain_union(operation) && is_plain_union(next) => {
                    texts.push(self.words.unsaid_at(next.at));
                    open.extend([&next.right, &next.left]);
                }
                _ => branches.push(body),
            }
        }
        let branches: Vec<Rows> = branches.into_iter().map(|body| self.body(body, ctes, outer)).collect();
        let mut rows = if is_plain_union(operation) {
            self.union_all(&branches)
        } else {
            self.other_operation(operation, &branches)
        };
        for text in texts.into_iter().flatten() {
            rows.bag = self.terms.add(Kind::Text, text, vec![rows.bag]);
        }
        rows
    }

    /// Branches in an order that does not depend on how they were written.
    fn union_all(&mut self, branches: &[Rows]) -> Rows {
        let width = branches.first().map_or(0, |first| first.columns.len());
        let is_known = branches.iter().all(|rows| rows.is_complete() && rows.columns.len() == width);
        let names: Vec<_> = branches.first().map_or_else(Vec::new, |first| first.columns.clone());
        let orders: Vec<TermId> = branches.iter().flat_map(|rows| [rows.bag, rows.order]).collect();
        let order = self.terms.add(Kind::Order, "union", orders);
        let mut sorted: Vec<(TermId, Vec<TermId>)> =
            branches.iter().map(|rows| (rows.bag, rows.terms())).collect();
        if is_known {
            sorted.sort();
        }
        let parts: Vec<TermId> = if is_known {
            sorted.iter().map(|(bag, _)| *bag).collect()
        } else {
            sorted
                .iter()
                .flat_map(|(bag, terms)| std::iter::once(*bag).chain(terms.iter().copied()))
                .collect()
        };
        let bag = self.terms.add(Kind::Union, "", parts);
        let mut rows = self.opaque(bag);
        rows.order = order;
        if is_known {
            let column = |(at, column): (usize, &Col)| {
                let parts = sorted.iter().flat_map(|(bag, terms)| [*bag, terms[at]]).collect();
                Col { name: column.name.clone(), term: self.terms.add(Kind::Branches, "", parts) }
            };
            rows.columns = names.iter().enumerate().map(column).collect();
        }
        rows
    }

    fn other_operation(&mut self, operation: &SetOperation, branches: &[Rows]) -> Rows {
        let mut parts: Vec<TermId> = branches.iter().map(|rows| rows.bag).collect();
        let label = format!("{:?} {} {}", operation.operator, operation.is_all, operation.by_name);
        parts.extend(branches.iter().flat_map(Rows::terms));
        if operation.by_name {
            // By name, names are part of the meaning.
            let names = branches.iter().flat_map(|rows| &rows.columns);
            let names: Vec<String> =
                names.map(|column| column.name.as_deref().unwrap_or("*").to_owned()).collect();
            parts.push(self.terms.add(Kind::Value, names.join(","), Vec::new()));
        }
        let bag = self.terms.add(Kind::SetOperation, label, parts);
        let mut rows = self.opaque(bag);
        let [left, right] = branches else { return rows };
        let width = left.columns.len();
        if left.is_complete() && right.is_complete() && right.columns.len() == width && !operation.by_name {
            let pairs = left.columns.iter().zip(&right.columns);
            let column = |(left_column, right_column): (&Col, &Col)| {
                let parts = vec![left.bag, left_column.term, right.bag, right_column.term];
                Col { name: left_column.name.clone(), term: self.terms.add(Kind::Branches, "", parts) }
            };
            rows.columns = pairs.map(column).collect();
        } else if left.is_complete() && right.is_complete() && operation.by_name {
            let mut names: Vec<Rc<str>> = Vec::new();
            for column in left.columns.iter().chain(&right.columns) {
                names.extend(column.name.clone().filter(|name| !names.contains(name)));
            }
            let column = |name: Rc<str>| Col {
                term: self.terms.add(Kind::Column, name.to_string(), vec![bag]),
                name: Some(name),
            };
            rows.columns = names.into_iter().map(column).collect();
        }
        rows
    }
}
