//! Types of expressions: what an operator or function makes of the types it is given, which
//! types go together, and which do not. What is not known stays `None`, and what is made of
//! it too, unless the result is the same whatever it is (`count(x)`, `x is null`).

mod environment;
mod type_of;

pub(super) use environment::Environment;
pub(super) use type_of::type_of;
