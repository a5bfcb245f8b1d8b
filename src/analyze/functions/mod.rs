//! The functions that dialects have, as far as documentation tells: names, kinds, arguments
//! and results, one table of text a dialect and one for what all have alike. A name that is
//! not there is no error by itself: there are extensions, and functions of users.
//!
//! A table has a line for each function, or for several that differ in name alone:
//!
//! ```text
//! == aggregate
//! sum (int) int128 | (dec) dec38 | (double) double
//! arg_max/max_by (any, any) $1 | (any, any, int) [$1]
//! ```
//!
//! A parameter with `?` may be left out, one with `...` comes once or more often, with `...?`
//! as often as one likes. What the words mean stands at [`Family`] and [`Outcome`].

#[allow(clippy::module_inception)]
mod functions;
mod signature;

pub(super) use functions::{FunctionKind, bare_word, find, is_keyword_argument, lookup, near_name};
pub(super) use signature::{Family, Function, Outcome, Overload};
