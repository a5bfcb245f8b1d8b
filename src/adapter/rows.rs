/// One value of a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Bool(bool),
    /// Whole numbers of any width the warehouse has.
    Int(i128),
    Float(f64),
    /// Digits as text, with the point where it belongs: nothing is rounded.
    Decimal(String),
    Text(String),
    Bytes(Vec<u8>),
    Date(chrono::NaiveDate),
    Time(chrono::NaiveTime),
    Timestamp(chrono::NaiveDateTime),
    TimestampTz(chrono::DateTime<chrono::Utc>),
    /// Lists, structs, maps, intervals and what else there is, as the warehouse prints it.
    Other(String),
}

/// The rows of a query: names and types of the columns, then the values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub names: Vec<String>,
    /// As the warehouse writes them; as many as `names`.
    pub types: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}
