use std::ops::Range;

use super::expression::{Expression, ExpressionKind, Identifier};
use super::expression_parser::ExpressionParser;
use super::pieces::{Piece, Pieces, find_tag};
use super::syntax_error::SyntaxError;
use super::template_parser::{header, unclosed};
use super::template_tree::{Header, Parameter as Declared};
use super::token::{Token, TokenKind};
use crate::diagnostic::{Checked, Diagnostic, WarningName};
use crate::text::{FileId, SourceFile, Span, Spanned};

/// The words that begin a block with a life of its own.
const KEYWORDS: [&str; 6] = ["macro", "test", "data_test", "materialization", "snapshot", "docs"];

/// What a carved block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockKind {
    Macro,
    /// `{% test %}` and `{% data_test %}`.
    Test,
    Materialization {
        /// `None` for `default`.
        adapter: Option<String>,
        supported_languages: Vec<String>,
    },
    Snapshot,
    Docs,
}

/// A parameter in the header of a macro.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: Spanned<String>,
    pub has_default: bool,
}

/// A block of a file: `{% macro … %} … {% endmacro %}` and its like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub kind: BlockKind,
    /// As in the header: `unique` for `{% test unique(…) %}`.
    pub name: Spanned<String>,
    /// From the first `{%` through the last `%}`.
    pub span: Span,
    /// What stands between the two tags, untrimmed.
    pub body: Span,
    pub parameters: Vec<Parameter>,
}

impl BlockKind {
    /// The word that begins it, in its usual spelling.
    fn keyword(&self) -> &'static str {
        match self {
            BlockKind::Macro => "macro",
            BlockKind::Test => "test",
            BlockKind::Materialization { .. } => "materialization",
            BlockKind::Snapshot => "snapshot",
            BlockKind::Docs => "docs",
        }
    }
}

impl Block {
    /// dbt's name of the macro it becomes: `test_unique`, `materialization_table_default`;
    /// of other blocks the name itself.
    #[must_use]
    pub fn macro_name(&self) -> String {
        let name = self.name.value.as_str();
        match &self.kind {
            BlockKind::Test => format!("test_{name}"),
            BlockKind::Materialization { adapter, .. } => {
                format!("materialization_{name}_{}", adapter.as_deref().unwrap_or("default"))
            }
            BlockKind::Macro | BlockKind::Snapshot | BlockKind::Docs => name.to_owned(),
        }
    }
}

/// The blocks of a file at top level, in order, whatever stands between them. Knows
/// comments, `raw` blocks and strings. An unclosed or misnamed block is a diagnostic.
///
/// What is wrong inside of a block is left to the engine to tell; `docs` blocks are not
/// looked into at all.
pub fn carve(file: &SourceFile) -> Checked<Vec<Block>> {
    let (blocks, _, diagnostics) = carved(file);
    Checked::new(blocks, diagnostics)
}

/// The same of a file in which only blocks of `expected` keywords are of use: each tag at
/// top level that is of another kind, or closes nothing, is told as a deprecation.
/// See <https://docs.getdbt.com/reference/deprecations#unexpectedjinjablockdeprecation>.
pub fn carve_expecting(file: &SourceFile, expected: &[&str]) -> Checked<Vec<Block>> {
    let (blocks, mut strays, mut diagnostics) = carved(file);
    let unexpected = blocks.iter().filter(|block| !expected.contains(&block.kind.keyword()));
    for block in unexpected {
        let keyword = block.kind.keyword();
        let head = Span::new(file.id(), block.span.start as usize, block.body.start as usize);
        let end = Span::new(file.id(), block.body.end as usize, block.span.end as usize);
        strays.extend([Spanned::new(keyword.to_owned(), head), Spanned::new(format!("end{keyword}"), end)]);
    }
    strays.sort_by_key(|stray| stray.span.start);
    diagnostics.extend(strays.into_iter().map(|stray| {
        let word = &stray.value;
        let message = format!("the tag `{word}` does nothing here");
        Diagnostic::deprecation(WarningName::UnexpectedJinjaBlockDeprecation, message)
            .said(format!("Found unexpected '{word}' block tag. in file `{}`", file.path()))
            .fact("file", file.path())
            .label(stray.span, "")
            .help(match word.strip_prefix("end") {
                Some(closes) => format!("remove it: no `{closes}` block of use is open here"),
                None => format!("move it into a block: this file is read for its {} only", listed(expected)),
            })
    }));
    Checked::new(blocks, diagnostics)
}

fn listed(keywords: &[&str]) -> String {
    keywords.iter().map(|keyword| format!("`{keyword}`")).collect::<Vec<_>>().join(", ")
}

