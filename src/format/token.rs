use std::borrow::Cow;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::keyword;
use super::lexeme::lexemes;
use super::style::{Contents, KeywordCase, Style};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Part, PartKind, parts};
use crate::sql::{Dialect, Lexeme, Scanner};
use crate::text::{SourceFile, Span};

/// What a [`Token`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a name, a number, or an expression of Jinja, also glued together.
    Word,
    /// A string or a name in quotes.
    Quoted,
    /// An operator.
    Operator,
    Dot,
    /// `(`, `[`, `{`
    Open,
    Close,
    Comma,
    Semicolon,
    /// `--` up to the end of the line.
    LineComment,
    /// `/* … */` or `{# … #}`.
    Comment,
    /// A tag that stands alone, and blocks that are left as they are.
    Statement,
    BlockOpen,
    BlockMiddle,
    BlockClose,
    /// What stands between `-- fmt: off` and `-- fmt: on`.
    Off,
}

/// What lies between a token and the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// White space means nothing here.
    Free,
    /// There is none, and there must not be any.
    Glued,
    /// There is some, and there must be.
    Spaced,
}

/// A piece of the text that moves as a whole.
#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: Cow<'a, str>,
    pub range: Range<usize>,
    pub gap: Gap,
    /// Whether there is white space before it.
    pub has_space: bool,
    /// How many lines end before it.
    pub newlines: usize,
    /// How far from the beginning of its line it stands.
    pub column: usize,
    /// It has its line to itself.
    pub has_line: bool,
    /// Of a word of SQL that may be a keyword, in small letters.
    pub word: Option<Box<str>>,
    /// Columns of the first line.
    pub width: usize,
    pub has_newline: bool,
    /// It is nothing but one `{{ … }}`.
    pub is_output: bool,
}

impl Token<'_> {
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.word.as_deref() == Some(word)
    }

    pub(super) fn is_comment(&self) -> bool {
        matches!(self.kind, Kind::LineComment | Kind::Comment)
    }

    pub(super) fn is_tag(&self) -> bool {
        matches!(self.kind, Kind::Statement | Kind::BlockOpen | Kind::BlockMiddle | Kind::BlockClose)
    }

    /// Whether an operand may end with it.
    pub(super) fn ends_operand(&self) -> bool {
        match self.kind {
            Kind::Word => self.word.as_deref().is_none_or(|word| !keyword::wants_more(word)),
            Kind::Quoted | Kind::Close => true,
            _ => false,
        }
    }
}

/// Blocks whose text is left as it is: what is done with it is not known.
fn is_kept(keyword: &str) -> bool {
    !matches!(keyword, "if" | "for" | "with" | "block" | "autoescape" | "snapshot")
}

/// A piece of Jinja between the marks, with one space inside of them where a line does not
/// end there.
pub(super) fn normalized<'a>(text: &'a str, part: &Part) -> Cow<'a, str> {
    if !matches!(
        part.kind,
        PartKind::Output | PartKind::Statement | PartKind::Open(_) | PartKind::Middle | PartKind::Close
    ) {
        return text[part.range.clone()].into();
    }
    let inner = &text[part.inner.clone()];
    let core = inner.trim();
    let before = &inner[..inner.len() - inner.trim_start().len()];
    let after = &inner[inner.trim_end().len()..];
    if before == " " && after == " " || core.is_empty() {
        return text[part.range.clone()].into();
    }
    let space = |space: &'a str| if space.contains('\n') { space } else { " " };
    let (open, close) = (&text[part.range.start..part.inner.start], &text[part.inner.end..part.range.end]);
    [open, space(before), core, space(after), close].concat().into()
}

