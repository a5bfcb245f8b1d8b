use std::ops::Range;

use serde_json::{Map, Value};

use super::token::{Broken, Token, TokenKind, tokens};
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::text::{SourceFile, Span};

/// What a call asks of dbt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PythonFunction {
    Ref,
    Source,
    Config,
    /// `dbt.config.get` or `dbt.config.meta_get`: a configuration that the model reads.
    ConfigGet,
}

/// A call of the `dbt` object, with literal arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct PythonCall {
    pub function: PythonFunction,
    pub arguments: Vec<Value>,
    pub keywords: Map<String, Value>,
    pub span: Span,
}

/// The calls of a model written in Python, in order, and what is wrong with the model: it has to
/// be one function `model(dbt, session)` that returns one thing. What is no literal is told at
/// its place; other mistakes are left to Python.
pub fn read(file: &SourceFile) -> Checked<Vec<PythonCall>> {
    let tokens = match tokens(file.text()) {
        Ok(tokens) => tokens,
        Err(Broken { message, at }) => {
            let message = format!("the file is not well-formed Python: {message}");
            let error = Diagnostic::new(Code::InvalidPython, message).label(span(file, &at), "");
            return Checked::new(
                Vec::new(),
                vec![error.help("correct it; `python3 -m py_compile` tells more")],
            );
        }
    };
    let mut reader = Reader { file, tokens: &tokens, at: 0, calls: Vec::new(), diagnostics: Vec::new() };
    reader.model();
    while reader.at < tokens.len() {
        match reader.function() {
            Some((function, open)) => {
                let start = reader.at;
                reader.at = open + 1;
                reader.call(function, start);
                // Calls among the arguments are heard too.
                reader.at = open + 1;
            }
            None => reader.at += 1,
        }
    }
    Checked::new(reader.calls, reader.diagnostics)
}

fn span(file: &SourceFile, range: &Range<usize>) -> Span {
    Span::new(file.id(), range.start, range.end)
}

