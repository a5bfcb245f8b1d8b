use super::json::severity;
use crate::diagnostic::Diagnostic;
use crate::text::Files;

/// One line: `path:line:column: error[code]: message`. Of a message of several lines,
/// the first.
#[must_use]
pub fn short(diagnostic: &Diagnostic, files: &Files) -> String {
    let level = severity(diagnostic.severity());
    let at = diagnostic.span().map(|span| files.location(span) + ": ").unwrap_or_default();
    let message = diagnostic.message().lines().next().unwrap_or_default();
    format!("{at}{level}[{}]: {message}", diagnostic.code())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::text::Span;

    #[test]
    fn one_line_with_or_without_a_place() {
        let files = Files::new();
        let file = files.add("a.yml", "키: 1\nb: 2\n");
        let at =
            Diagnostic::new(Code::UnknownKey, "unknown key `b`\nmore").label(Span::new(file.id(), 7, 8), "");
        assert_eq!(short(&at, &files), "a.yml:2:1: warning[unknown-key]: unknown key `b`");
        let nowhere = Diagnostic::new(Code::MissingProfile, "no profile");
        assert_eq!(short(&nowhere, &files), "error[missing-profile]: no profile");
    }
}
