use std::ops::Range;

use super::syntax_error::SyntaxError;

/// A token inside `{{ … }}` or `{% … %}`, by the rules of Jinja2's lexer
/// (<https://jinja.palletsprojects.com/en/stable/templates/>).
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Name,
    /// Digits as a decimal number, without underscores.
    Integer(String),
    Float(String),
    /// What the literal stands for.
    Text(String),
    Symbol(&'static str),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: Range<usize>,
}

/// Longest first, so that `//` is not read as two divisions.
const SYMBOLS: [&str; 29] = [
    "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "(", ")", "[", "]", "{", "}", ",", ".",
    ":", "|", "=", "<", ">", ";", "!", "&", "^",
];

/// Where the tokens of a tag end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// `}}`
    Output,
    /// `%}`
    Tag,
    /// The end of the text: for an expression that stands alone.
    End,
}

/// Tokens from `from` up to the closing mark, and the place of that mark. `open` is the
/// mark that opened the tag, for complaints.
pub(super) fn tokenize(
    text: &str,
    from: usize,
    closing: Closing,
    open: &Range<usize>,
) -> Result<(Vec<Token>, Range<usize>), SyntaxError> {
    Lexer { text, at: from, closing, open: open.clone(), brackets: Vec::new() }.run()
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    closing: Closing,
    open: Range<usize>,
    brackets: Vec<(char, usize)>,
}