struct Reader<'a> {
    file: &'a SourceFile,
    tokens: &'a [Token],
    at: usize,
    calls: Vec<PythonCall>,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn is_name(&self, at: usize, name: &str) -> bool {
        matches!(self.tokens.get(at), Some(Token { kind: TokenKind::Name(found), .. }) if found == name)
    }

    fn is_symbol(&self, at: usize, symbol: char) -> bool {
        matches!(self.tokens.get(at), Some(Token { kind: TokenKind::Symbol(found), .. }) if *found == symbol)
    }

    fn span_at(&self, at: usize) -> Span {
        let end = self.file.text().len();
        self.tokens.get(at).map_or(Span::new(self.file.id(), end, end), |token| span(self.file, &token.range))
    }

    fn told(&mut self, message: impl Into<String>, place: Span, help: &str) {
        self.diagnostics
            .push(Diagnostic::new(Code::InvalidPython, message.into()).label(place, "").help(help));
    }

    /// Looks at the function `model`.
    fn model(&mut self) {
        let is_model = |at: &usize| {
            self.tokens[*at].indent == Some(0) && self.is_name(*at, "def") && self.is_name(at + 1, "model")
        };
        let models: Vec<usize> = (0..self.tokens.len()).filter(is_model).collect();
        match models.as_slice() {
            [] => {
                let start = Span::start_of(self.file.id());
                let help = "write `def model(dbt, session):` and return a data frame";
                self.told("the file defines no function `model`", start, help);
            }
            [model] => self.body(*model),
            [first, second, ..] => {
                let error = Diagnostic::new(Code::InvalidPython, "the file defines two functions `model`")
                    .label(self.span_at(second + 1), "the second")
                    .also(self.span_at(first + 1), "the first");
                let help = "keep one model in a file, and give the other function another name";
                self.diagnostics.push(error.help(help));
            }
        }
    }

    /// Looks at its parameters and at what it returns; functions inside of it may return anything.
    fn body(&mut self, model: usize) {
        let close = self.closing(model + 2);
        let names: Vec<usize> = (model + 3..close)
            .filter(|at| matches!(self.tokens[*at].kind, TokenKind::Name(_)))
            .filter(|at| self.is_symbol(at - 1, '(') || self.is_symbol(at - 1, ','))
            .collect();
        if names.len() != 2 || !self.is_name(names[0], "dbt") {
            let place = self.span_at(model + 2).to(self.span_at(close));
            let message = "the function `model` does not take `dbt` and `session`";
            self.told(message, place, "write `def model(dbt, session):`");
            return;
        }
        let mut inner: Option<usize> = None;
        let (mut returns, mut at) = (false, close + 1);
        while at < self.tokens.len() {
            let indent = self.tokens[at].indent;
            if indent == Some(0) {
                break;
            }
            if indent.is_some_and(|indent| inner.is_some_and(|inner| indent <= inner)) {
                inner = None;
            }
            if inner.is_none() && (self.is_name(at, "def") || self.is_name(at, "class")) && indent.is_some() {
                inner = indent;
            }
            if inner.is_none() && self.is_name(at, "return") {
                let has_value = self.tokens.get(at + 1).is_some_and(|next| next.indent.is_none());
                returns |= has_value;
                if has_value && let Some(tuple) = self.tuple(at + 1) {
                    self.told("the function `model` returns several things", tuple, "return one data frame");
                    return;
                }
            }
            at += 1;
        }
        if !returns {
            let place = self.span_at(model + 1);
            self.told("the function `model` returns nothing", place, "end it with `return` and a data frame");
        }
    }

    /// The place of an expression with a comma outside of brackets.
    fn tuple(&self, start: usize) -> Option<Span> {
        let (mut at, mut has_comma) = (start, false);
        while let Some(token) = self.tokens.get(at) {
            if at > start && token.indent.is_some() || self.is_symbol(at, ';') {
                break;
            }
            // What follows a `lambda` has commas of its own.
            if self.is_name(at, "lambda") {
                return None;
            }
            has_comma |= self.is_symbol(at, ',');
            at = if self.opens(at) { self.closing(at) + 1 } else { at + 1 };
        }
        has_comma.then(|| self.span_at(start).to(self.span_at(at - 1)))
    }

    fn opens(&self, at: usize) -> bool {
        ['(', '[', '{'].into_iter().any(|symbol| self.is_symbol(at, symbol))
    }

    /// The bracket that closes the one at `open`.
    fn closing(&self, open: usize) -> usize {
        let mut depth = 0;
        for at in open..self.tokens.len() {
            match self.tokens[at].kind {
                TokenKind::Symbol('(' | '[' | '{') => depth += 1,
                TokenKind::Symbol(')' | ']' | '}') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        self.tokens.len()
    }

    /// A function of the `dbt` object that is called here, and the bracket of its arguments.
    fn function(&self) -> Option<(PythonFunction, usize)> {
        let at = self.at;
        let is_dbt = self.is_name(at, "dbt") && self.is_symbol(at + 1, '.');
        if !is_dbt || at > 0 && self.is_symbol(at - 1, '.') {
            return None;
        }
        let is_get =
            self.is_symbol(at + 3, '.') && (self.is_name(at + 4, "get") || self.is_name(at + 4, "meta_get"));
        let (function, open) = match () {
            () if self.is_name(at + 2, "ref") => (PythonFunction::Ref, at + 3),
            () if self.is_name(at + 2, "source") => (PythonFunction::Source, at + 3),
            () if self.is_name(at + 2, "config") && is_get => (PythonFunction::ConfigGet, at + 5),
            () if self.is_name(at + 2, "config") => (PythonFunction::Config, at + 3),
            () => return None,
        };
        self.is_symbol(open, '(').then_some((function, open))
    }

    /// Reads the arguments of a call; the bracket is behind.
    fn call(&mut self, function: PythonFunction, start: usize) {
        let close = self.closing(self.at - 1);
        let span = self.span_at(start).to(self.span_at(close));
        let mut found = PythonCall { function, arguments: Vec::new(), keywords: Map::new(), span };
        let mut is_literal = true;
        while self.at < close {
            let keyword = match &self.tokens[self.at].kind {
                TokenKind::Name(name)
                    if self.is_symbol(self.at + 1, '=') && !self.is_symbol(self.at + 2, '=') =>
                {
                    Some(name.clone())
                }
                _ => None,
            };
            self.at += if keyword.is_some() { 2 } else { 0 };
            let first = self.at;
            let value = self.literal();
            let is_whole = self.at == close || self.is_symbol(self.at, ',');
            match (value, keyword) {
                (Some(value), Some(keyword)) if is_whole => drop(found.keywords.insert(keyword, value)),
                (Some(value), None) if is_whole => found.arguments.push(value),
                _ => {
                    is_literal = false;
                    self.at = first;
                    while self.at < close && !self.is_symbol(self.at, ',') {
                        self.at = if self.opens(self.at) { self.closing(self.at) + 1 } else { self.at + 1 };
                    }
                    let place = self.span_at(first).to(self.span_at(self.at - 1));
                    let help = "write the value itself: what a model needs is known before it runs";
                    self.told(format!("an argument of `{}` is not a literal", name(function)), place, help);
                }
            }
            self.at += 1;
        }
        if is_literal {
            self.calls.push(found);
        }
    }

    /// The value of a literal; `None` for any other expression.
    fn literal(&mut self) -> Option<Value> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        match &token.kind {
            TokenKind::Text(value) => {
                let mut value = value.clone()?;
                while let Some(Token { kind: TokenKind::Text(more), .. }) = self.tokens.get(self.at) {
                    value.push_str(more.as_ref()?);
                    self.at += 1;
                }
                Some(Value::from(value))
            }
            TokenKind::Number(written) => number(written),
            TokenKind::Name(name) => match name.as_str() {
                "True" => Some(Value::Bool(true)),
                "False" => Some(Value::Bool(false)),
                "None" => Some(Value::Null),
                _ => None,
            },
            TokenKind::Symbol('-') => {
                let value = self.literal()?;
                value
                    .as_i64()
                    .map(|whole| Value::from(-whole))
                    .or_else(|| Some(Value::from(-value.as_f64()?)))
            }
            TokenKind::Symbol('[') => self.items(']').map(Value::Array),
            TokenKind::Symbol('(') => {
                let first = self.at;
                let mut items = self.items(')')?;
                // Brackets around one value are no tuple.
                let is_tuple = items.len() != 1
                    || self.tokens[first..self.at].iter().any(|token| token.kind == TokenKind::Symbol(','));
                if is_tuple { Some(Value::Array(items)) } else { items.pop() }
            }
            TokenKind::Symbol('{') => self.dict(),
            TokenKind::Symbol(_) => None,
        }
    }

    fn items(&mut self, close: char) -> Option<Vec<Value>> {
        let mut items = Vec::new();
        while !self.is_symbol(self.at, close) {
            items.push(self.literal()?);
            if self.is_symbol(self.at, ',') {
                self.at += 1;
            } else if !self.is_symbol(self.at, close) {
                return None;
            }
        }
        self.at += 1;
        Some(items)
    }

    fn dict(&mut self) -> Option<Value> {
        let mut entries = Map::new();
        while !self.is_symbol(self.at, '}') {
            let key = match self.literal()? {
                Value::String(key) => key,
                other => other.to_string(),
            };
            if !self.is_symbol(self.at, ':') {
                return None;
            }
            self.at += 1;
            entries.insert(key, self.literal()?);
            if self.is_symbol(self.at, ',') {
                self.at += 1;
            } else if !self.is_symbol(self.at, '}') {
                return None;
            }
        }
        self.at += 1;
        Some(Value::Object(entries))
    }
}

