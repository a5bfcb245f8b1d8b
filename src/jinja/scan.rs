use serde_json::{Map, Value};

use crate::text::{SourceFile, Span};

/// A call in a template, as far as it can be known without rendering.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// `ref`, `dbt_utils.star`, `adapter.dispatch`.
    pub function: String,
    /// The whole call, from the function's name through the closing parenthesis.
    pub span: Span,
    /// Literal positional arguments; `None` where one is no literal.
    pub arguments: Vec<Option<Value>>,
    /// Places of the positional arguments; as many as `arguments`.
    pub argument_spans: Vec<Span>,
    /// Literal keyword arguments; those that are no literals are left out.
    pub keywords: Map<String, Value>,
    pub has_only_literals: bool,
}

/// All calls in a part of a file, in order. Empty when the part is not well-formed: the
/// engine tells that better.
#[must_use]
pub fn scan(file: &SourceFile, part: Span) -> Vec<Call> {
    let _ = (file, part);
    todo!()
}
