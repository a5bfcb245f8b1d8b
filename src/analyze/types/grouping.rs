use super::check_select::is_own_aggregate;
use super::same::is_same;
use super::typing::problem;
use super::{Environment, Identity};
use crate::analyze::Problem;
use crate::analyze::functions::{self, FunctionKind};
use crate::diagnostic::Code;
use crate::sql::Dialect;
use crate::sql::tree::{
    Call, Expr, ExprKind, FromItem, GroupBy, JoinCondition, Literal, Name, OrderKey, Select, SelectItem,
    TextRange, deep,
};

/// Finds columns that are neither grouped by nor aggregated where rows are made one. Lenient
/// where it cannot be known: keys that name columns of a star, names that may be an alias,
/// columns that depend on a primary key in Postgres
/// (<https://www.postgresql.org/docs/current/sql-select.html#SQL-GROUPBY>).
pub(super) fn check_grouping(
    select: &Select,
    order_by: &[OrderKey],
    environment: &dyn Environment,
    problems: &mut Vec<Problem>,
) {
    let mut keys = Vec::new();
    match &select.group_by {
        // Whatever is no aggregate is a key.
        GroupBy::All => return,
        GroupBy::Keys(written) => {
            let has_star = select.items.iter().any(|item| matches!(item, SelectItem::Star(_)));
            for key in written {
                if matches!(&key.kind, ExprKind::Literal(Literal::Number(_))) && has_star {
                    return;
                }
                add_key(select, key, &mut keys);
            }
        }
        GroupBy::No => {
            let exprs = select.items.iter().filter_map(expr_of).chain(&select.having);
            if !exprs.into_iter().any(|expr| has_aggregate(expr, environment)) {
                return;
            }
        }
    }
    let columns: Vec<Identity> = keys
        .iter()
        .filter_map(|key| match &key.kind {
            ExprKind::Column(path) => environment.identity(path),
            _ => None,
        })
        .collect();
    let mut using = Vec::new();
    for item in &select.from {
        shared_names(item, &mut using);
    }
    let mut walk = Walk {
        environment,
        keys,
        columns,
        using,
        is_grouped: select.group_by != GroupBy::No,
        aliases: Vec::new(),
        parameters: Vec::new(),
        found: Vec::new(),
    };
    let aliases: Vec<Option<&Name>> = select
        .items
        .iter()
        .map(|item| match item {
            SelectItem::Expr { alias, .. } => alias.as_ref(),
            SelectItem::Star(_) => None,
        })
        .collect();
    for (place, item) in select.items.iter().enumerate() {
        if let SelectItem::Expr { expr, .. } = item {
            let others = aliases.iter().enumerate().filter(|(other, _)| *other != place);
            walk.aliases = others.filter_map(|(_, alias)| *alias).collect();
            walk.expr(expr);
        }
    }
    walk.aliases = aliases.iter().copied().flatten().collect();
    let orders = order_by.iter().map(|order| &order.expr);
    for expr in select.having.iter().chain(&select.qualify).chain(orders) {
        walk.expr(expr);
    }
    problems.append(&mut walk.problems());
}

fn expr_of(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::Expr { expr, .. } => Some(expr),
        SelectItem::Star(_) => None,
    }
}

/// The item that a number in GROUP BY counts to, where no star hides it.
pub(super) fn item_at<'s>(select: &'s Select, key: &Expr) -> Option<&'s Expr> {
    let ExprKind::Literal(Literal::Number(number)) = &key.kind else { return None };
    let place = number.parse::<usize>().ok()?.checked_sub(1)?;
    if select.items.iter().take(place + 1).any(|item| matches!(item, SelectItem::Star(_))) {
        return None;
    }
    select.items.get(place).and_then(expr_of)
}

/// A key, with what it means by its number or alias: both when it may be either.
fn add_key<'s>(select: &'s Select, key: &'s Expr, keys: &mut Vec<&'s Expr>) {
    match &key.kind {
        // GROUPING SETS, ROLLUP and CUBE, and lists in parentheses.
        ExprKind::Other { parts, .. } | ExprKind::Row(parts) => {
            for part in parts {
                deep(|| add_key(select, part, keys));
            }
        }
        ExprKind::Column(path) => {
            if let [name] = path.as_slice() {
                keys.extend(select.items.iter().filter_map(|item| match item {
                    SelectItem::Expr { expr, alias: Some(alias) }
                        if alias.text.eq_ignore_ascii_case(&name.text) =>
                    {
                        Some(expr)
                    }
                    _ => None,
                }));
            }
        }
        ExprKind::Call(call) if is_set(call) => {
            key.for_each_child(&mut |part| deep(|| add_key(select, part, keys)));
        }
        _ => keys.extend(item_at(select, key)),
    }
    keys.push(key);
}

