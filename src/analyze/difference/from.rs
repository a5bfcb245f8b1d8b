use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::{Found, Known};
use super::lower::{Col, Ctes, Lowerer, Rows};
use super::resolve::{From, Item, Scope, named, shown_names};
use super::terms::{Kind, TermId};
use crate::sql::tree::{
    Alias, Argument, FromItem, Join, JoinCondition, JoinKind, Name, Pivot, TableFunction, Unpivot,
};
use crate::sql::{DataType, Dialect};

impl<'a> Lowerer<'a> {
    pub(super) fn nothing_in_from(&mut self) -> From {
        From {
            items: Vec::new(),
            merged: Vec::new(),
            bag: self.terms.add(Kind::One, "", Vec::new()),
            order: self.any_order(),
            bases: Rc::default(),
            copies: 0,
        }
    }

    /// A list with commas: each is joined with every row before it, and sees those.
    pub(super) fn list_in_from(
        &mut self,
        items: &'a [FromItem],
        ctes: &Ctes,
        outer: Option<&Scope<'_, 'a>>,
    ) -> From {
        let mut all: Option<From> = None;
        for item in items {
            let next = self.item_in_from(item, ctes, all.as_ref(), outer);
            all = Some(match all {
                None => next,
                Some(before) => {
                    let (left, right) = self.told_apart(before, next);
                    let bag = self.cross(left.bag, right.bag);
                    self.beside(left, right, bag)
                }
            });
        }
        all.unwrap_or_else(|| self.nothing_in_from())
    }

    fn item_in_from(
        &mut self,
        item: &'a FromItem,
        ctes: &Ctes,
        before: Option<&From>,
        outer: Option<&Scope<'_, 'a>>,
    ) -> From {
        let nothing = self.nothing_in_from();
        let around = before.unwrap_or(&nothing);
        let beside = Scope::new(around, ctes, outer);
        if !self.enter() {
            let text = self.words.all_at(item.at());
            let bag = self.terms.add(Kind::Rows, text, vec![beside.from.bag]);
            let rows = self.opaque(bag);
            return one(rows, Vec::new());
        }
        let mut made = match item {
            FromItem::Table { name, alias, .. } => self.table(name, alias.as_ref(), ctes),
            FromItem::Subquery { query, alias, is_lateral, .. } => {
                let sees = *is_lateral || self.dialect == Dialect::DuckDb;
                let around = if sees && before.is_some() { Some(&beside) } else { outer };
                let mut rows = self.query(query, ctes, around);
                let path = self.aliased(&mut rows, alias.as_ref());
                one(rows, path)
            }
            FromItem::Function(function) => self.table_function(function, &beside),
            FromItem::Join(join) => self.join(join, ctes, before, outer),
            FromItem::Pivot(pivot) => self.pivot(pivot, ctes, before, outer),
            FromItem::Unpivot(unpivot) => self.unpivot(unpivot, ctes, before, outer),
            FromItem::Aliased { item, alias, .. } => {
                let from = self.item_in_from(item, ctes, before, outer);
                let columns = self.spread(&from);
                let mut rows = Rows {
                    columns,
                    bag: from.bag,
                    order: from.order,
                    bases: from.bases,
                    copies: from.copies,
                };
                let path = self.aliased(&mut rows, Some(alias));
                one(rows, path)
            }
        };
        if let Some(text) = self.words.unsaid_at(item.at()) {
            made.bag = self.terms.add(Kind::Text, text, vec![made.bag]);
        }
        self.leave();
        made
    }

    /// Gives rows the names of an alias; what they are called by.
    fn aliased(&mut self, rows: &mut Rows, alias: Option<&Alias>) -> Vec<Rc<str>> {
        let Some(alias) = alias else { return Vec::new() };
        self.name_columns(rows, &alias.columns);
        vec![self.fold(&alias.name)]
    }

    fn table(&mut self, name: &'a [Name], alias: Option<&Alias>, ctes: &Ctes) -> From {
        let path: Vec<Rc<str>> = name.iter().map(|name| self.fold(name)).collect();
        if let [name] = path.as_slice()
            && let Some(rows) = ctes.find(name)
        {
            let mut rows = (**rows).clone();
            let path = if alias.is_some() { self.aliased(&mut rows, alias) } else { path };
            return one(rows, path);
        }
        let (identity, schema) = match self.relations.find(name) {
            Found::Relation(relation, known) => {
                let identity = (self.identify)(&relation);
                let schema = match known {
                    Known::Schema(schema) => Some(schema),
                    Known::Nothing(_) => None,
                };
                (identity.unwrap_or_else(|| relation.to_string().to_lowercase()), schema)
            }
            Found::Perhaps | Found::Missing => (path.join("."), None),
        };
        let bag = self.terms.add(Kind::Table, identity, Vec::new());
        if let (Some(first), Some(last)) = (name.first(), name.last()) {
            let text = self.words.text();
            self.terms.write_down(bag, text, first.at.to(last.at));
        }
        let mut rows = self.opaque(bag);
        if let Some(schema) = schema {
            let rest = rows.columns.pop().filter(|_| !schema.is_complete);
            rows.columns = schema.columns.iter().map(|column| self.known_column(bag, column)).collect();
            rows.columns.extend(rest);
        }
        let path = if alias.is_some() { self.aliased(&mut rows, alias) } else { path };
        one(rows, path)
    }

