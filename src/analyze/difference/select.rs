use std::rc::Rc;

use super::lower::{Col, Ctes, Lowerer, Rows};
use super::resolve::{From, Scope, named, shown_names};
use super::terms::{Kind, TermId};
use crate::sql::Dialect;
use crate::sql::tree::{
    ColumnsPattern, Distinct, Expr, ExprKind, GroupBy, Literal, OrderKey, Query, Select, SelectItem, Star,
};

/// What becomes of the rows of a select on their way out.
struct Output {
    columns: Vec<Col>,
    /// Which of them are aggregates.
    aggregates: Vec<bool>,
}

impl<'a> Lowerer<'a> {
    /// A select with nothing around it.
    pub(super) fn bare_select(
        &mut self,
        select: &'a Select,
        ctes: &Ctes,
        outer: Option<&Scope<'_, 'a>>,
    ) -> Rows {
        let from = self.list_in_from(&select.from, ctes, outer);
        let mut scope = Self::scope_of(select, &from, ctes, outer);
        self.selected(select, &[], &mut scope)
    }

    /// A select with the ORDER BY and LIMIT of its query.
    pub(super) fn select(
        &mut self,
        select: &'a Select,
        query: &'a Query,
        ctes: &Ctes,
        outer: Option<&Scope<'_, 'a>>,
    ) -> Rows {
        let from = self.list_in_from(&select.from, ctes, outer);
        let mut scope = Self::scope_of(select, &from, ctes, outer);
        let mut rows = self.selected(select, &query.order_by, &mut scope);
        if query.orders_by_all {
            rows.order = self.terms.add(Kind::Order, "all", rows.terms());
        }
        self.limited(rows, query, &scope)
    }

