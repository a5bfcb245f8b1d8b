use std::fmt::Write;

use serde_json::Value as Json;

/// YAML as PyYAML's `safe_dump` writes it, in block style; long lines are not folded.
/// See <https://pyyaml.org/wiki/PyYAMLDocumentation>.
pub(super) fn python_yaml(value: &Json, sort_keys: bool) -> String {
    let mut text = String::new();
    match value {
        Json::Array(items) if !items.is_empty() => sequence(items, sort_keys, 0, &mut text),
        Json::Object(entries) if !entries.is_empty() => mapping(entries, sort_keys, 0, &mut text),
        // PyYAML ends a bare scalar that is not quoted with the end of the document.
        scalar => {
            let line = flow(scalar, 2);
            let end = if line.starts_with(['\'', '"', '[', '{']) { "" } else { "...\n" };
            let _ = write!(text, "{line}\n{end}");
        }
    }
    text
}

fn mapping(entries: &serde_json::Map<String, Json>, sort_keys: bool, indent: usize, text: &mut String) {
    let mut entries: Vec<_> = entries.iter().collect();
    if sort_keys {
        entries.sort_by_key(|(key, _)| *key);
    }
    for (at, (key, value)) in entries.into_iter().enumerate() {
        if at > 0 {
            text.push_str(&" ".repeat(indent));
        }
        let _ = write!(text, "{}:", key_text(key));
        match value {
            Json::Array(items) if !items.is_empty() => {
                let _ = write!(text, "\n{}", " ".repeat(indent));
                sequence(items, sort_keys, indent, text);
            }
            Json::Object(inner) if !inner.is_empty() => {
                let _ = write!(text, "\n{}", " ".repeat(indent + 2));
                mapping(inner, sort_keys, indent + 2, text);
            }
            scalar => _ = writeln!(text, " {}", flow(scalar, indent + 2)),
        }
    }
}

fn sequence(items: &[Json], sort_keys: bool, indent: usize, text: &mut String) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push_str(&" ".repeat(indent));
        }
        text.push_str("- ");
        match item {
            Json::Array(inner) if !inner.is_empty() => sequence(inner, sort_keys, indent + 2, text),
            Json::Object(inner) if !inner.is_empty() => mapping(inner, sort_keys, indent + 2, text),
            scalar => _ = writeln!(text, "{}", flow(scalar, indent + 2)),
        }
    }
}

/// What stands on one line: scalars and empty collections.
fn flow(value: &Json, indent: usize) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => float_text(float),
            None => number.to_string(),
        },
        Json::String(string) => string_text(string, indent),
        Json::Array(_) => "[]".to_owned(),
        Json::Object(_) => "{}".to_owned(),
    }
}

fn float_text(number: f64) -> String {
    let text = crate::jinja::json_text(&Json::from(number), None);
    match text.split_once('e') {
        // Without a point it would be read as text.
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0e{exponent}"),
        _ => text,
    }
}

fn key_text(key: &str) -> String {
    if key.contains('\n') { double_quoted(key) } else { string_text(key, 0) }
}

fn string_text(string: &str, indent: usize) -> String {
    if !string.chars().all(|c| c == '\n' || (' '..='~').contains(&c))
        || string.contains(" \n")
        || string.contains("\n ")
    {
        return double_quoted(string);
    }
    if is_plain(string) {
        return string.to_owned();
    }
    let doubled = string.replace('\'', "''");
    let Some((first, rest)) = doubled.split_once('\n') else { return format!("'{doubled}'") };
    // A line break in quotes is written as an empty line.
    let mut text = format!("'{first}\n");
    for line in rest.split('\n') {
        let space = if line.is_empty() { 0 } else { indent };
        let _ = write!(text, "\n{}{line}", " ".repeat(space));
    }
    text.push('\'');
    text
}

