use std::fmt::Write;

use crate::diagnostic::{Diagnostic, Severity};
use crate::text::Files;

/// A line that GitHub makes an annotation of, when a workflow prints it.
/// See <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#setting-an-error-message>.
#[must_use]
pub fn github(diagnostic: &Diagnostic, files: &Files) -> String {
    let command = match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut line = format!("::{command} ");
    if let Some(span) = diagnostic.span() {
        let file = files.get(span.file);
        let start = file.line_column(span.start as usize);
        let end = file.line_column(span.end as usize);
        _ = write!(line, "file={},line={},endLine={}", property(file.path()), start.line, end.line);
        // Columns of a place of many lines would be taken for those of its first.
        if start.line == end.line {
            _ = write!(line, ",col={},endColumn={}", start.column, end.column);
        }
        line.push(',');
    }
    _ = write!(line, "title={}::{}", property(diagnostic.code().name()), data(&words(diagnostic, files)));
    line
}

/// All that is said of it, a line each.
fn words(diagnostic: &Diagnostic, files: &Files) -> String {
    let mut words = diagnostic.message().to_owned();
    for (at, label) in diagnostic.labels().iter().enumerate().filter(|(_, label)| !label.text.is_empty()) {
        match at {
            0 => _ = write!(words, "\n{}", label.text),
            _ => _ = write!(words, "\n{}: {}", files.location(label.span), label.text),
        }
    }
    for note in super::trace(diagnostic, files).iter().chain(diagnostic.notes()) {
        _ = write!(words, "\nnote: {note}");
    }
    if let Some(help) = diagnostic.help_text() {
        _ = write!(words, "\nhelp: {help}");
    }
    words
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::text::Span;

    #[test]
    fn a_diagnostic_is_one_line_whatever_it_says() {
        let files = Files::new();
        let file = files.add("models/a,b:c.sql", "select 금액\nfrom t\n").id();
        let told = Diagnostic::error(Code::UnknownColumn, "no `금액`: 100%")
            .label(Span::new(file, 7, 13), "here")
            .also(Span::new(file, 19, 20), "not in this")
            .help("look\nagain");
        assert_eq!(
            github(&told, &files),
            "::error file=models/a%2Cb%3Ac.sql,line=1,endLine=1,col=8,endColumn=10,title=unknown-column\
             ::no `금액`: 100%25%0Ahere%0Amodels/a,b:c.sql:2:6: not in this%0Ahelp: look%0Aagain"
        );
        let bare = Diagnostic::warning(Code::NoNodesSelected, "nothing");
        assert_eq!(github(&bare, &files), "::warning title=no-nodes-selected::nothing");
        let long = Diagnostic::warning(Code::SqlSyntax, "all of it").label(Span::new(file, 0, 20), "");
        assert!(github(&long, &files).contains("line=1,endLine=2,title="), "{}", github(&long, &files));
    }
}
