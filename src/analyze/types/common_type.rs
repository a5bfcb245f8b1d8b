use crate::sql::{DataType, Dialect};

/// Two of several types that have no type in common, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::analyze) struct Clash {
    pub first: usize,
    pub second: usize,
}

/// The type that values of all these types are brought to: in CASE, COALESCE, lists and set
/// operations. `None` when it cannot be told.
///
/// # Errors
/// Two of them surely never go together.
pub(in crate::analyze) fn common_type(
    _dialect: Dialect,
    _types: &[Option<DataType>],
) -> Result<Option<DataType>, Clash> {
    Ok(None)
}
