use std::ops::Range;

use serde_json::{Map, Value};

use super::expression::{Arguments, Expression, ExpressionKind};
use super::literal::value_of;
use super::template_parser::parse;
use super::template_tree::Node;
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
    /// Names of all keyword arguments, each with the place of its value.
    pub keyword_spans: Vec<(String, Span)>,
    /// The names of the other keyword arguments, each with its expression as it is written.
    pub keyword_sources: Vec<(String, String)>,
    pub has_only_literals: bool,
}

/// All calls in a part of a file, in order. Empty when the part is not well-formed: the
/// engine tells that better.
#[must_use]
pub fn scan(file: &SourceFile, part: Span) -> Vec<Call> {
    parse(file.text(), part.range()).map(|nodes| calls_in(file, &nodes)).unwrap_or_default()
}

/// All calls in a tree of that file, in order.
pub(super) fn calls_in(file: &SourceFile, nodes: &[Node]) -> Vec<Call> {
    let mut calls = Vec::new();
    for node in nodes {
        node.each_expression(|expression| collect(expression, file, &mut calls));
    }
    calls.sort_by_key(|call: &Call| (call.span.start, std::cmp::Reverse(call.span.end)));
    calls
}

/// Adds the calls in an expression.
fn collect(expression: &Expression, file: &SourceFile, calls: &mut Vec<Call>) {
    if let ExpressionKind::Call(function, arguments) = &expression.kind
        && let Some(function) = function.dotted_name()
    {
        calls.push(call(function, expression, arguments, file));
    }
    expression.each_part(|part| collect(part, file, calls));
}

fn call(function: String, expression: &Expression, arguments: &Arguments, file: &SourceFile) -> Call {
    let span = |range: &Range<usize>| Span::new(file.id(), range.start, range.end);
    let values: Vec<Option<Value>> = arguments.positional.iter().map(value_of).collect();
    let keywords: Map<String, Value> = arguments
        .keywords
        .iter()
        .filter_map(|(name, value)| Some((name.name.clone(), value_of(value)?)))
        .collect();
    let sources = arguments.keywords.iter().filter(|(_, value)| value_of(value).is_none());
    let keyword_sources = sources
        .map(|(name, value)| {
            let source = file.slice(span(&value.at));
            (name.name.clone(), source.split_whitespace().collect::<Vec<_>>().join(" "))
        })
        .collect();
    let has_only_literals = values.iter().all(Option::is_some)
        && keywords.len() == arguments.keywords.len()
        && arguments.star.is_none()
        && arguments.double_star.is_none();
    Call {
        function,
        span: span(&expression.at),
        argument_spans: arguments.positional.iter().map(|argument| span(&argument.at)).collect(),
        arguments: values,
        keywords,
        keyword_spans: arguments
            .keywords
            .iter()
            .map(|(name, value)| (name.name.clone(), span(&value.at)))
            .collect(),
        keyword_sources,
        has_only_literals,
    }
}
