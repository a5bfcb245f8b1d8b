use super::family::never_meet;
use super::operand::Operand;
use super::typing::{problem, words};
use crate::analyze::Problem;
use crate::diagnostic::Code;
use crate::sql::tree::{BinaryOp, TextRange};
use crate::sql::{DataType, Dialect};

/// Adds a problem when columns of these types can surely not be compared, as those of `USING`
/// are.
pub(in crate::analyze) fn check_comparison(
    dialect: Dialect,
    left: &DataType,
    right: &DataType,
    at: TextRange,
    problems: &mut Vec<Problem>,
) {
    let (left, right) = (Operand::new(left.kind(dialect)), Operand::new(right.kind(dialect)));
    if never_compare(dialect, &left, &BinaryOp::Equal, &right) {
        let (one, other) = (words(&left.kind, dialect), words(&right.kind, dialect));
        problems.push(problem(
            Code::TypeMismatch,
            format!("{one} and {other} cannot be compared"),
            at,
            format!("{one} on the left, {other} on the right"),
        ));
    }
}

pub(super) fn never_compare(dialect: Dialect, left: &Operand, op: &BinaryOp, right: &Operand) -> bool {
    if [left, right].iter().any(|side| side.is_null() || side.is_text_constant()) {
        return false;
    }
    // DuckDB finds a way to ask of any two values whether they are equal.
    let is_order =
        matches!(op, BinaryOp::Less | BinaryOp::LessOrEqual | BinaryOp::Greater | BinaryOp::GreaterOrEqual);
    (is_order || dialect != Dialect::DuckDb) && never_meet(dialect, &left.kind, &right.kind)
}
