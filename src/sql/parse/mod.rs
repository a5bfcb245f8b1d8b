//! From text to tree, through sqlparser; the only door to it.
//!
//! [`Tokens`](tokens::Tokens) cuts the text and knows the byte of every token. sqlparser reads
//! them with bytes for columns, so that what it says of places are bytes too; what it does not
//! say, as where a call or a cast ends, `lower` finds among the tokens around. What it does not
//! read, `rewrite` takes out before.

mod grammar;
mod lower;
#[allow(clippy::module_inception)]
mod parse;
mod rewrite;
mod tokens;
#[cfg(test)]
mod tests;

pub use parse::{SyntaxError, parse_query};