fn is_set(call: &Call) -> bool {
    matches!(
        call.name.last().map(|name| name.text.to_lowercase()).as_deref(),
        Some("rollup" | "cube" | "grouping sets")
    )
}

fn has_aggregate(expr: &Expr, environment: &dyn Environment) -> bool {
    let mut found = false;
    expr.for_each(&mut |part| {
        if let ExprKind::Call(call) = &part.kind {
            found |= is_own_aggregate(call, environment);
        }
    });
    found
}

/// Names that both sides of a join share: whichever side one names, it is one column.
fn shared_names<'s>(item: &'s FromItem, names: &mut Vec<Option<&'s Name>>) {
    if let FromItem::Join(join) = item {
        deep(|| {
            shared_names(&join.left, names);
            shared_names(&join.right, names);
        });
        match &join.condition {
            JoinCondition::Using(using) => names.extend(using.iter().map(Some)),
            // All of those that are alike.
            JoinCondition::Natural => names.push(None),
            JoinCondition::On(_) | JoinCondition::None => {}
        }
    }
}

struct Walk<'s> {
    environment: &'s dyn Environment,
    keys: Vec<&'s Expr>,
    columns: Vec<Identity>,
    using: Vec<Option<&'s Name>>,
    is_grouped: bool,
    /// Names that may mean another item.
    aliases: Vec<&'s Name>,
    /// Of the lambdas around.
    parameters: Vec<&'s Name>,
    found: Vec<(Identity, String, TextRange)>,
}

impl<'s> Walk<'s> {
    fn expr(&mut self, expr: &'s Expr) {
        if self.keys.iter().any(|key| is_same(key, expr, self.environment)) {
            return;
        }
        match &expr.kind {
            ExprKind::Column(path) => self.column(path, expr.at),
            ExprKind::Call(call) if self.is_out_of_question(call) => {}
            ExprKind::Lambda(lambda) => {
                let outer = self.parameters.len();
                self.parameters.extend(&lambda.parameters);
                deep(|| self.expr(&lambda.body));
                self.parameters.truncate(outer);
            }
            _ => expr.for_each_child(&mut |part| deep(|| self.expr(part))),
        }
    }

    /// Whether what stands in a call need not be grouped: it is an aggregate, or may be one.
    fn is_out_of_question(&self, call: &Call) -> bool {
        let [name] = call.name.as_slice() else { return true };
        if call.over.is_some() {
            return false;
        }
        match functions::lookup(self.environment.dialect(), &name.text) {
            None => true,
            Some(function) => {
                function.kind == FunctionKind::Aggregate
                    || function.overloads.is_empty()
                    || name.text.to_lowercase().contains("agg")
            }
        }
    }

    fn column(&mut self, path: &'s [Name], at: TextRange) {
        let is_name = |other: &&Name| other.text.eq_ignore_ascii_case(&path[0].text);
        let is_bare = path.len() == 1;
        if self.parameters.iter().any(is_name) || (is_bare && self.aliases.iter().any(is_name)) {
            return;
        }
        let Some(identity) = self.environment.identity(path) else { return };
        let Identity::Local { relation, column, has_keys } = &identity else { return };
        let is_key = self.columns.iter().any(|key| match key {
            Identity::Local { relation: other, column: name, .. } => {
                let is_shared = || {
                    name == column
                        && self.using.iter().any(|shared| {
                            shared.is_none_or(|shared| shared.text.eq_ignore_ascii_case(column))
                        })
                };
                // With its primary key all of its columns are grouped.
                let depends =
                    || self.environment.dialect() == Dialect::Postgres && *has_keys && other == relation;
                (other == relation && name == column) || is_shared() || depends()
            }
            Identity::Outer => false,
        });
        if !is_key && !self.found.iter().any(|(found, ..)| *found == identity) {
            let name = path.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".");
            self.found.push((identity, name, at));
        }
    }

    fn problems(self) -> Vec<Problem> {
        let is_grouped = self.is_grouped;
        let say = |(_, name, at): (Identity, String, TextRange)| {
            let mut problem = problem(
                Code::UngroupedColumn,
                format!("`{name}` is neither grouped by nor aggregated"),
                at,
                if is_grouped { "not in GROUP BY".to_owned() } else { "there is no GROUP BY".to_owned() },
            );
            problem.help = Some(format!(
                "{}, or take any of its values: `any_value({name})`",
                if is_grouped { "add it to GROUP BY" } else { "group by it" }
            ));
            problem
        };
        self.found.into_iter().map(say).collect()
    }
}