impl Lexer<'_> {
    fn run(mut self) -> Result<(Vec<Token>, Range<usize>), SyntaxError> {
        let mut tokens = Vec::new();
        loop {
            self.skip_space();
            if let Some(close) = self.close() {
                return Ok((tokens, close));
            }
            let rest = &self.text[self.at..];
            let Some(first) = rest.chars().next() else { return Err(self.unclosed()) };
            if self.closing != Closing::End && (rest.starts_with("{{") || rest.starts_with("{%")) {
                let line_ended = self.text[self.open.end..self.at].contains('\n');
                let may_be_dict = rest.starts_with("{{") && self.closing == Closing::Tag;
                if rest.starts_with("{%") || (line_ended && !may_be_dict) {
                    return Err(self.unclosed());
                }
                return Err(SyntaxError::new(
                    self.at..self.at + 2,
                    format!("`{}` inside of `{}`", &rest[..2], self.opening()),
                )
                .help("values are used by their bare names inside of a tag: leave the inner braces out"));
            }
            let token = if first == '_' || first.is_alphabetic() {
                self.name()
            } else if first.is_ascii_digit() {
                self.number()?
            } else if first == '"' || first == '\'' {
                self.string(first)?
            } else {
                self.symbol(first)?
            };
            self.at = token.at.end;
            tokens.push(token);
        }
    }

    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    /// The closing mark, if it stands here and no bracket is open.
    fn close(&self) -> Option<Range<usize>> {
        let rest = &self.text[self.at..];
        let marks: &[&str] = match self.closing {
            Closing::Output => &["-}}", "}}"],
            Closing::Tag => &["-%}", "+%}", "%}"],
            Closing::End => return rest.is_empty().then_some(self.at..self.at),
        };
        let mark = marks.iter().find(|mark| rest.starts_with(**mark))?;
        self.brackets.is_empty().then(|| self.at..self.at + mark.len())
    }

    fn opening(&self) -> &'static str {
        match self.closing {
            Closing::Output => "{{",
            Closing::Tag => "{%",
            Closing::End => "",
        }
    }

    fn unclosed(&self) -> SyntaxError {
        if let Some((bracket, at)) = self.brackets.last() {
            return SyntaxError::new(*at..at + 1, format!("`{bracket}` is never closed"))
                .help(format!("close it with `{}`", partner(*bracket)));
        }
        let mark = if self.closing == Closing::Tag { "%}" } else { "}}" };
        SyntaxError::new(self.open.clone(), format!("`{}` is never closed", self.opening()))
            .help(format!("end it with `{mark}`"))
    }

    fn name(&self) -> Token {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        Token { kind: TokenKind::Name, at: self.at..self.at + length }
    }

    fn number(&self) -> Result<Token, SyntaxError> {
        let rest = &self.text[self.at..];
        let run = |from: usize, allowed: fn(char) -> bool| {
            let tail = &rest[from..];
            from + tail.find(|c| !allowed(c) && c != '_').unwrap_or(tail.len())
        };
        let lower = rest.get(..2).map(str::to_ascii_lowercase).unwrap_or_default();
        let (radix, is_digit): (u32, fn(char) -> bool) = match lower.as_str() {
            "0x" => (16, |c| c.is_ascii_hexdigit()),
            "0o" => (8, |c| ('0'..='7').contains(&c)),
            "0b" => (2, |c| c == '0' || c == '1'),
            _ => (10, |c| c.is_ascii_digit()),
        };
        let too_large = |end: usize| {
            SyntaxError::new(self.at..self.at + end, "this number is too large")
                .help("whole numbers go up to 2**128 - 1; write it as a string, or with a decimal point")
        };
        if radix != 10 {
            let end = run(2, is_digit);
            let digits = rest[2..end].replace('_', "");
            let number = u128::from_str_radix(&digits, radix).map_err(|_| too_large(end))?;
            return Ok(Token { kind: TokenKind::Integer(number.to_string()), at: self.at..self.at + end });
        }
        let mut end = run(0, is_digit);
        let mut is_float = false;
        if rest[end..].starts_with('.') && rest[end + 1..].starts_with(|c: char| c.is_ascii_digit()) {
            end = run(end + 1, is_digit);
            is_float = true;
        }
        if rest[end..].starts_with(['e', 'E']) {
            let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
            if rest[end + 1 + sign..].starts_with(|c: char| c.is_ascii_digit()) {
                end = run(end + 1 + sign, is_digit);
                is_float = true;
            }
        }
        let digits = rest[..end].trim_end_matches('_').replace('_', "");
        let end = rest[..end].trim_end_matches('_').len();
        let kind = if is_float {
            TokenKind::Float(digits)
        } else {
            TokenKind::Integer(digits.parse::<u128>().map_err(|_| too_large(end))?.to_string())
        };
        Ok(Token { kind, at: self.at..self.at + end })
    }

    fn string(&self, quote: char) -> Result<Token, SyntaxError> {
        let rest = &self.text[self.at + 1..];
        let mut escaped = false;
        for (offset, c) in rest.char_indices() {
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                let at = self.at..self.at + offset + 2;
                return Ok(Token { kind: TokenKind::Text(unescape(&rest[..offset])), at });
            }
        }
        let line = rest.find('\n').unwrap_or(rest.len());
        Err(SyntaxError::new(self.at..self.at + 1 + line, "this string is never closed")
            .help(format!("end it with `{quote}`")))
    }

    /// Whether a closing mark stands here, although a bracket is open.
    fn ends_tag(&self) -> bool {
        match self.closing {
            Closing::Output => self.text[self.at..].starts_with("}}"),
            Closing::Tag => self.text[..self.at].ends_with('%') && self.text[self.at..].starts_with('}'),
            Closing::End => false,
        }
    }

    fn symbol(&mut self, first: char) -> Result<Token, SyntaxError> {
        let rest = &self.text[self.at..];
        let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) else {
            let at = self.at..self.at + first.len_utf8();
            let error = SyntaxError::new(at, format!("unexpected character `{first}`"));
            return Err(if self.text[self.open.end..self.at].contains('\n') {
                error.also(self.open.clone(), "in the tag that begins here: is it closed?")
            } else {
                error
            });
        };
        match *symbol {
            "(" | "[" | "{" => self.brackets.push((first, self.at)),
            ")" | "]" | "}" => match self.brackets.pop() {
                Some((open, _)) if partner(open) == first => {}
                Some((open, at)) if self.ends_tag() => {
                    self.brackets.push((open, at));
                    return Err(self.unclosed());
                }
                Some((open, at)) => {
                    return Err(SyntaxError::new(
                        self.at..self.at + 1,
                        format!("`{first}` does not close `{open}`"),
                    )
                    .also(at..at + 1, "opened here")
                    .help(format!("`{open}` is closed with `{}`", partner(open))));
                }
                None if self.text[..self.at].ends_with('}') && self.closing == Closing::Output => {
                    return Err(SyntaxError::new(self.open.clone(), "`{{` is never closed")
                        .also(self.at - 1..self.at + 1, "this closes a mapping")
                        .help("end the mapping with its own `}`: `} }}`"));
                }
                None => {
                    return Err(SyntaxError::new(self.at..self.at + 1, format!("`{first}` closes nothing")));
                }
            },
            _ => {}
        }
        Ok(Token { kind: TokenKind::Symbol(symbol), at: self.at..self.at + symbol.len() })
    }
}

