use super::{Block, Error, Rendered, Value};
use crate::diagnostic::Diagnostic;
use crate::text::{SourceFile, SourceMap, Span};

/// All macros of all packages, compiled on first use, and the rules of dbt's Jinja.
/// Built once, then shared by threads.
#[derive(Debug)]
pub struct Engine {}

/// A part of a file, lowered and ready to render. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Template {}

/// An error for minijinja that carries a diagnostic: context functions return it, and
/// the engine gives the diagnostic back with the place of the call and the macro calls
/// around it added.
#[must_use]
pub fn raise(diagnostic: Diagnostic) -> Error {
    let _ = diagnostic;
    todo!()
}

impl Engine {
    #[must_use]
    pub fn new() -> Self {
        todo!()
    }

    /// Takes in the macros, tests and materializations among the blocks of a file, under
    /// their [`macro_name`](Block::macro_name). Syntax errors are told when found here,
    /// so that all of a project's are told at once.
    pub fn add_macros(&mut self, file: &SourceFile, package: &str, blocks: &[Block]) -> Vec<Diagnostic> {
        let _ = (file, package, blocks);
        todo!()
    }

    /// The macro as a value that templates can call; the same value in every render.
    #[must_use]
    pub fn macro_value(&self, package: &str, name: &str) -> Option<Value> {
        let _ = (package, name);
        todo!()
    }

    /// Lowers and compiles a part of a file.
    ///
    /// # Errors
    /// It is not well-formed Jinja (`jinja-syntax`, at the place).
    pub fn template(&self, file: &SourceFile, part: Span) -> Result<Template, Diagnostic> {
        let _ = (file, part);
        todo!()
    }

    /// Renders. `context` is a mapping (an object that answers `get_value`, if there is
    /// much in it) of all names the template sees: functions, values, and the macros by
    /// bare name and by package. Bare names inside macros are looked up in it as well.
    ///
    /// # Errors
    /// Anything that goes wrong, as a diagnostic at the place in the user's file, with
    /// the macro calls that led there.
    pub fn render(&self, template: &Template, context: &Value) -> Result<Rendered, Diagnostic> {
        let _ = (template, context);
        todo!()
    }

    /// The exact source map of a text that [`render`](Engine::render) gave, also inside
    /// macros: renders once more with markers. Where that does not give the same text,
    /// the map it was given.
    #[must_use]
    pub fn trace(&self, template: &Template, context: &Value, rendered: &Rendered) -> SourceMap {
        let _ = (template, context, rendered);
        todo!()
    }

    /// Calls a macro: what it `return`ed, or else its text.
    ///
    /// # Errors
    /// As [`render`](Engine::render); a macro that is not there is `missing-macro`.
    pub fn call(
        &self,
        package: &str,
        name: &str,
        arguments: &[Value],
        keywords: &[(&str, Value)],
        context: &Value,
    ) -> Result<Value, Diagnostic> {
        let _ = (package, name, arguments, keywords, context);
        todo!()
    }

    /// Renders a short text such as a YAML value: a single expression gives its value,
    /// anything else text. `at` is where the text was written.
    ///
    /// # Errors
    /// As [`render`](Engine::render).
    pub fn evaluate(&self, text: &str, at: Span, context: &Value) -> Result<Value, Diagnostic> {
        let _ = (text, at, context);
        todo!()
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}