    /// A column of a relation; its name in the form in which names are compared here.
    fn known_column(&mut self, bag: TermId, column: &super::super::Column) -> Col {
        let name: Rc<str> = match self.dialect.folding() {
            crate::sql::Folding::Insensitive => column.name.to_lowercase().into(),
            crate::sql::Folding::Lower | crate::sql::Folding::Upper => column.name.as_str().into(),
        };
        let term = self.terms.add(Kind::Column, &*name, vec![bag]);
        if column.data_type.as_ref().is_some_and(DataType::is_number) {
            self.terms.set_number(term);
        }
        Col { name: Some(name), term }
    }

    fn table_function(&mut self, function: &'a TableFunction, beside: &Scope<'_, 'a>) -> From {
        let mut parts: Vec<TermId> = Vec::new();
        let mut label: Vec<String> = vec!["function".to_owned()];
        label.push(function.name.iter().map(|name| name.text.to_lowercase()).collect::<Vec<_>>().join("."));
        if super::functions::is_volatile(&label[1]) {
            self.volatile = Some(label[1].clone());
        }
        for argument in &function.arguments {
            label.push(match argument {
                Argument::Named(name, _) => self.fold(name).to_string(),
                _ => String::new(),
            });
            parts.push(self.argument(argument, beside));
        }
        label.push(function.ordinality.is_some().to_string());
        let bag = self.terms.add(Kind::Rows, label.join("/"), parts);
        self.terms.write_down(bag, self.words.text(), function.at);
        let mut rows = self.opaque(bag);
        let mut path = self.aliased(&mut rows, function.alias.as_ref());
        if path.is_empty() {
            path = function.name.last().map(|name| self.fold(name)).into_iter().collect();
        }
        one(rows, path)
    }

    /// Two sides of which the second is a copy where it has rows of the same relation.
    fn told_apart(&mut self, left: From, mut right: From) -> (From, From) {
        if left.bases.is_disjoint(&right.bases) {
            return (left, right);
        }
        let number = left.copies.max(right.copies) + 1;
        let label = number.to_string();
        for column in right.items.iter_mut().flat_map(|item| &mut item.columns) {
            column.term = self.terms.add(Kind::Copy, &*label, vec![column.term]);
        }
        for (_, term) in &mut right.merged {
            *term = self.terms.add(Kind::Copy, &*label, vec![*term]);
        }
        right.bag = self.terms.add(Kind::Copy, label, vec![right.bag]);
        right.copies = number;
        (left, right)
    }

    /// Two sides as one.
    fn beside(&mut self, left: From, right: From, bag: TermId) -> From {
        let mut bases: BTreeSet<TermId> = (*left.bases).clone();
        bases.extend(right.bases.iter().copied());
        let mut items = left.items;
        items.extend(right.items);
        let mut merged = left.merged;
        merged.extend(right.merged);
        From {
            items,
            merged,
            bag,
            order: self.any_order(),
            bases: Rc::new(bases),
            copies: left.copies.max(right.copies),
        }
    }