fn number(written: &str) -> Option<Value> {
    let plain = written.replace('_', "");
    plain.parse::<i64>().map(Value::from).ok().or_else(|| plain.parse::<f64>().map(Value::from).ok())
}

fn name(function: PythonFunction) -> &'static str {
    match function {
        PythonFunction::Ref => "dbt.ref",
        PythonFunction::Source => "dbt.source",
        PythonFunction::Config => "dbt.config",
        PythonFunction::ConfigGet => "dbt.config.get",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Files;

    fn told(text: &str) -> (Vec<String>, Vec<String>) {
        let files = Files::new();
        let file = files.add("모델.py", text);
        let read = read(&file);
        let calls = read.value.iter().map(|call| {
            format!(
                "{} {:?} {:?}",
                name(call.function),
                Value::from(call.arguments.clone()).to_string(),
                Value::from(call.keywords.clone()).to_string()
            )
        });
        let errors = read.diagnostics.iter().map(|error| {
            let place = error.span().map(|span| files.slice(span)).unwrap_or_default();
            format!("{} at `{place}`", error.message())
        });
        (calls.collect(), errors.collect())
    }

    #[test]
    fn calls_are_heard_wherever_they_stand() {
        let text = r#"
import os
def helper(dbt):
    return dbt.source("원본", "주문")
def model(dbt, session):
    dbt.config(materialized="table", tags=["a", 'b'], meta={"n": -1, "x": None}, lookback=3, big=1.5)
    frames = [dbt.ref("a"), dbt.ref("shop", "b", v=2)]
    if dbt.config.get("limit", 10) and dbt.config.meta_get("n"):
        return frames[0]
    return helper(dbt)
"#;
        let (calls, errors) = told(text);
        assert_eq!(errors, Vec::<String>::new());
        assert_eq!(
            calls,
            [
                r#"dbt.source "[\"원본\",\"주문\"]" "{}""#,
                r#"dbt.config "[]" "{\"materialized\":\"table\",\"tags\":[\"a\",\"b\"],\"meta\":{\"n\":-1,\"x\":null},\"lookback\":3,\"big\":1.5}""#,
                r#"dbt.ref "[\"a\"]" "{}""#,
                r#"dbt.ref "[\"shop\",\"b\"]" "{\"v\":2}""#,
                r#"dbt.config.get "[\"limit\",10]" "{}""#,
                r#"dbt.config.get "[\"n\"]" "{}""#,
            ]
        );
    }

    #[test]
    fn what_is_no_model_is_told_at_its_place() {
        let table = [
            ("x = 1\n", "the file defines no function `model` at ``"),
            (
                "def model(a, b):\n    return 1\n",
                "the function `model` does not take `dbt` and `session` at `(a, b)`",
            ),
            (
                "def model(dbt, session):\n    return 1, 2\n",
                "the function `model` returns several things at `1, 2`",
            ),
            ("def model(dbt, session):\n    x = 1\n", "the function `model` returns nothing at `model`"),
            (
                "def model(dbt, session):\n    return dbt.ref(이름)\n",
                "an argument of `dbt.ref` is not a literal at `이름`",
            ),
            (
                "def model(dbt, session): return 1\ndef model(dbt, session): return 2\n",
                "the file defines two functions `model` at `model`",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(told(text).1, [expected], "{text}");
        }
        let (_, errors) = told("def model(dbt, session):\n    return (1, 2\n");
        assert!(errors[0].starts_with("the file is not well-formed Python: "), "{errors:?}");
    }
}