/// Joins the parts of each block that is kept to one statement.
fn folded(text: &str, parts: Vec<Part>, contents: Contents) -> Vec<Part> {
    let queries = if contents == Contents::Macros { query_macros(text, &parts) } else { Vec::new() };
    let mut all: Vec<Part> = Vec::with_capacity(parts.len());
    let mut depth = 0_usize;
    for part in parts {
        let is_kept = match part.kind {
            PartKind::Open(keyword) => is_kept(keyword) && !queries.contains(&part.range.start),
            _ => false,
        };
        if depth == 0 && !is_kept {
            all.push(part);
            continue;
        }
        match all.last_mut() {
            Some(last) if depth > 0 => {
                last.range.end = part.range.end;
                last.inner = last.range.clone();
            }
            _ => all.push(Part { kind: PartKind::Raw, ..part.clone() }),
        }
        match part.kind {
            PartKind::Open(_) => depth += 1,
            PartKind::Close => depth -= 1,
            _ => {}
        }
    }
    all
}

/// Where the macros begin whose bodies are queries that nothing but a warehouse reads, as far
/// as they tell themselves: they have a `select`, and no `return`.
fn query_macros(text: &str, parts: &[Part]) -> Vec<usize> {
    struct Open {
        start: usize,
        is_macro: bool,
        is_query: bool,
        returns: bool,
    }
    let mut queries = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for part in parts {
        match part.kind {
            PartKind::Open(keyword) => open.push(Open {
                start: part.range.start,
                is_macro: matches!(keyword, "macro" | "test" | "data_test"),
                is_query: false,
                returns: false,
            }),
            PartKind::Close => {
                let Some(block) = open.pop() else { continue };
                if block.is_macro && block.is_query && !block.returns {
                    queries.push(block.start);
                }
                if let Some(outer) = open.last_mut() {
                    outer.is_query |= block.is_query && !block.is_macro;
                    outer.returns |= block.returns;
                }
            }
            PartKind::Text => {
                let words = text[part.range.clone()].split(|c: char| !(c.is_alphanumeric() || c == '_'));
                let is_query = words.into_iter().any(|word| word.eq_ignore_ascii_case("select"));
                open.iter_mut().rev().take(1).for_each(|block| block.is_query |= is_query);
            }
            PartKind::Output | PartKind::Statement => {
                let returns = text[part.inner.clone()].contains("return");
                open.iter_mut().rev().take(1).for_each(|block| block.returns |= returns);
            }
            _ => {}
        }
    }
    queries
}

/// The text with letters in place of Jinja: outputs become words, all else control characters.
fn masked(text: &str, parts: &[Part]) -> String {
    let mut masked = String::with_capacity(text.len());
    for part in parts {
        let range = part.range.clone();
        let fill = match part.kind {
            PartKind::Text => {
                masked.push_str(&text[range]);
                continue;
            }
            PartKind::Output => '_',
            PartKind::Raw if text[range.clone()].starts_with("{%") && is_raw(text, part) => '_',
            _ => TAG,
        };
        masked.extend(std::iter::repeat_n(fill, range.len()));
    }
    masked
}

const TAG: char = '\u{1}';

/// Whether the part is a raw block, and not one that was folded.
fn is_raw(text: &str, part: &Part) -> bool {
    text[part.range.start + 2..part.range.end].trim_start_matches(['-', '+']).trim_start().starts_with("raw")
}

/// A complaint that a file is left as it is.
pub(super) fn refusal(file: &SourceFile, at: Range<usize>, why: &str) -> Diagnostic {
    Diagnostic::new(Code::NotFormatted, why.to_owned())
        .label(Span::new(file.id(), at.start, at.end), "")
        .help("the file is left as it is")
}

