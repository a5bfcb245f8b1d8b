use super::keyword;
use super::token::{Gap, Kind, Token};
use crate::sql::Dialect;

/// Whether the source has white space before a token that has to keep its gap, or does not say.
pub(super) fn is_source_spaced(token: &Token<'_>) -> bool {
    match token.gap {
        Gap::Glued => false,
        Gap::Spaced => true,
        Gap::Free => token.has_space,
    }
}

/// Which tokens have a space before them when they stand in one line.
pub(super) fn spaces(tokens: &[Token<'_>], dialect: Dialect) -> Vec<bool> {
    let angles = angles(tokens);
    let mut spaces = Vec::with_capacity(tokens.len());
    // Whether the last operator is the sign of what follows.
    let mut is_sign = false;
    let mut open: Vec<usize> = Vec::new();
    // The last token that is no comment.
    let mut code: Option<usize> = None;
    for (at, token) in tokens.iter().enumerate() {
        let Some(before) = at.checked_sub(1).map(|before| &tokens[before]) else {
            spaces.push(false);
            is_sign = is_prefix(None, token);
            code = (!token.is_comment()).then_some(at);
            open.extend((token.kind == Kind::Open).then_some(at));
            continue;
        };
        let is_space = match token.gap {
            Gap::Glued => false,
            Gap::Spaced => true,
            Gap::Free if before.is_tag() || token.is_tag() || before.is_comment() || token.is_comment() => {
                token.has_space && token.kind != Kind::Comma
            }
            Gap::Free if angles[at] || (angles[at - 1] && before.text.as_ref() == "<") => false,
            Gap::Free if angles[at - 1] => {
                !matches!(token.kind, Kind::Comma | Kind::Close | Kind::Open | Kind::Dot)
                    && token.text != "::"
            }
            Gap::Free => {
                let in_braces = open.last().is_some_and(|open| tokens[*open].text == "{");
                pair(before, token, is_sign, in_braces, dialect, tokens.get(at + 1))
            }
        };
        spaces.push(is_space);
        if !token.is_comment() {
            is_sign = token.kind == Kind::Operator
                && !angles[at]
                && is_prefix(code.map(|code| &tokens[code]), token);
            code = Some(at);
        }
        match token.kind {
            Kind::Open => open.push(at),
            Kind::Close => {
                open.pop();
            }
            _ => {}
        }
    }
    spaces
}

/// Whether an operator belongs to what follows alone: a sign, a star.
fn is_prefix(before: Option<&Token<'_>>, token: &Token<'_>) -> bool {
    token.kind == Kind::Operator && before.is_none_or(|before| !before.ends_operand())
}

/// Whether there is a space between two tokens.
fn pair(
    one: &Token<'_>,
    two: &Token<'_>,
    is_sign: bool,
    in_braces: bool,
    dialect: Dialect,
    three: Option<&Token<'_>>,
) -> bool {
    let has_space = two.has_space;
    match (one.kind, two.kind) {
        (_, Kind::Comma | Kind::Semicolon | Kind::Close) | (Kind::Open | Kind::Dot, _) => false,
        (Kind::Comma | Kind::Semicolon, _) => true,
        (before, Kind::Dot) => has_space && !matches!(before, Kind::Word | Kind::Quoted | Kind::Close),
        (Kind::Word, Kind::Open) if two.text == "(" => match one.word.as_deref() {
            Some(word) if keyword::stands_apart(word) => true,
            _ => has_space,
        },
        (_, Kind::Open) if one.kind != Kind::Operator => {
            has_space || one.word.as_deref().is_some_and(keyword::wants_more)
        }
        (Kind::Word | Kind::Quoted, Kind::Quoted) => has_space,
        (Kind::Operator, _) if one.text == "::" => false,
        (_, Kind::Operator) if two.text == "::" => false,
        (_, Kind::Operator) if two.text == ":" && in_braces => false,
        (Kind::Operator, _) if one.text == ":" && in_braces => true,
        (Kind::Operator, Kind::Operator) => is_binary(&two.text) || has_space || !is_sign,
        (Kind::Operator, _) => match one.text.as_ref() {
            ":" | "@@" | "?" | "$" | "\\" | "!" | "->" | "->>" => has_space,
            "@" | "#" | "~" if is_sign => has_space,
            "-" if dialect == Dialect::BigQuery && !has_space => false,
            "+" | "-" if is_sign => false,
            // `count(*)`, `* exclude (x)`
            "*" if is_sign => has_space || two.kind != Kind::Open,
            _ => true,
        },
        (_, Kind::Operator) => match two.text.as_ref() {
            ":" | "?" | "!" | "->" | "->>" => has_space,
            "-" if dialect == Dialect::BigQuery && !has_space => {
                // `my-project.dataset.table`, but not `a -1`.
                one.kind != Kind::Word || three.is_none_or(|three| three.has_space)
            }
            _ => true,
        },
        _ => true,
    }
}

fn is_binary(operator: &str) -> bool {
    matches!(operator, "=" | "<" | ">" | "<=" | ">=" | "<>" | "!=" | "||")
}

/// Which tokens are the brackets of a type: `array<struct<a int64>>`. The second of `>>` is
/// one too.
fn angles(tokens: &[Token<'_>]) -> Vec<bool> {
    let mut angles = vec![false; tokens.len()];
    let mut open: Vec<usize> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_ref() {
            "<" if at > 0
                && !token.has_space
                && ["array", "struct", "map", "table", "range"]
                    .iter()
                    .any(|word| tokens[at - 1].is_word(word)) =>
            {
                open.push(at);
            }
            ">" | ">>" if token.kind == Kind::Operator && !open.is_empty() => {
                for _ in 0..token.text.len() {
                    if let Some(open) = open.pop() {
                        angles[open] = true;
                        angles[at] = true;
                    }
                }
            }
            ";" => open.clear(),
            _ => {}
        }
    }
    angles
}