fn carved(file: &SourceFile) -> (Vec<Block>, Vec<Spanned<String>>, Vec<Diagnostic>) {
    let text = file.text();
    let pieces = Pieces::new(text, 0..text.len());
    let mut carver = Carver { text, pieces, blocks: Vec::new(), strays: Vec::new(), file: file.id() };
    let mut diagnostics = Vec::new();
    while let Some(found) = carver.next_block() {
        match found {
            Ok(block) => carver.blocks.push(block),
            Err(error) => diagnostics.push(error.in_file(file.id())),
        }
    }
    (carver.blocks, carver.strays, diagnostics)
}

struct Carver<'a> {
    text: &'a str,
    pieces: Pieces<'a>,
    blocks: Vec<Block>,
    /// Tags at top level that begin and end none of the blocks.
    strays: Vec<Spanned<String>>,
    file: FileId,
}

/// The header of a block, read.
struct Opened {
    kind: BlockKind,
    name: Identifier,
    parameters: Vec<Declared>,
}

type Found = Option<Result<Block, SyntaxError>>;

impl Carver<'_> {
    /// The next block or complaint; `None` at the end of the file.
    fn next_block(&mut self) -> Found {
        loop {
            let start = self.pieces.position();
            let (tokens, at, close) = match self.pieces.next()? {
                Ok(Piece::Tag { open, tokens, close }) => (tokens, open.start..close.end, close),
                Ok(_) => continue,
                Err(error) => {
                    let is_lost = !self.pieces.recover(start);
                    let Some(keyword) = begun(&self.text[start..]) else {
                        if is_lost {
                            return Some(Err(error));
                        }
                        continue;
                    };
                    // Its end belongs to it, although it cannot be read.
                    let _ = self.find_end(keyword, &(start..self.pieces.position()));
                    return Some(Err(error));
                }
            };
            let keyword = match first_word(self.text, &tokens) {
                Some(word) => match KEYWORDS.iter().find(|keyword| **keyword == word) {
                    Some(keyword) => *keyword,
                    None => {
                        let place = Span::new(self.file, at.start, at.end);
                        self.strays.push(Spanned::new(word.to_owned(), place));
                        continue;
                    }
                },
                None => continue,
            };
            let opened = self.header(keyword, &tokens, &close);
            let end = self.find_end(keyword, &at);
            return Some(match (opened, end) {
                (Ok(opened), Ok(end)) => Ok(self.block(opened, &at, &end)),
                (Err(error), _) | (_, Err(error)) => Err(error),
            });
        }
    }

    fn block(&self, opened: Opened, head: &Range<usize>, end: &Range<usize>) -> Block {
        let span = |range: Range<usize>| Span::new(self.file, range.start, range.end);
        let named = |name: Identifier| Spanned::new(name.name, span(name.at));
        let parameters = opened.parameters.into_iter();
        Block {
            kind: opened.kind,
            name: named(opened.name),
            span: span(head.start..end.end),
            body: span(head.end..end.start),
            parameters: parameters
                .map(|p| Parameter { name: named(p.name), has_default: p.default.is_some() })
                .collect(),
        }
    }

    /// The tag that ends the block that `head` opens. Stops before another block that
    /// cannot stand inside, so that one missing end does not swallow the rest.
    fn find_end(&mut self, keyword: &str, head: &Range<usize>) -> Result<Range<usize>, SyntaxError> {
        let end = format!("end{keyword}");
        if keyword == "docs" {
            let found = find_tag(self.text, head.end, &end);
            self.pieces.skip_to(found.as_ref().map_or(self.text.len(), |at| at.end));
            return found.ok_or_else(|| unclosed(keyword, head.clone()));
        }
        let mut depth = 0;
        loop {
            let start = self.pieces.position();
            let (tokens, at) = match self.pieces.next() {
                None => return Err(unclosed(keyword, head.clone())),
                Some(Ok(Piece::Tag { open, tokens, close })) => (tokens, open.start..close.end),
                Some(Ok(_)) => continue,
                Some(Err(error)) => {
                    if self.pieces.recover(start) {
                        continue;
                    }
                    return Err(error);
                }
            };
            let Some(word) = first_word(self.text, &tokens) else { continue };
            if word == end && depth == 0 {
                return Ok(at);
            }
            // `enddata_test` may close `test` and the other way round.
            if keyword.ends_with("test") && matches!(word, "endtest" | "enddata_test") {
                return Ok(at);
            }
            if word == "macro" && keyword != "macro" {
                depth += 1;
            } else if word == "endmacro" && depth > 0 {
                depth -= 1;
            } else if word == "macro" || (depth == 0 && KEYWORDS.contains(&word)) {
                if self.nests(at.start, head) {
                    depth += 1;
                    continue;
                }
                self.pieces.skip_to(at.start);
                return Err(unclosed(keyword, head.clone()).also(at, "the next block begins here"));
            } else if depth == 0 && word.strip_prefix("end").is_some_and(|closes| KEYWORDS.contains(&closes))
            {
                return Err(SyntaxError::new(at, format!("`{word}` does not close `{keyword}`"))
                    .also(head.clone(), "this block is still open")
                    .help(format!("put `{{% {end} %}}` before it")));
            }
        }
    }

    /// Whether the macro that begins at `at` lies within the macro opened by `head`: then
    /// there are enough `endmacro` for both before the next macro at the margin.
    fn nests(&self, at: usize, head: &Range<usize>) -> bool {
        if !self.text[head.clone()].contains("macro") {
            return false;
        }
        let mut ends = 0;
        let mut begins = 0;
        for piece in Pieces::new(self.text, at..self.text.len()).flatten() {
            let Piece::Tag { tokens, .. } = piece else { continue };
            match first_word(self.text, &tokens) {
                Some("endmacro") => ends += 1,
                Some("macro") => begins += 1,
                _ => {}
            }
        }
        ends > begins
    }

    fn header(
        &self,
        keyword: &'static str,
        tokens: &[Token],
        close: &Range<usize>,
    ) -> Result<Opened, SyntaxError> {
        let mut parser = ExpressionParser::new(self.text, tokens, close.clone());
        parser.identifier("")?;
        let opened = match keyword {
            "macro" | "test" | "data_test" => {
                let Header { name, parameters, .. } = header(&mut parser)?;
                let kind = if keyword == "macro" { BlockKind::Macro } else { BlockKind::Test };
                Opened { kind, name, parameters }
            }
            "materialization" => materialization(&mut parser)?,
            _ => {
                let name = parser.identifier("the name of the block")?;
                let kind = if keyword == "docs" { BlockKind::Docs } else { BlockKind::Snapshot };
                Opened { kind, name, parameters: Vec::new() }
            }
        };
        parser.skip_symbol(":");
        parser.finish()?;
        Ok(opened)
    }
}

