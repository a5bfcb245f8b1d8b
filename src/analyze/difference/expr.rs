use std::fmt::Write as _;
use std::rc::Rc;

use super::functions;
use super::lower::{Ctes, Lowerer};
use super::resolve::Scope;
use super::terms::{Kind, TermId};
use super::words::Words;
use crate::sql::tree::{
    Argument, BinaryOp, Call, Case, Expr, ExprKind, FrameBound, Lambda, Literal, OrderKey, Query, UnaryOp,
    Window, WindowSpec,
};
use crate::sql::{DataType, TypeKind};

impl<'a> Lowerer<'a> {
    /// An expression that stands in no FROM.
    pub(super) fn lonely_expr(
        &mut self,
        expr: &'a Expr,
        ctes: &Ctes,
        outer: Option<&Scope<'_, 'a>>,
    ) -> TermId {
        let nothing = self.nothing_in_from();
        let scope = Scope::new(&nothing, ctes, outer);
        self.expr(expr, &scope)
    }

    /// The conditions that AND puts together, each with its text.
    pub(super) fn conditions(&mut self, expr: &'a Expr, scope: &Scope<'_, 'a>) -> Vec<TermId> {
        if self.words.unsaid_at(expr.at).is_some() {
            let term = self.expr(expr, scope);
            self.terms.write_down(term, self.words.text(), expr.at);
            return vec![term];
        }
        let mut found = Vec::new();
        for part in chain(&self.words, expr, &BinaryOp::And) {
            let term = self.expr(part, scope);
            self.terms.write_down(term, self.words.text(), part.at);
            match self.terms.kind(term) {
                Kind::And => found.extend_from_slice(self.terms.children(term)),
                _ => found.push(term),
            }
        }
        found
    }

    pub(super) fn expr(&mut self, expr: &'a Expr, scope: &Scope<'_, 'a>) -> TermId {
        if !self.enter() {
            return self.as_written(expr, scope);
        }
        let term = self.value(expr, scope);
        self.leave();
        match self.words.unsaid_at(expr.at) {
            Some(text) if !matches!(expr.kind, ExprKind::Literal(_)) => {
                self.terms.add(Kind::Text, text, vec![term])
            }
            _ => term,
        }
    }

    /// The words of an expression and where they stand: what is too deep, or cannot be told.
    fn as_written(&mut self, expr: &Expr, scope: &Scope<'_, 'a>) -> TermId {
        let text = self.words.all_at(expr.at);
        let mut parts = vec![scope.from.bag];
        parts.extend(scope.from.items.iter().flat_map(|item| &item.columns).map(|column| column.term));
        parts.extend(scope.aliases.iter().map(|(_, term)| *term));
        parts.extend(self.mentioned(expr.at, &scope.ctes));
        self.saw_aggregate |= text.contains('(');
        if let Some(name) = text.split(' ').find(|word| functions::is_volatile(word)) {
            self.volatile = Some(name.to_owned());
        }
        self.terms.add(Kind::Text, text, parts)
    }

