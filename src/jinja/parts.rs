use std::ops::Range;

use super::pieces::{Piece, Pieces};
use super::syntax_error::SyntaxError;
use super::template_parser::unclosed;
use super::token::{Token, TokenKind};
use crate::diagnostic::Diagnostic;
use crate::text::SourceFile;

/// How deep blocks may nest.
const DEPTH: usize = 60;

/// Blocks and the tags that end them.
const BLOCKS: [(&str, &[&str]); 14] = [
    ("if", &["endif"]),
    ("for", &["endfor"]),
    ("set", &["endset"]),
    ("macro", &["endmacro"]),
    ("call", &["endcall"]),
    ("filter", &["endfilter"]),
    ("block", &["endblock"]),
    ("with", &["endwith"]),
    ("autoescape", &["endautoescape"]),
    ("snapshot", &["endsnapshot"]),
    ("materialization", &["endmaterialization"]),
    ("test", &["endtest", "enddata_test"]),
    ("data_test", &["enddata_test", "endtest"]),
    ("docs", &["enddocs"]),
];

/// What a [`Part`] of a template is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// Text that is copied.
    Text,
    /// `{# … #}`
    Comment,
    /// `{% raw %} … {% endraw %}`, tags included.
    Raw,
    /// `{{ … }}`
    Output,
    /// A tag that stands alone: `{% set x = 1 %}`, `{% do … %}`.
    Statement,
    /// A tag that begins a block, with its keyword.
    Open(&'static str),
    /// `{% else %}`, `{% elif … %}`
    Middle,
    /// `{% endif %}` and the like.
    Close,
}

/// A stretch of a template as it is written, tags unread: for those who care about the text
/// and not about what it renders to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub kind: PartKind,
    pub range: Range<usize>,
    /// What stands between the marks, which have their `-` and `+` with them; of parts
    /// without marks the whole.
    pub inner: Range<usize>,
}

impl Part {
    fn whole(kind: PartKind, range: Range<usize>) -> Self {
        Self { kind, inner: range.clone(), range }
    }

    /// Whether white space before it is dropped: `{%-`.
    #[must_use]
    pub fn trims_before(&self, text: &str) -> bool {
        self.kind != PartKind::Text && text[self.range.clone()].as_bytes().get(2) == Some(&b'-')
    }

    /// Whether white space after it is dropped: `-%}`.
    #[must_use]
    pub fn trims_after(&self, text: &str) -> bool {
        let length = self.range.len();
        self.kind != PartKind::Text
            && length > 4
            && text.as_bytes().get(self.range.start + length - 3) == Some(&b'-')
    }
}

/// The parts of a file, one after the other; together they are the whole text. Blocks are
/// not nested: their tags stand in a row, and match.
///
/// # Errors
/// A tag or a block is not closed, or one is closed that is not open. What stands inside of
/// tags is not looked at beyond its tokens.
pub fn parts(file: &SourceFile) -> Result<Vec<Part>, Diagnostic> {
    read(file.text()).map_err(|error| error.in_file(file.id()))
}

