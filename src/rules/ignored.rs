use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::manifest::Node;
use crate::text::{Files, Span};

/// What a comment begins with that silences rules: `-- xform: ignore select-star`.
const WORDS: &str = "xform: ignore";

/// Whether somebody said that this is meant: by a comment on the line, or on a line of its own
/// above it, there or at a call that led there; or by `meta: {xform: {ignore: [rule]}}` of the
/// node.
pub(super) fn is_ignored(told: &Diagnostic, node: &Node, files: &Files) -> bool {
    let rule = told.code().name();
    let in_meta = |meta: &Value| {
        let names = meta.get("xform").and_then(|own| own.get("ignore"));
        names.is_some_and(|names| match names {
            Value::Array(names) => names.iter().any(|name| name == rule),
            Value::String(name) => name == rule,
            _ => false,
        })
    };
    let meta = Value::Object(node.meta.clone());
    let places = told.span().into_iter().chain(told.trace().iter().filter_map(|frame| frame.call));
    in_meta(&meta)
        || node.config.get("meta").is_some_and(in_meta)
        || places.into_iter().any(|span| is_ignored_at(rule, span, files))
}

fn is_ignored_at(rule: &str, span: Span, files: &Files) -> bool {
    let file = files.get(span.file);
    let text = file.text();
    let Some(before) = text.get(..span.range().start) else { return false };
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    if names_rule(line, rule) {
        return true;
    }
    let above = text[..start].lines().next_back().unwrap_or_default().trim_start();
    let is_comment = ["--", "#", "{#", "/*", "//"].iter().any(|mark| above.starts_with(mark));
    is_comment && names_rule(above, rule)
}

/// Whether a line has a comment that silences the rule; one that names no rule silences all.
fn names_rule(line: &str, rule: &str) -> bool {
    let Some((before, rest)) = line.split_once(WORDS) else { return false };
    let before = before.trim_end();
    if !["--", "#", "{#", "{#-", "/*", "//"].iter().any(|mark| before.ends_with(mark)) {
        return false;
    }
    let end = ["#}", "-#}", "*/"].iter().filter_map(|mark| rest.find(mark)).min();
    let names = rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest);
    let mut names = names.split([',', ' ', '\t']).filter(|name| !name.is_empty()).peekable();
    names.peek().is_none() || names.any(|name| name == rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_silences_what_it_names() {
        assert!(names_rule("select * -- xform: ignore select-star", "select-star"));
        assert!(names_rule("-- xform: ignore unused-cte, select-star", "select-star"));
        assert!(names_rule("{#- xform: ignore select-star -#} select *", "select-star"));
        assert!(names_rule("  - name: 주문  # xform: ignore", "select-star"));
        assert!(!names_rule("-- xform: ignore unused-cte", "select-star"));
        assert!(!names_rule("select 'xform: ignore select-star'", "select-star"));
        assert!(!names_rule("-- xform: ignore select-starry", "select-star"));
    }
}