    fn value(&mut self, expr: &'a Expr, scope: &Scope<'_, 'a>) -> TermId {
        match &expr.kind {
            ExprKind::Column(names) => self.column(names, scope),
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::Call(call) => self.call(call, scope),
            ExprKind::Cast { expr, to, is_try, .. } => {
                let value = self.expr(expr, scope);
                let word = if *is_try { "try " } else { "" };
                let label = format!("{word}{}", self.type_label(to));
                let term = self.terms.add(Kind::Cast, label, vec![value]);
                if to.is_number() {
                    self.terms.set_number(term);
                }
                term
            }
            ExprKind::Unary { op, expr } => self.unary(*op, expr, scope),
            ExprKind::Binary { left, op, right } => self.binary(expr, left, op, right, scope),
            ExprKind::Between { expr, low, high, is_negated } => {
                let (value, low, high) =
                    (self.expr(expr, scope), self.expr(low, scope), self.expr(high, scope));
                let from = self.terms.add(Kind::Binary, "<=", vec![low, value]);
                let to = self.terms.add(Kind::Binary, "<=", vec![value, high]);
                let both = self.terms.add_set(Kind::And, "", vec![from, to]);
                self.negated(both, *is_negated)
            }
            ExprKind::InList { expr, list, is_negated } => {
                let value = self.expr(expr, scope);
                let mut list: Vec<TermId> = list.iter().map(|item| self.expr(item, scope)).collect();
                list.sort_unstable();
                list.dedup();
                let found = match list.as_slice() {
                    [one] => self.equal(value, *one),
                    _ => {
                        list.insert(0, value);
                        self.terms.add(Kind::In, "", list)
                    }
                };
                self.negated(found, *is_negated)
            }
            ExprKind::InSubquery { expr, query, is_negated } => {
                let value = self.expr(expr, scope);
                let mut parts = vec![value];
                parts.extend(self.inner_query(query, scope));
                let found = self.terms.add(Kind::Subquery, "in", parts);
                self.negated(found, *is_negated)
            }
            ExprKind::IsNull { expr, is_negated } => {
                let value = self.expr(expr, scope);
                let found = self.terms.add(Kind::IsNull, "", vec![value]);
                self.negated(found, *is_negated)
            }
            ExprKind::Like { expr, operator, pattern, is_negated } => {
                let parts = vec![self.expr(expr, scope), self.expr(pattern, scope)];
                let found = self.terms.add(Kind::Binary, operator.to_lowercase(), parts);
                self.negated(found, *is_negated)
            }
            ExprKind::Case(case) => self.case(case, scope),
            ExprKind::Subquery(query) => {
                let parts = self.inner_query(query, scope);
                self.terms.add(Kind::Subquery, "value", parts)
            }
            ExprKind::Exists { query, is_negated } => {
                let rows = self.subquery(query, scope);
                let found = self.terms.add(Kind::Subquery, "exists", vec![rows.bag]);
                self.negated(found, *is_negated)
            }
            ExprKind::Quantified { expr, op, query } => {
                let mut parts = vec![self.expr(expr, scope)];
                parts.extend(self.inner_query(query, scope));
                self.terms.add(Kind::Subquery, format!("quantified {op:?}"), parts)
            }
            ExprKind::Field { expr, field } => {
                let value = self.expr(expr, scope);
                let name = self.fold(field);
                self.fields(value, &[name])
            }
            ExprKind::Index { expr, indices } => {
                let mut parts = vec![self.expr(expr, scope)];
                parts.extend(indices.iter().map(|index| self.expr(index, scope)).collect::<Vec<_>>());
                self.terms.add(Kind::Value, "index", parts)
            }
            ExprKind::List(parts) => self.parts("list", parts, scope),
            ExprKind::Row(parts) => self.parts("row", parts, scope),
            ExprKind::Struct(fields) => {
                let names: Vec<&str> = fields.iter().map(|(name, _)| name.text.as_str()).collect();
                let values = fields.iter().map(|(_, value)| self.expr(value, scope)).collect();
                self.terms.add(Kind::Value, format!("struct {}", names.join(",")), values)
            }
            ExprKind::Map(entries) => {
                let mut parts = Vec::new();
                for (key, value) in entries {
                    parts.extend([self.expr(key, scope), self.expr(value, scope)]);
                }
                self.terms.add(Kind::Value, "map", parts)
            }
            ExprKind::Lambda(lambda) => self.lambda(lambda, scope),
            ExprKind::Columns(_) => self.as_written(expr, scope),
            ExprKind::Parameter(name) => self.terms.add(Kind::Value, format!("parameter {name}"), Vec::new()),
            ExprKind::Other { what, parts } => self.parts(&format!("other {what}"), parts, scope),
        }
    }

    fn parts(&mut self, label: &str, parts: &'a [Expr], scope: &Scope<'_, 'a>) -> TermId {
        let parts = parts.iter().map(|part| self.expr(part, scope)).collect();
        self.terms.add(Kind::Value, label, parts)
    }

    fn literal(&mut self, literal: &Literal) -> TermId {
        match literal {
            Literal::Null => self.terms.add(Kind::Literal, "null", Vec::new()),
            Literal::Bool(value) => self.terms.add(Kind::Literal, value.to_string(), Vec::new()),
            Literal::Number(number) => {
                let term = self.terms.add(Kind::Literal, number.to_lowercase(), Vec::new());
                self.terms.set_number(term);
                term
            }
            Literal::String(text) => self.terms.add(Kind::Literal, format!("'{text}'"), Vec::new()),
            Literal::Typed(to, text) => {
                let label = format!("{} '{text}'", self.type_label(to));
                self.terms.add(Kind::Literal, label, Vec::new())
            }
        }
    }

