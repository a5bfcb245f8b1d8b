use rustpython_ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use rustpython_ruff_python_ast::{Expr, ExprCall, Stmt, StmtFunctionDef, StmtReturn};
use rustpython_ruff_python_parser::parse_module;
use rustpython_ruff_text_size::{Ranged, TextRange};
use serde_json::{Map, Value};

use super::literal::literal;
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
/// be one function `model(dbt, session)` that returns one thing.
pub fn read(file: &SourceFile) -> Checked<Vec<PythonCall>> {
    let mut diagnostics = Vec::new();
    let parsed = match parse_module(file.text()) {
        Ok(parsed) => parsed,
        Err(error) => {
            let text = error.error.to_string();
            let message = format!("the file is not well-formed Python: {}", lower_first(&text));
            let place = span(file, error.location);
            let error = Diagnostic::new(Code::InvalidPython, message).label(place, "");
            return Checked::new(Vec::new(), vec![error.help("correct it; `python3 -m py_compile` tells more")]);
        }
    };
    let module = parsed.syntax();
    let models = module.body.iter().filter_map(|statement| match statement {
        Stmt::FunctionDef(function) if function.name.as_str() == "model" => Some(function),
        _ => None,
    });
    let models: Vec<&StmtFunctionDef> = models.collect();
    match models.as_slice() {
        [model] => diagnostics.extend(wrong_model(file, model)),
        [] => diagnostics.push(
            Diagnostic::new(Code::InvalidPython, "the file defines no function `model`")
                .label(Span::start_of(file.id()), "")
                .help("write `def model(dbt, session):` and return a data frame"),
        ),
        [first, second, ..] => diagnostics.push(
            Diagnostic::new(Code::InvalidPython, "the file defines two functions `model`")
                .label(span(file, second.name.range()), "the second")
                .also(span(file, first.name.range()), "the first")
                .help("keep one model in a file, and give the other function another name"),
        ),
    }
    let mut finder = Finder { file, calls: Vec::new(), diagnostics };
    for statement in &module.body {
        finder.visit_stmt(statement);
    }
    Checked::new(finder.calls, finder.diagnostics)
}

fn span(file: &SourceFile, range: TextRange) -> Span {
    Span::new(file.id(), range.start().to_usize(), range.end().to_usize())
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn wrong_model(file: &SourceFile, model: &StmtFunctionDef) -> Option<Diagnostic> {
    let names: Vec<&str> =
        model.parameters.iter_non_variadic_params().map(|one| one.parameter.name.as_str()).collect();
    if names.len() != 2 || names.first() != Some(&"dbt") {
        let message = "the function `model` does not take `dbt` and `session`";
        return Some(
            Diagnostic::new(Code::InvalidPython, message)
                .label(span(file, model.parameters.range), "")
                .help("write `def model(dbt, session):`"),
        );
    }
    let mut returns = Returns::default();
    for statement in &model.body {
        returns.visit_stmt(statement);
    }
    let tuple = returns.found.iter().find_map(|found| match found.value.as_deref() {
        Some(Expr::Tuple(tuple)) => Some(tuple.range()),
        _ => None,
    });
    if let Some(tuple) = tuple {
        return Some(
            Diagnostic::new(Code::InvalidPython, "the function `model` returns several things")
                .label(span(file, tuple), "")
                .help("return one data frame"),
        );
    }
    returns.found.iter().all(|found| found.value.is_none()).then(|| {
        Diagnostic::new(Code::InvalidPython, "the function `model` returns nothing")
            .label(span(file, model.name.range()), "")
            .help("end it with `return` and a data frame")
    })
}

/// The `return` statements of a function, those of functions inside it left out.
#[derive(Default)]
struct Returns<'a> {
    found: Vec<&'a StmtReturn>,
}

impl<'a> Visitor<'a> for Returns<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Return(found) => self.found.push(found),
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            _ => walk_stmt(self, statement),
        }
    }
}

struct Finder<'f> {
    file: &'f SourceFile,
    calls: Vec<PythonCall>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression
            && let Some(function) = function(&call.func)
        {
            self.take(function, call);
        }
        walk_expr(self, expression);
    }
}

impl Finder<'_> {
    fn take(&mut self, function: PythonFunction, call: &ExprCall) {
        let mut found = PythonCall {
            function,
            arguments: Vec::new(),
            keywords: Map::new(),
            span: span(self.file, call.range()),
        };
        let mut bad = Vec::new();
        for argument in &call.arguments.args {
            match literal(argument) {
                Ok(value) => found.arguments.push(value),
                Err(part) => bad.push(part.range()),
            }
        }
        for keyword in &call.arguments.keywords {
            match (&keyword.arg, literal(&keyword.value)) {
                (Some(name), Ok(value)) => {
                    found.keywords.insert(name.to_string(), value);
                }
                (_, Err(part)) => bad.push(part.range()),
                (None, Ok(_)) => bad.push(keyword.range()),
            }
        }
        if bad.is_empty() {
            self.calls.push(found);
        }
        for range in bad {
            let message = format!("an argument of `{}` is not a literal", name(function));
            self.diagnostics.push(
                Diagnostic::new(Code::InvalidPython, message)
                    .label(span(self.file, range), "")
                    .help("write the value itself: what a model needs is known before it runs"),
            );
        }
    }
}

fn name(function: PythonFunction) -> &'static str {
    match function {
        PythonFunction::Ref => "dbt.ref",
        PythonFunction::Source => "dbt.source",
        PythonFunction::Config => "dbt.config",
        PythonFunction::ConfigGet => "dbt.config.get",
    }
}

/// Which function of the `dbt` object is called.
fn function(callee: &Expr) -> Option<PythonFunction> {
    let Expr::Attribute(attribute) = callee else { return None };
    match (attribute.value.as_ref(), attribute.attr.as_str()) {
        (Expr::Name(name), method) if name.id.as_str() == "dbt" => match method {
            "ref" => Some(PythonFunction::Ref),
            "source" => Some(PythonFunction::Source),
            "config" => Some(PythonFunction::Config),
            _ => None,
        },
        (Expr::Attribute(inner), "get" | "meta_get") => {
            let is_dbt = matches!(inner.value.as_ref(), Expr::Name(name) if name.id.as_str() == "dbt");
            (is_dbt && inner.attr.as_str() == "config").then_some(PythonFunction::ConfigGet)
        }
        _ => None,
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
            format!("{} {:?} {:?}", name(call.function), Value::from(call.arguments.clone()).to_string(), Value::from(call.keywords.clone()).to_string())
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
            ("def model(a, b):\n    return 1\n", "the function `model` does not take `dbt` and `session` at `(a, b)`"),
            ("def model(dbt, session):\n    return 1, 2\n", "the function `model` returns several things at `1, 2`"),
            ("def model(dbt, session):\n    x = 1\n", "the function `model` returns nothing at `model`"),
            ("def model(dbt, session):\n    return dbt.ref(이름)\n", "an argument of `dbt.ref` is not a literal at `이름`"),
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