/// `NAME, default` or `NAME, adapter='x'`, and `supported_languages=[…]`.
fn materialization(parser: &mut ExpressionParser<'_>) -> Result<Opened, SyntaxError> {
    let name = parser.identifier("the name of the materialization")?;
    let mut adapter = None;
    let mut supported_languages = Vec::new();
    let mut is_for_all = false;
    while parser.skip_symbol(",") {
        let word = parser.identifier("`default`, `adapter` or `supported_languages`")?;
        match word.name.as_str() {
            "default" => is_for_all = true,
            "adapter" | "supported_languages" => {
                parser.expect_symbol("=")?;
                let value = parser.expression()?;
                let texts = texts(&value).ok_or_else(|| {
                    SyntaxError::new(value.at.clone(), format!("`{}` must be written out as text", word.name))
                })?;
                if word.name == "adapter" {
                    adapter = texts.into_iter().next();
                } else {
                    supported_languages = texts;
                }
            }
            other => {
                return Err(SyntaxError::new(word.at, format!("a materialization has no `{other}`"))
                    .help("after the name come `default` or `adapter='…'`, and `supported_languages=[…]`"));
            }
        }
    }
    if adapter.is_none() && !is_for_all && supported_languages.is_empty() && !parser.is_done() {
        return Err(parser.unexpected("`,`"));
    }
    let kind = BlockKind::Materialization { adapter, supported_languages };
    Ok(Opened { kind, name, parameters: Vec::new() })
}

fn texts(value: &Expression) -> Option<Vec<String>> {
    match &value.kind {
        ExpressionKind::Text(text) => Some(vec![text.clone()]),
        ExpressionKind::List(items) | ExpressionKind::Tuple(items) => {
            items.iter().map(|item| texts(item)?.into_iter().next()).collect()
        }
        _ => None,
    }
}

/// The keyword of the block that a text begins with, as far as a broken tag tells.
fn begun(text: &str) -> Option<&'static str> {
    let inner = text.strip_prefix("{%")?.trim_start_matches(['-', '+']).trim_start();
    let length = inner.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(inner.len());
    KEYWORDS.into_iter().find(|keyword| *keyword == &inner[..length])
}

fn first_word<'a>(text: &'a str, tokens: &[Token]) -> Option<&'a str> {
    match tokens.first() {
        Some(Token { kind: TokenKind::Name, at }) => text.get(at.clone()),
        _ => None,
    }
}