/// Cuts a file into tokens.
///
/// # Errors
/// Jinja, a string or a comment is left open, or a tag inside of a string closes a block
/// outside of it.
pub(super) fn tokens<'a>(
    file: &'a SourceFile,
    style: &Style,
    contents: Contents,
    dialect: Dialect,
) -> Result<Vec<Token<'a>>, Diagnostic> {
    let text = file.text();
    let read = parts(file).map_err(|told| {
        let at = told.span().map_or(0..0, Span::range);
        refusal(file, at, told.message())
    })?;
    if text.contains(TAG) {
        let at = text.find(TAG).unwrap_or_default();
        return Err(refusal(file, at..at + 1, "there is a control character in it"));
    }
    let parts = folded(text, read, contents);
    let masked = masked(text, &parts);
    let mut lexer = Lexer { text, parts: &parts, next: 0, tokens: Vec::new(), end: 0, line: 0 };
    let mut skip = 0;
    for (lexeme, range) in lexemes(&masked, dialect) {
        if range.start < skip || lexeme == Lexeme::Space {
            continue;
        }
        let piece = &masked[range.clone()];
        if lexeme == Lexeme::Symbol && piece.starts_with(TAG) {
            let part = lexer.part_at(range.start);
            let Some(part) = part else { continue };
            skip = part.range.end;
            lexer.tag(&part);
            continue;
        }
        if is_open(lexeme, piece, dialect) {
            return Err(refusal(file, range.start..range.start + 1, "what begins here is never closed"));
        }
        let (is_line_comment, is_balanced) = lexer.sql(lexeme, range.clone());
        if !is_balanced && lexeme != Lexeme::Comment {
            return Err(refusal(file, range, "a block begins inside of this and ends outside"));
        }
        if is_line_comment && is_switch(piece, "off") {
            let (end, is_balanced) = lexer.off(&masked, range.start);
            skip = end;
            if !is_balanced {
                return Err(refusal(
                    file,
                    range,
                    "a block begins or ends where `fmt: off` holds, but not both",
                ));
            }
        }
    }
    let mut tokens = lexer.tokens;
    finish(text, &parts, &mut tokens, style);
    check_blocks(file, &tokens)?;
    Ok(tokens)
}

/// Whether a lexeme goes on to the end of the text because nothing ends it.
fn is_open(lexeme: Lexeme, piece: &str, dialect: Dialect) -> bool {
    match lexeme {
        Lexeme::String | Lexeme::QuotedName => {}
        Lexeme::Comment if piece.starts_with("/*") => {}
        _ => return false,
    }
    // What is closed takes nothing of what follows.
    let probe = format!("{piece}\n;");
    Scanner::new(&probe, dialect).next().is_some_and(|(_, range)| range.end > piece.len())
}

/// Whether it is the comment `-- fmt: off`, or `on`.
fn is_switch(comment: &str, state: &str) -> bool {
    let words = comment.trim_start_matches(['-', '#', '/']).trim_start();
    words.strip_prefix("fmt:").is_some_and(|rest| rest.trim() == state)
}

struct Lexer<'a, 'p> {
    text: &'a str,
    parts: &'p [Part],
    /// The first part that was not passed yet.
    next: usize,
    tokens: Vec<Token<'a>>,
    /// Where the last token ends.
    end: usize,
    /// Where its last line begins.
    line: usize,
}