/// Whether a text without quotes is read back as the same text.
fn is_plain(string: &str) -> bool {
    let Some(first) = string.chars().next() else { return false };
    let second = string.chars().nth(1);
    let is_marked = match first {
        '-' | '?' | ':' => second.is_none_or(|c| c == ' '),
        _ => "#,[]{}&*!|>'\"%@`".contains(first),
    };
    let is_edge_blank = string.starts_with(' ') || string.ends_with(' ');
    let is_document = string.starts_with("---") || string.starts_with("...");
    let is_structured = string.contains(": ") || string.contains(" #") || string.ends_with(':');
    let reads_back = crate::yaml::parse_value(string) == Ok(Json::String(string.to_owned()));
    let is_word = reads_back && !is_timestamp(string) && !matches!(string, "=" | "<<");
    !(is_marked || is_edge_blank || is_document || is_structured || string.contains('\n')) && is_word
}

/// PyYAML reads dates as dates, which JSON does not tell from text.
fn is_timestamp(string: &str) -> bool {
    let mut parts = string.splitn(3, '-');
    let is_number = |part: Option<&str>, length: std::ops::RangeInclusive<usize>| {
        part.is_some_and(|part| length.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
    };
    let (year, month) = (parts.next(), parts.next());
    let day = parts.next().map(|day| &day[..day.bytes().take_while(u8::is_ascii_digit).count()]);
    is_number(year, 4..=4) && is_number(month, 1..=2) && is_number(day, 1..=2)
}

fn double_quoted(string: &str) -> String {
    let mut text = String::from("\"");
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\0' => text.push_str("\\0"),
            '\u{7}' => text.push_str("\\a"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{b}' => text.push_str("\\v"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            '\u{1b}' => text.push_str("\\e"),
            '\u{85}' => text.push_str("\\N"),
            '\u{a0}' => text.push_str("\\_"),
            '\u{2028}' => text.push_str("\\L"),
            '\u{2029}' => text.push_str("\\P"),
            ' '..='~' => text.push(c),
            c => {
                let code = u32::from(c);
                let _ = match code {
                    0..=0xff => write!(text, "\\x{code:02X}"),
                    0x100..=0xffff => write!(text, "\\u{code:04X}"),
                    _ => write!(text, "\\U{code:08X}"),
                };
            }
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blocks_are_laid_out_as_pyyaml_does() {
        let value = json!({
            "models": [{"name": "orders", "tags": ["a", "b"]}, [1, 2], []],
            "on": "yes", "count": "010", "주문": "x: y", "empty": {}, "note": "a\n\nb", "none": null,
            "big": 1e20, "date": "2026-01-01", "plain": "it's {{ x }}"
        });
        let expected = r#"models:
- name: orders
  tags:
  - a
  - b
- - 1
  - 2
- []
'on': 'yes'
count: '010'
"\uC8FC\uBB38": 'x: y'
empty: {}
note: 'a


  b'
none: null
big: 1.0e+20
date: '2026-01-01'
plain: it's {{ x }}
"#;
        assert_eq!(python_yaml(&value, false), expected);
    }

    #[test]
    fn bare_scalars_end_their_document() {
        assert_eq!(python_yaml(&json!("a"), false), "a\n...\n");
        assert_eq!(python_yaml(&json!("- a"), false), "'- a'\n");
        assert_eq!(python_yaml(&json!([]), false), "[]\n");
        assert_eq!(python_yaml(&json!({"b": 1, "a": 2}), true), "a: 2\nb: 1\n");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let texts = [
            "", " a", "a ", "#", "a #b", "-", "- a", "-a", "null", "1.5", "~", "가: 나", "'", "\\", "a\tb",
            "x\n y", "true", "? a", ":", "a:", "%x", "@", "0x1f", "1_000", "12:30:45", "...", "---a", "[a",
            "<<",
        ];
        for text in texts {
            let value = json!({"k": text, text: [text]});
            assert_eq!(crate::yaml::parse_value(&python_yaml(&value, false)), Ok(value), "{text:?}");
        }
    }
}