    /// A type so that names for one type are one; as written where they may not be.
    fn type_label(&self, to: &DataType) -> String {
        let written = || to.as_str().split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        match to.kind(self.dialect) {
            kind @ (TypeKind::Boolean
            | TypeKind::Integer { .. }
            | TypeKind::Float
            | TypeKind::Double
            | TypeKind::Decimal(Some(_))
            | TypeKind::Date) => format!("{kind:?}"),
            TypeKind::Text(None)
                if !to.base().to_lowercase().contains("char")
                    || to.base().eq_ignore_ascii_case("varchar") =>
            {
                "text".to_owned()
            }
            _ => written(),
        }
    }

    fn negated(&mut self, term: TermId, is_negated: bool) -> TermId {
        if !is_negated {
            return term;
        }
        let found = self.terms.get(term).clone();
        match (found.kind, &*found.label, &*found.children) {
            (Kind::Not, _, [inner]) => *inner,
            // Of values that are null both give null.
            (Kind::Binary, "=", _) => self.terms.add(Kind::Binary, "<>", found.children.into()),
            (Kind::Binary, "<>", _) => self.terms.add(Kind::Binary, "=", found.children.into()),
            _ => self.terms.add(Kind::Not, "", vec![term]),
        }
    }

    fn equal(&mut self, left: TermId, right: TermId) -> TermId {
        let sides = if left <= right { vec![left, right] } else { vec![right, left] };
        self.terms.add(Kind::Binary, "=", sides)
    }

    fn unary(&mut self, op: UnaryOp, expr: &'a Expr, scope: &Scope<'_, 'a>) -> TermId {
        let value = self.expr(expr, scope);
        match op {
            UnaryOp::Not => self.negated(value, true),
            UnaryOp::Minus | UnaryOp::Plus | UnaryOp::BitNot => {
                let is_number = self.terms.is_number(value);
                let term = self.terms.add(Kind::Unary, format!("{op:?}"), vec![value]);
                if is_number {
                    self.terms.set_number(term);
                }
                term
            }
        }
    }

    fn binary(
        &mut self,
        whole: &'a Expr,
        left: &'a Expr,
        op: &BinaryOp,
        right: &'a Expr,
        scope: &Scope<'_, 'a>,
    ) -> TermId {
        if let BinaryOp::And | BinaryOp::Or = op {
            let kind = if *op == BinaryOp::And { Kind::And } else { Kind::Or };
            let mut parts = Vec::new();
            for part in chain(&self.words, whole, op) {
                let term = self.expr(part, scope);
                if self.terms.kind(term) == kind {
                    parts.extend_from_slice(self.terms.children(term));
                } else {
                    parts.push(term);
                }
            }
            parts.sort_unstable();
            parts.dedup();
            return match parts.as_slice() {
                [one] => *one,
                _ => self.terms.add(kind, "", parts),
            };
        }
        let (left, right) = (self.expr(left, scope), self.expr(right, scope));
        let are_numbers = self.terms.is_number(left) && self.terms.is_number(right);
        // With a number on one side, the other is a number, or a date that takes either order.
        let has_number = self.terms.is_number(left) || self.terms.is_number(right);
        let swapped = if left <= right { vec![left, right] } else { vec![right, left] };
        let as_is = vec![left, right];
        let (label, sides) = match op {
            BinaryOp::Equal => ("=", swapped),
            BinaryOp::NotEqual => ("<>", swapped),
            BinaryOp::Same => ("is not distinct from", swapped),
            BinaryOp::Different => ("is distinct from", swapped),
            BinaryOp::Less => ("<", as_is),
            BinaryOp::LessOrEqual => ("<=", as_is),
            BinaryOp::Greater => ("<", vec![right, left]),
            BinaryOp::GreaterOrEqual => ("<=", vec![right, left]),
            BinaryOp::Add if has_number => ("+", swapped),
            BinaryOp::Multiply if has_number => ("*", swapped),
            BinaryOp::Add => ("+", as_is),
            BinaryOp::Multiply => ("*", as_is),
            BinaryOp::Subtract => ("-", as_is),
            BinaryOp::Divide => ("/", as_is),
            BinaryOp::IntegerDivide => ("//", as_is),
            BinaryOp::Modulo => ("%", as_is),
            BinaryOp::Power => ("**", as_is),
            BinaryOp::Concat => ("||", as_is),
            BinaryOp::Other(other) => (other.as_str(), as_is),
            BinaryOp::And | BinaryOp::Or => ("and", as_is),
        };
        let is_arithmetic = matches!(label, "+" | "-" | "*" | "/" | "//" | "%" | "**");
        let term = self.terms.add(Kind::Binary, label.to_lowercase(), sides);
        if is_arithmetic && are_numbers {
            self.terms.set_number(term);
        }
        term
    }

