use crate::analyze::Problem;
use crate::sql::tree::TextRange;
use crate::sql::{DataType, Dialect};

/// Adds a problem when columns of these types can surely not be compared, as those of `USING`
/// are.
pub(in crate::analyze) fn check_comparison(
    _dialect: Dialect,
    _left: &DataType,
    _right: &DataType,
    _at: TextRange,
    _problems: &mut Vec<Problem>,
) {
}