    fn scope_of<'s>(
        select: &'a Select,
        from: &'s From,
        ctes: &Ctes,
        outer: Option<&'s Scope<'s, 'a>>,
    ) -> Scope<'s, 'a> {
        Scope { windows: &select.windows, ..Scope::new(from, ctes, outer) }
    }

    /// ORDER BY and LIMIT around what is no select.
    pub(super) fn ordered_and_limited(
        &mut self,
        mut rows: Rows,
        query: &'a Query,
        ctes: &Ctes,
        outer: Option<&Scope<'_, 'a>>,
    ) -> Rows {
        if query.order_by.is_empty() && !query.orders_by_all && query.limit.is_empty() {
            return rows;
        }
        let from = From {
            items: vec![super::resolve::Item { path: Vec::new(), columns: rows.columns.clone() }],
            merged: Vec::new(),
            bag: rows.bag,
            order: rows.order,
            bases: Rc::clone(&rows.bases),
            copies: rows.copies,
        };
        let scope = Scope::new(&from, ctes, outer);
        if query.orders_by_all {
            rows.order = self.terms.add(Kind::Order, "all", rows.terms());
        } else if !query.order_by.is_empty() {
            let columns = rows.columns.clone();
            rows.order = self.order(rows.order, &query.order_by, &columns, &scope);
        }
        self.limited(rows, query, &scope)
    }

    fn limited(&mut self, mut rows: Rows, query: &'a Query, scope: &Scope<'_, 'a>) -> Rows {
        if query.limit.is_empty() {
            return rows;
        }
        let mut parts = vec![rows.bag, rows.order];
        let limits: Vec<TermId> = query.limit.iter().map(|expr| self.expr(expr, scope)).collect();
        parts.extend(limits);
        rows.bag = self.terms.add(Kind::Limit, "", parts);
        rows
    }

    /// The order that keys make of rows that had one before.
    fn order(
        &mut self,
        before: TermId,
        keys: &'a [OrderKey],
        columns: &[Col],
        scope: &Scope<'_, 'a>,
    ) -> TermId {
        let mut parts = vec![before];
        for key in keys {
            let value = self.order_value(&key.expr, columns, scope);
            parts.push(self.key(value, key));
        }
        self.terms.add(Kind::Order, "by", parts)
    }

    pub(super) fn key(&mut self, value: TermId, key: &OrderKey) -> TermId {
        let direction = if key.is_descending { "desc" } else { "asc" };
        let nulls = match key.nulls_first {
            None => "",
            Some(true) => " nulls first",
            Some(false) => " nulls last",
        };
        self.terms.add(Kind::Key, format!("{direction}{nulls}"), vec![value])
    }

    /// In ORDER BY a number counts columns and a bare name is one that comes out, if there is one.
    fn order_value(&mut self, expr: &'a Expr, columns: &[Col], scope: &Scope<'_, 'a>) -> TermId {
        match &expr.kind {
            ExprKind::Literal(Literal::Number(number)) => self.column_by_number(number, columns, expr, scope),
            ExprKind::Column(names) if names.len() == 1 => {
                let name = self.fold(&names[0]);
                named(columns, &name).unwrap_or_else(|| self.expr(expr, scope))
            }
            _ => self.expr(expr, scope),
        }
    }

    fn column_by_number(
        &mut self,
        number: &str,
        columns: &[Col],
        expr: &'a Expr,
        scope: &Scope<'_, 'a>,
    ) -> TermId {
        let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        // A star that could not be spread counts for more than one.
        let are_known = |at: usize| columns.iter().take(at + 1).all(|column| column.name.is_some());
        match at.filter(|at| are_known(*at)).and_then(|at| columns.get(at)) {
            Some(column) => column.term,
            None => {
                let literal = self.expr(expr, scope);
                let names = shown_names(columns);
                self.terms.add(Kind::Value, format!("number among {names}"), vec![literal])
            }
        }
    }

    fn selected(&mut self, select: &'a Select, order_by: &'a [OrderKey], scope: &mut Scope<'_, 'a>) -> Rows {
        let from = scope.from;
        let outside = std::mem::replace(&mut self.saw_aggregate, false);
        let window_outside = std::mem::replace(&mut self.saw_window, false);
        let mut output = self.output(select, scope);
        // Names of the select list may be used from here on, after those of FROM.
        let mut bag = from.bag;
        if let Some(filter) = &select.filter {
            let before = std::mem::replace(&mut self.saw_aggregate, false);
            let conditions = self.conditions(filter, scope);
            self.saw_aggregate = before;
            bag = self.filter(bag, conditions);
        }
        if !select.connect_by.is_empty() {
            let mut parts = vec![bag];
            parts.extend(select.connect_by.iter().map(|expr| self.expr(expr, scope)).collect::<Vec<_>>());
            bag = self.terms.add(Kind::Rows, "connect by", parts);
        }
        // Which name goes first differs from here on between dialects.
        scope.columns_first = false;
        let having = select.having.as_ref().map(|having| self.conditions(having, scope));
        // Aggregates may stand in all of these, and decide whether rows are grouped.
        let (qualify, order_by_keys) = (select.qualify.as_ref(), !order_by.is_empty());
        if let Some(qualify) = qualify {
            self.conditions(qualify, scope);
        }
        let mut order = from.order;
        if order_by_keys {
            self.order(order, order_by, &output.columns, scope);
        }
        let is_grouped = self.saw_aggregate || having.is_some() || select.group_by != GroupBy::No;
        if is_grouped {
            let keys = self.group_keys(select, &output, scope);
            bag = self.group(bag, keys);
            order = self.any_order();
        }
        if let Some(having) = having {
            bag = self.filter(bag, having);
        }
        if self.saw_window {
            // Only now it is known what windows look at.
            scope.window_rows = bag;
            scope.aliases.clear();
            scope.columns_first = true;
            output = self.output(select, scope);
            scope.columns_first = false;
        }
        if order_by_keys {
            order = self.order(from.order, order_by, &output.columns, scope);
        }
        if let Some(qualify) = qualify {
            let conditions = self.conditions(qualify, scope);
            bag = self.filter(bag, conditions);
        }
        match &select.distinct {
            Distinct::No => {}
            Distinct::Yes => {
                let keys = output.columns.iter().map(|column| column.term).collect();
                bag = self.group(bag, keys);
                if order_by.is_empty() {
                    order = self.any_order();
                }
            }
            Distinct::On(keys) => {
                let mut parts = vec![bag, order];
                let mut values: Vec<TermId> = Vec::new();
                for key in keys {
                    values.push(self.order_value(key, &output.columns, scope));
                }
                values.sort_unstable();
                values.dedup();
                parts.extend(values);
                bag = self.terms.add(Kind::DistinctOn, "", parts);
            }
        }
        if let Some(text) = self.words.unsaid_at(select.at) {
            let mut parts = vec![bag];
            parts.extend(self.mentioned(select.at, &scope.ctes));
            bag = self.terms.add(Kind::Text, text, parts);
        }
        self.saw_aggregate = outside;
        self.saw_window = window_outside;
        Rows { columns: output.columns, bag, order, bases: Rc::clone(&from.bases), copies: from.copies }
    }

    /// One row for each value of the keys.
    fn group(&mut self, bag: TermId, mut keys: Vec<TermId>) -> TermId {
        keys.sort_unstable();
        keys.dedup();
        keys.insert(0, bag);
        self.terms.add(Kind::Group, "", keys)
    }

    fn group_keys(&mut self, select: &'a Select, output: &Output, scope: &Scope<'_, 'a>) -> Vec<TermId> {
        match &select.group_by {
            GroupBy::No => Vec::new(),
            GroupBy::All => {
                let columns = output.columns.iter().zip(&output.aggregates);
                columns.filter(|(_, is_aggregate)| !**is_aggregate).map(|(column, _)| column.term).collect()
            }
            GroupBy::Keys(keys) => {
                let mut values = Vec::new();
                for key in keys {
                    let value = match &key.kind {
                        ExprKind::Literal(Literal::Number(number)) => {
                            self.column_by_number(number, &output.columns, key, scope)
                        }
                        _ => {
                            let value = self.expr(key, scope);
                            self.terms.write_down(value, self.words.text(), key.at);
                            value
                        }
                    };
                    values.push(value);
                }
                values
            }
        }
    }

    fn output(&mut self, select: &'a Select, scope: &mut Scope<'_, 'a>) -> Output {
        let mut output = Output { columns: Vec::new(), aggregates: Vec::new() };
        for item in &select.items {
            let before = std::mem::replace(&mut self.saw_aggregate, false);
            match item {
                SelectItem::Star(star) => {
                    let columns = self.star(star, scope);
                    output.columns.extend(columns);
                }
                SelectItem::Expr { expr, alias } => {
                    if let Some(columns) = self.many(expr, scope) {
                        output.columns.extend(columns);
                    } else {
                        let term = self.expr(expr, scope);
                        self.terms.write_down(term, self.words.text(), expr.at);
                        let name = alias.as_ref().map(|alias| self.fold(alias));
                        let name = name.unwrap_or_else(|| self.name_of(expr));
                        if self.has_lateral_aliases() && alias.is_some() {
                            scope.aliases.push((Rc::clone(&name), term));
                        }
                        output.columns.push(Col { name: Some(name), term });
                    }
                }
            }
            let is_aggregate = self.saw_aggregate;
            output.aggregates.resize(output.columns.len(), is_aggregate);
            self.saw_aggregate |= before;
        }
        if !self.has_lateral_aliases() {
            // For GROUP BY, HAVING and ORDER BY.
            let named = output.columns.iter().filter_map(|column| Some((column.name.clone()?, column.term)));
            scope.aliases.extend(named);
        }
        output
    }

    /// What a column without an alias is called: by the last part of its name, or something that
    /// nothing can refer to.
    fn name_of(&self, expr: &Expr) -> Rc<str> {
        match &expr.kind {
            ExprKind::Column(names) => names.last().map_or_else(|| "".into(), |name| self.fold(name)),
            ExprKind::Field { field, .. } => self.fold(field),
            ExprKind::Cast { expr, .. } if matches!(self.dialect, Dialect::Postgres | Dialect::Redshift) => {
                self.name_of(expr)
            }
            _ => format!("({})", self.words.all_at(expr.at)).into(),
        }
    }

    /// An expression that stands for many columns.
    fn many(&mut self, expr: &'a Expr, scope: &Scope<'_, 'a>) -> Option<Vec<Col>> {
        match &expr.kind {
            ExprKind::Columns(ColumnsPattern::Star(star)) => Some(self.star(star, scope)),
            _ if has_columns(expr) => {
                // As written, over all that it may take.
                let columns = self.spread(scope.from);
                let parts = columns.iter().map(|column| column.term).collect();
                let label = format!("columns {} of {}", self.words.all_at(expr.at), shown_names(&columns));
                let bag = self.terms.add(Kind::Value, label, parts);
                // Any function may be in there.
                self.saw_aggregate |= self.words.all_at(expr.at).contains('(');
                let rest = self.terms.add(Kind::Rest, "", vec![bag]);
                Some(vec![Col { name: None, term: rest }])
            }
            _ => None,
        }
    }

    /// The columns that a star stands for.
    pub(super) fn star(&mut self, star: &'a Star, scope: &Scope<'_, 'a>) -> Vec<Col> {
        let path: Vec<Rc<str>> = star.qualifier.iter().map(|name| self.fold(name)).collect();
        let mut columns: Vec<Col> = if path.is_empty() {
            self.spread(scope.from)
        } else {
            let mut around = Some((scope, 0));
            loop {
                let Some((scope, level)) = around else {
                    let value = self.column(&star.qualifier, scope);
                    let rest = self.terms.add(Kind::Rest, "fields", vec![value]);
                    break vec![Col { name: None, term: rest }];
                };
                if let Some(item) = scope.from.items.iter().find(|item| item.path.ends_with(&path)) {
                    let mut columns = item.columns.clone();
                    if level > 0 {
                        for column in &mut columns {
                            column.term = self.terms.add(Kind::Outer, format!("{level}"), vec![column.term]);
                        }
                    }
                    break columns;
                }
                around = scope.outer.map(|outer| (outer, level + 1));
            }
        };
        if let Some(text) = star.pattern.as_ref().map(|(operator, pattern)| format!("{operator} {pattern}")) {
            let parts = columns.iter().map(|column| column.term).collect();
            let label = format!("star {text} of {} {}", shown_names(&columns), self.words.all_at(star.at));
            let value = self.terms.add(Kind::Value, label, parts);
            let rest = self.terms.add(Kind::Rest, "", vec![value]);
            return vec![Col { name: None, term: rest }];
        }
        let excluded: Vec<Rc<str>> = star.exclude.iter().map(|name| self.fold(name)).collect();
        columns.retain(|column| column.name.as_ref().is_none_or(|name| !excluded.contains(name)));
        let mut left_out: Vec<String> = excluded.iter().map(ToString::to_string).collect();
        for (expr, name) in &star.replace {
            let value = self.expr(expr, scope);
            self.terms.write_down(value, self.words.text(), expr.at);
            let name = self.fold(name);
            match columns.iter_mut().find(|column| column.name.as_ref() == Some(&name)) {
                Some(column) => column.term = value,
                None => {
                    left_out.push(name.to_string());
                    columns.push(Col { name: Some(name), term: value });
                }
            }
        }
        for (from, to) in &star.rename {
            let (from, to) = (self.fold(from), self.fold(to));
            match columns.iter_mut().find(|column| column.name.as_ref() == Some(&from)) {
                Some(column) => column.name = Some(to),
                None => {
                    left_out.push(from.to_string());
                    let rest = columns.iter().find(|column| column.name.is_none()).map(|column| column.term);
                    if let Some(rest) = rest {
                        let term = self.of_rest(rest, &from);
                        columns.push(Col { name: Some(to), term });
                    }
                }
            }
        }
        if !left_out.is_empty() {
            left_out.sort_unstable();
            for column in columns.iter_mut().filter(|column| column.name.is_none()) {
                column.term = self.without(column.term, &left_out.join(","));
            }
        }
        columns
    }

    /// Columns that are not known, less some; names are still found in the same rows.
    fn without(&mut self, rest: TermId, names: &str) -> TermId {
        let term = self.terms.get(rest).clone();
        match (term.kind, &*term.children) {
            (Kind::Rest, [rows]) => {
                self.terms.add(Kind::Rest, format!("{} without {names}", term.label), vec![*rows])
            }
            (kind, [inner]) => {
                let inner = self.without(*inner, names);
                self.terms.add(kind, term.label, vec![inner])
            }
            _ => rest,
        }
    }
}

