//! dbt's Jinja on stock minijinja. The only door to minijinja.
//!
//! *Carve* ([`carve`]) finds the blocks of a file. A template is parsed by the grammar of
//! Jinja2 (`template_parser`, `expression_parser`), which gives errors at their exact
//! place; *scan* ([`scan()`]) lists calls with literal arguments from that tree, and
//! *lower* writes it again in the dialect of minijinja, with a map back to the user's
//! text. The [`Engine`] renders: macros are callable objects (`callable`) that take
//! their template into the state that calls them (`session`), operators, filters and
//! methods are Python's, and errors become diagnostics with the macro calls around them
//! (`diagnose`). Rooms further down use the values and errors re-exported here.

mod callable;
mod carve;
mod checks;
mod conversions;
mod diagnose;
mod engine;
mod expression;
mod expression_parser;
mod failure;
mod filters;
mod format;
mod json;
mod literal;
mod lower;
mod lower_expression;
mod lowered;
mod mark;
mod methods;
mod mutable;
mod operators;
mod parsed;
mod parts;
mod pieces;
mod python;
mod rendered;
mod scan;
mod session;
mod store;
mod syntax_error;
mod template_parser;
mod template_tree;
#[cfg(test)]
mod tests;
mod text_filters;
mod token;
mod trace;

pub use carve::{Block, BlockKind, Parameter, carve, carve_expecting};
pub use engine::{Engine, Template};
pub use failure::{raise, raise_told, return_value};
pub use json::{from_json, json_text, to_json};
pub use mutable::{Dict, List, dict_value, list_value, tuple_value};
pub use parsed::{CertainCall, Parsed, certain_calls_of};
pub use parts::{Part, PartKind, parts};
pub use rendered::Rendered;
pub use scan::{Call, scan};
pub use session::{CHANCE, LENIENT, is_tracing};

pub use minijinja::value::{
    DynObject, Enumerator, Kwargs, Object, ObjectRepr, Rest, Tuple, Value, ValueKind,
};
pub use minijinja::{Error, ErrorKind, State};
