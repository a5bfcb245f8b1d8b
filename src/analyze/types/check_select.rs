use super::Environment;
use crate::analyze::Problem;
use crate::sql::tree::{OrderKey, Select};

/// Finds aggregates and window functions where none may stand, and columns that are neither
/// grouped nor aggregated. `order_by` is that of the query whose body the SELECT is, and empty
/// inside of set operations. Queries inside are not looked into: they are SELECTs of their own.
pub(in crate::analyze) fn check_select(
    _select: &Select,
    _order_by: &[OrderKey],
    _environment: &dyn Environment,
    _problems: &mut Vec<Problem>,
) {
}
