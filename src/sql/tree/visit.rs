use super::{
    Argument, Body, Call, ColumnsPattern, Distinct, Expr, ExprKind, FrameBound, FromItem, GroupBy,
    JoinCondition, Name, OrderKey, Query, Select, SelectItem, Star, Window, WindowSpec,
};

/// A part of a tree that has parts of its own.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    Query(&'a Query),
    From(&'a FromItem),
    Expr(&'a Expr),
}

type Visit<'v, 'a> = &'v mut dyn FnMut(Node<'a>);

impl<'a> Node<'a> {
    /// Calls `visit` with the parts directly in this one, in the order of the text where the
    /// tree keeps it. Of a query these are all of its clauses and the queries of its CTEs and
    /// set operations; selects and bodies are no nodes.
    pub fn for_each_child(self, visit: &mut dyn FnMut(Node<'a>)) {
        match self {
            Node::Query(query) => query_children(query, visit),
            Node::From(item) => from_children(item, visit),
            Node::Expr(expr) => expr_children(expr, visit),
        }
    }

    /// Calls `visit` with this and everything in it, from the outside in; what it says no to
    /// is not gone into. Never overflows the stack.
    pub fn walk(self, visit: &mut dyn FnMut(Node<'a>) -> bool) {
        if visit(self) {
            deep(|| self.for_each_child(&mut |child| child.walk(visit)));
        }
    }
}

/// Calls what goes one level down a tree, with more stack where there is little left: trees
/// have up to [`Query::MAX_DEPTH`] levels.
pub fn deep<T>(descend: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(256 * 1024, 4 << 20, descend)
}

impl Expr {
    /// The expressions directly in this one: operands, arguments, keys and bounds of a
    /// window. Not those of queries in it.
    pub fn for_each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        expr_children(self, &mut |node| {
            if let Node::Expr(expr) = node {
                visit(expr);
            }
        });
    }

    /// This expression and all in it, from the outside in, those of queries in it not. Never
    /// overflows the stack.
    pub fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        Node::Expr(self).walk(&mut |node| match node {
            Node::Expr(expr) => {
                visit(expr);
                true
            }
            _ => false,
        });
    }

    /// The queries in this expression, those in them not.
    pub fn for_each_query<'a>(&'a self, visit: &mut dyn FnMut(&'a Query)) {
        Node::Expr(self).walk(&mut |node| match node {
            Node::Query(query) => {
                visit(query);
                false
            }
            _ => true,
        });
    }
}

impl Query {
    /// This query and all in it, from the outside in.
    pub fn for_each_query<'a>(&'a self, visit: &mut dyn FnMut(&'a Query)) {
        Node::Query(self).walk(&mut |node| {
            if let Node::Query(query) = node {
                visit(query);
            }
            true
        });
    }

    /// All expressions of this query and of the queries in it.
    pub fn for_each_expr<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        Node::Query(self).walk(&mut |node| {
            if let Node::Expr(expr) = node {
                visit(expr);
            }
            true
        });
    }

    /// The names in FROM of this query and of all in it, as written; names of CTEs too.
    #[must_use]
    pub fn table_names(&self) -> Vec<&[Name]> {
        let mut names = Vec::new();
        Node::Query(self).walk(&mut |node| {
            if let Node::From(FromItem::Table { name, .. }) = node {
                names.push(&name[..]);
            }
            true
        });
        names
    }
}

fn exprs<'a>(exprs: impl IntoIterator<Item = &'a Expr>, visit: Visit<'_, 'a>) {
    for expr in exprs {
        visit(Node::Expr(expr));
    }
}

fn keys<'a>(keys: &'a [OrderKey], visit: Visit<'_, 'a>) {
    exprs(keys.iter().map(|key| &key.expr), visit);
}

fn query_children<'a>(query: &'a Query, visit: Visit<'_, 'a>) {
    for cte in &query.ctes {
        visit(Node::Query(&cte.query));
    }
    body_children(&query.body, visit);
    keys(&query.order_by, visit);
    exprs(&query.limit, visit);
}

fn body_children<'a>(body: &'a Body, visit: Visit<'_, 'a>) {
    match body {
        Body::Select(select) => select_children(select, visit),
        Body::SetOperation(operation) => deep(|| {
            body_children(&operation.left, visit);
            body_children(&operation.right, visit);
        }),
        Body::Values(rows) => exprs(rows.iter().flatten(), visit),
        Body::Query(query) => visit(Node::Query(query)),
    }
}

fn select_children<'a>(select: &'a Select, visit: Visit<'_, 'a>) {
    if let Distinct::On(keys) = &select.distinct {
        exprs(keys, visit);
    }
    items(&select.items, visit);
    for item in &select.from {
        visit(Node::From(item));
    }
    exprs(&select.filter, visit);
    exprs(&select.connect_by, visit);
    if let GroupBy::Keys(keys) = &select.group_by {
        exprs(keys, visit);
    }
    exprs(&select.having, visit);
    for (_, window) in &select.windows {
        window_children(window, visit);
    }
    exprs(&select.qualify, visit);
}