    fn case(&mut self, case: &'a Case, scope: &Scope<'_, 'a>) -> TermId {
        let mut parts = Vec::new();
        let operand = case.operand.as_ref().map(|operand| self.expr(operand, scope));
        for branch in &case.branches {
            let when = self.expr(&branch.when, scope);
            parts.push(match operand {
                Some(operand) => self.equal(operand, when),
                None => when,
            });
            parts.push(self.expr(&branch.then, scope));
        }
        let otherwise = match &case.otherwise {
            Some(otherwise) => self.expr(otherwise, scope),
            None => self.literal(&Literal::Null),
        };
        parts.push(otherwise);
        self.terms.add(Kind::Case, "", parts)
    }

    fn subquery(&mut self, query: &'a Query, scope: &Scope<'_, 'a>) -> super::lower::Rows {
        let outside = std::mem::replace(&mut self.saw_aggregate, false);
        let rows = self.query(query, &scope.ctes, Some(scope));
        self.saw_aggregate = outside;
        rows
    }

    /// Rows and columns of a query in an expression.
    fn inner_query(&mut self, query: &'a Query, scope: &Scope<'_, 'a>) -> Vec<TermId> {
        let rows = self.subquery(query, scope);
        let mut parts = vec![rows.bag];
        parts.extend(rows.terms());
        parts
    }

    fn lambda(&mut self, lambda: &'a Lambda, scope: &Scope<'_, 'a>) -> TermId {
        let mut parameters = scope.parameters.clone();
        for parameter in &lambda.parameters {
            let label = format!("parameter of lambda {}", parameters.len());
            let term = self.terms.add(Kind::Value, label, Vec::new());
            parameters.push((self.fold(parameter), term));
        }
        let inner = Scope {
            from: scope.from,
            ctes: scope.ctes.clone(),
            aliases: scope.aliases.clone(),
            columns_first: scope.columns_first,
            windows: scope.windows,
            window_rows: scope.window_rows,
            parameters,
            outer: scope.outer,
        };
        let body = self.expr(&lambda.body, &inner);
        self.terms.add(Kind::Value, format!("lambda {}", lambda.parameters.len()), vec![body])
    }

    pub(super) fn argument(&mut self, argument: &'a Argument, scope: &Scope<'_, 'a>) -> TermId {
        match argument {
            Argument::Expr(expr) | Argument::Named(_, expr) => self.expr(expr, scope),
            Argument::Star(star) if star.qualifier.is_empty() && star.exclude.is_empty() => {
                self.terms.add(Kind::Value, "*", Vec::new())
            }
            Argument::Star(star) => {
                let columns = self.star(star, scope);
                let names = super::resolve::shown_names(&columns);
                let terms = columns.iter().map(|column| column.term).collect();
                self.terms.add(Kind::Value, format!("star {names}"), terms)
            }
            Argument::Query(query) => {
                let rows = self.subquery(query, scope);
                let mut parts = vec![rows.bag, rows.order];
                parts.extend(rows.terms());
                self.terms.add(Kind::Subquery, "argument", parts)
            }
        }
    }

    fn call(&mut self, call: &'a Call, scope: &Scope<'_, 'a>) -> TermId {
        let part = |name: &crate::sql::tree::Name| match name.is_quoted {
            true => name.text.clone(),
            false => name.text.to_lowercase(),
        };
        let name = call.name.iter().map(part).collect::<Vec<_>>().join(".");
        if functions::is_volatile(&name) {
            self.volatile = Some(name.clone());
        }
        let is_aggregate = functions::is_aggregate(&name)
            || call.filter.is_some()
            || call.is_distinct
            || !call.order_by.is_empty();
        let before = self.saw_aggregate;
        // The shape is part of the label, so that no two calls have the same parts.
        let mut label = format!("{name}/{}", call.arguments.len());
        let mut parts = Vec::new();
        for argument in &call.arguments {
            if let Argument::Named(name, _) = argument {
                let _ = write!(label, "/{}", self.fold(name));
            }
            parts.push(self.argument(argument, scope));
        }
        if call.is_distinct && !matches!(name.as_str(), "min" | "max" | "bool_and" | "bool_or") {
            label += "/distinct";
        }
        for key in &call.order_by {
            let value = self.expr(&key.expr, scope);
            parts.push(self.key(value, key));
        }
        if let Some(filter) = &call.filter {
            label += "/filter";
            parts.push(self.expr(filter, scope));
        }
        let depends_on_order = if call.over.is_some() {
            !functions::is_unordered(&name)
        } else {
            is_aggregate && !functions::is_unordered(&name)
        };
        let any = self.any_order();
        if depends_on_order && scope.from.order != any {
            label += "/order";
            parts.push(scope.from.order);
        }
        let mut term = self.terms.add(Kind::Call, label, parts);
        if matches!(name.as_str(), "count" | "count_if" | "countif" | "row_number" | "rank" | "dense_rank") {
            self.terms.set_number(term);
        }
        let is_window = call.over.is_some();
        if let Some(window) = &call.over {
            term = self.window(term, window, scope);
        }
        // Inside of a window's call, aggregates are of the select; the call itself is none.
        self.saw_aggregate =
            if is_window { self.saw_aggregate } else { before || self.saw_aggregate || is_aggregate };
        if is_window || is_aggregate {
            let columns = scope.from.items.iter().flat_map(|item| &item.columns).map(|column| column.term);
            if self.terms.is_below(term, columns) {
                term = self.terms.add(Kind::Again, "", vec![term]);
            }
        }
        term
    }