impl<'a> Lexer<'a, '_> {
    fn part_at(&mut self, at: usize) -> Option<Part> {
        while self.parts.get(self.next).is_some_and(|part| part.range.start < at) {
            self.next += 1;
        }
        self.parts.get(self.next).filter(|part| part.range.start == at).cloned()
    }

    fn push(&mut self, kind: Kind, text: Cow<'a, str>, range: Range<usize>) {
        let between = &self.text[self.end..range.start];
        if let Some(at) = between.rfind('\n') {
            self.line = self.end + at + 1;
        }
        let width = text.split('\n').next().unwrap_or_default().width();
        self.tokens.push(Token {
            kind,
            has_newline: text.contains('\n'),
            width,
            text,
            gap: Gap::Free,
            has_space: !between.is_empty(),
            newlines: between.bytes().filter(|byte| *byte == b'\n').count(),
            column: range.start - self.line,
            has_line: false,
            word: None,
            is_output: false,
            range: range.clone(),
        });
        self.pass(range.end);
    }

    /// Goes on at `end`.
    fn pass(&mut self, end: usize) {
        if let Some(at) = self.text[self.end..end].rfind('\n') {
            self.line = self.end + at + 1;
        }
        self.end = end;
    }

    fn tag(&mut self, part: &Part) {
        let kind = match part.kind {
            PartKind::Comment => Kind::Comment,
            PartKind::Open(_) => Kind::BlockOpen,
            PartKind::Middle => Kind::BlockMiddle,
            PartKind::Close => Kind::BlockClose,
            _ => Kind::Statement,
        };
        self.push(kind, normalized(self.text, part), part.range.clone());
    }

    /// Adds a lexeme of SQL, which may have Jinja in it. Whether it is a comment of a line,
    /// and whether the blocks inside of it begin and end there.
    fn sql(&mut self, lexeme: Lexeme, range: Range<usize>) -> (bool, bool) {
        let text = self.text;
        let mut whole = Cow::Borrowed("");
        let mut at = range.start;
        let (mut depth, mut is_balanced, mut is_output) = (0_usize, true, false);
        while self.parts.get(self.next).is_some_and(|part| part.range.end <= range.start) {
            self.next += 1;
        }
        let mut next = self.next;
        while let Some(part) = self.parts.get(next).filter(|part| part.range.start < range.end) {
            match part.kind {
                PartKind::Open(_) => depth += 1,
                PartKind::Close | PartKind::Middle if depth == 0 => is_balanced = false,
                PartKind::Close => depth -= 1,
                _ => {}
            }
            if part.kind != PartKind::Text && lexeme != Lexeme::Comment {
                let written = normalized(text, part);
                is_output = part.kind == PartKind::Output && part.range == range;
                whole = if at == part.range.start && whole.is_empty() {
                    written
                } else {
                    [&whole, &text[at..part.range.start], &written].concat().into()
                };
                at = part.range.end;
            }
            next += 1;
        }
        let has_parts = at > range.start;
        let whole = if has_parts && at == range.end {
            whole
        } else if has_parts {
            [&whole, &text[at..range.end]].concat().into()
        } else {
            Cow::Borrowed(&text[range.clone()])
        };
        let is_line_comment = lexeme == Lexeme::Comment && !text[range.clone()].starts_with("/*");
        let kind = match (lexeme, &text[range.clone()]) {
            (Lexeme::String | Lexeme::QuotedName, _) => Kind::Quoted,
            (Lexeme::Comment, _) if is_line_comment => Kind::LineComment,
            (Lexeme::Comment, _) => Kind::Comment,
            (Lexeme::Symbol, "(" | "[" | "{") => Kind::Open,
            (Lexeme::Symbol, ")" | "]" | "}") => Kind::Close,
            (Lexeme::Symbol, ",") => Kind::Comma,
            (Lexeme::Symbol, ";") => Kind::Semicolon,
            (Lexeme::Symbol, ".") => Kind::Dot,
            (Lexeme::Symbol, _) => Kind::Operator,
            _ => Kind::Word,
        };
        let whole = match whole {
            Cow::Borrowed(line) if is_line_comment => Cow::Borrowed(line.trim_end()),
            whole => whole,
        };
        self.push(kind, whole, range);
        if let Some(token) = self.tokens.last_mut() {
            token.is_output = is_output;
            if kind == Kind::Word && !has_parts && token.range.len() <= 16 {
                token.word = Some(token.text.to_lowercase().into());
            }
        }
        (is_line_comment, is_balanced && depth == 0)
    }

    /// Makes the last token, a comment, go on to the one that switches formatting on again.
    /// Where it ends, and whether the blocks in it are whole.
    fn off(&mut self, masked: &str, start: usize) -> (usize, bool) {
        let mut end = masked.len();
        let mut at = start;
        for line in masked[start..].split_inclusive('\n') {
            let comment = line.find("--").map(|at| &line[at..]);
            if at > start && comment.is_some_and(|comment| is_switch(comment, "on")) {
                end = at + line.trim_end().len();
                break;
            }
            at += line.len();
        }
        let end = start + self.text[start..end].trim_end().len();
        let (mut depth, mut is_balanced) = (0_usize, true);
        for part in self.parts.iter().filter(|part| part.range.start < end && part.range.end > start) {
            match part.kind {
                PartKind::Open(_) => depth += 1,
                PartKind::Middle | PartKind::Close if depth == 0 => is_balanced = false,
                PartKind::Close => depth -= 1,
                _ => {}
            }
            is_balanced &=
                part.kind == PartKind::Text || (part.range.start >= start && part.range.end <= end);
        }
        if let Some(token) = self.tokens.last_mut() {
            token.kind = Kind::Off;
            token.range.end = end;
            token.text = Cow::Borrowed(&self.text[start..end]);
            token.has_newline = token.text.contains('\n');
        }
        self.pass(end);
        (end, is_balanced && depth == 0)
    }
}

