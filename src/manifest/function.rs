use serde_json::Value;

/// A user-defined function of the warehouse.
/// See <https://docs.getdbt.com/docs/build/udfs>.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// `scalar`, `aggregate` or `table`.
    pub kind: String,
    /// `sql` or `python`.
    pub language: String,
    /// In order, as written: `name`, `data_type`, `description`, `default_value`.
    pub arguments: Vec<Value>,
    /// As written: `data_type`, `description`.
    pub returns: Value,
}
