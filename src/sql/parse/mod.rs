//! From text to tree, through sqlparser; the only door to it.

mod parse;

pub use parse::{SyntaxError, parse_query};