/// Finds out what needs neighbours: gaps, lines of their own, keywords.
fn finish(text: &str, parts: &[Part], tokens: &mut [Token<'_>], style: &Style) {
    let mut starts = parts.iter().peekable();
    // For each token, the parts it begins and ends with.
    let mut edges: Vec<(Option<&Part>, Option<&Part>)> = Vec::with_capacity(tokens.len());
    for token in tokens.iter() {
        let (mut first, mut last) = (None, None);
        while let Some(part) = starts.next_if(|part| part.range.start < token.range.end) {
            if part.kind != PartKind::Text && part.range.start == token.range.start {
                first = Some(part);
            }
            if part.kind != PartKind::Text && part.range.end == token.range.end {
                last = Some(part);
            }
            if part.range.end > token.range.end {
                break;
            }
        }
        edges.push((first, last));
    }
    for at in 0..tokens.len() {
        let is_after_line = at == 0 || tokens[at].newlines > 0;
        let is_before_line = tokens.get(at + 1).is_none_or(|next| next.newlines > 0);
        if at > 0 {
            tokens[at].gap = gap(text, &tokens[at - 1], edges[at - 1].1, &tokens[at], edges[at].0);
        }
        let has_line = is_after_line && is_before_line;
        tokens[at].has_line = match tokens[at].kind {
            Kind::Off => true,
            Kind::LineComment => is_after_line,
            Kind::Comment | Kind::Statement => has_line,
            Kind::Word if tokens[at].is_output && has_line => {
                let is_after_operand = at == 0 || {
                    let before = &tokens[at - 1];
                    before.ends_operand()
                        || before.is_tag()
                        || before.is_comment()
                        || before.kind == Kind::Semicolon
                };
                let is_before_new = tokens.get(at + 1).is_none_or(|next| {
                    !matches!(
                        next.kind,
                        Kind::Operator | Kind::Comma | Kind::Dot | Kind::Close | Kind::Semicolon
                    ) && !["as", "and", "or", "in", "is", "between", "like", "then", "end", "not"]
                        .iter()
                        .any(|word| next.is_word(word))
                });
                is_after_operand && is_before_new
            }
            _ => false,
        };
    }
    write_keywords(tokens, style.keyword_case);
}

/// What may lie between two tokens that follow each other.
fn gap(text: &str, one: &Token<'_>, end: Option<&Part>, two: &Token<'_>, start: Option<&Part>) -> Gap {
    if end.is_none() && start.is_none() {
        return Gap::Free;
    }
    if end.is_some_and(|part| part.trims_after(text)) || start.is_some_and(|part| part.trims_before(text)) {
        return Gap::Free;
    }
    // What always stands for itself, whatever is next to it.
    let is_neutral = |token: &Token<'_>| {
        matches!(token.kind, Kind::Comma | Kind::Open | Kind::Close | Kind::Semicolon)
            || (token.kind == Kind::Operator
                && matches!(&*token.text, "=" | "<" | ">" | "<=" | ">=" | "<>" | "!=" | "||" | "+"))
    };
    if is_neutral(one) || is_neutral(two) {
        return Gap::Free;
    }
    if two.has_space { Gap::Spaced } else { Gap::Glued }
}

