//! SQL as text and as a tree: dialects, identifiers, relation names, data types,
//! statements cut apart. The only door to sqlparser. Knows no projects.

mod data_type;
mod dialect;
mod ident;
mod relation_name;

pub use data_type::DataType;
pub use dialect::Dialect;
pub use ident::Ident;
pub use relation_name::{QuotePolicy, RelationName};
