//! SQL as text and as a tree: dialects, identifiers, relation names, data types,
//! statements cut apart, common table expressions put in. Knows no projects.
//!
//! Cutting text needs no parser: [`Scanner`] tells strings, names and comments from code
//! and never fails, so it also works on SQL that only the warehouse understands.

mod data_type;
mod dialect;
mod files;
mod ident;
mod relation_name;
mod scan;
mod parse;
mod split;
pub mod tree;
mod type_kind;
mod type_names;
mod with_clause;

pub use data_type::DataType;
pub use dialect::{Dialect, Folding};
pub use files::paths_in;
pub use ident::{Ident, string_literal};
pub use parse::{SyntaxError, parse_query};
pub use relation_name::{QuotePolicy, RelationName};
pub use scan::{Lexeme, Scanner};
pub use split::{first_word, is_blank, statements, without_last_semicolon};
pub use type_kind::{TypeKind, Zone};
pub use with_clause::{WithCtes, with_ctes};
