use super::keyword;
use super::lexeme::lexemes;
use super::token::normalized;
use crate::jinja::{Part, PartKind, parts};
use crate::sql::{Dialect, Lexeme};
use crate::text::Files;

/// How many paths through the blocks of a template are gone.
const PATHS: u64 = 7;

/// Blocks whose text something else than the warehouse may look at.
fn is_verbatim(keyword: &str) -> bool {
    !matches!(
        keyword,
        "if" | "for" | "with" | "block" | "autoescape" | "snapshot" | "macro" | "test" | "data_test"
    )
}

/// Whether two templates have the same Jinja, and render to the same SQL but for white space,
/// along some paths through their blocks: every branch, none, loops run twice, outputs that
/// are empty.
///
/// # Errors
/// What they differ in.
pub(super) fn same(one: &str, two: &str, dialect: Dialect) -> Result<(), String> {
    let read = |text: &str| parts(&Files::new().add("", text)).map_err(|told| told.message().to_owned());
    let (first, second) = (Template::new(one, read(one)?), Template::new(two, read(two)?));
    first.compare(&second)?;
    for path in 0..PATHS {
        compare(&first.render(path), &second.render(path), dialect)?;
    }
    Ok(())
}

struct Template<'a> {
    text: &'a str,
    parts: Vec<Part>,
    /// Of the tag of each block, where its next tag stands among the parts.
    next: Vec<usize>,
}

impl<'a> Template<'a> {
    fn new(text: &'a str, parts: Vec<Part>) -> Self {
        let mut next = vec![0; parts.len()];
        let mut open: Vec<usize> = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            if matches!(part.kind, PartKind::Middle | PartKind::Close)
                && let Some(before) = open.pop()
            {
                next[before] = at;
            }
            if matches!(part.kind, PartKind::Open(_) | PartKind::Middle) {
                open.push(at);
            }
        }
        Self { text, parts, next }
    }

    /// The last tag of the block that `at` begins.
    fn end(&self, at: usize) -> usize {
        let mut end = self.next[at];
        while self.parts[end].kind == PartKind::Middle {
            end = self.next[end];
        }
        end
    }

    /// Compares the Jinja, and the text of what has to stay as it is.
    fn compare(&self, other: &Self) -> Result<(), String> {
        let tags = |template: &Self| -> Vec<usize> {
            (0..template.parts.len()).filter(|at| template.parts[*at].kind != PartKind::Text).collect()
        };
        let (ours, theirs) = (tags(self), tags(other));
        for (one, two) in ours.iter().zip(&theirs) {
            let (one_part, two_part) = (&self.parts[*one], &other.parts[*two]);
            let written = normalized(self.text, one_part);
            if one_part.kind != two_part.kind || written != normalized(other.text, two_part) {
                return Err(format!("`{}`", shortened(&written)));
            }
            if let PartKind::Open(keyword) = one_part.kind
                && is_verbatim(keyword)
                && self.body(*one) != other.body(*two)
            {
                return Err(format!("what stands in `{}`", shortened(&written)));
            }
        }
        if ours.len() == theirs.len() { Ok(()) } else { Err("its Jinja".to_owned()) }
    }

    fn body(&self, at: usize) -> &str {
        &self.text[self.parts[at].range.end..self.parts[self.end(at)].range.start]
    }

    /// What the template gives if outputs are words, or empty, and blocks go one way.
    fn render(&self, path: u64) -> String {
        let mut run = Run {
            template: self,
            path,
            out: String::new(),
            number: vec![0; self.parts.len()],
            left: 4 * self.text.len(),
        };
        let mut number = 0;
        for (at, part) in self.parts.iter().enumerate() {
            run.number[at] = number;
            number += u64::from(part.kind != PartKind::Text);
        }
        run.parts(0, self.parts.len(), 0);
        run.out
    }
}

struct Run<'t, 'a> {
    template: &'t Template<'a>,
    path: u64,
    out: String,
    /// Which piece of Jinja a part is, counted.
    number: Vec<u64>,
    /// How many bytes loops may add.
    left: usize,
}

impl Run<'_, '_> {
    fn parts(&mut self, from: usize, to: usize, depth: usize) {
        let mut at = from;
        while at < to {
            let part = &self.template.parts[at];
            match part.kind {
                PartKind::Text => self.text(at),
                PartKind::Raw => self.word(at, "raw"),
                PartKind::Output if matches!(self.path, 3 | 5) => {}
                PartKind::Output => self.word(at, "out"),
                PartKind::Open(keyword) => {
                    self.block(at, keyword, depth);
                    at = self.template.end(at);
                }
                PartKind::Comment | PartKind::Statement | PartKind::Middle | PartKind::Close => {}
            }
            at += 1;
        }
    }

