use std::rc::Rc;

use super::lower::{Col, Ctes, Lowerer};
use super::terms::{Kind, TermId};
use crate::sql::Dialect;
use crate::sql::tree::{Name, Window};

/// What stands in FROM under one name.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Folded: an alias, or the parts of a relation's name.
    pub path: Vec<Rc<str>>,
    pub columns: Vec<Col>,
}

/// All that stands in FROM.
#[derive(Clone, Debug)]
pub(super) struct From {
    pub items: Vec<Item>,
    /// Columns that are one by USING or NATURAL.
    pub merged: Vec<(Rc<str>, TermId)>,
    pub bag: TermId,
    pub order: TermId,
    pub bases: Rc<std::collections::BTreeSet<TermId>>,
    pub copies: usize,
}

/// Where names of columns are looked for.
pub(super) struct Scope<'s, 'a> {
    pub from: &'s From,
    pub ctes: Ctes,
    /// Names that the select list gives, as far as they may be used.
    pub aliases: Vec<(Rc<str>, TermId)>,
    /// Whether a name of FROM surely goes before one of the select list.
    pub columns_first: bool,
    pub windows: &'a [(Name, Window)],
    /// The rows that windows look at: what WHERE, GROUP BY and HAVING leave.
    pub window_rows: TermId,
    /// Parameters of lambdas, the innermost last.
    pub parameters: Vec<(Rc<str>, TermId)>,
    pub outer: Option<&'s Scope<'s, 'a>>,
}

impl<'s, 'a> Scope<'s, 'a> {
    /// What stands in FROM, and nothing of a select list yet.
    pub fn new(from: &'s From, ctes: &Ctes, outer: Option<&'s Scope<'s, 'a>>) -> Self {
        Self {
            from,
            ctes: ctes.clone(),
            aliases: Vec::new(),
            columns_first: true,
            windows: &[],
            window_rows: from.bag,
            parameters: Vec::new(),
            outer,
        }
    }
}

impl<'a> Lowerer<'a> {
    /// The value that a name of one or more parts means.
    pub(super) fn column(&mut self, names: &[Name], scope: &Scope<'_, 'a>) -> TermId {
        let folded: Vec<Rc<str>> = names.iter().map(|name| self.fold(name)).collect();
        let mut found: Vec<TermId> = Vec::new();
        let mut around = Some(scope);
        let mut level = 0;
        while let Some(scope) = around {
            let (candidates, is_sure) = self.candidates(&folded, scope);
            for term in candidates {
                let term = if level == 0 {
                    term
                } else {
                    self.terms.add(Kind::Outer, level.to_string(), vec![term])
                };
                found.push(term);
            }
            if is_sure {
                break;
            }
            around = scope.outer;
            level += 1;
        }
        found.dedup();
        match found.as_slice() {
            [one] => *one,
            // Nothing that is known: the name, in these surroundings.
            [] => self.terms.add(Kind::Value, format!("name {}", folded.join(".")), vec![scope.from.bag]),
            _ => self.terms.add_set(Kind::Either, folded.join("."), found),
        }
    }

    /// What a name may mean in one scope, and whether it surely means that.
    fn candidates(&mut self, names: &[Rc<str>], scope: &Scope<'_, 'a>) -> (Vec<TermId>, bool) {
        if let Some((_, term)) = scope.parameters.iter().rev().find(|(name, _)| *name == names[0]) {
            let term = *term;
            return (vec![self.fields(term, &names[1..])], true);
        }
        let mut found = Vec::new();
        for split in (1..names.len()).rev() {
            let (path, column) = (&names[..split], &names[split]);
            for item in scope.from.items.iter().filter(|item| item.path.ends_with(path)) {
                if let Some(column) = named(&item.columns, column) {
                    return (vec![self.fields(column, &names[split + 1..])], true);
                }
                for rest in rests(&item.columns) {
                    let column = self.of_rest(rest, column);
                    found.push(self.fields(column, &names[split + 1..]));
                }
            }
            if !found.is_empty() {
                return (found, true);
            }
        }
        let (first, fields) = (&names[0], &names[1..]);
        let merged = scope.from.merged.iter().find(|(name, _)| name == first).map(|(_, term)| *term);
        let mut sure: Vec<TermId> = match merged {
            Some(term) => vec![term],
            None => scope.from.items.iter().filter_map(|item| named(&item.columns, first)).collect(),
        };
        let alias = scope.aliases.iter().rev().find(|(name, _)| name == first).map(|(_, term)| *term);
        if !sure.is_empty() {
            if !scope.columns_first {
                sure.extend(alias);
            }
            sure.dedup();
            return (sure.into_iter().map(|term| self.fields(term, fields)).collect(), true);
        }
        let rest: Vec<TermId> = scope.from.items.iter().flat_map(|item| rests(&item.columns)).collect();
        for rest in rest {
            let column = self.of_rest(rest, first);
            found.push(self.fields(column, fields));
        }
        if let Some(alias) = alias {
            found.push(self.fields(alias, fields));
            return (found, true);
        }
        let row = scope.from.items.iter().find(|item| item.path.last() == Some(first));
        if let Some(item) = row {
            let terms = item.columns.iter().map(|column| column.term).collect();
            let names = shown_names(&item.columns);
            let row = self.terms.add(Kind::Value, format!("row {names}"), terms);
            found.push(self.fields(row, fields));
            return (found, true);
        }
        (found, false)
    }

    pub(super) fn fields(&mut self, term: TermId, fields: &[Rc<str>]) -> TermId {
        fields.iter().fold(term, |term, field| self.terms.add(Kind::Field, &**field, vec![term]))
    }

    /// The column of that name among those that are not known.
    pub(super) fn of_rest(&mut self, rest: TermId, name: &str) -> TermId {
        let term = self.terms.get(rest).clone();
        match (term.kind, &*term.children) {
            (Kind::Rest, [rows]) => self.terms.add(Kind::Column, name, vec![*rows]),
            (kind, [inner]) => {
                let inner = self.of_rest(*inner, name);
                self.terms.add(kind, term.label, vec![inner])
            }
            _ => self.terms.add(Kind::Column, name, vec![rest]),
        }
    }

    /// Whether expressions of the select list may use names it gives before them.
    pub(super) fn has_lateral_aliases(&self) -> bool {
        !matches!(self.dialect, Dialect::Postgres | Dialect::BigQuery)
    }
}

pub(super) fn named(columns: &[Col], name: &str) -> Option<TermId> {
    columns.iter().find(|column| column.name.as_deref() == Some(name)).map(|column| column.term)
}

fn rests(columns: &[Col]) -> Vec<TermId> {
    columns.iter().filter(|column| column.name.is_none()).map(|column| column.term).collect()
}

pub(super) fn shown_names(columns: &[Col]) -> String {
    let names = columns.iter().map(|column| column.name.as_deref().unwrap_or("*"));
    names.collect::<Vec<_>>().join(",")
}
