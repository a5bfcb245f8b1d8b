//! The format of `.env` files, as Python's dotenv reads it, which dbt uses:
//! <https://saurabh-kumar.com/python-dotenv/#file-format>.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// The variables of a file: `NAME=value`, perhaps after `export`, values bare or quoted, with
/// `${NAME}` and `${NAME:-default}` replaced by what `outer` or the lines before say. A name
/// without `=` and a line that is not understood set nothing.
pub(super) fn read(text: &str, outer: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    let mut rest = text.trim_start_matches('\u{feff}').chars().peekable();
    while rest.peek().is_some() {
        if let Some((name, value)) = binding(&mut rest) {
            let value = interpolated(&value, |name| outer(name).or_else(|| variables.get(name).cloned()));
            variables.insert(name, value);
        }
    }
    variables
}

/// Reads one line, or several where a quoted value has them.
fn binding(rest: &mut Peekable<Chars<'_>>) -> Option<(String, String)> {
    while rest.next_if(|letter| letter.is_whitespace()).is_some() {}
    let mut name = key(rest);
    if name == "export" {
        while rest.next_if(|letter| is_blank(*letter)).is_some() {}
        name = key(rest);
    }
    while rest.next_if(|letter| is_blank(*letter)).is_some() {}
    if name.is_empty() || rest.next_if_eq(&'=').is_none() {
        skip_line(rest);
        return None;
    }
    while rest.next_if(|letter| is_blank(*letter)).is_some() {}
    let value = match rest.peek().copied() {
        Some(quote @ ('\'' | '"')) => {
            rest.next();
            let value = quoted(rest, quote);
            skip_line(rest);
            value?
        }
        _ => {
            let mut value = String::new();
            while let Some(letter) = rest.next_if(|letter| *letter != '\n' && *letter != '\r') {
                if letter == '#' && value.ends_with(is_blank) {
                    skip_line(rest);
                    break;
                }
                value.push(letter);
            }
            value.trim().to_owned()
        }
    };
    Some((name, value))
}

fn key(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut key = String::new();
    if let Some('\'') = rest.peek() {
        rest.next();
        return quoted(rest, '\'').unwrap_or_default();
    }
    while let Some(letter) = rest.next_if(|letter| !matches!(letter, '=' | '#') && !letter.is_whitespace()) {
        key.push(letter);
    }
    key
}

/// The text up to the closing quote; `None` where there is none.
fn quoted(rest: &mut Peekable<Chars<'_>>, quote: char) -> Option<String> {
    let mut text = String::new();
    while let Some(letter) = rest.next() {
        match letter {
            letter if letter == quote => return Some(text),
            '\\' => match (quote, rest.next()?) {
                (_, escaped) if escaped == '\\' || escaped == quote => text.push(escaped),
                ('"', 'n') => text.push('\n'),
                ('"', 'r') => text.push('\r'),
                ('"', 't') => text.push('\t'),
                (_, other) => text.extend(['\\', other]),
            },
            letter => text.push(letter),
        }
    }
    None
}

/// The text with `${NAME}` and `${NAME:-default}` replaced; an unknown name is empty.
fn interpolated(text: &str, find: impl Fn(&str) -> Option<String>) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        made.push_str(before);
        let Some((inside, after)) = after.split_once('}') else {
            made.push_str("${");
            rest = after;
            continue;
        };
        let (name, default) = inside.split_once(":-").unwrap_or((inside, ""));
        made.push_str(&find(name).unwrap_or_else(|| default.to_owned()));
        rest = after;
    }
    made + rest
}

fn skip_line(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|letter| *letter != '\n').is_some() {}
}

fn is_blank(letter: char) -> bool {
    letter == ' ' || letter == '\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_bare_or_quoted() {
        let text = "\u{feff}# 주석\nPLAIN=plain value\nQUOTED=\"a # b ${PLAIN}\"\nSINGLE='c ${PLAIN}'\n\
                    INTERP=${PLAIN}-${UNDEF:-dflt}${NONE}\nexport EXPORTED=exp\r\nCOMMENTED=abc # trailing\n\
                    EMPTY=\nMULTI=\"x\ny\"\nNOVALUE\nSPACED = spaced \nESC=\"tab\\tx\\q\"\n이름=값#1\n'Q K'=1\n\
                    OUTER=${OUTER}!\nOPEN=\"never closed\nLOST=1\n";
        let variables = read(text, |name| (name == "OUTER").then(|| "out".to_owned()));
        let expected = [
            ("COMMENTED", "abc"),
            ("EMPTY", ""),
            ("ESC", "tab\tx\\q"),
            ("EXPORTED", "exp"),
            ("INTERP", "plain value-dflt"),
            ("MULTI", "x\ny"),
            ("OUTER", "out!"),
            ("PLAIN", "plain value"),
            ("Q K", "1"),
            ("QUOTED", "a # b plain value"),
            ("SINGLE", "c plain value"),
            ("SPACED", "spaced"),
            ("이름", "값#1"),
        ];
        let found: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, expected);
    }
}