    fn word(&mut self, at: usize, kind: &str) {
        use std::fmt::Write as _;

        let _ = write!(self.out, "jinja_{kind}_{}", self.number[at]);
    }

    fn text(&mut self, at: usize) {
        let Template { text, parts, .. } = self.template;
        let mut piece = &text[parts[at].range.clone()];
        if at > 0 && parts[at - 1].trims_after(text) {
            piece = piece.trim_start();
        }
        if parts.get(at + 1).is_some_and(|next| next.trims_before(text)) {
            piece = piece.trim_end();
        }
        self.out.push_str(piece);
    }

    fn block(&mut self, at: usize, keyword: &str, depth: usize) {
        if is_verbatim(keyword) {
            if matches!(keyword, "call" | "filter") {
                self.word(at, "block");
            }
            return;
        }
        let end = self.template.end(at);
        let mut branches = Vec::new();
        let mut tag = at;
        while tag != end {
            branches.push((tag + 1, self.template.next[tag]));
            tag = self.template.next[tag];
        }
        let is_loop = keyword == "for";
        let is_choice = is_loop || keyword == "if";
        let count = branches.len();
        // Without an `else`, a block may give nothing.
        let ways = count + usize::from(!is_loop && !self.has_else(at, end) || is_loop && count == 1);
        let way = match self.path {
            _ if !is_choice => 0,
            0 => {
                for (from, to) in branches {
                    self.parts(from, to, depth + 1);
                }
                return;
            }
            1 => 0,
            2 => ways - 1,
            path => usize::try_from(mixed(self.number[at], path)).unwrap_or_default() % ways,
        };
        let Some((from, to)) = branches.get(way).copied() else { return };
        let size = self.template.parts[to].range.start - self.template.parts[at].range.end;
        let is_twice = is_loop && way == 0 && self.path > 0 && (depth == 0 || self.left > size);
        if matches!(keyword, "macro" | "test" | "data_test") {
            // What one gives and what the next gives never touch.
            self.out.push('\n');
        }
        if is_twice {
            self.left = self.left.saturating_sub(size);
            self.parts(from, to, depth + 1);
        }
        self.parts(from, to, depth + 1);
    }

    fn has_else(&self, at: usize, end: usize) -> bool {
        let mut tag = at;
        while tag != end {
            let part = &self.template.parts[tag];
            if part.kind == PartKind::Middle && self.template.text[part.inner.clone()].trim() == "else" {
                return true;
            }
            tag = self.template.next[tag];
        }
        false
    }
}

/// A number that two make, as good as any.
fn mixed(one: u64, two: u64) -> u64 {
    let mut value = one.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ two.wrapping_mul(0xD1B5_4A32_D192_ED03);
    value ^= value >> 29;
    value = value.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (value ^ (value >> 32)) >> 8
}

/// Compares two pieces of SQL but for white space, the case of keywords, and where comments
/// stand.
fn compare(one: &str, two: &str, dialect: Dialect) -> Result<(), String> {
    let read = |text: &str| {
        let all = lexemes(text, dialect).into_iter().filter(|(lexeme, _)| *lexeme != Lexeme::Space);
        all.partition::<Vec<_>, _>(|(lexeme, _)| *lexeme == Lexeme::Comment)
    };
    let ((one_comments, one_code), (two_comments, two_code)) = (read(one), read(two));
    for ((_, one_at), (_, two_at)) in one_comments.iter().zip(&two_comments) {
        let piece = &one[one_at.clone()];
        if piece.trim_end() != two[two_at.clone()].trim_end() {
            return Err(format!("the comment `{}`", shortened(piece)));
        }
    }
    for ((one_kind, one_at), (two_kind, two_at)) in one_code.iter().zip(&two_code) {
        let (piece, other) = (&one[one_at.clone()], &two[two_at.clone()]);
        let is_same = piece == other
            || (piece.eq_ignore_ascii_case(other) && keyword::may_change(&piece.to_ascii_lowercase()));
        if one_kind != two_kind || !is_same {
            return Err(format!("`{}` to `{}`", shortened(piece), shortened(other)));
        }
    }
    if one_code.len() != two_code.len() || one_comments.len() != two_comments.len() {
        return Err("where its text ends".to_owned());
    }
    Ok(())
}

fn shortened(piece: &str) -> String {
    let line = piece.lines().next().unwrap_or_default();
    if line.chars().count() > 40 { line.chars().take(40).chain(['…']).collect() } else { line.to_owned() }
}