    fn join(
        &mut self,
        join: &'a Join,
        ctes: &Ctes,
        before: Option<&From>,
        outer: Option<&Scope<'_, 'a>>,
    ) -> From {
        // Chains of joins lean to the left.
        let left = self.item_in_from(&join.left, ctes, before, outer);
        let right = self.item_in_from(&join.right, ctes, Some(&left), outer);
        let (left, right) = self.told_apart(left, right);
        let (left_bag, right_bag) = (left.bag, right.bag);
        let is_one_sided = matches!(join.kind, JoinKind::Semi | JoinKind::Anti);
        let mut merged: Vec<(Rc<str>, TermId)> = Vec::new();
        let mut conditions: Vec<TermId> = Vec::new();
        let names: Vec<Rc<str>> = match &join.condition {
            JoinCondition::Using(names) => names.iter().map(|name| self.fold(name)).collect(),
            JoinCondition::Natural => {
                let (left, right) = (all_columns(&left), all_columns(&right));
                if left.iter().chain(&right).any(|column| column.name.is_none()) {
                    conditions.push(self.terms.add(Kind::Value, "natural", vec![left_bag, right_bag]));
                }
                let shared = left.iter().filter_map(|column| column.name.clone());
                shared.filter(|name| named(&right, name).is_some()).collect()
            }
            JoinCondition::On(_) | JoinCondition::None => Vec::new(),
        };
        for name in names {
            let (on_left, on_right) = (self.found_in(&left, &name), self.found_in(&right, &name));
            let (one, other) = (on_left.min(on_right), on_left.max(on_right));
            conditions.push(self.terms.add(Kind::Binary, "=", vec![one, other]));
            let value = match join.kind {
                JoinKind::Right => on_right,
                JoinKind::Full => self.terms.add(Kind::Call, "coalesce/2", vec![on_left, on_right]),
                _ => on_left,
            };
            merged.push((name, value));
        }
        // The condition sees both sides, whatever comes out.
        let mut both = self.beside(left.clone(), right, left_bag);
        if let JoinCondition::On(condition) = &join.condition {
            let scope = Scope::new(&both, ctes, outer);
            conditions.extend(self.conditions(condition, &scope));
        }
        let is_plain = !join.is_asof && matches!(join.kind, JoinKind::Inner | JoinKind::Cross);
        let bag = if is_plain {
            let crossed = self.cross(left_bag, right_bag);
            self.filter(crossed, conditions)
        } else {
            let (kind, sides) = match join.kind {
                // The same, from the other side.
                JoinKind::Right => (JoinKind::Left, [right_bag, left_bag]),
                kind => (kind, [left_bag, right_bag]),
            };
            conditions.sort_unstable();
            conditions.dedup();
            let label = format!("{}{kind:?}", if join.is_asof { "asof " } else { "" });
            self.terms.add(Kind::Join, label.to_lowercase(), sides.into_iter().chain(conditions).collect())
        };
        if is_one_sided {
            return From { bag, order: self.any_order(), ..left };
        }
        both.bag = bag;
        merged.extend(std::mem::take(&mut both.merged));
        both.merged = merged;
        both
    }

    /// The column of that name on one side of a join.
    fn found_in(&mut self, from: &From, name: &Rc<str>) -> TermId {
        if let Some((_, term)) = from.merged.iter().find(|(merged, _)| merged == name) {
            return *term;
        }
        let columns = all_columns(from);
        if let Some(term) = named(&columns, name) {
            return term;
        }
        let rests: Vec<TermId> =
            columns.iter().filter(|column| column.name.is_none()).map(|column| column.term).collect();
        match rests.as_slice() {
            [rest] => self.of_rest(*rest, name),
            _ => self.terms.add(Kind::Value, format!("name {name}"), vec![from.bag]),
        }
    }

    /// Every row of the one with every row of the other; conditions of either come after.
    pub(super) fn cross(&mut self, left: TermId, right: TermId) -> TermId {
        let mut sides = Vec::new();
        let mut conditions = Vec::new();
        for side in [left, right] {
            let (bag, of_side) = self.without_filter(side);
            conditions.extend(of_side);
            match self.terms.kind(bag) {
                Kind::Cross => sides.extend_from_slice(self.terms.children(bag)),
                Kind::One => {}
                _ => sides.push(bag),
            }
        }
        let bag = match sides.as_slice() {
            [] => self.terms.add(Kind::One, "", Vec::new()),
            [one] => *one,
            _ => self.terms.add_set(Kind::Cross, "", sides),
        };
        self.filter(bag, conditions)
    }

    /// Rows and the conditions on them that may as well be asked later.
    fn without_filter(&self, bag: TermId) -> (TermId, Vec<TermId>) {
        match self.terms.children(bag) {
            [input, conditions @ ..]
                if self.terms.kind(bag) == Kind::Filter
                    && !conditions.iter().any(|condition| self.terms.looks_at_many_rows(*condition)) =>
            {
                (*input, conditions.to_vec())
            }
            _ => (bag, Vec::new()),
        }
    }

    /// Rows for which all conditions hold.
    pub(super) fn filter(&mut self, bag: TermId, mut conditions: Vec<TermId>) -> TermId {
        conditions.retain(|condition| !self.holds_always(*condition));
        if conditions.is_empty() {
            return bag;
        }
        let is_of_rows = !conditions.iter().any(|condition| self.terms.looks_at_many_rows(*condition));
        let mut input = bag;
        if is_of_rows && self.terms.kind(bag) == Kind::Filter {
            let [inner, before @ ..] = self.terms.children(bag) else { return bag };
            input = *inner;
            conditions.extend_from_slice(before);
        }
        conditions.sort_unstable();
        conditions.dedup();
        conditions.insert(0, input);
        self.terms.add(Kind::Filter, "", conditions)
    }

