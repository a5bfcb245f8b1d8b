use std::ops::Range;

/// A piece of Python's text, white space and comments left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub range: Range<usize>,
    /// Columns of white space before the first token of a line; `None` for others. A line inside
    /// of brackets goes on.
    pub indent: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Name(String),
    Number(String),
    /// Its value; `None` of one that is no constant text, as an f-string.
    Text(Option<String>),
    Symbol(char),
}

/// What is not well-formed.
#[derive(Debug, PartialEq)]
pub(super) struct Broken {
    pub message: &'static str,
    pub at: Range<usize>,
}

/// The tokens of a file.
///
/// # Errors
/// A text or a bracket has no end, or a bracket no beginning.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Broken> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut open: Vec<(char, usize)> = Vec::new();
    let (mut at, mut indent) = (0, Some(0));
    while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let next = at + letter.len_utf8();
        if letter == '\n' {
            indent = open.is_empty().then_some(0);
            at = next;
        } else if letter == '\\' && text.get(next..).is_some_and(|rest| rest.starts_with('\n')) {
            at = next + 1;
        } else if letter.is_whitespace() {
            indent = indent.map(|columns| columns + 1);
            at = next;
        } else if letter == '#' {
            at += text.get(at..).and_then(|rest| rest.find('\n')).unwrap_or(text.len() - at);
        } else {
            let (kind, end) = token(text, at)?;
            if let TokenKind::Symbol(symbol) = kind {
                bracket(symbol, at, &mut open)?;
            }
            tokens.push(Token { kind, range: at..end, indent: indent.take() });
            at = end;
        }
    }
    match open.last() {
        Some((_, at)) => Err(Broken { message: "a bracket is never closed", at: *at..at + 1 }),
        None => Ok(tokens),
    }
}

fn bracket(symbol: char, at: usize, open: &mut Vec<(char, usize)>) -> Result<(), Broken> {
    let closing = match symbol {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        ')' | ']' | '}' => return close(symbol, at, open),
        _ => return Ok(()),
    };
    open.push((closing, at));
    Ok(())
}

fn close(symbol: char, at: usize, open: &mut Vec<(char, usize)>) -> Result<(), Broken> {
    match open.pop() {
        Some((closing, _)) if closing == symbol => Ok(()),
        _ => Err(Broken { message: "a bracket closes that was not opened", at: at..at + 1 }),
    }
}

fn token(text: &str, at: usize) -> Result<(TokenKind, usize), Broken> {
    let rest = text.get(at..).unwrap_or_default();
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let first = rest.chars().next().unwrap_or_default();
    let word_end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
    let prefix = rest.get(..word_end).unwrap_or_default();
    let is_prefix = prefix.len() <= 2 && prefix.chars().all(|letter| "rRbBuUfFtT".contains(letter));
    let after = rest.get(word_end..).unwrap_or_default();
    if is_prefix && after.starts_with(['"', '\'']) {
        return string(text, at, prefix);
    }
    if first.is_ascii_digit() {
        let mut end = 0;
        for (offset, letter) in rest.char_indices() {
            let is_sign = "+-".contains(letter)
                && rest
                    .get(..offset)
                    .is_some_and(|before| before.ends_with(['e', 'E']) && !before.starts_with("0x"));
            if !is_word(letter) && letter != '.' && !is_sign {
                break;
            }
            end = offset + letter.len_utf8();
        }
        return Ok((TokenKind::Number(rest.get(..end).unwrap_or_default().to_owned()), at + end));
    }
    if is_word(first) {
        return Ok((TokenKind::Name(prefix.to_owned()), at + word_end));
    }
    Ok((TokenKind::Symbol(first), at + first.len_utf8()))
}

fn string(text: &str, at: usize, prefix: &str) -> Result<(TokenKind, usize), Broken> {
    let start = at + prefix.len();
    let rest = text.get(start..).unwrap_or_default();
    let quote = rest.get(..1).unwrap_or_default();
    let triple = quote.repeat(3);
    let delimiter = if rest.starts_with(&triple) { triple.as_str() } else { quote };
    let is_raw = prefix.contains(['r', 'R']);
    let mut value = String::new();
    let body = start + delimiter.len();
    let mut letters = text.get(body..).unwrap_or_default().char_indices();
    let broken = || Broken { message: "a text is never closed", at: at..body };
    loop {
        let (offset, letter) = letters.next().ok_or_else(broken)?;
        if text.get(body + offset..).is_some_and(|rest| rest.starts_with(delimiter)) {
            let is_constant = !prefix.contains(['f', 'F', 'b', 'B', 't', 'T']);
            return Ok((TokenKind::Text(is_constant.then_some(value)), body + offset + delimiter.len()));
        }
        match letter {
            '\n' if delimiter.len() == 1 => return Err(broken()),
            '\\' => {
                let (_, escaped) = letters.next().ok_or_else(broken)?;
                match escaped {
                    _ if is_raw => value.extend(['\\', escaped]),
                    'n' => value.push('\n'),
                    't' => value.push('\t'),
                    'r' => value.push('\r'),
                    '\n' => {}
                    '\\' | '\'' | '"' => value.push(escaped),
                    _ => value.extend(['\\', escaped]),
                }
            }
            letter => value.push(letter),
        }
    }
}
