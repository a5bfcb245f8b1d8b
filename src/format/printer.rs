use super::doc::{Doc, Group};
use super::style::Commas;
use super::token::{Gap, Kind, Token};

/// Writes documents into lines.
pub(super) struct Printer<'a> {
    pub tokens: &'a [Token<'a>],
    pub spaces: &'a [bool],
    pub line_length: usize,
    pub commas: Commas,
    pub indent: usize,
    pub out: String,
    column: usize,
    /// Line ends that are due before the next token.
    pending: usize,
    /// They are due because a comment goes to the end of its line.
    must_break: bool,
    last: Option<usize>,
}

/// A document, how far it is indented, and whether its soft ends are line ends.
#[derive(Clone, Copy)]
struct Work<'d> {
    doc: &'d Doc,
    level: usize,
    is_broken: bool,
}

impl<'a> Printer<'a> {
    pub(super) fn new(
        tokens: &'a [Token<'a>],
        spaces: &'a [bool],
        (line_length, commas, indent): (usize, Commas, usize),
    ) -> Self {
        let out = String::new();
        Self {
            tokens,
            spaces,
            line_length,
            commas,
            indent,
            out,
            column: 0,
            pending: 0,
            must_break: false,
            last: None,
        }
    }

    pub(super) fn print(&mut self, docs: &[Doc]) {
        let mut work: Vec<Work<'_>> =
            docs.iter().rev().map(|doc| Work { doc, level: 0, is_broken: true }).collect();
        while let Some(Work { doc, level, is_broken }) = work.pop() {
            match doc {
                Doc::Text(at) => self.token(*at, level),
                Doc::Soft if is_broken => self.line(1),
                Doc::Soft => {}
                Doc::Hard => self.line(1),
                Doc::Blank => self.line(2),
                Doc::Indent(docs) => {
                    work.extend(docs.iter().rev().map(|doc| Work { doc, level: level + 1, is_broken }));
                }
                Doc::Group(group) => {
                    let is_broken = group.is_broken || !self.fits(group, level, &work);
                    work.extend(group.docs.iter().rev().map(|doc| Work { doc, level, is_broken }));
                }
            }
        }
    }

    fn line(&mut self, ends: usize) {
        if self.last.is_some() {
            self.pending = self.pending.max(ends);
        }
    }

    /// Whether a group fits into the line, with what follows up to the next place where the
    /// line may end.
    fn fits(&self, group: &Group, level: usize, rest: &[Work<'_>]) -> bool {
        let column = if self.pending > 0 { level * self.indent } else { self.column };
        let Some(mut left) = self.line_length.checked_sub(column + group.width) else { return false };
        let mut next: Vec<Work<'_>> = Vec::new();
        let mut rest = rest.iter().rev();
        loop {
            let Some(Work { doc, level, is_broken }) = next.pop().or_else(|| rest.next().copied()) else {
                return true;
            };
            match doc {
                Doc::Text(at) => {
                    if self.is_trailing_comment(*at) {
                        return true;
                    }
                    match left.checked_sub(self.tokens[*at].width + usize::from(self.spaces[*at])) {
                        Some(now) => left = now,
                        None => return false,
                    }
                    if self.tokens[*at].has_newline {
                        return true;
                    }
                }
                Doc::Soft if is_broken => return true,
                Doc::Soft => {}
                Doc::Hard | Doc::Blank => return true,
                Doc::Indent(docs) => {
                    next.extend(docs.iter().rev().map(|doc| Work { doc, level: level + 1, is_broken }));
                }
                Doc::Group(group) => {
                    next.extend(group.docs.iter().rev().map(|doc| Work { doc, level, is_broken }));
                }
            }
        }
    }

    fn is_trailing_comment(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        let ends_line = self.tokens.get(at + 1).is_none_or(|next| next.newlines > 0);
        token.is_comment() && token.newlines == 0 && at > 0 && ends_line
    }

    fn token(&mut self, at: usize, level: usize) {
        let tokens = self.tokens;
        let token = &tokens[at];
        let follows = self.last.is_some_and(|last| last + 1 == at);
        if self.is_trailing_comment(at) && self.last.is_some() && !self.must_break {
            self.pending = 0;
            self.out.push_str(if token.gap == Gap::Glued { "" } else { "  " });
            self.write(token);
            self.end_line(token.kind == Kind::LineComment);
            self.last = Some(at);
            return;
        }
        let hugs = match token.kind {
            // A comma that begins a block stays there.
            Kind::Comma | Kind::Semicolon
                if self
                    .last
                    .is_some_and(|last| matches!(tokens[last].kind, Kind::BlockOpen | Kind::BlockMiddle)) =>
            {
                false
            }
            Kind::Comma => self.commas == Commas::Trailing,
            Kind::Semicolon => true,
            _ => token.gap == Gap::Glued && follows,
        };
        if hugs && !self.must_break {
            self.pending = 0;
        }
        if token.has_line {
            self.line(1);
        }
        if self.pending > 0 {
            if self.keeps_blank(at) {
                self.pending = 2;
            }
            for _ in 0..self.pending {
                self.out.push('\n');
            }
            self.column = level * self.indent;
            self.out.extend(std::iter::repeat_n(' ', self.column));
        } else if let Some(last) = self.last {
            let is_spaced = if follows {
                self.spaces[at]
            } else {
                // The neighbour of the text was a comment, which has gone behind a comma.
                token.kind != Kind::Comma || tokens[last].is_comment()
            };
            if is_spaced {
                self.out.push(' ');
                self.column += 1;
            }
        }
        (self.pending, self.must_break) = (0, false);
        self.write(token);
        self.last = Some(at);
        if matches!(token.kind, Kind::LineComment | Kind::Off) {
            self.end_line(true);
        } else if token.has_line {
            self.end_line(false);
        }
    }

    fn end_line(&mut self, must_break: bool) {
        self.pending = self.pending.max(1);
        self.must_break = must_break;
    }

    fn write(&mut self, token: &Token<'_>) {
        self.out.push_str(&token.text);
        if token.has_newline {
            let last = token.text.rsplit('\n').next().unwrap_or_default();
            self.column = unicode_width::UnicodeWidthStr::width(last);
        } else {
            self.column += token.width;
        }
    }

    /// Whether an empty line before a token stays.
    fn keeps_blank(&self, at: usize) -> bool {
        let (token, Some(last)) = (&self.tokens[at], self.last) else { return false };
        let last = &self.tokens[last];
        if token.newlines < 2 || matches!(token.kind, Kind::Close | Kind::BlockMiddle | Kind::BlockClose) {
            return false;
        }
        if matches!(last.kind, Kind::Open | Kind::BlockOpen | Kind::BlockMiddle) {
            return false;
        }
        let is_loose = last.has_line || last.is_tag() || last.is_comment() || last.kind == Kind::Semicolon;
        if last.is_word("select") || last.is_word("with") || last.is_word("where") {
            return false;
        }
        let begins_clause =
            ["from", "where", "group", "having", "order", "limit", "qualify", "and", "or", "on"]
                .iter()
                .chain(&[
                    "join", "left", "inner", "cross", "full", "right", "when", "else", "end", "then", "using",
                ])
                .any(|word| token.is_word(word));
        is_loose || !begins_clause
    }
}
