use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::text::{Files, LineColumn, SourceFile};

/// Whether to use colours; the caller has asked the terminal and `NO_COLOR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Always,
    Never,
}

/// Several lines: the message, the places in the user's files, the macro calls that
/// led there, notes and help. Ends without a newline.
#[must_use]
pub fn human(diagnostic: &Diagnostic, files: &Files, colour: Colour) -> String {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(diagnostic.message()).id(diagnostic.code().name());
    let views = views(diagnostic.labels(), files);
    let snippets = views.iter().map(|view| Element::from(view.snippet()));
    let calls = super::trace(diagnostic, files);
    let notes = calls.iter().chain(diagnostic.notes());
    let notes = notes.map(|note| Element::from(Level::NOTE.message(note.as_str())));
    let mut groups = vec![Group::with_title(title).elements(snippets.chain(notes))];
    if let Some(help) = diagnostic.help_text() {
        groups.push(Group::with_title(Level::HELP.secondary_title(help)));
    }
    let renderer = match colour {
        Colour::Always => Renderer::styled(),
        Colour::Never => Renderer::plain(),
    };
    let text = renderer.render(&groups);
    let lines = text.lines().map(|line| match colour {
        Colour::Always => line,
        // Empty gutters end in a blank.
        Colour::Never => line.trim_end(),
    });
    if !views.is_empty() {
        return lines.collect::<Vec<_>>().join("\n");
    }
    // Without a place there is no gutter to draw.
    let plain = Renderer::plain().render(&groups);
    let is_gutter = plain.lines().map(|line| line.trim() == "|");
    lines
        .zip(is_gutter)
        .filter(|(_, is_gutter)| !is_gutter)
        .map(|(line, _)| line)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The part of a file that holds all of its labels, whole lines, and the labels as
/// ranges of that part that are sure to fit.
struct View<'a> {
    file: Arc<SourceFile>,
    text: String,
    first_line: usize,
    marks: Vec<(AnnotationKind, Range<usize>, &'a str)>,
}

/// One view a file, in the order of the labels; the first label is the primary one.
fn views<'a>(labels: &'a [Label], files: &Files) -> Vec<View<'a>> {
    let mut by_file: Vec<(Arc<SourceFile>, Vec<_>)> = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        match by_file.iter_mut().find(|(file, _)| file.id() == label.span.file) {
            Some((_, of_file)) => of_file.push((kind, label)),
            None => by_file.push((files.get(label.span.file), vec![(kind, label)])),
        }
    }
    by_file.into_iter().map(|(file, labels)| View::new(file, &labels)).collect()
}

