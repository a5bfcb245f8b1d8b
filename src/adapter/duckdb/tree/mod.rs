//! The tree of a query from DuckDB's own parser, for what our own does not read: PIVOT and
//! UNPIVOT statements, `ASOF JOIN`, `USING SAMPLE`, list comprehension, `GLOB`, `a: 1`, `**`.
//!
//! `json_serialize_sql` writes what DuckDB understood as JSON, most of it with the byte where
//! it begins; `lower` makes our tree of that, `expr` and `from` the parts, and `places` finds
//! in the text where names and expressions end. What DuckDB has replaced while reading (`if`
//! by CASE, `interval 3 day` by `to_days`) is put back where the text shows it.
//! <https://duckdb.org/docs/stable/data/json/sql_to_and_from_json>

mod call;
mod expr;
mod from;
mod lower;
mod places;
mod star;
#[cfg(test)]
mod tests;

pub(super) use lower::read;
