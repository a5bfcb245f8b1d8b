use crate::diagnostic::{Diagnostic, Severity};
use crate::text::Files;

/// One line: `path:line:column: error[code]: message`.
#[must_use]
pub fn short(diagnostic: &Diagnostic, files: &Files) -> String {
    let level = match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let at = diagnostic.span().map(|span| files.location(span) + ": ").unwrap_or_default();
    format!("{at}{level}[{}]: {}", diagnostic.code(), diagnostic.message())
}