fn partner(bracket: char) -> char {
    match bracket {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// Python's escapes; one it does not know stays as it is, as in `'\d+'`:
/// <https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences>.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(c) = rest.chars().next() else {
            text.push('\\');
            break;
        };
        let after = &rest[c.len_utf8()..];
        let code = |digits: usize| {
            let number = after.get(..digits)?;
            let valid = number.bytes().all(|b| b.is_ascii_hexdigit());
            valid.then(|| u32::from_str_radix(number, 16).ok().and_then(char::from_u32)).flatten()
        };
        let simple = |c: char| Some((c, 0));
        let replaced = match c {
            'n' => simple('\n'),
            't' => simple('\t'),
            'r' => simple('\r'),
            'a' => simple('\u{7}'),
            'b' => simple('\u{8}'),
            'f' => simple('\u{c}'),
            'v' => simple('\u{b}'),
            '\\' | '\'' | '"' => simple(c),
            'x' => code(2).map(|c| (c, 2)),
            'u' => code(4).map(|c| (c, 4)),
            'U' => code(8).map(|c| (c, 8)),
            '0'..='7' => {
                let more = after.bytes().take(2).take_while(|b| (b'0'..=b'7').contains(b)).count();
                let digits = &rest[..=more];
                u32::from_str_radix(digits, 8).ok().and_then(char::from_u32).map(|c| (c, more))
            }
            '\n' => {
                rest = after;
                continue;
            }
            _ => None,
        };
        match replaced {
            Some((replacement, more)) => {
                text.push(replacement);
                rest = &after[more..];
            }
            None => {
                text.push('\\');
                text.push(c);
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        tokenize(text, 0, Closing::End, &(0..0))
            .map(|(tokens, _)| tokens)
            .unwrap_or_default()
            .into_iter()
            .map(|token| token.kind)
            .collect()
    }

    #[test]
    fn literals_are_read_as_python_reads_them() {
        assert_eq!(kinds(r"'\d\n\x41\uAC00\'' "), [TokenKind::Text("\\d\nA가'".into())]);
        assert_eq!(kinds("1_000 0xff 1e3 .5").len(), 5);
        assert_eq!(kinds("0b101"), [TokenKind::Integer("5".into())]);
        assert_eq!(kinds("1.5e-3"), [TokenKind::Float("1.5e-3".into())]);
        assert_eq!(kinds("x.0"), [TokenKind::Name, TokenKind::Symbol("."), TokenKind::Integer("0".into())]);
    }

    #[test]
    fn marks_inside_strings_and_brackets_do_not_close() {
        let text = "{{ {'a': {'b': '}}'}} }} x";
        let (tokens, close) = tokenize(text, 2, Closing::Output, &(0..2)).unwrap_or_default();
        assert_eq!(&text[close], "}}");
        assert_eq!(tokens.len(), 9);
    }

    #[test]
    fn what_is_not_closed_is_told_where_it_opened() {
        let error = |text: &str| tokenize(text, 2, Closing::Output, &(0..2)).err();
        assert_eq!(error("{{ a\nfrom {{ b }}").map(|e| e.at()), Some(0..2));
        assert_eq!(error("{{ foo( }}").map(|e| e.at()), Some(6..7));
        assert_eq!(error("{{ 'abc }}\n").map(|e| e.at()), Some(3..10));
        assert_eq!(error("{{ {{ a }} }}").map(|e| e.at()), Some(3..5));
    }
}