/// Writes keywords in their case, and forgets of words that they could be keywords where
/// they are names.
fn write_keywords(tokens: &mut [Token<'_>], case: KeywordCase) {
    let code: Vec<usize> = (0..tokens.len()).filter(|at| !tokens[*at].is_comment()).collect();
    let mut keywords = Vec::new();
    let mut names = Vec::new();
    for (place, &at) in code.iter().enumerate() {
        let Some(word) = tokens[at].word.as_deref() else { continue };
        let before = place.checked_sub(1).map(|place| &tokens[code[place]]);
        let after = code.get(place + 1).map(|at| &tokens[*at]);
        let is_name = before.is_some_and(|before| before.kind == Kind::Dot)
            || after.is_some_and(|after| after.kind == Kind::Dot);
        if is_name {
            names.push(at);
            continue;
        }
        let is_alias =
            before.is_some_and(|before| before.is_word("as")) && word != "select" && word != "with";
        let is_function = after.is_some_and(|after| after.kind == Kind::Open)
            && matches!(word, "left" | "right" | "all" | "true" | "false");
        let is_half = |one: Option<&str>, two: Option<&str>| {
            one.zip(two).is_some_and(|(one, two)| keyword::is_pair(one, two))
        };
        let is_keyword = keyword::is_reserved(word)
            || is_half(before.and_then(|before| before.word.as_deref()), Some(word))
            || is_half(Some(word), after.and_then(|after| after.word.as_deref()));
        let is_number = |token: Option<&Token<'_>>| {
            token.is_some_and(|token| {
                token.kind == Kind::Word && token.text.starts_with(|c: char| c.is_ascii_digit())
            })
        };
        let is_before_bracket = after.is_some_and(|after| after.kind == Kind::Open);
        let is_keyword_here = match word {
            "filter" => is_before_bracket && before.is_some_and(|before| before.kind == Kind::Close),
            "offset" => is_number(after) && before.is_some_and(Token::ends_operand),
            "preceding" | "following" => is_number(before),
            "values" => is_before_bracket && !before.is_some_and(Token::ends_operand),
            _ => false,
        };
        if (is_keyword || is_keyword_here) && !is_alias && !is_function {
            keywords.push(at);
        }
    }
    for at in names {
        tokens[at].word = None;
    }
    for at in keywords {
        let written = match case {
            KeywordCase::Lower => tokens[at].text.to_ascii_lowercase(),
            KeywordCase::Upper => tokens[at].text.to_ascii_uppercase(),
            KeywordCase::Keep => continue,
        };
        if written != *tokens[at].text {
            tokens[at].text = written.into();
        }
    }
}

/// Blocks have to match among the tags that stand in no string and no comment.
fn check_blocks(file: &SourceFile, tokens: &[Token<'_>]) -> Result<(), Diagnostic> {
    let mut open = Vec::new();
    let message = "a block begins inside of a comment and ends outside, or the other way round";
    for token in tokens {
        match token.kind {
            Kind::BlockOpen => open.push(token.range.clone()),
            Kind::BlockMiddle | Kind::BlockClose if open.is_empty() => {
                return Err(refusal(file, token.range.clone(), message));
            }
            Kind::BlockClose => {
                open.pop();
            }
            _ => {}
        }
    }
    match open.pop() {
        Some(at) => Err(refusal(file, at, message)),
        None => Ok(()),
    }
}
