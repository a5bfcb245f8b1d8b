//! The functions that dialects have, as far as documentation tells: names, kinds, arguments
//! and results. A name that is not there is no error by itself: there are extensions, and
//! functions of users.

#[allow(clippy::module_inception)]
mod functions;

pub(super) use functions::{FunctionKind, bare_word, find, is_keyword_argument};
