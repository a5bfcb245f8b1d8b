use std::iter::Peekable;
use std::str::Chars;

/// Flags of Python's `re`, by their numbers there.
pub(super) const IGNORECASE: i64 = 2;
pub(super) const MULTILINE: i64 = 8;
pub(super) const DOTALL: i64 = 16;
pub(super) const UNICODE: i64 = 32;
pub(super) const VERBOSE: i64 = 64;
pub(super) const ASCII: i64 = 256;

/// Writes a pattern of Python's `re` as `fancy_regex` reads it: `$` also matches before a
/// last newline, `\Z` is the very end, `{,3}` counts from zero, braces that count nothing
/// and brackets inside classes are characters, flags that mean nothing here are dropped.
/// See <https://docs.python.org/3/library/re.html#regular-expression-syntax>.
pub(super) fn translate(pattern: &str, flags: i64) -> String {
    let mut letters = String::new();
    for (flag, letter) in [(IGNORECASE, 'i'), (MULTILINE, 'm'), (DOTALL, 's'), (VERBOSE, 'x')] {
        if flags & flag != 0 {
            letters.push(letter);
        }
    }
    let mut is_multiline = flags & MULTILINE != 0;
    let mut text = String::with_capacity(pattern.len() + 16);
    if !letters.is_empty() {
        text.extend(["(?", &letters, ")"]);
    }
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => escape(&mut rest, flags, &mut text),
            '[' => class(&mut rest, flags, &mut text),
            '$' if !is_multiline => text.push_str(r"(?=\n?\z)"),
            '{' => braces(&mut rest, &mut text),
            '}' => text.push_str(r"\}"),
            '(' => group(&mut rest, &mut text, &mut is_multiline),
            other => text.push(other),
        }
    }
    text
}

fn escape(rest: &mut Peekable<Chars<'_>>, flags: i64, text: &mut String) {
    match rest.next() {
        Some('Z') => text.push_str(r"\z"),
        Some('d') if flags & ASCII != 0 => text.push_str("[0-9]"),
        Some('w') if flags & ASCII != 0 => text.push_str("[0-9A-Za-z_]"),
        // Escapes of characters that mean nothing special.
        Some(c) if !c.is_ascii_alphanumeric() => {
            if c.is_ascii_punctuation() {
                text.push('\\');
            }
            text.push(c);
        }
        Some(c) => {
            text.push('\\');
            text.push(c);
        }
        None => text.push('\\'),
    }
}

/// A class `[…]`, whose opening bracket is read already.
fn class(rest: &mut Peekable<Chars<'_>>, flags: i64, text: &mut String) {
    text.push('[');
    if let Some(caret) = rest.next_if_eq(&'^') {
        text.push(caret);
    }
    // A closing bracket that comes first is a character.
    if rest.next_if_eq(&']').is_some() {
        text.push_str(r"\]");
    }
    while let Some(c) = rest.next() {
        match c {
            ']' => {
                text.push(']');
                return;
            }
            '[' | '&' | '~' => {
                text.push('\\');
                text.push(c);
            }
            '-' if rest.peek() == Some(&'-') => text.push_str(r"\-"),
            '\\' => match rest.next() {
                Some('d') if flags & ASCII != 0 => text.push_str("0-9"),
                Some('w') if flags & ASCII != 0 => text.push_str("0-9A-Za-z_"),
                Some('b') => text.push_str(r"\x08"),
                Some(c) => {
                    if c.is_ascii() {
                        text.push('\\');
                    }
                    text.push(c);
                }
                None => text.push('\\'),
            },
            other => text.push(other),
        }
    }
}

/// After `{`: a count as it is, anything else as characters.
fn braces(rest: &mut Peekable<Chars<'_>>, text: &mut String) {
    let mut ahead = rest.clone();
    let body: String = ahead.by_ref().take_while(|c| *c != '}').collect();
    let is_closed = rest.clone().any(|c| c == '}');
    let (low, high) = body.split_once(',').unwrap_or((&body, "0"));
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let is_count = is_closed && !body.is_empty() && is_number(low) && is_number(high) && body != ",";
    if !is_count || (low.is_empty() && !body.contains(',')) {
        text.push_str(r"\{");
        return;
    }
    text.push('{');
    if low.is_empty() {
        text.push('0');
    }
    text.push_str(&body);
    text.push('}');
    *rest = ahead;
}

/// After `(`: comments and flags that are Python's alone are left out.
fn group(rest: &mut Peekable<Chars<'_>>, text: &mut String, is_multiline: &mut bool) {
    let mut ahead = rest.clone();
    if ahead.next() == Some('?') {
        match ahead.peek() {
            Some('#') => {
                for c in ahead.by_ref() {
                    if c == ')' {
                        break;
                    }
                }
                *rest = ahead;
                return;
            }
            Some(c) if "aiLmsux".contains(*c) => {
                let letters: String = ahead.clone().take_while(char::is_ascii_alphabetic).collect();
                let after = ahead.clone().nth(letters.len());
                let kept: String = letters.chars().filter(|c| "imsx".contains(*c)).collect();
                if after == Some(')') {
                    *is_multiline |= kept.contains('m');
                    for _ in 0..=letters.len() {
                        ahead.next();
                    }
                    if !kept.is_empty() {
                        text.extend(["(?", &kept, ")"]);
                    }
                    *rest = ahead;
                    return;
                }
            }
            _ => {}
        }
    }
    text.push('(');
}

/// What Python's `re.escape` writes.
pub(super) fn escape_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(pattern: &str, text: &str) -> bool {
        fancy_regex::Regex::new(&translate(pattern, 0)).unwrap().is_match(text).unwrap()
    }

    #[test]
    fn what_python_and_rust_read_differently_is_rewritten() {
        assert!(finds("원$", "만원\n"));
        assert!(!finds(r"원\Z", "만원\n"));
        assert!(finds("^a{,2}b$", "aab"));
        assert!(finds("^{{x}}$", "{{x}}"));
        assert!(finds("^a{x}$", "a{x}"));
        assert!(finds("^[][]+$", "[]"));
        assert!(finds("(?#a comment)^b$", "b"));
        assert!(finds("(?iu)^AB$", "ab"));
        assert!(finds(r"^(?P<q>['\x22])x(?P=q)$", "'x'"));
        assert!(finds(r"\/\-\%", "/-%"));
        assert!(finds(r"^[\w\-&&]+$", "a-&"));
    }

    #[test]
    fn flags_given_as_numbers_are_obeyed() {
        let pattern = translate(r"^\d$", ASCII | MULTILINE | IGNORECASE);
        let regex = fancy_regex::Regex::new(&pattern).unwrap();
        assert!(regex.is_match("x\n1\ny").unwrap());
        assert!(!regex.is_match("٣").unwrap());
        assert_eq!(escape_text("a.b c가"), r"a\.b\ c가");
    }
}
