use super::Environment;
use super::typing::{Typing, name_of};
use crate::analyze::Problem;
use crate::sql::DataType;
use crate::sql::tree::{Expr, ExprKind};

/// The type of an expression, `None` when it cannot be told. What is surely wrong in it
/// (arguments that no form of a function takes, sides that cannot be compared) is added to
/// `problems`.
pub(in crate::analyze) fn type_of(
    expr: &Expr,
    environment: &dyn Environment,
    problems: &mut Vec<Problem>,
) -> Option<DataType> {
    match &expr.kind {
        ExprKind::Column(path) => match environment.column(path) {
            // As the warehouse writes it, with sizes that are nothing to us.
            Some(kind) => Some(kind),
            None => name_of(&typing(environment, problems).kind(expr), environment.dialect()),
        },
        ExprKind::Subquery(query) => match environment.subquery(query)?.as_slice() {
            [kind] => kind.clone(),
            _ => None,
        },
        _ => name_of(&typing(environment, problems).kind(expr), environment.dialect()),
    }
}

/// [`type_of`] for an expression that has to be true or false: `clause` is what it stands in,
/// in capitals (`WHERE`, `HAVING`, `QUALIFY`, `ON`).
pub(in crate::analyze) fn check_condition(
    expr: &Expr,
    clause: &str,
    environment: &dyn Environment,
    problems: &mut Vec<Problem>,
) {
    let mut typing = typing(environment, problems);
    let operand = typing.operand(expr);
    typing.expect_condition(expr, &operand, clause);
}

fn typing<'a>(environment: &'a dyn Environment, problems: &'a mut Vec<Problem>) -> Typing<'a> {
    Typing { environment, dialect: environment.dialect(), problems, parameters: Vec::new() }
}
