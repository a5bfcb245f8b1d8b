//! Highlights and links of code: which stretches are keywords, strings, calls of nodes.
//!
//! Found with the scanners that the formatter uses, not with a grammar, so that broken SQL has
//! marks too. [`template`] marks SQL inside of Jinja, [`sql`] plain SQL, [`python`] models in Python.

mod jinja;
mod mark;
mod python;
mod sql;
mod targets;

pub(super) use jinja::template;
pub(super) use python::python;
pub(super) use sql::sql;
pub(super) use targets::Targets;