    /// `true`, `1 = 1`.
    fn holds_always(&self, condition: TermId) -> bool {
        let term = self.terms.get(condition);
        match (term.kind, &*term.children) {
            (Kind::Literal, _) => &*term.label == "true",
            (Kind::Binary, [left, right]) => {
                &*term.label == "="
                    && left == right
                    && self.terms.kind(*left) == Kind::Literal
                    && self.terms.label(*left) != "null"
            }
            _ => false,
        }
    }

    fn pivot(
        &mut self,
        pivot: &'a Pivot,
        ctes: &Ctes,
        before: Option<&From>,
        outer: Option<&Scope<'_, 'a>>,
    ) -> From {
        let input = self.item_in_from(&pivot.input, ctes, before, outer);
        self.reshaped(&input, "pivot", pivot.at, pivot.alias.as_ref(), ctes)
    }

    fn unpivot(
        &mut self,
        unpivot: &'a Unpivot,
        ctes: &Ctes,
        before: Option<&From>,
        outer: Option<&Scope<'_, 'a>>,
    ) -> From {
        let input = self.item_in_from(&unpivot.input, ctes, before, outer);
        self.reshaped(&input, "unpivot", unpivot.at, unpivot.alias.as_ref(), ctes)
    }

    /// Rows made by names of columns: as it is written, over what goes in.
    fn reshaped(
        &mut self,
        input: &From,
        what: &str,
        at: crate::sql::tree::TextRange,
        alias: Option<&Alias>,
        ctes: &Ctes,
    ) -> From {
        let columns = self.spread(input);
        let mut parts = vec![input.bag];
        parts.extend(columns.iter().map(|column| column.term));
        let label = format!("{what} {} {}", shown_names(&columns), self.words.all_at(at));
        // Queries inside of it may read CTEs, which the words alone do not say.
        parts.extend(self.mentioned(at, ctes));
        let bag = self.terms.add(Kind::Rows, label, parts);
        let mut rows = self.opaque(bag);
        let path = self.aliased(&mut rows, alias);
        one(rows, path)
    }

    /// The CTEs whose names are among the words of a place.
    pub(super) fn mentioned(&self, at: crate::sql::tree::TextRange, ctes: &Ctes) -> Vec<TermId> {
        let words = self.words.all_at(at);
        let mut found = Vec::new();
        for word in words.split(' ') {
            let bare = word.trim_matches(|letter| letter == '"' || letter == '`');
            for name in [bare.to_owned(), bare.to_lowercase(), bare.to_uppercase()] {
                if let Some(rows) = ctes.find(&name) {
                    found.push(rows.bag);
                    found.extend(rows.terms());
                    break;
                }
            }
        }
        found
    }

    /// All columns of a FROM, as a star spreads them.
    pub(super) fn spread(&self, from: &From) -> Vec<Col> {
        let is_merged = |column: &Col| {
            column.name.as_ref().is_some_and(|name| from.merged.iter().any(|(merged, _)| merged == name))
        };
        let merged =
            |name: &Rc<str>| from.merged.iter().find(|(merged, _)| merged == name).map(|(_, term)| *term);
        let mut columns: Vec<Col> = Vec::new();
        if self.dialect == Dialect::DuckDb {
            // In the place of the first relation that has them.
            let mut seen: Vec<Rc<str>> = Vec::new();
            for column in from.items.iter().flat_map(|item| &item.columns) {
                match column.name.as_ref().filter(|_| is_merged(column)) {
                    Some(name) if seen.contains(name) => {}
                    Some(name) => {
                        seen.push(Rc::clone(name));
                        let term = merged(name).unwrap_or(column.term);
                        columns.push(Col { name: Some(Rc::clone(name)), term });
                    }
                    None => columns.push(column.clone()),
                }
            }
            return columns;
        }
        columns
            .extend(from.merged.iter().map(|(name, term)| Col { name: Some(Rc::clone(name)), term: *term }));
        let others = from.items.iter().flat_map(|item| &item.columns);
        columns.extend(others.filter(|column| !is_merged(column)).cloned());
        columns
    }
}

/// Rows that stand alone in FROM.
fn one(rows: Rows, path: Vec<Rc<str>>) -> From {
    From {
        items: vec![Item { path, columns: rows.columns }],
        merged: Vec::new(),
        bag: rows.bag,
        order: rows.order,
        bases: rows.bases,
        copies: rows.copies,
    }
}

fn all_columns(from: &From) -> Vec<Col> {
    from.items.iter().flat_map(|item| item.columns.clone()).collect()
}
