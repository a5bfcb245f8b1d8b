use super::Environment;
use crate::analyze::Problem;
use crate::sql::DataType;
use crate::sql::tree::Expr;

/// The type of an expression, `None` when it cannot be told. What is surely wrong in it
/// (arguments that no form of a function takes, sides that cannot be compared) is added to
/// `problems`.
pub(in crate::analyze) fn type_of(
    _expr: &Expr,
    _environment: &dyn Environment,
    _problems: &mut Vec<Problem>,
) -> Option<DataType> {
    None
}

/// [`type_of`] for an expression that has to be true or false: `clause` is what it stands in,
/// in capitals (`WHERE`, `HAVING`, `QUALIFY`, `ON`).
pub(in crate::analyze) fn check_condition(
    expr: &Expr,
    _clause: &str,
    environment: &dyn Environment,
    problems: &mut Vec<Problem>,
) {
    type_of(expr, environment, problems);
}
