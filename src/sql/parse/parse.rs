use sqlparser::ast;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::grammar::Grammar;
use super::lower::Lower;
use super::rewrite::rewrite;
use super::tokens::{Tokens, bytes, lowercase_first};
use crate::sql::Dialect;
use crate::sql::tree::{Query, TextRange};

/// Why a text is no query, or none that this parser understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// One phrase in small letters.
    pub message: String,
    /// Where reading stopped.
    pub at: TextRange,
}

/// How deep sqlparser may nest. Deeper than [`Query::MAX_DEPTH`], since brackets cost it levels
/// that the tree does not have.
const PARSER_DEPTH: usize = 20_000;
/// sqlparser tries each bracket in FROM in several ways: more than so many take it seconds.
const MOST_BRACKETS_IN_FROM: usize = 200;
/// Stack that a token needs at most, where the deepest thing is to be thrown away.
const STACK_PER_TOKEN: usize = 1024;
const LARGEST_STACK: usize = 1 << 30;

/// Reads one query (SELECT, VALUES, set operations, WITH around them; a semicolon at the end
/// is allowed) in the grammar of `dialect`.
///
/// # Errors
/// The text is not one query, nests deeper than [`Query::MAX_DEPTH`], or has a construct the
/// parser does not know. Of a dialect whose engine is at hand
/// ([`Binder`](crate::adapter::Binder)), the engine has the last word.
pub fn parse_query(text: &str, dialect: Dialect) -> Result<Query, SyntaxError> {
    let grammar = Grammar::of(dialect);
    let (cut, tokens) = Tokens::read(text, &grammar)?;
    let cut = rewrite(cut, &tokens, dialect);
    let read = || {
        let query = statement(text, cut, &tokens, &grammar)?;
        Lower::new(text, &tokens, dialect).whole(query)
    };
    // What sqlparser made is deep where a text is a long chain, and is dropped level by level.
    let stack = (tokens.len() * STACK_PER_TOKEN).min(LARGEST_STACK);
    stacker::maybe_grow(stack, stack + (1 << 20), read)
}

fn statement(
    text: &str,
    cut: Vec<TokenWithSpan>,
    tokens: &Tokens,
    grammar: &Grammar,
) -> Result<ast::Query, SyntaxError> {
    if let Some(word) = tokens.word(0)
        && !["select", "with", "values", "from", "table"]
            .iter()
            .any(|begins| begins.eq_ignore_ascii_case(word))
    {
        let message = format!("expected a query, found `{word}`");
        return Err(SyntaxError { message, at: tokens.at(0) });
    }
    if tokens.len() == 0 {
        return Err(SyntaxError { message: "expected a query, found nothing".to_owned(), at: tokens.end() });
    }
    if let Some(at) = tokens.deep_from(MOST_BRACKETS_IN_FROM) {
        return Err(SyntaxError { message: "the query is nested too deeply".to_owned(), at });
    }
    let mut parser = Parser::new(grammar).with_recursion_limit(PARSER_DEPTH).with_tokens_with_locations(cut);
    let query = parser.parse_query().map_err(|error| syntax_error(&error, text, tokens))?;
    while parser.consume_token(&Token::SemiColon) {}
    let next = parser.peek_token();
    if next.token == Token::EOF {
        return Ok(*query);
    }
    let at = bytes(next.span).unwrap_or_else(|| tokens.end());
    Err(SyntaxError { message: format!("expected the end of the query, found `{}`", &text[at.range()]), at })
}

/// What sqlparser says, with its line and column taken off and made a place.
fn syntax_error(error: &ParserError, text: &str, tokens: &Tokens) -> SyntaxError {
    let said = match error {
        ParserError::RecursionLimitExceeded => "the query is nested too deeply",
        ParserError::ParserError(said) | ParserError::TokenizerError(said) => said,
    };
    let (message, column) = match said.split_once(" at Line: 1, Column: ") {
        Some((message, column)) => (message, column.trim().parse::<usize>().ok()),
        None => (said, None),
    };
    let index = column.and_then(|column| Some(tokens.after(column.checked_sub(1)?)));
    let at = index.map_or_else(|| tokens.end(), |index| tokens.at(index));
    let message = match message.split_once(", found: ") {
        Some((expected, _)) => {
            let expected = expected.trim_start_matches("Expected: ");
            let found = match &text[at.range()] {
                "" => "the end of the query".to_owned(),
                found => format!("`{}`", found.lines().next().unwrap_or_default()),
            };
            format!("expected {expected}, found {found}")
        }
        None => lowercase_first(message),
    };
    SyntaxError { message, at }
}
