//! What the parser refuses, told so that the cause is seen: it is rarely where the
//! parser stumbles, so the line is looked at for what people usually do.

use granit_parser::{ErrorKind, Marker, ScanError};

use super::Yaml;
use crate::diagnostic::{Code, Diagnostic};
use crate::text::{LineColumn, SourceFile, Span};

/// The byte offset of a marker.
pub(super) fn offset(file: &SourceFile, marker: &Marker) -> usize {
    match marker.byte_offset() {
        Some(offset) => offset.min(file.text().len()),
        None => file.offset(LineColumn { line: marker.line(), column: marker.col() + 1 }),
    }
}

/// An event where none can be: the parser never gives one, but says so if it does.
pub(super) fn unexpected(span: Span) -> Diagnostic {
    Diagnostic::new(Code::InvalidYaml, "this cannot be understood as YAML").label(span, "nothing fits here")
}

/// A list or mapping where the name of a key should be; nearly always an unquoted
/// `{{ … }}`, which YAML reads as a mapping in a mapping.
pub(super) fn bad_key(file: &SourceFile, mapping: Span, key: &Yaml) -> Diagnostic {
    let start = key.span.start as usize;
    if file.text()[..start].ends_with('{') && file.slice(key.span).starts_with('{') {
        return unquoted_jinja(file, mapping.start as usize);
    }
    Diagnostic::new(Code::InvalidYaml, format!("the name of a key is {}", key.describe()))
        .label(key.span, "a key must be text")
        .help("put it in quotes if it is text")
}

fn unquoted_jinja(file: &SourceFile, start: usize) -> Diagnostic {
    let text = file.text();
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let is_in_list = text[line_start..start].trim_end().ends_with([',', '[']);
    let line = &text[start..line_end(text, start)];
    let line = line.split(" #").next().unwrap_or(line).trim_end();
    let expression = line.find("}}").or_else(|| line.find("%}")).map_or(line, |at| &line[..at + 2]);
    let value = if is_in_list { expression } else { line };
    let quote = if value.contains('"') { '\'' } else { '"' };
    Diagnostic::new(Code::InvalidYaml, "a Jinja expression is not in quotes")
        .label(
            Span::new(file.id(), start, start + expression.len()),
            "YAML reads `{` as the start of a mapping",
        )
        .help(format!("put the whole value in quotes: {quote}{value}{quote}"))
}

/// Why the parser stopped.
pub(super) fn diagnostic(file: &SourceFile, error: &ScanError) -> Diagnostic {
    let text = file.text();
    let at = offset(file, error.marker());
    let place = Place { file, text, at };
    place
        .unquoted_jinja(error.kind())
        .or_else(|| place.tab(error.kind()))
        .or_else(|| place.by_kind(error.kind()))
        .unwrap_or_else(|| {
            Diagnostic::new(Code::InvalidYaml, error.info().to_lowercase()).label(place.here(), "")
        })
}

fn line_end(text: &str, from: usize) -> usize {
    let line = text[from..].find('\n').map_or(text.len(), |end| from + end);
    text[from..line].trim_end_matches('\r').len() + from
}

/// Where the parser stopped, and what stands there.
struct Place<'a> {
    file: &'a SourceFile,
    text: &'a str,
    at: usize,
}

