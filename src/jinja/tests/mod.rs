//! The engine from outside, with macros in files as a project has them.

mod errors;
mod macros;
mod output;
mod places;
mod syntax;

use std::sync::Arc;

use super::*;
use crate::diagnostic::Diagnostic;
use crate::text::{Files, Frame, Segment, SourceFile, SourceMap};

/// Macro files of packages, rendered with a context that knows their macros.
struct World {
    files: Files,
    engine: Engine,
    names: Vec<(String, String)>,
}

impl World {
    fn new() -> Self {
        Self { files: Files::new(), engine: Engine::new(), names: Vec::new() }
    }

    fn with(mut self, package: &str, text: &str) -> Self {
        let file = self.files.add(format!("{package}/macros.sql"), text);
        let blocks = carve(&file);
        assert_eq!(blocks.diagnostics, []);
        assert_eq!(self.engine.add_macros(&file, package, &blocks.value), []);
        self.names.extend(blocks.value.iter().map(|block| (package.to_owned(), block.macro_name())));
        self
    }

    /// The macros by bare name and by package, and `more`.
    fn context(&self, more: &[(&str, Value)]) -> Value {
        let mut pairs: Vec<(Value, Value)> = Vec::new();
        let mut packages: Vec<&str> = self.names.iter().map(|(package, _)| package.as_str()).collect();
        packages.dedup();
        for package in packages {
            let own = self.names.iter().filter(|(other, _)| other == package);
            let own = own.filter_map(|(_, name)| {
                Some((Value::from(name.as_str()), self.engine.macro_value(package, name)?))
            });
            let own: Vec<_> = own.collect();
            pairs.extend(own.iter().cloned());
            pairs.push((Value::from(package), dict_value(own)));
        }
        let returns =
            Value::from_function(|value: Value| -> Result<Value, Error> { Err(return_value(value)) });
        pairs.push((Value::from("return"), returns));
        pairs.extend(more.iter().map(|(name, value)| (Value::from(*name), value.clone())));
        dict_value(pairs)
    }

    fn file(&self, text: &str) -> Arc<SourceFile> {
        self.files.add("models/m.sql", text)
    }

    fn render(&self, text: &str) -> Result<Rendered, Diagnostic> {
        self.render_with(text, &[])
    }

    fn render_with(&self, text: &str, more: &[(&str, Value)]) -> Result<Rendered, Diagnostic> {
        let file = self.file(text);
        let template = self.engine.template(&file, file.span())?;
        self.engine.render(&template, &self.context(more))
    }

    fn text(&self, text: &str) -> String {
        match self.render(text) {
            Ok(rendered) => rendered.text,
            Err(error) => format!("{}: {error} @ {}", error.code(), self.cited(&error)),
        }
    }

    fn cited(&self, error: &Diagnostic) -> String {
        error.span().map(|span| self.files.slice(span)).unwrap_or_default()
    }
}

/// Where each piece of the output comes from: the piece, the source, whether it was
/// copied, and the calls.
fn pieces(world: &World, text: &str, map: &SourceMap) -> Vec<String> {
    let piece = |segment: &Segment| {
        let origin = &segment.origin;
        let sign = if origin.is_copied { "==" } else { "<-" };
        let frames: Vec<String> = origin
            .trace
            .iter()
            .map(|frame| {
                let call = frame.call.map(|span| world.files.slice(span)).unwrap_or_default();
                format!(" via {} at {call}", frame.name)
            })
            .collect();
        format!(
            "{}{sign}{}{}",
            &text[segment.output.clone()],
            world.files.slice(origin.span),
            frames.concat()
        )
    };
    map.segments().iter().map(piece).collect()
}

fn frames(world: &World, error: &Diagnostic) -> Vec<String> {
    let frame = |frame: &Frame| {
        format!("{} at {}", frame.name, frame.call.map(|span| world.files.slice(span)).unwrap_or_default())
    };
    error.trace().iter().map(frame).collect()
}
