use super::common_type::common_type;
use super::operand::constant;
use super::typing::{problem, words};
use crate::analyze::Problem;
use crate::diagnostic::Code;
use crate::sql::tree::{Body, Expr, SelectItem, SetOperation, SetOperator, TextRange};
use crate::sql::{DataType, Dialect};

/// The types of the columns of a set operation, from those of its sides in order (by place;
/// who matches by name has brought them into order). Adds a problem for each pair that has no
/// type in common. Sides of unequal length are someone else's problem: the longer is cut.
pub(in crate::analyze) fn set_operation_types(
    operation: &SetOperation,
    left: &[Option<DataType>],
    right: &[Option<DataType>],
    dialect: Dialect,
    problems: &mut Vec<Problem>,
) -> Vec<Option<DataType>> {
    let is_known_place = left.len() == right.len() && !operation.by_name;
    let mut types = Vec::with_capacity(left.len());
    for (place, (one, other)) in left.iter().zip(right).enumerate() {
        let (first, second) = (
            item(&operation.left, place, left.len()).filter(|_| is_known_place),
            item(&operation.right, place, right.len()).filter(|_| is_known_place),
        );
        // A constant takes the type of what stands on the other side.
        let is_constant = |expr: Option<&Expr>| expr.is_some_and(|expr| constant(expr).is_some());
        types.push(match (is_constant(first), is_constant(second)) {
            (true, true) if one == other => one.clone(),
            (true, true) => None,
            (true, false) if one != other => constant_beside(dialect, first, other.as_ref()),
            (false, true) if one != other => constant_beside(dialect, second, one.as_ref()),
            _ => match common_type(dialect, &[one.clone(), other.clone()]) {
                Ok(kind) => kind,
                // DuckDB makes text of what has nothing in common.
                Err(_) if dialect == Dialect::DuckDb => None,
                Err(_) => {
                    let kind = |kind: &Option<DataType>| {
                        kind.as_ref().map_or(String::new(), |kind| words(&kind.kind(dialect), dialect))
                    };
                    let (one, other) = (kind(one), kind(other));
                    let number = place + 1;
                    let verb = match operation.operator {
                        SetOperator::Union => "UNION",
                        SetOperator::Intersect => "INTERSECT",
                        SetOperator::Except => "EXCEPT",
                    };
                    let mut problem = problem(
                        Code::TypeMismatch,
                        format!("column {number} of {verb} is {one} above and {other} below"),
                        second.map_or_else(|| body_at(&operation.right, operation.at), |expr| expr.at),
                        format!("this is {other}"),
                    );
                    if let Some(expr) = first {
                        problem.also.push((expr.at, format!("this is {one}")));
                    }
                    problem.help =
                        Some(format!("convert one of them: `cast(… as {})`", one.trim_matches('`')));
                    problems.push(problem);
                    None
                }
            },
        });
    }
    types
}

/// What a column is that is a constant on one side.
fn constant_beside(dialect: Dialect, expr: Option<&Expr>, other: Option<&DataType>) -> Option<DataType> {
    use super::operand::Constant;
    let other = other?;
    match constant(expr?)? {
        Constant::Null => Some(other.clone()),
        Constant::Text if matches!(dialect, Dialect::Postgres | Dialect::Redshift | Dialect::BigQuery) => {
            Some(other.clone())
        }
        _ => None,
    }
}

/// The expression that is a column of a SELECT, when it can be counted off: stars stand for
/// many, so that behind them one counts from the end.
fn item(body: &Body, place: usize, count: usize) -> Option<&Expr> {
    match body {
        Body::Select(select) => {
            let items = &select.items;
            let is_star = |item: &SelectItem| matches!(item, SelectItem::Star(_));
            let of = |item: &'_ SelectItem| matches!(item, SelectItem::Expr { .. });
            let found = match (items.iter().position(is_star), items.iter().rposition(is_star)) {
                (None, _) if items.len() == count => items.get(place),
                (Some(first), _) if place < first => items.get(place),
                (_, Some(last)) => {
                    let behind = items.len() - 1 - last;
                    (count - place <= behind).then(|| items.get(items.len() - (count - place)))?
                }
                _ => None,
            };
            match found.filter(|item| of(item))? {
                SelectItem::Expr { expr, .. } => Some(expr),
                SelectItem::Star(_) => None,
            }
        }
        Body::Query(query) => item(&query.body, place, count),
        Body::Values(rows) => rows.first()?.get(place),
        Body::SetOperation(_) => {
            // Of a chain, a column that is a constant in each.
            let mut body = body;
            while let Body::SetOperation(operation) = body {
                item(&operation.right, place, count).filter(|expr| constant(expr).is_some())?;
                body = &operation.left;
            }
            item(body, place, count)
        }
    }
}

fn body_at(body: &Body, whole: TextRange) -> TextRange {
    match body {
        Body::Select(select) => select.at,
        Body::Query(query) => query.at,
        Body::SetOperation(operation) => operation.at,
        Body::Values(_) => whole,
    }
}
