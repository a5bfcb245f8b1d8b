use super::typing::problem;
use super::{Environment, Identity, grouping};
use crate::analyze::Problem;
use crate::analyze::functions::{self, FunctionKind};
use crate::diagnostic::Code;
use crate::sql::tree::{
    Call, Expr, ExprKind, FromItem, GroupBy, JoinCondition, OrderKey, Select, SelectItem, deep,
};

/// Finds aggregates and window functions where none may stand, and columns that are neither
/// grouped nor aggregated. `order_by` is that of the query whose body the SELECT is, and empty
/// inside of set operations. Queries inside are not looked into: they are SELECTs of their own.
pub(in crate::analyze) fn check_select(
    select: &Select,
    order_by: &[OrderKey],
    environment: &dyn Environment,
    problems: &mut Vec<Problem>,
) {
    let before = problems.len();
    let mut placing = Placing { environment, problems };
    if let Some(filter) = &select.filter {
        placing.none_of_both(filter, "WHERE");
    }
    for item in &select.from {
        placing.joins(item);
    }
    if let GroupBy::Keys(keys) = &select.group_by {
        for key in keys {
            placing.none_of_both(key, "GROUP BY");
            if let Some(item) = item_of_key(select, key, environment) {
                placing.key(key, item);
            }
        }
    }
    if let Some(having) = &select.having {
        placing.no_window(having, "HAVING");
    }
    let items = select.items.iter().filter_map(|item| match item {
        SelectItem::Expr { expr, .. } => Some(expr),
        SelectItem::Star(_) => None,
    });
    let orders = order_by.iter().map(|order| &order.expr);
    for expr in items.chain(&select.having).chain(&select.qualify).chain(orders) {
        placing.no_nesting(expr, None);
    }
    if problems.len() == before {
        grouping::check_grouping(select, order_by, environment, problems);
    }
}

/// The item that a key of GROUP BY means by its number or alias.
fn item_of_key<'s>(select: &'s Select, key: &Expr, environment: &dyn Environment) -> Option<&'s Expr> {
    match &key.kind {
        ExprKind::Column(path) if environment.identity(path).is_none() => match path.as_slice() {
            [name] => select.items.iter().find_map(|item| match item {
                SelectItem::Expr { expr, alias: Some(alias) }
                    if alias.text.eq_ignore_ascii_case(&name.text) =>
                {
                    // A column that is not known to be there may have the name as well.
                    let is_itself = matches!(&expr.kind, ExprKind::Column(_));
                    (!is_itself).then_some(expr)
                }
                _ => None,
            }),
            _ => None,
        },
        _ => grouping::item_at(select, key),
    }
}

struct Placing<'a> {
    environment: &'a dyn Environment,
    problems: &'a mut Vec<Problem>,
}

impl Placing<'_> {
    fn joins(&mut self, item: &FromItem) {
        if let FromItem::Join(join) = item {
            deep(|| {
                self.joins(&join.left);
                self.joins(&join.right);
            });
            if let JoinCondition::On(condition) = &join.condition {
                self.none_of_both(condition, "the condition of a join");
            }
        }
    }

    fn none_of_both(&mut self, expr: &Expr, clause: &str) {
        expr.for_each(&mut |part| {
            if let ExprKind::Call(call) = &part.kind {
                if call.over.is_some() {
                    self.window(part, call, clause);
                } else if is_own_aggregate(call, self.environment) {
                    let name = name(call);
                    let mut problem = problem(
                        Code::MisplacedAggregate,
                        format!("{clause} cannot hold an aggregate, and `{name}` is one"),
                        part.at,
                        format!("aggregates come after {clause}"),
                    );
                    if clause == "WHERE" {
                        problem.help = Some("ask it in HAVING".to_owned());
                    }
                    self.problems.push(problem);
                }
            }
        });
    }

    fn no_window(&mut self, expr: &Expr, clause: &str) {
        expr.for_each(&mut |part| {
            if let ExprKind::Call(call) = &part.kind
                && call.over.is_some()
            {
                self.window(part, call, clause);
            }
        });
    }

    fn window(&mut self, part: &Expr, call: &Call, clause: &str) {
        let name = name(call);
        let mut problem = problem(
            Code::MisplacedAggregate,
            format!("{clause} cannot hold a window function, and `{name}` is one"),
            part.at,
            format!("window functions come after {clause}"),
        );
        problem.help = Some("ask it in QUALIFY, or in a query around this one".to_owned());
        self.problems.push(problem);
    }

    /// A key that means an item with an aggregate in it.
    fn key(&mut self, key: &Expr, item: &Expr) {
        let mut found = None;
        item.for_each(&mut |part| {
            if let ExprKind::Call(call) = &part.kind
                && (call.over.is_some() || is_own_aggregate(call, self.environment))
            {
                found.get_or_insert((part, name(call), call.over.is_some()));
            }
        });
        if let Some((part, name, is_window)) = found {
            let what = if is_window { "a window function" } else { "an aggregate" };
            let mut problem = problem(
                Code::MisplacedAggregate,
                format!("GROUP BY names a column that is {what}"),
                key.at,
                format!("`{name}` comes after GROUP BY"),
            );
            problem.also.push((part.at, "this column".to_owned()));
            self.problems.push(problem);
        }
    }

    /// No aggregate, and no window function, inside of an aggregate.
    fn no_nesting(&mut self, expr: &Expr, outer: Option<&str>) {
        let mut inner = outer.map(str::to_owned);
        if let ExprKind::Call(call) = &expr.kind {
            let is_window = call.over.is_some();
            let is_aggregate = !is_window && is_own_aggregate(call, self.environment);
            if let Some(outer) = outer.filter(|_| is_window || is_aggregate) {
                let name = name(call);
                let what = if is_window { "a window function" } else { "an aggregate" };
                let problem = problem(
                    Code::MisplacedAggregate,
                    format!("`{outer}` cannot be computed of `{name}`, which is {what} itself"),
                    expr.at,
                    format!("{what} inside of `{outer}`"),
                );
                self.problems.push(problem);
                return;
            }
            if is_aggregate {
                inner = Some(name(call));
            } else if is_window {
                inner = None;
            }
        }
        expr.for_each_child(&mut |part| deep(|| self.no_nesting(part, inner.as_deref())));
    }
}

fn name(call: &Call) -> String {
    call.name.last().map(|name| name.text.to_lowercase()).unwrap_or_default()
}

/// Whether a call is an aggregate of the rows here, and not of those of a query around.
pub(super) fn is_own_aggregate(call: &Call, environment: &dyn Environment) -> bool {
    let [name] = call.name.as_slice() else { return false };
    let is_aggregate = call.over.is_none()
        && functions::find(environment.dialect(), &name.text) == Some(FunctionKind::Aggregate)
        && !name.text.to_lowercase().starts_with("grouping");
    if !is_aggregate {
        return false;
    }
    let (mut has_column, mut is_here) = (false, false);
    for argument in &call.arguments {
        if let crate::sql::tree::Argument::Expr(expr) | crate::sql::tree::Argument::Named(_, expr) = argument
        {
            expr.for_each(&mut |part| {
                if let ExprKind::Column(path) = &part.kind {
                    has_column = true;
                    is_here |= environment.identity(path) != Some(Identity::Outer);
                }
            });
        }
    }
    !has_column || is_here
}
