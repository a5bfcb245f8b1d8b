use std::ops::Range;

use super::syntax_error::SyntaxError;
use super::token::{Closing, Token, tokenize};

/// A stretch of a template, as Jinja's lexer cuts it. Places are bytes of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// Text that is copied.
    Data(Range<usize>),
    Comment(Range<usize>),
    /// `{% raw %} … {% endraw %}`, tags included.
    Raw {
        whole: Range<usize>,
        body: Range<usize>,
    },
    /// `{{ … }}`
    Output {
        open: Range<usize>,
        tokens: Vec<Token>,
        close: Range<usize>,
    },
    /// `{% … %}`
    Tag {
        open: Range<usize>,
        tokens: Vec<Token>,
        close: Range<usize>,
    },
}

/// The pieces of `text[part]`, one after the other. After an error there are no more,
/// unless [`Pieces::recover`] finds a place to go on from.
pub(super) struct Pieces<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(text: &'a str, part: Range<usize>) -> Self {
        let text = text.get(..part.end).unwrap_or(text);
        Self { text, at: part.start.min(text.len()) }
    }

    /// Goes on after an error in a tag at `open`: behind its closing mark, or else behind
    /// its opening mark. False where nothing sensible can follow, as in a comment that
    /// is never closed.
    pub(super) fn recover(&mut self, open: usize) -> bool {
        let rest = &self.text[open..];
        if rest.starts_with("{#") || simple_tag(rest, "raw").is_some() {
            return false;
        }
        let mark = if rest.starts_with("{%") { "%}" } else { "}}" };
        let inner = rest.get(2..).unwrap_or_default();
        let next = inner.find("{%").unwrap_or(inner.len());
        let closed = inner[..next].find(mark).map_or(0, |at| at + 2);
        self.at = open + 2 + closed;
        true
    }

    /// Goes on at `at`.
    pub(super) fn skip_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Where the next piece begins.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    fn read(&mut self) -> Result<Piece, SyntaxError> {
        let start = self.at;
        let rest = &self.text[start..];
        let mark =
            rest.match_indices('{').map(|(at, _)| at).find(|at| rest[at + 1..].starts_with(['{', '%', '#']));
        let mark = mark.unwrap_or(rest.len());
        if mark > 0 {
            self.at = start + mark;
            return Ok(Piece::Data(start..self.at));
        }
        if rest.starts_with("{#") {
            let Some(end) = rest.find("#}") else {
                self.at = self.text.len();
                return Err(SyntaxError::new(start..start + 2, "this comment is never closed")
                    .help("end it with `#}`"));
            };
            self.at = start + end + 2;
            return Ok(Piece::Comment(start..self.at));
        }
        let is_tag = rest.starts_with("{%");
        let signed = rest[2..].starts_with('-') || (is_tag && rest[2..].starts_with('+'));
        let open = start..start + 2 + usize::from(signed);
        if is_tag {
            if let Some(raw) = self.raw(start)? {
                return Ok(raw);
            }
            let (tokens, close) = tokenize(self.text, open.end, Closing::Tag, &open)?;
            self.at = close.end;
            return Ok(Piece::Tag { open, tokens, close });
        }
        let (tokens, close) = tokenize(self.text, open.end, Closing::Output, &open)?;
        self.at = close.end;
        Ok(Piece::Output { open, tokens, close })
    }

    /// A raw block, if one begins at `start`.
    fn raw(&mut self, start: usize) -> Result<Option<Piece>, SyntaxError> {
        let Some(head) = simple_tag(&self.text[start..], "raw") else { return Ok(None) };
        let body = start + head;
        match find_tag(self.text, body, "endraw") {
            Some(end) => {
                self.at = end.end;
                Ok(Some(Piece::Raw { whole: start..end.end, body: body..end.start }))
            }
            None => {
                self.at = self.text.len();
                Err(SyntaxError::new(start..body, "`{% raw %}` is never closed")
                    .help("end it with `{% endraw %}`"))
            }
        }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Result<Piece, SyntaxError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        let piece = self.read();
        if piece.is_err() && self.at == start {
            // Nothing sensible follows unless `recover` is called.
            self.at = self.text.len();
        }
        Some(piece)
    }
}

/// Length of the tag `{% name %}` if the text begins with it.
fn simple_tag(text: &str, name: &str) -> Option<usize> {
    let rest = text.strip_prefix("{%")?;
    let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest).trim_start();
    let rest = rest.strip_prefix(name)?.trim_start();
    let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest).strip_prefix("%}")?;
    Some(text.len() - rest.len())
}

/// The next `{% name %}` from `from` on, whatever stands before it.
pub(super) fn find_tag(text: &str, from: usize, name: &str) -> Option<Range<usize>> {
    text[from..].match_indices("{%").find_map(|(offset, _)| {
        let start = from + offset;
        simple_tag(&text[start..], name).map(|length| start..start + length)
    })
}
