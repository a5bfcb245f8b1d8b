use super::method::MethodName;
use super::{GraphOperator, Method};
use crate::diagnostic::{Code, Diagnostic};

/// One word of a selection: `2+tag:nightly+`.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion {
    /// As it was written.
    pub raw: String,
    /// The name of the method, written or guessed: `config.materialized`.
    pub method_name: String,
    pub value: String,
    pub method: Method,
    pub operators: Vec<GraphOperator>,
}

impl Criterion {
    /// Reads a word that has no space or comma in it.
    ///
    /// # Errors
    /// `invalid-selector` when it is empty, names no method, has a value that its method
    /// does not know, or an operator that contradicts another.
    pub fn parse(raw: &str) -> Result<Self, Diagnostic> {
        let mut operators = Vec::new();
        let mut rest = raw;
        if let Some(after) = rest.strip_prefix('@') {
            operators.push(GraphOperator::ChildrensParents);
            rest = after;
        }
        if let Some((depth, after)) = leading_plus(rest) {
            operators.push(GraphOperator::Parents(depth_of(raw, depth)?));
            rest = after;
        }
        if let Some((before, depth)) = trailing_plus(rest) {
            if operators.contains(&GraphOperator::ChildrensParents) {
                let message = format!("`{raw}` has both `@` before and `+` after the name");
                return Err(Diagnostic::new(Code::InvalidSelector, message)
                    .help("`@` already takes all that depends on the node: leave out the `+`"));
            }
            operators.push(GraphOperator::Children(depth_of(raw, depth)?));
            rest = before;
        }
        let (name, value) = split_method(rest);
        let name = name.unwrap_or_else(|| MethodName::guess(value));
        Self::new(raw, name, value, operators)
    }

    /// A method and its value, each given by itself; `raw` is what messages show.
    ///
    /// # Errors
    /// As of [`parse`](Criterion::parse).
    pub(super) fn new(
        raw: &str,
        name: &str,
        value: &str,
        operators: Vec<GraphOperator>,
    ) -> Result<Self, Diagnostic> {
        if value.is_empty() {
            return Err(Diagnostic::new(Code::InvalidSelector, format!("`{raw}` names nothing"))
                .help("write a node's name, or a method and a value: `tag:nightly`"));
        }
        let method = Method::new(raw, MethodName::parse(raw, name)?, value)?;
        let raw = raw.to_owned();
        Ok(Self { raw, method_name: name.to_owned(), value: value.to_owned(), method, operators })
    }
}

/// `2+rest`: the digits and the rest.
fn leading_plus(text: &str) -> Option<(&str, &str)> {
    let (digits, rest) = text.split_once('+')?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some((digits, rest))
}

/// `rest+2`: the rest and the digits.
fn trailing_plus(text: &str) -> Option<(&str, &str)> {
    let (rest, digits) = text.rsplit_once('+')?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some((rest, digits))
}

fn depth_of(raw: &str, digits: &str) -> Result<Option<usize>, Diagnostic> {
    if digits.is_empty() {
        return Ok(None);
    }
    digits.parse().map(Some).map_err(|_| {
        let message = format!("the depth `{digits}` in `{raw}` is too large");
        Diagnostic::new(Code::InvalidSelector, message).help("leave the number out to go all the way")
    })
}

/// `method:value`; a colon after anything but letters, digits, `_` and `.` is part of the
/// value.
fn split_method(text: &str) -> (Option<&str>, &str) {
    match text.split_once(':') {
        Some((method, value))
            if !method.is_empty()
                && method.chars().all(|letter| letter.is_alphanumeric() || "_.".contains(letter)) =>
        {
            (Some(method), value)
        }
        _ => (None, text),
    }
}
