use std::ops::Range;

use super::expression::{Arguments, Expression, ExpressionKind as Kind};
use super::mutable::{dict_value, list_value};
use super::scan::{Call, calls_in};
use super::template_parser::parse;
use super::template_tree::Node;
use super::{Kwargs, Value};
use crate::diagnostic::Diagnostic;
use crate::jinja::lowered::Place;
use crate::text::{SourceFile, Span};

/// A part of a file as a tree: what it calls can be asked of it, and it can be made ready to
/// render ([`Engine::template_of`](super::Engine::template_of)).
#[derive(Debug)]
pub struct Parsed<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) part: Range<usize>,
    pub(super) nodes: Vec<Node>,
}

/// A call that rendering is certain to make: of a plain name, with arguments that are what they
/// look like.
#[derive(Clone, Debug)]
pub struct CertainCall {
    pub function: String,
    /// As the function is given them, keywords in the last.
    pub arguments: Vec<Value>,
}

impl<'a> Parsed<'a> {
    /// Reads a part of a file.
    ///
    /// # Errors
    /// It is not well-formed Jinja (`jinja-syntax`, at the place).
    pub fn new(file: &'a SourceFile, part: Span) -> Result<Self, Diagnostic> {
        let nodes = parse(file.text(), part.range()).map_err(|error| error.placed(Place::File(file.id())))?;
        Ok(Self { file, part: part.range(), nodes })
    }

    /// All calls, in order, as [`scan`](super::scan()) gives them.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        calls_in(self.file, &self.nodes)
    }

    /// What rendering calls, in order, where the template is nothing but text and such calls that
    /// print what they give. It is then the same as rendering to make these calls, provided that
    /// their names mean functions. The first `skipped` nodes are passed over.
    #[must_use]
    pub fn certain_calls(&self, skipped: usize) -> Option<Vec<CertainCall>> {
        certain_calls(self.nodes.get(skipped..)?)
    }
}

/// As [`Parsed::certain_calls`], of a text that stands in no file.
#[must_use]
pub fn certain_calls_of(text: &str) -> Option<Vec<CertainCall>> {
    certain_calls(&parse(text, 0..text.len()).ok()?)
}

fn certain_calls(nodes: &[Node]) -> Option<Vec<CertainCall>> {
    let mut calls = Vec::new();
    for node in nodes {
        match node {
            Node::Data(_) | Node::Comment(_) | Node::Raw { .. } => {}
            Node::Output { value, .. } => calls.push(certain(value)?),
            Node::Tag { .. } => return None,
        }
    }
    Some(calls)
}

fn certain(expression: &Expression) -> Option<CertainCall> {
    let Kind::Call(function, arguments) = &expression.kind else { return None };
    let Kind::Name(function) = &function.kind else { return None };
    let Arguments { positional, keywords, star: None, double_star: None } = arguments else { return None };
    let mut values = positional.iter().map(plain).collect::<Option<Vec<_>>>()?;
    if !keywords.is_empty() {
        let mut named: Vec<(&str, Value)> = Vec::with_capacity(keywords.len());
        for (name, value) in keywords {
            if named.iter().any(|(known, _)| *known == name.name) {
                return None;
            }
            named.push((&name.name, plain(value)?));
        }
        values.push(Value::from(named.into_iter().collect::<Kwargs>()));
    }
    Some(CertainCall { function: function.clone(), arguments: values })
}

/// The value of an expression that leaves no doubt about it; numbers that are written in another
/// way than they are shown, and texts with escapes, are left to the engine.
fn plain(expression: &Expression) -> Option<Value> {
    Some(match &expression.kind {
        Kind::None => Value::from(()),
        Kind::Bool(value) => Value::from(*value),
        Kind::Text(text) if !text.contains(['\\', '\0']) => Value::from(text.as_str()),
        Kind::Integer(digits) => {
            let number: i64 = digits.parse().ok()?;
            (number.to_string() == *digits).then(|| Value::from(number))?
        }
        Kind::List(items) => list_value(items.iter().map(plain).collect::<Option<Vec<_>>>()?),
        Kind::Dict(pairs) => {
            let pair = |(key, value): &(Expression, Expression)| match key.kind {
                Kind::Text(_) => Some((plain(key)?, plain(value)?)),
                _ => None,
            };
            dict_value(pairs.iter().map(pair).collect::<Option<Vec<_>>>()?)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jinja::to_json;
    use crate::text::Files;

    fn calls(text: &str) -> Option<String> {
        let file = Files::new().add("a.sql", text);
        let calls = Parsed::new(&file, file.span()).ok()?.certain_calls(0)?;
        let shown = calls.iter().map(|call| {
            let arguments: Vec<_> = call.arguments.iter().map(|value| to_json(value).to_string()).collect();
            format!("{}({})", call.function, arguments.join(", "))
        });
        Some(shown.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn calls_that_stand_alone_are_certain() {
        for (text, expected) in [
            ("select 1", ""),
            ("{# {{ ref('가') }} #}{% raw %}{{ x }}{% endraw %}", ""),
            ("{{ ref('주문') }} {{- source(\"a\", 'b') -}}", "ref(\"주문\") source(\"a\",\"b\")"),
            (
                "{{ config(a=1, b=['x', none], c={'d': true}) }}",
                r#"config({"a":1,"b":["x",null],"c":{"d":true}})"#,
            ),
            ("{{ ref('p', 'm', v=2) }}", r#"ref("p", "m", {"v":2})"#),
        ] {
            let expected = expected.replace("\"a\",\"b\"", "\"a\", \"b\"");
            assert_eq!(calls(text).as_deref(), Some(expected.as_str()), "{text}");
        }
    }

    #[test]
    fn what_rendering_decides_is_not() {
        for text in [
            "{% if a %}{{ ref('a') }}{% endif %}",
            "{% set a = ref('a') %}",
            "{% do ref('a') %}",
            "{{ ref(a) }}",
            "{{ ref('a').name }}",
            "{{ ref('a') | upper }}",
            "{{ utils.ref('a') }}",
            "{{ ref(*['a']) }}",
            "{{ config(**{'a': 1}) }}",
            "{{ config(a=1.50) }}",
            "{{ config(a='\\\\') }}",
            "{{ config(a=1, a=2) }}",
            "{{ config(meta={1: 2}) }}",
            "{{ config(a=var('b')) }}",
            "{{ 'a' }}",
        ] {
            assert_eq!(calls(text), None, "{text}");
        }
    }
}
