use crate::text::{FileId, Files, Span, Spanned};

/// Where a template that stands in a YAML value can be rendered from: the place of its
/// very characters where YAML wrote them as they are (plain or simply quoted), else a
/// text of its own under the same path.
pub(super) fn template_place(files: &Files, text: &Spanned<String>) -> (FileId, Span) {
    let file = files.get(text.span.file);
    if let Some(at) = file.slice(text.span).find(text.value.as_str()) {
        return (file.id(), text.span.part(at..at + text.value.len()));
    }
    let own = files.add(file.path(), text.value.as_str());
    (own.id(), own.span())
}

/// The part of `span` without white space around it.
pub(super) fn trimmed(text: &str, span: Span) -> Span {
    let slice = text.get(span.range()).unwrap_or_default();
    let start = slice.len() - slice.trim_start().len();
    span.part(start..start + slice.trim().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_placed_where_they_are_written_if_that_is_the_very_text() {
        let files = Files::new();
        let file = files.add("project.yml", "a: \"{{ 주문() }}\"\nb: \"say \\\"{{ x }}\\\"\"\n");
        let end = file.text().find('\n').unwrap_or_default();
        let plain = Spanned::new("{{ 주문() }}".to_owned(), Span::new(file.id(), 3, end));
        let (id, span) = template_place(&files, &plain);
        assert_eq!((id, files.slice(span).as_str()), (file.id(), "{{ 주문() }}"));
        let escaped = Spanned::new("say \"{{ x }}\"".to_owned(), Span::new(file.id(), end + 4, end + 20));
        let (id, span) = template_place(&files, &escaped);
        assert_ne!(id, file.id());
        assert_eq!(files.slice(span), "say \"{{ x }}\"");
    }

    #[test]
    fn white_space_around_a_body_is_left_out() {
        let file = Files::new().add("a.sql", "\n  select 1\n\n");
        assert_eq!(file.slice(trimmed(file.text(), file.span())), "select 1");
        let file = Files::new().add("b.sql", " \n ");
        assert!(trimmed(file.text(), file.span()).is_empty());
    }
}