impl<'a> Place<'a> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file.id(), start, end)
    }

    /// The character at the place.
    fn here(&self) -> Span {
        let length =
            self.text[self.at..].chars().next().filter(|next| *next != '\n').map_or(0, char::len_utf8);
        self.span(self.at, self.at + length)
    }

    /// Start and text of the line.
    fn line(&self) -> (usize, &'a str) {
        let start = self.text[..self.at].rfind('\n').map_or(0, |newline| newline + 1);
        (start, &self.text[start..line_end(self.text, start)])
    }

    /// Start and text of the line below.
    fn line_below(&self) -> Option<(usize, &'a str)> {
        let start = self.at + self.text[self.at..].find('\n')? + 1;
        Some((start, &self.text[start..line_end(self.text, start)]))
    }

    /// Start and text of the nearest line above that is not blank.
    fn line_above(&self) -> Option<(usize, &'a str)> {
        let (mut end, _) = self.line();
        while end > 0 {
            let start = self.text[..end - 1].rfind('\n').map_or(0, |newline| newline + 1);
            let line = self.text[start..end].trim_end();
            if !line.trim().is_empty() {
                return Some((start, line));
            }
            end = start;
        }
        None
    }

    /// A value on this line or the one above that begins with `{{` or `{%`.
    fn unquoted_jinja(&self, kind: &ErrorKind) -> Option<Diagnostic> {
        if matches!(kind, ErrorKind::UnclosedQuotedScalar) {
            return None;
        }
        [Some(self.line()), self.line_above()].into_iter().flatten().find_map(|(start, line)| {
            let at = ["{{", "{%", "{#"].into_iter().filter_map(|open| line.find(open)).min()?;
            let before = line[..at].trim_end();
            let begins_value = before.is_empty() || before.ends_with([':', '-', ',', '[']);
            begins_value.then(|| unquoted_jinja(self.file, start + at))
        })
    }

    /// A tab in the indentation of this line or one beside it.
    fn tab(&self, kind: &ErrorKind) -> Option<Diagnostic> {
        let tab_in = |(start, line): (usize, &str)| {
            let indentation = line.len() - line.trim_start().len();
            let tab = line[..indentation].find('\t')?;
            let tabs = line[tab..indentation].len() - line[tab..indentation].trim_start_matches('\t').len();
            Some(self.span(start + tab, start + tab + tabs))
        };
        let is_told = matches!(
            kind,
            ErrorKind::TabNotAllowed
                | ErrorKind::TabInBlockIndentation
                | ErrorKind::TabInIndentation
                | ErrorKind::TabAtBlockScalarStart
                | ErrorKind::TabInPlainScalar
        );
        let mut span = tab_in(self.line());
        if is_told && span.is_none() {
            let beside = [self.line_below(), self.line_above()];
            span = beside.into_iter().flatten().find_map(tab_in).or_else(|| Some(self.here()));
        }
        let span = span?;
        Some(
            Diagnostic::new(Code::InvalidYaml, "a tab is used for indentation")
                .label(span, "here is a tab")
                .help("indent with spaces: YAML allows no tabs there"),
        )
    }

    fn by_kind(&self, kind: &ErrorKind) -> Option<Diagnostic> {
        let error = |message: &str| Diagnostic::new(Code::InvalidYaml, message);
        Some(match kind {
            ErrorKind::UnclosedQuotedScalar
            | ErrorKind::DocumentIndicatorInQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent => {
                let quote = self.quotes().1.unwrap_or(self.at.min(self.text.len().saturating_sub(1)));
                error("a quote is opened and never closed")
                    .label(self.span(quote, quote + 1), "opened here")
                    .help("close it at the end of the text; a quote inside the text is written twice ('it''s')")
            }
            ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
                let opened = self.quotes().0.map(|at| self.span(at, at + 1));
                error("there is more text after the closing quote")
                    .label(self.here(), "the quoted text ended before this")
                    .also(opened, "it began here")
                    .help("put the whole value in one pair of quotes; a quote inside is written twice ('it''s') or \\\"")
            }
            ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofImplicitFlowMapping
            | ErrorKind::UnclosedFlowCollection { .. }
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::BlockEntryInFlowCollection => self.flow(),
            ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
                error(&format!("`{open}` is closed by `{close}`"))
                    .label(self.here(), "here a bracket does not match its partner")
            }
            ErrorKind::MisplacedFlowCollectionEnd => error("a bracket closes nothing")
                .label(self.here(), "nothing is open here")
                .help("remove it, or put the value in quotes if it is text"),
            ErrorKind::InvalidBlockScalarHeader => error("text stands on the line of a `|` or `>`")
                .label(self.here(), "the block begins here")
                .help("begin the text on the next line, or put it in quotes if it just begins with that character"),
            ErrorKind::UnexpectedCharacter { character } => {
                let (start, line) = self.line();
                error(&format!("a value cannot begin with `{}`", character.escape_debug()))
                    .label(self.here(), "YAML keeps this character for itself")
                    .help(format!("put the value in quotes: \"{}\"", line.get(self.at - start..).unwrap_or_default().trim_end()))
            }
            ErrorKind::MappingValueNotAllowed => self.colon(),
            ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidSimpleKey
            | ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedBlockSequenceEntry
            | ErrorKind::BlockSequenceEntryNotAllowed
            | ErrorKind::MappingKeyNotAllowed
            | ErrorKind::ExpectedDocumentStart
            | ErrorKind::InvalidIndentation => self.layout(),
            ErrorKind::InvalidBlockScalarIndent => error("a line of this block is indented less than its first")
                .label(self.here(), "")
                .help("indent all lines of the block alike"),
            ErrorKind::RecursionLimitExceeded => error("values are nested too deeply").label(self.here(), ""),
            ErrorKind::UnknownQuotedScalarEscape => error("there is no such escape in a double-quoted text")
                .label(self.here(), "")
                .help("write `\\\\` for a backslash, or use single quotes, which know no escapes"),
            ErrorKind::BomInsideDocument => error("a byte-order mark stands inside the file")
                .label(self.here(), "an invisible character")
                .help("delete it"),
            _ => return None,
        })
    }

    /// A `: ` in the middle of a value, or a value that goes on with a key below it.
    fn colon(&self) -> Diagnostic {
        let (start, line) = self.line();
        let key_end = line.find(": ").map(|colon| start + colon + 1);
        if let Some(key_end) = key_end.filter(|end| *end <= self.at) {
            let value = line[key_end - start..].trim();
            let quote = if value.contains('\'') { '"' } else { '\'' };
            return Diagnostic::new(Code::InvalidYaml, "a value that is not in quotes holds `: `")
                .label(self.span(self.at, self.at + 1), "YAML takes this for the end of a key")
                .help(format!("put the value in quotes: {quote}{value}{quote}"));
        }
        self.layout()
    }

    /// A line that does not fit among its neighbours.
    fn layout(&self) -> Diagnostic {
        for (start, line) in [Some(self.line()), self.line_above()].into_iter().flatten() {
            if let Some((colon, key)) = missing_space(line) {
                let at = start + colon;
                return Diagnostic::new(Code::InvalidYaml, format!("there is no space after `{key}:`"))
                    .label(self.span(at, at + 1), "without a space this is no key")
                    .help(format!("write `{key}: {}`", line[colon + 1..].trim()));
            }
        }
        let (start, line) = self.line();
        let content = line.trim_start();
        let indentation = line.len() - content.len();
        let span = self.span(start + indentation, start + line.trim_end().len());
        let no_key = |span| {
            Diagnostic::new(Code::InvalidYaml, "this line is neither a key nor an item of a list")
                .label(span, "a `:` is missing, or the line is indented wrongly")
                .help("write `key: value`; text over several lines begins with `key: >`")
        };
        if !is_entry(content) {
            return no_key(span);
        }
        if line.get(..self.at - start).unwrap_or(line).trim_end().ends_with(':')
            && line.get(self.at - start..).unwrap_or_default().starts_with('-')
        {
            return Diagnostic::new(Code::InvalidYaml, "a list begins on the line of its key")
                .label(self.here(), "an item of a list needs a line of its own")
                .help("put `- …` on the next line, or the value in quotes if it is text");
        }
        if let Some((above, text)) = self.line_above()
            && !is_entry(text.trim_start())
            && text.len() - text.trim_start().len() == indentation
        {
            return no_key(self.span(above + indentation, above + text.len()));
        }
        let diagnostic = Diagnostic::new(Code::InvalidYaml, "this line is indented wrongly")
            .label(span, format!("indented by {indentation}, which fits nothing above"))
            .help("give keys of one mapping, and items of one list, the same indentation");
        match self.line_above() {
            Some((above, text)) => {
                let indent = text.len() - text.trim_start().len();
                diagnostic.also(
                    self.span(above + indent, above + text.len()),
                    format!("the line above is indented by {indent}"),
                )
            }
            None => diagnostic,
        }
    }

    /// A `[` or `{` that is not closed, or something in it that does not fit.
    fn flow(&self) -> Diagnostic {
        let (opened, open) = self.open_bracket();
        let close = if open == '[' { ']' } else { '}' };
        let diagnostic = Diagnostic::new(Code::InvalidYaml, format!("`{open}` is not closed by `{close}`"))
            .label(self.span(opened, opened + 1), "opened here");
        let diagnostic = if self.at < self.text.len() && self.at != opened {
            diagnostic.also(self.here(), format!("`,` or `{close}` should be before this"))
        } else {
            diagnostic
        };
        diagnostic.help(format!("add `{close}`, or put the value in quotes if it is text"))
    }

    /// The last bracket before the place, or at it, that has no partner, roughly: quotes
    /// are not known here.
    fn open_bracket(&self) -> (usize, char) {
        let mut depth = 0_usize;
        for (at, character) in self.text[..self.at].char_indices().rev() {
            match character {
                ']' | '}' => depth += 1,
                '[' | '{' if depth == 0 => return (at, character),
                '[' | '{' => depth -= 1,
                _ => {}
            }
        }
        let here = self.text[self.at..].chars().next();
        (self.at.min(self.text.len().saturating_sub(1)), here.filter(|next| *next == '[').unwrap_or('{'))
    }

    /// Where the last quoted text before the place began, and where the one began that is
    /// never closed.
    fn quotes(&self) -> (Option<usize>, Option<usize>) {
        let (mut last, mut open) = (None, None);
        let mut previous = '\n';
        let mut characters = self.text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            match open {
                None if character == '#' && previous.is_whitespace() => {
                    while characters.next_if(|(_, next)| *next != '\n').is_some() {}
                }
                None if matches!(character, '\'' | '"')
                    && (previous.is_whitespace() || matches!(previous, '[' | '{' | ',')) =>
                {
                    open = Some((at, character));
                    if at < self.at {
                        last = Some(at);
                    }
                }
                Some((_, '"')) if character == '\\' => {
                    characters.next();
                }
                Some((_, '\''))
                    if character == '\'' && characters.next_if(|(_, next)| *next == '\'').is_some() => {}
                Some((_, quote)) if character == quote => open = None,
                _ => {}
            }
            previous = character;
        }
        (last, open.map(|(at, _)| at))
    }
}

/// Whether a line (without its indentation) is a key or an item, or blank.
fn is_entry(line: &str) -> bool {
    line.is_empty() || line.starts_with(['-', '#', '?', '{', '[']) || line.contains(':')
}

/// The colon of a `key:value` at the start of a line, and the key.
fn missing_space(line: &str) -> Option<(usize, &str)> {
    let content = line.trim_start();
    let content = content.strip_prefix("- ").unwrap_or(content);
    let start = line.len() - content.len();
    let colon = content.find(':')?;
    let key = &content[..colon];
    let is_word = !key.is_empty()
        && key.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '+'));
    let follows = content[colon + 1..].chars().next()?;
    (is_word && !follows.is_whitespace() && follows != '/').then_some((start + colon, key))
}
