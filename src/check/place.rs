use std::ops::Range;

use crate::analyze::Problem;
use crate::compile::Compiled;
use crate::context::{Invocation, users_origin};
use crate::diagnostic::Diagnostic;
use crate::manifest::Node;
use crate::sql::tree::TextRange;
use crate::text::{Origin, SourceMap, Span};

/// Leads places in a node's compiled SQL back to what the user wrote.
pub struct Placing<'a> {
    pub invocation: &'a Invocation,
    pub node: &'a Node,
    pub compiled: &'a Compiled,
}

impl Placing<'_> {
    /// Problems as diagnostics. What one place of a template writes again and again, in a loop
    /// or a macro, is told once.
    #[must_use]
    pub fn diagnostics(&self, problems: &[Problem]) -> Vec<Diagnostic> {
        let mut told: Vec<(Diagnostic, Vec<String>)> = Vec::new();
        for problem in problems {
            let diagnostic = self.diagnostic(problem);
            let text = self.compiled.code.get(problem.at.range()).unwrap_or_default().to_owned();
            let known = told.iter_mut().find(|(known, _)| {
                known.code() == diagnostic.code()
                    && known.span() == diagnostic.span()
                    && known.trace() == diagnostic.trace()
            });
            match known {
                Some((_, texts)) if problem.at.start < problem.at.end => texts.push(text),
                _ => told.push((diagnostic, vec![text])),
            }
        }
        told.into_iter().map(|(diagnostic, texts)| with_count(diagnostic, &texts)).collect()
    }

    fn diagnostic(&self, problem: &Problem) -> Diagnostic {
        let diagnostic = Diagnostic::new(problem.code, as_written(&problem.message));
        let diagnostic = match self.origin(problem.at) {
            Some(origin) => diagnostic.at_origin(&origin, as_written(&problem.label)),
            None => diagnostic.label(self.node.place(), as_written(&problem.label)),
        };
        let first = diagnostic.span();
        let diagnostic = problem.also.iter().fold(diagnostic, |diagnostic, (at, text)| {
            let span = self.origin(*at).map(|origin| origin.span).filter(|span| Some(*span) != first);
            diagnostic.also(span, as_written(text))
        });
        diagnostic.help(problem.help.as_deref().map(as_written))
    }

    /// Where the user wrote these bytes of the SQL.
    pub(super) fn span(&self, at: TextRange) -> Option<Span> {
        self.origin(at).map(|origin| origin.span)
    }

    fn origin(&self, at: TextRange) -> Option<Origin> {
        if at == TextRange::default() {
            return None;
        }
        let map: &SourceMap = &self.compiled.source_map;
        // The end of a text is told at its last byte.
        let last = self.compiled.code.trim_end().len().saturating_sub(1);
        let start = at.start.min(last);
        let origin = whole(map, start..at.end.max(start + 1))?;
        Some(users_origin(origin, &self.invocation.macros))
    }
}

/// What is said, with ephemeral models under the names that the user gave them.
fn as_written(text: &str) -> String {
    text.replace("__dbt__cte__", "")
}

/// The origin of a range: where its pieces were copied from one text, from the first to the last
/// of them.
fn whole(map: &SourceMap, range: Range<usize>) -> Option<Origin> {
    let first = map.origin(range.clone())?;
    let last = map.origin(range.end - 1..range.end);
    match last {
        Some(last)
            if first.is_copied
                && last.is_copied
                && last.span.file == first.span.file
                && last.trace == first.trace
                && last.span.end > first.span.end =>
        {
            let span = Span { end: last.span.end, ..first.span };
            Some(Origin { span, ..first })
        }
        _ => Some(first),
    }
}

/// Says how often a place wrote what is wrong, and what it wrote each time.
fn with_count(diagnostic: Diagnostic, texts: &[String]) -> Diagnostic {
    let mut values: Vec<&String> = Vec::new();
    for text in texts {
        if !values.contains(&text) {
            values.push(text);
        }
    }
    if texts.len() < 2 {
        return diagnostic;
    }
    let times = match texts.len() {
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    };
    if values.len() < 2 {
        return diagnostic.note(format!("this place writes it {times}"));
    }
    let shown: Vec<String> = values.iter().take(6).map(|value| format!("`{value}`")).collect();
    let more = if values.len() > shown.len() { " …" } else { "" };
    diagnostic.note(format!("this place is wrong {times}, where it writes {}{more}", shown.join(", ")))
}