    fn window(&mut self, call: TermId, window: &'a Window, scope: &Scope<'_, 'a>) -> TermId {
        let mut flat = Flat::default();
        self.flatten(window, scope, &mut flat, 0);
        let mut partition: Vec<TermId> = flat.partition.iter().map(|expr| self.expr(expr, scope)).collect();
        partition.sort_unstable();
        partition.dedup();
        let mut keys = Vec::new();
        for key in &flat.order {
            let value = self.expr(&key.expr, scope);
            keys.push(self.key(value, key));
        }
        let mut label = format!("{}/{}", partition.len(), keys.len());
        let mut parts = vec![call];
        parts.extend(partition);
        parts.extend(keys);
        if let Some((units, bounds)) = flat.frame {
            let _ = write!(label, "/{}", units.to_lowercase());
            for bound in bounds {
                let (word, expr) = match bound {
                    FrameBound::CurrentRow => ("current", None),
                    FrameBound::Preceding(expr) => ("preceding", expr.as_ref()),
                    FrameBound::Following(expr) => ("following", expr.as_ref()),
                };
                let _ = write!(label, "/{word}{}", if expr.is_some() { " n" } else { "" });
                if let Some(expr) = expr {
                    parts.push(self.expr(expr, scope));
                }
            }
        }
        for name in flat.unknown {
            let _ = write!(label, "/name {name}");
        }
        // The same words over other rows give other values.
        parts.push(scope.window_rows);
        self.saw_window = true;
        self.terms.add(Kind::Window, label, parts)
    }

    /// A window with all it takes from windows that have names.
    fn flatten(&mut self, window: &'a Window, scope: &Scope<'_, 'a>, flat: &mut Flat<'a>, depth: usize) {
        let (name, spec) = match window {
            Window::Named(name) => (Some(name), None),
            Window::Spec(spec) => (spec.base.as_ref(), Some(&**spec)),
        };
        if let Some(name) = name {
            let folded = self.fold(name);
            let found = scope.windows.iter().find(|(other, _)| self.fold(other) == folded);
            match found {
                Some((_, window)) if depth < 20 => self.flatten(window, scope, flat, depth + 1),
                _ => flat.unknown.push(folded),
            }
        }
        if let Some(WindowSpec { partition_by, order_by, frame, .. }) = spec {
            flat.partition.extend(partition_by);
            flat.order.extend(order_by);
            if let Some((units, bounds)) = frame {
                flat.frame = Some((units, bounds));
            }
        }
    }
}

/// A window with nothing left to look up.
#[derive(Default)]
struct Flat<'a> {
    partition: Vec<&'a Expr>,
    order: Vec<&'a OrderKey>,
    frame: Option<(&'a str, &'a [FrameBound])>,
    unknown: Vec<Rc<str>>,
}

/// The parts of a chain of one operator, however it nests.
fn chain<'a>(words: &Words<'_>, expr: &'a Expr, wanted: &BinaryOp) -> Vec<&'a Expr> {
    let mut parts = Vec::new();
    let mut open = vec![expr];
    while let Some(next) = open.pop() {
        match &next.kind {
            ExprKind::Binary { left, op, right }
                if op == wanted && (std::ptr::eq(next, expr) || words.unsaid_at(next.at).is_none()) =>
            {
                open.push(right);
                open.push(left);
            }
            _ => parts.push(next),
        }
    }
    parts
}