fn read(text: &str) -> Result<Vec<Part>, SyntaxError> {
    let mut parts = Vec::new();
    let mut open: Vec<(&'static str, Range<usize>)> = Vec::new();
    for piece in Pieces::new(text, 0..text.len()) {
        let part = match piece? {
            Piece::Data(range) => Part::whole(PartKind::Text, range),
            Piece::Comment(range) => Part::whole(PartKind::Comment, range),
            Piece::Raw { whole, .. } => Part::whole(PartKind::Raw, whole),
            Piece::Output { open, close, .. } => {
                Part { kind: PartKind::Output, range: open.start..close.end, inner: open.end..close.start }
            }
            Piece::Tag { open: mark, tokens, close } => {
                let range = mark.start..close.end;
                let kind = tag(text, &tokens, &range, &mut open)?;
                Part { kind, range, inner: mark.end..close.start }
            }
        };
        parts.push(part);
    }
    match open.pop() {
        Some((keyword, at)) => Err(unclosed(keyword, at)),
        None => Ok(parts),
    }
}

fn tag(
    text: &str,
    tokens: &[Token],
    range: &Range<usize>,
    open: &mut Vec<(&'static str, Range<usize>)>,
) -> Result<PartKind, SyntaxError> {
    let word = match tokens.first() {
        Some(Token { kind: TokenKind::Name, at }) => &text[at.clone()],
        _ => return Err(SyntaxError::new(range.clone(), "this tag has no name")),
    };
    if matches!(word, "else" | "elif") {
        return match open.last() {
            Some(("if" | "for", _)) => Ok(PartKind::Middle),
            _ => Err(SyntaxError::new(range.clone(), format!("`{word}` stands in no `if`"))),
        };
    }
    if let Some((keyword, _)) = BLOCKS.iter().find(|(keyword, _)| *keyword == word) {
        if word == "set" && is_assigned(tokens) {
            return Ok(PartKind::Statement);
        }
        if open.len() >= DEPTH {
            return Err(SyntaxError::new(range.clone(), format!("blocks are more than {DEPTH} deep here")));
        }
        open.push((keyword, range.clone()));
        return Ok(PartKind::Open(keyword));
    }
    if !BLOCKS.iter().any(|(_, ends)| ends.contains(&word)) {
        return Ok(PartKind::Statement);
    }
    match open.pop() {
        Some((keyword, _)) if BLOCKS.iter().any(|(name, ends)| *name == keyword && ends.contains(&word)) => {
            Ok(PartKind::Close)
        }
        Some((keyword, at)) => {
            Err(SyntaxError::new(range.clone(), format!("`{word}` does not close `{keyword}`"))
                .also(at, "this block is still open"))
        }
        None => Err(SyntaxError::new(range.clone(), format!("`{word}` closes nothing"))),
    }
}

/// Whether a `set` has its value with it.
fn is_assigned(tokens: &[Token]) -> bool {
    let mut depth = 0_usize;
    for token in tokens {
        match token.kind {
            TokenKind::Symbol("(" | "[" | "{") => depth += 1,
            TokenKind::Symbol(")" | "]" | "}") => depth = depth.saturating_sub(1),
            TokenKind::Symbol("|") if depth == 0 => return false,
            TokenKind::Symbol("=") if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Files;

    fn kinds(text: &str) -> Vec<PartKind> {
        let parts = parts(&Files::new().add("a.sql", text)).unwrap();
        let whole: String = parts.iter().map(|part| &text[part.range.clone()]).collect();
        assert_eq!(whole, text);
        parts.into_iter().map(|part| part.kind).filter(|kind| *kind != PartKind::Text).collect()
    }

    #[test]
    fn parts_are_told_apart() {
        use PartKind::{Close, Comment, Middle, Open, Output, Raw, Statement};
        assert_eq!(
            kinds(
                "{# 주문 #}{% set a = 1 %}{% set b %}x{% endset %}{{ a }}{% if a == 1 %}{% else %}{% endif %}{% raw %}{{{% endraw %}{% do x() %}"
            ),
            [Comment, Statement, Open("set"), Close, Output, Open("if"), Middle, Close, Raw, Statement]
        );
        assert_eq!(kinds("{% set b | replace(a='x') %}{% endset %}"), [Open("set"), Close]);
        assert_eq!(kinds("{% test t(model) %}{% enddata_test %}"), [Open("test"), Close]);
    }

    #[test]
    fn what_does_not_match_is_refused() {
        for text in [
            "{% if a %}",
            "{% endif %}",
            "{% for a in b %}{% endif %}",
            "{% else %}",
            "{{ a",
            "{# a",
            "{% %}",
        ] {
            assert!(parts(&Files::new().add("a.sql", text)).is_err(), "{text}");
        }
        assert!(parts(&Files::new().add("a.sql", "{% if a %}".repeat(61))).is_err());
    }

    #[test]
    fn dashes_trim() {
        let text = "{%- if a -%}{{ b }}{#- c -#}{%+ endif %}";
        let parts = parts(&Files::new().add("a.sql", text)).unwrap();
        let trims: Vec<_> =
            parts.iter().map(|part| (part.trims_before(text), part.trims_after(text))).collect();
        assert_eq!(trims, [(true, true), (false, false), (true, true), (false, false)]);
    }
}