impl<'a> View<'a> {
    fn new(file: Arc<SourceFile>, labels: &[(AnnotationKind, &'a Label)]) -> Self {
        let text = file.shown_text();
        let ranges: Vec<_> = labels.iter().map(|(_, label)| fit(text, label.span.range())).collect();
        let first = ranges.iter().map(|range| range.start).min().unwrap_or_default();
        let last = ranges.iter().map(|range| range.end).max().unwrap_or_default();
        let place = file.line_column(first);
        let start = file.offset(LineColumn { line: place.line, column: 1 });
        let end = text[last..].find('\n').map_or(text.len(), |length| last + length);
        let line_end = if text[last..end].ends_with('\r') { end - 1 } else { end };
        let mut window = text[start..line_end].to_owned();
        // A place after the last newline needs a line to stand on.
        if window.is_empty() || window.ends_with('\n') {
            window.push(' ');
        }
        let marks = labels
            .iter()
            .zip(ranges)
            .map(|((kind, label), range)| {
                (*kind, range.start - start..range.end - start, label.text.as_str())
            })
            .collect();
        Self { file, text: window, first_line: place.line, marks }
    }

    fn snippet(&self) -> Snippet<'_, Annotation<'_>> {
        let marks = self.marks.iter().map(|(kind, range, text)| {
            let text = (!text.is_empty()).then_some(*text);
            kind.span(range.clone()).label(text)
        });
        Snippet::source(self.text.as_str())
            .path(self.file.path())
            .line_start(self.first_line)
            .annotations(marks)
    }
}

/// The range with both ends inside the text and between characters, without blanks and
/// line ends behind it, and not between the two characters of a Windows line end.
fn fit(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(range.start);
    let end = text.ceil_char_boundary(range.end.min(text.len())).max(start);
    let kept = text[start..end].trim_end().len();
    let is_between = text[..start].ends_with('\r') && text[start..].starts_with('\n');
    let start = if is_between { start - 1 } else { start };
    match kept {
        0 => start..start,
        kept => start..text.floor_char_boundary(start + kept),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::diagnostic::Code;
    use crate::text::{Frame, Span};

    fn find(file: &SourceFile, needle: &str) -> Span {
        let start = file.text().find(needle).unwrap_or_default();
        Span::new(file.id(), start, start + needle.len())
    }

    fn plain(diagnostic: &Diagnostic, files: &Files) -> String {
        human(diagnostic, files, Colour::Never)
    }

    #[test]
    fn labels_in_two_files_with_trace_notes_and_help() {
        let files = Files::new();
        let orders = files.add("models/orders.sql", "select\n    id,\n    sum(amout) as revenue\nfrom x\n");
        let staging = files.add("models/staging/stg_orders.sql", "\n\nselect\n    1 as id\n");
        let diagnostic = Diagnostic::new(Code::UndefinedName, "`stg_orders` has no column `amout`")
            .label(find(&orders, "amout"), "not among the 6 columns of `stg_orders`")
            .also(find(&orders, "revenue"), "")
            .also(find(&staging, "select"), "its columns are listed here")
            .called_from(Frame { name: "shop.cents".to_owned(), call: Some(find(&orders, "id")) })
            .called_from(Frame { name: "shop.outer".to_owned(), call: None })
            .note("the warehouse said:\n  no such column")
            .help("a column with a similar name exists: `amount`");
        assert_snapshot!(plain(&diagnostic, &files), @r"
        error[undefined-name]: `stg_orders` has no column `amout`
         --> models/orders.sql:3:9
          |
        3 |     sum(amout) as revenue
          |         ^^^^^     -------
          |         |
          |         not among the 6 columns of `stg_orders`
          |
         ::: models/staging/stg_orders.sql:3:1
          |
        3 | select
          | ------ its columns are listed here
          |
          = note: in macro `shop.cents` called at models/orders.sql:2:5
          = note: in macro `shop.outer`
          = note: the warehouse said:
                    no such column
        help: a column with a similar name exists: `amount`
        ");
    }

    #[test]
    fn without_a_place_there_is_still_a_message() {
        let diagnostic = Diagnostic::new(Code::NoNodesSelected, "the selection matches nothing");
        assert_snapshot!(plain(&diagnostic, &Files::new()), @"warning[no-nodes-selected]: the selection matches nothing");
        let with_help = diagnostic.note("`tag:dayly` matches nothing").help("see `xform ls`");
        assert_snapshot!(plain(&with_help, &Files::new()), @r"
        warning[no-nodes-selected]: the selection matches nothing
         = note: `tag:dayly` matches nothing
        help: see `xform ls`
        ");
    }

    #[test]
    fn carets_sit_below_wide_letters_and_tabs() {
        let files = Files::new();
        let file = files.add("주문.sql", "select\r\n\t'사과' as 과일,\tamout -- 금액\r\nfrom t\r\n");
        let diagnostic = Diagnostic::new(Code::UndefinedName, "no `amout`")
            .label(find(&file, "amout"), "여기")
            .also(find(&file, "과일"), "이름");
        assert_snapshot!(plain(&diagnostic, &files), @r"
        error[undefined-name]: no `amout`
         --> 주문.sql:2:14
          |
        2 |     '사과' as 과일,    amout -- 금액
          |               ----     ^^^^^ 여기
          |               |
          |               이름
        ");
    }

    #[test]
    fn empty_places_at_the_end_of_a_file_are_shown() {
        let files = Files::new();
        let closed = files.add("a.sql", "select 1\n");
        let open = files.add("b.sql", "{% if x %}");
        let empty = files.add("c.sql", "");
        let at_end = |file: &SourceFile| {
            let end = file.text().len();
            let diagnostic = Diagnostic::new(Code::JinjaSyntax, "unexpected end of file");
            plain(&diagnostic.label(Span::new(file.id(), end, end), "here"), &files)
        };
        assert_snapshot!([at_end(&closed), at_end(&open), at_end(&empty)].join("\n\n"), @r"
        error[jinja-syntax]: unexpected end of file
         --> a.sql:2:1
          |
        2 |
          | ^ here

        error[jinja-syntax]: unexpected end of file
         --> b.sql:1:11
          |
        1 | {% if x %}
          |           ^ here

        error[jinja-syntax]: unexpected end of file
         --> c.sql:1:1
          |
        1 |
          | ^ here
        ");
    }

    #[test]
    fn a_place_of_several_lines_is_bracketed() {
        let files = Files::new();
        let file = files.add("m.sql", "a\n{{ f(\n  1,\n  2,\n  3,\n  4,\n  5,\n  6\n) }}\nb\n");
        let start = 2;
        let end = file.text().find("}}").unwrap_or_default() + 3;
        let diagnostic = Diagnostic::new(Code::InvalidArguments, "`f` takes 1 argument, not 6")
            .label(Span::new(file.id(), start, end), "called here");
        assert_snapshot!(plain(&diagnostic, &files), @r"
        error[invalid-arguments]: `f` takes 1 argument, not 6
         --> m.sql:2:1
          |
        2 | / {{ f(
        3 | |   1,
        4 | |   2,
        5 | |   3,
        ... |
        8 | |   6
        9 | | ) }}
          | |____^ called here
        ");
    }

    #[test]
    fn colours_only_add_escapes() {
        let files = Files::new();
        let file = files.add("m.sql", "select x\n");
        let diagnostic =
            Diagnostic::new(Code::UndefinedName, "no `x`").label(find(&file, "x"), "here").help("h");
        let coloured = human(&diagnostic, &files, Colour::Always);
        assert!(coloured.contains("\u{1b}["));
        let bare = console::strip_ansi_codes(&coloured).into_owned();
        let bare: Vec<_> = bare.lines().map(str::trim_end).collect();
        assert_eq!(bare.join("\n"), plain(&diagnostic, &files));
    }

    /// Spans that point between bytes of a letter, past the end, or into line ends.
    #[test]
    fn no_span_makes_it_panic() {
        let files = Files::new();
        for text in
            ["", "\n", "\r\n", "ab\r\n가\t나\r\n\r\n", "가", " \u{1b}[31m\u{0}\n\n  \n", "e\u{301}👩‍👩‍👧\rz"]
        {
            let file = files.add("odd.sql", text);
            for start in 0..text.len() + 3 {
                for end in start..text.len() + 3 {
                    let diagnostic = Diagnostic::new(Code::JinjaError, "odd")
                        .label(Span::new(file.id(), start, end), "first")
                        .also(Span::new(file.id(), end, end + 1), "second\nline")
                        .also(Span::start_of(file.id()), "");
                    let shown = plain(&diagnostic, &files);
                    assert!(shown.starts_with("error[jinja-error]: odd\n"), "{shown}");
                    assert!(!shown.contains('\u{1b}'), "{shown:?}");
                    assert!(human(&diagnostic, &files, Colour::Always).contains("odd"));
                }
            }
        }
    }
}