/// Whether an expression has COLUMNS or a star in it, so that it stands for many.
fn has_columns(expr: &Expr) -> bool {
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match &expr.kind {
            ExprKind::Columns(_) => return true,
            ExprKind::Cast { expr, .. }
            | ExprKind::Unary { expr, .. }
            | ExprKind::IsNull { expr, .. }
            | ExprKind::Field { expr, .. } => open.push(expr),
            ExprKind::Binary { left, right, .. } => open.extend([&**left, &**right]),
            ExprKind::Between { expr, low, high, .. } => open.extend([&**expr, &**low, &**high]),
            ExprKind::InList { expr, list, .. } => {
                open.push(expr);
                open.extend(list);
            }
            ExprKind::Like { expr, pattern, .. } => open.extend([&**expr, &**pattern]),
            ExprKind::Call(call) => {
                open.extend(call.arguments.iter().filter_map(|argument| match argument {
                    crate::sql::tree::Argument::Expr(expr) | crate::sql::tree::Argument::Named(_, expr) => {
                        Some(expr)
                    }
                    _ => None,
                }));
                open.extend(&call.filter);
            }
            ExprKind::Case(case) => {
                open.extend(case.operand.iter().chain(&case.otherwise));
                open.extend(case.branches.iter().flat_map(|branch| [&branch.when, &branch.then]));
            }
            ExprKind::Index { expr, indices } => {
                open.push(expr);
                open.extend(indices);
            }
            ExprKind::List(parts) | ExprKind::Row(parts) | ExprKind::Other { parts, .. } => {
                open.extend(parts);
            }
            _ => {}
        }
    }
    false
}
