use super::flow::Way;
use super::functions::{self, FunctionKind};
use super::resolver::{Edges, Resolver};
use super::scope::{Look, key};
use crate::sql::tree::{
    Argument, Call, ColumnsPattern, Expr, ExprKind, FrameBound, Lambda, Name, OrderKey, Query, Star,
    TextRange, Window, WindowSpec,
};

impl<'q> Resolver<'q> {
    /// Resolves every name in an expression and adds what it takes from to `edges`: `way` is
    /// how the whole of it is taken.
    pub fn walk(&mut self, expr: &'q Expr, scope: usize, way: Way, edges: &mut Edges) {
        // Generated SQL nests by the thousand.
        stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.walk_here(expr, scope, way, edges));
    }

    fn walk_here(&mut self, expr: &'q Expr, scope: usize, way: Way, edges: &mut Edges) {
        let computed = way.then(Way::Computed);
        let condition = way.then(Way::Condition);
        match &expr.kind {
            ExprKind::Column(path) => self.column(path, expr.at, scope, way, edges),
            ExprKind::Literal(_) | ExprKind::Parameter(_) => {}
            ExprKind::Call(call) => self.call(call, scope, way, edges),
            ExprKind::Cast { expr, .. }
            | ExprKind::Unary { expr, .. }
            | ExprKind::IsNull { expr, .. }
            | ExprKind::Field { expr, .. } => self.walk(expr, scope, computed, edges),
            ExprKind::Binary { left, right, .. } => {
                self.walk(left, scope, computed, edges);
                self.walk(right, scope, computed, edges);
            }
            ExprKind::Like { expr, pattern, .. } => {
                self.walk(expr, scope, computed, edges);
                self.walk(pattern, scope, computed, edges);
            }
            ExprKind::Between { expr, low, high, .. } => {
                for part in [expr, low, high] {
                    self.walk(part, scope, computed, edges);
                }
            }
            ExprKind::InList { expr, list, .. } => {
                self.walk(expr, scope, computed, edges);
                self.walk_all(list, scope, computed, edges);
            }
            ExprKind::InSubquery { expr, query, .. } | ExprKind::Quantified { expr, query, .. } => {
                self.walk(expr, scope, computed, edges);
                self.subquery(query, scope, computed, edges);
            }
            ExprKind::Case(case) => {
                if let Some(operand) = &case.operand {
                    self.walk(operand, scope, condition, edges);
                }
                for branch in &case.branches {
                    self.walk(&branch.when, scope, condition, edges);
                    self.walk(&branch.then, scope, computed, edges);
                }
                if let Some(otherwise) = &case.otherwise {
                    self.walk(otherwise, scope, computed, edges);
                }
            }
            ExprKind::Subquery(query) => self.subquery(query, scope, way, edges),
            ExprKind::Exists { query, .. } => {
                let relation = self.bind_subquery(query, scope);
                edges.extend(relation.rows.map(|rows| (rows, condition)));
            }
            ExprKind::Index { expr, indices } => {
                self.walk(expr, scope, computed, edges);
                self.walk_all(indices, scope, computed, edges);
            }
            ExprKind::List(parts) | ExprKind::Row(parts) | ExprKind::Other { parts, .. } => {
                self.walk_all(parts, scope, computed, edges);
            }
            ExprKind::Struct(fields) => {
                for (_, value) in fields {
                    self.walk(value, scope, computed, edges);
                }
            }
            ExprKind::Map(pairs) => {
                for (name, value) in pairs {
                    self.walk(name, scope, computed, edges);
                    self.walk(value, scope, computed, edges);
                }
            }
            ExprKind::Lambda(lambda) => self.lambda(lambda, scope, computed, edges),
            ExprKind::Columns(pattern) => self.columns_of(pattern, expr.at, scope, way, edges),
        }
    }

    pub fn walk_all(&mut self, exprs: &'q [Expr], scope: usize, way: Way, edges: &mut Edges) {
        for expr in exprs {
            self.walk(expr, scope, way, edges);
        }
    }

    fn lambda(&mut self, lambda: &'q Lambda, scope: usize, way: Way, edges: &mut Edges) {
        self.lambdas.push(lambda.parameters.iter().map(|parameter| key(&parameter.text)).collect());
        self.walk(&lambda.body, scope, way, edges);
        self.lambdas.pop();
    }

    fn bind_subquery(&mut self, query: &'q Query, scope: usize) -> std::rc::Rc<super::scope::Relation> {
        // Parameters of a lambda are seen inside, aggregates inside are its own.
        let met = std::mem::take(&mut self.met);
        let star = self.star_column.take();
        let frame = self.frame_of(scope);
        let relation = self.bind_query(query, Some(scope), frame, None);
        let inner = std::mem::replace(&mut self.met, met);
        self.met.wrong |= inner.wrong;
        self.star_column = star;
        let types = relation.columns.iter().map(|column| column.data_type.clone()).collect();
        if relation.is_complete() {
            self.subqueries.insert(std::ptr::from_ref(query), types);
        }
        relation
    }

    /// A query whose value is used.
    fn subquery(&mut self, query: &'q Query, scope: usize, way: Way, edges: &mut Edges) {
        let relation = self.bind_subquery(query, scope);
        edges.extend(relation.columns.iter().map(|column| (column.node, way)));
        edges.extend(relation.rows.map(|rows| (rows, way.then(Way::Condition))));
    }

    /// A name.
    pub fn column(&mut self, path: &'q [Name], at: TextRange, scope: usize, way: Way, edges: &mut Edges) {
        let Some(first) = path.first() else { return };
        if self.is_lambda_parameter(first) {
            return;
        }
        if path.len() == 1 {
            self.met.bare.push(key(&first.text));
        }
        let (found_in, look) = self.look(scope, path);
        let in_field = |fields: usize| if fields == 0 { way } else { way.then(Way::Computed) };
        let found = &self.scopes[found_in];
        match look {
            Look::Column { relation, column, fields } => {
                edges.push((found.relations[relation].relation.columns[column].node, in_field(fields)));
                self.met.relations.push((found_in, relation));
            }
            Look::Merged { merged, fields } => {
                edges.push((found.merged[merged].node, in_field(fields)));
                self.met.relations.push((found_in, found.merged[merged].relation));
            }
            Look::Alias { alias, fields } => edges.push((found.aliases[alias].node, in_field(fields))),
            Look::Unlisted { relation, column } => {
                let is_field = column + 1 < path.len();
                self.met.relations.push((found_in, relation));
                let name = &path[column];
                match found.relations[relation].relation.opens_to(&key(&name.text)) {
                    Some(input) => {
                        let node = self.unlisted_column(input, &name.text);
                        edges.push((node, in_field(usize::from(is_field))));
                    }
                    None => self.unknown(at, format!("where `{}` comes from is not known", name.text)),
                }
            }
            Look::Row(relation) => {
                let computed = way.then(Way::Computed);
                let columns = &found.relations[relation].relation.columns;
                edges.extend(columns.iter().map(|column| (column.node, computed)));
            }
            Look::Value { relation, fields } => {
                let columns = &found.relations[relation].relation.columns;
                edges.extend(columns.iter().map(|column| (column.node, in_field(fields))));
            }
            Look::Perhaps => {
                self.unknown(at, format!("which relation `{}` is a column of is not known", first.text));
            }
            Look::Ambiguous(entries) => self.ambiguous(path, at, found_in, &entries),
            Look::NoColumn(relation) => self.no_column(path, at, found_in, relation),
            Look::No => self.no_name(path, at, scope),
        }
    }

    fn call(&mut self, call: &'q Call, scope: usize, way: Way, edges: &mut Edges) {
        let name = call.name.last().map(|name| name.text.as_str()).unwrap_or_default();
        let is_aggregate =
            functions::find(self.dialect, name) == Some(FunctionKind::Aggregate) && call.over.is_none();
        let inner = if is_aggregate { way.then(Way::Aggregated) } else { way.then(Way::Computed) };
        let condition = way.then(Way::Condition);
        self.met.aggregate |= is_aggregate;
        for (place, argument) in call.arguments.iter().enumerate() {
            match argument {
                Argument::Expr(Expr { kind: ExprKind::Column(path), at }) => {
                    let count = call.arguments.len();
                    let is_word = matches!(path.as_slice(), [word]
                        if functions::is_keyword_argument(self.dialect, name, (place, count), &word.text));
                    if !is_word {
                        self.column(path, *at, scope, inner, edges);
                    }
                }
                Argument::Expr(expr) | Argument::Named(_, expr) => self.walk(expr, scope, inner, edges),
                Argument::Star(star) => self.star_argument(star, name, scope, inner, edges),
                Argument::Query(query) => self.subquery(query, scope, inner, edges),
            }
        }
        for order in &call.order_by {
            // `percentile_cont(0.5) within group (order by x)` is made of x.
            let is_input = call.arguments.iter().all(|argument| match argument {
                Argument::Expr(expr) | Argument::Named(_, expr) => {
                    matches!(expr.kind, ExprKind::Literal(_))
                }
                _ => false,
            });
            self.walk(&order.expr, scope, if is_input { inner } else { condition }, edges);
        }
        if let Some(filter) = &call.filter {
            self.walk(filter, scope, condition, edges);
        }
        if let Some(over) = &call.over {
            self.window(over, scope, condition, edges);
        }
    }

    /// `count(*)` is made of no column, `count(t.*)` of all of them.
    fn star_argument(&mut self, star: &'q Star, function: &str, scope: usize, way: Way, edges: &mut Edges) {
        if star.qualifier.is_empty() && function.eq_ignore_ascii_case("count") {
            return;
        }
        let (columns, _) = self.expand_star(star, scope);
        edges.extend(columns.iter().map(|column| (column.node, way)));
    }

    /// What a window's partition and order take from: conditions of the value.
    fn window(&mut self, window: &'q Window, scope: usize, way: Way, edges: &mut Edges) {
        match window {
            Window::Named(name) => self.named_window(name, scope, way, edges),
            Window::Spec(spec) => self.window_spec(spec, scope, way, edges),
        }
    }

    fn named_window(&mut self, name: &Name, scope: usize, way: Way, edges: &mut Edges) {
        let wanted = key(&name.text);
        // Windows that name each other in a circle are the engine's to refuse.
        let place = self.scopes[scope].windows.iter().position(|(name, _)| *name == wanted);
        if let Some(place) = place {
            let (_, window) = self.scopes[scope].windows.remove(place);
            self.window(window, scope, way, edges);
            self.scopes[scope].windows.insert(place, (wanted, window));
        }
    }

    fn window_spec(&mut self, spec: &'q WindowSpec, scope: usize, way: Way, edges: &mut Edges) {
        if let Some(base) = &spec.base {
            self.named_window(base, scope, way, edges);
        }
        self.walk_all(&spec.partition_by, scope, way, edges);
        self.order_keys(&spec.order_by, scope, way, edges);
        for bound in spec.frame.iter().flat_map(|(_, bounds)| bounds) {
            if let FrameBound::Preceding(Some(expr)) | FrameBound::Following(Some(expr)) = bound {
                self.walk(expr, scope, way, edges);
            }
        }
    }

    pub fn order_keys(&mut self, keys: &'q [OrderKey], scope: usize, way: Way, edges: &mut Edges) {
        for key in keys {
            self.walk(&key.expr, scope, way, edges);
        }
    }

    /// `COLUMNS(…)`: the column of it that is read now, or, where it is met first, all of them.
    fn columns_of(
        &mut self,
        pattern: &'q ColumnsPattern,
        at: TextRange,
        scope: usize,
        way: Way,
        edges: &mut Edges,
    ) {
        if let Some((scope, entry)) = self.star_column {
            edges.extend(self.entry(scope, entry).map(|column| (column.node, way)));
            return;
        }
        let (entries, is_open) = self.matching(pattern, at, scope);
        edges.extend(entries.iter().filter_map(|entry| Some((self.entry(scope, *entry)?.node, way))));
        self.met.open_columns |= is_open;
        self.met.columns = Some(entries);
    }
}
