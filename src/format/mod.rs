//! SQL inside Jinja, laid out anew: the same tokens, other white space.
//!
//! Text comes in as it is written, templates and all, and goes out in one style. It is cut
//! into tokens (the [`Scanner`](crate::sql::Scanner) on text in which every piece of
//! Jinja is masked, so that `{{ prefix }}_name` is one word and `'{{ x }}'` one string), the
//! tokens are nested by brackets, `case` and blocks (`tree`), each level is laid out as a
//! query, a list or an expression (`layout`), and a printer (`printer`) breaks what does
//! not fit into the line. There is no grammar of SQL in it: it works on every dialect, and on
//! SQL that is wrong.
//!
//! White space that a rendered template would show is never touched: not in strings, not
//! where text touches a tag. Before a text is given out, `proof` renders it and the text it
//! came from, along several paths through the blocks, and compares their tokens. A text that
//! cannot be read (an open string, blocks that do not match) is refused with a
//! [`Diagnostic`](crate::diagnostic::Diagnostic) at its place.
//!
//! Why it is our own: `sqlformat`, the one library of its kind that is kept up and takes any
//! dialect, knows no Jinja, and changes tokens: `1_000` becomes `1 _000`, `0x1F` becomes `0 x1F`,
//! `b'x'` becomes `b 'x'`, and white space inside of `$$ … $$` and `'''…'''` is lost.

mod doc;
#[allow(clippy::module_inception)]
mod format;
mod keyword;
mod layout;
mod lexeme;
mod printer;
mod proof;
mod query;
mod spacing;
mod style;
#[cfg(test)]
mod tests;
mod token;
mod tree;

pub use format::{format, is_same};
pub use lexeme::lexemes;
pub use style::{Commas, Contents, KeywordCase, Style};