fn items<'a>(items: &'a [SelectItem], visit: Visit<'_, 'a>) {
    for item in items {
        match item {
            SelectItem::Expr { expr, .. } => visit(Node::Expr(expr)),
            SelectItem::Star(star) => star_children(star, visit),
        }
    }
}

fn star_children<'a>(star: &'a Star, visit: Visit<'_, 'a>) {
    exprs(star.replace.iter().map(|(expr, _)| expr), visit);
}

fn window_children<'a>(window: &'a Window, visit: Visit<'_, 'a>) {
    let Window::Spec(spec) = window else { return };
    let WindowSpec { base: _, partition_by, order_by, frame } = &**spec;
    exprs(partition_by, visit);
    keys(order_by, visit);
    for bound in frame.iter().flat_map(|(_, bounds)| bounds) {
        match bound {
            FrameBound::CurrentRow => {}
            FrameBound::Preceding(expr) | FrameBound::Following(expr) => exprs(expr, visit),
        }
    }
}

fn arguments<'a>(arguments: &'a [Argument], visit: Visit<'_, 'a>) {
    for argument in arguments {
        match argument {
            Argument::Expr(expr) | Argument::Named(_, expr) => visit(Node::Expr(expr)),
            Argument::Star(star) => star_children(star, visit),
            Argument::Query(query) => visit(Node::Query(query)),
        }
    }
}

fn from_children<'a>(item: &'a FromItem, visit: Visit<'_, 'a>) {
    match item {
        FromItem::Table { .. } => {}
        FromItem::Subquery { query, .. } => visit(Node::Query(query)),
        FromItem::Function(function) => arguments(&function.arguments, visit),
        FromItem::Join(join) => {
            visit(Node::From(&join.left));
            visit(Node::From(&join.right));
            if let JoinCondition::On(on) = &join.condition {
                visit(Node::Expr(on));
            }
        }
        FromItem::Pivot(pivot) => {
            visit(Node::From(&pivot.input));
            items(&pivot.aggregates, visit);
            for on in &pivot.on {
                visit(Node::Expr(&on.expr));
                exprs(on.values.iter().flatten().map(|(value, _)| value), visit);
            }
            exprs(pivot.group_by.iter().flatten(), visit);
        }
        FromItem::Unpivot(unpivot) => {
            visit(Node::From(&unpivot.input));
            exprs(unpivot.columns.iter().flat_map(|(columns, _)| columns), visit);
        }
        FromItem::Aliased { item, .. } => visit(Node::From(item)),
    }
}

fn call_children<'a>(call: &'a Call, visit: Visit<'_, 'a>) {
    arguments(&call.arguments, visit);
    keys(&call.order_by, visit);
    exprs(&call.filter, visit);
    if let Some(window) = &call.over {
        window_children(window, visit);
    }
}

fn expr_children<'a>(expr: &'a Expr, visit: Visit<'_, 'a>) {
    match &expr.kind {
        ExprKind::Column(_) | ExprKind::Literal(_) | ExprKind::Parameter(_) => {}
        ExprKind::Call(call) => call_children(call, visit),
        ExprKind::Cast { expr, .. }
        | ExprKind::Unary { expr, .. }
        | ExprKind::IsNull { expr, .. }
        | ExprKind::Field { expr, .. } => visit(Node::Expr(expr)),
        ExprKind::Binary { left, right, .. } => exprs([&**left, &**right], visit),
        ExprKind::Between { expr, low, high, .. } => exprs([&**expr, &**low, &**high], visit),
        ExprKind::InList { expr, list, .. } => exprs(std::iter::once(&**expr).chain(list), visit),
        ExprKind::InSubquery { expr, query, .. } | ExprKind::Quantified { expr, query, .. } => {
            visit(Node::Expr(expr));
            visit(Node::Query(query));
        }
        ExprKind::Like { expr, pattern, .. } => exprs([&**expr, &**pattern], visit),
        ExprKind::Case(case) => {
            exprs(&case.operand, visit);
            for branch in &case.branches {
                exprs([&branch.when, &branch.then], visit);
            }
            exprs(&case.otherwise, visit);
        }
        ExprKind::Subquery(query) | ExprKind::Exists { query, .. } => visit(Node::Query(query)),
        ExprKind::Index { expr, indices } => exprs(std::iter::once(&**expr).chain(indices), visit),
        ExprKind::List(items) | ExprKind::Row(items) | ExprKind::Other { parts: items, .. } => {
            exprs(items, visit);
        }
        ExprKind::Struct(fields) => exprs(fields.iter().map(|(_, value)| value), visit),
        ExprKind::Map(entries) => exprs(entries.iter().flat_map(|(key, value)| [key, value]), visit),
        ExprKind::Lambda(lambda) => visit(Node::Expr(&lambda.body)),
        ExprKind::Columns(pattern) => match pattern {
            ColumnsPattern::Star(star) => star_children(star, visit),
            ColumnsPattern::Lambda(lambda) => visit(Node::Expr(&lambda.body)),
            ColumnsPattern::Regex(_) | ColumnsPattern::Names(_) => {}
        },
    }
}
