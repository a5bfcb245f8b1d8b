//! Types of expressions: what an operator or function makes of the types it is given, which
//! types go together, and which do not. What is not known stays `None`, and what is made of
//! it too, unless the result is the same whatever it is (`count(x)`, `x is null`).
//!
//! A scope calls, for each of its expressions once, [`type_of`] (which looks into it for
//! arguments and operands that are surely wrong), [`check_condition`] in its place for what
//! decides on rows, [`check_select`] once a SELECT (aggregates where none may stand, columns
//! that are neither grouped nor aggregated) and [`set_operation_types`] once a set operation.

// Rules stand in the order of the documents they come from, each with its own arm.
#![allow(clippy::match_same_arms)]

mod access;
mod arithmetic;
mod calls;
mod check_select;
mod common_type;
mod comparison;
mod environment;
mod family;
mod grouping;
mod operand;
mod same;
mod set_operation;
#[cfg(test)]
mod tests;
mod type_of;
mod typing;

pub(super) use check_select::check_select;
pub(super) use common_type::common_type;
pub(super) use comparison::check_comparison;
pub(super) use environment::{Environment, Identity};
pub(super) use set_operation::set_operation_types;
pub(super) use type_of::{check_condition, type_of};
