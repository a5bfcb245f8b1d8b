use minijinja::value::Rest;

use super::failure::fail;
use super::mutable::{arguments, dict_value, items_of, list_value, pairs_of, tuple_value};
use super::session::session_of;
use super::{Error, ErrorKind, Kwargs, Value, ValueKind, format, python};

/// Methods of Python's `str` and of mappings and sequences that are not our own.
pub(super) fn install(env: &mut minijinja::Environment<'static>) {
    env.set_unknown_method_callback(|state, value, method, args| {
        let known = if let Some(text) = value.as_str() {
            text_method(text, method, args)?
        } else if value.kind() == ValueKind::Map {
            mapping_method(value, method, args)?
        } else if matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
            sequence_method(value, method, args)?
        } else {
            None
        };
        if let Some(result) = known {
            return Ok(result);
        }
        let has_item =
            value.as_object().is_some_and(|object| object.get_value(&Value::from(method)).is_some());
        if !has_item && session_of(state).is_some_and(|session| session.is_lenient) {
            return Ok(Value::UNDEFINED);
        }
        Err(Error::from(ErrorKind::UnknownMethod))
    });
}

fn mapping_method(value: &Value, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    Ok(Some(match method {
        "get" => {
            let (key, default): (Value, Option<Value>) = arguments(method, args, "a key and a default")?;
            let found = value.as_object().and_then(|object| object.get_value(&key));
            found.or(default).unwrap_or_else(|| Value::from(()))
        }
        "items" => {
            let pairs = pairs_of(value)?.into_iter();
            list_value(pairs.map(|(key, value)| tuple_value(vec![key, value])).collect())
        }
        "keys" => list_value(items_of(value)?),
        "values" => list_value(pairs_of(value)?.into_iter().map(|(_, value)| value).collect()),
        "copy" => dict_value(pairs_of(value)?),
        _ => return Ok(None),
    }))
}

fn sequence_method(value: &Value, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    Ok(Some(match method {
        "index" => {
            let (item,): (Value,) = arguments(method, args, "a value")?;
            let at = items_of(value)?.iter().position(|own| *own == item);
            Value::from(at.ok_or_else(|| fail(format!("{} is not in it", python::repr(&item))))?)
        }
        "count" => {
            let (item,): (Value,) = arguments(method, args, "a value")?;
            Value::from(items_of(value)?.iter().filter(|own| **own == item).count())
        }
        "copy" => list_value(items_of(value)?),
        _ => return Ok(None),
    }))
}

/// A method of Python's `str`
/// (<https://docs.python.org/3/library/stdtypes.html#string-methods>).
fn text_method(text: &str, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    let nothing = || arguments::<()>(method, args, "no arguments");
    let is_all = |check: fn(char) -> bool| !text.is_empty() && text.chars().all(check);
    Ok(Some(match method {
        "upper" => nothing().map(|()| Value::from(text.to_uppercase()))?,
        "lower" | "casefold" => nothing().map(|()| Value::from(text.to_lowercase()))?,
        "capitalize" => nothing().map(|()| Value::from(capitalize(text)))?,
        "title" => nothing().map(|()| Value::from(title(text)))?,
        "swapcase" => nothing().map(|()| Value::from(swapcase(text)))?,
        "strip" | "lstrip" | "rstrip" => Value::from(strip(text, method, args)?),
        "replace" => {
            let (from, to, count): (&str, &str, Option<i64>) =
                arguments(method, args, "two texts and a count")?;
            Value::from(match count.and_then(|count| usize::try_from(count).ok()) {
                Some(count) => text.replacen(from, to, count),
                None => text.replace(from, to),
            })
        }
        "split" | "rsplit" => split(text, method, args)?,
        "splitlines" => {
            let (keeps_ends,): (Option<bool>,) = arguments(method, args, "whether to keep line ends")?;
            list_value(splitlines(text, keeps_ends.unwrap_or(false)))
        }
        "partition" | "rpartition" => {
            let (separator,): (&str,) = arguments(method, args, "a separator")?;
            partition(text, separator, method == "rpartition")
        }
        "join" => {
            let (items,): (Value,) = arguments(method, args, "one list")?;
            Value::from(joined(text, &items)?)
        }
        "startswith" | "endswith" => starts_or_ends(text, method, args)?,
        "removeprefix" => {
            let (prefix,): (&str,) = arguments(method, args, "a prefix")?;
            Value::from(text.strip_prefix(prefix).unwrap_or(text))
        }
        "removesuffix" => {
            let (suffix,): (&str,) = arguments(method, args, "a suffix")?;
            Value::from(text.strip_suffix(suffix).unwrap_or(text))
        }
        "find" | "rfind" | "index" | "rindex" => find(text, method, args)?,
        "count" => {
            let (part,): (&str,) = arguments(method, args, "one text")?;
            Value::from(if part.is_empty() { text.chars().count() + 1 } else { text.matches(part).count() })
        }
        "center" | "ljust" | "rjust" => {
            let (width, fill): (usize, Option<char>) = arguments(method, args, "a width and a letter")?;
            let fill = fill.unwrap_or(' ');
            let missing = width.min(WIDEST).saturating_sub(text.chars().count());
            let filling = fill.to_string().repeat(missing);
            Value::from(match method {
                "ljust" => format!("{text}{filling}"),
                "rjust" => format!("{filling}{text}"),
                _ => center(text, width, fill),
            })
        }
        "zfill" => {
            let (width,): (usize,) = arguments(method, args, "a width")?;
            let (sign, digits) = text.split_at(usize::from(text.starts_with(['+', '-'])));
            let missing = width.min(WIDEST).saturating_sub(text.chars().count());
            Value::from(format!("{sign}{}{digits}", "0".repeat(missing)))
        }
        "expandtabs" => {
            let (size,): (Option<usize>,) = arguments(method, args, "a tab size")?;
            Value::from(expand_tabs(text, size.unwrap_or(8).min(WIDEST)))
        }
        "format" => {
            let (positional, named): (&[Value], Kwargs) = arguments(method, args, "values")?;
            Value::from(format::braces(text, positional, &named)?)
        }
        "format_map" => {
            let (mapping,): (Value,) = arguments(method, args, "a mapping")?;
            let named = pairs_of(&mapping)?.into_iter().map(|(key, value)| (python::text(&key), value));
            Value::from(format::braces(text, &[], &named.collect::<Kwargs>())?)
        }
        "isalnum" => Value::from(is_all(char::is_alphanumeric)),
        "isalpha" => Value::from(is_all(char::is_alphabetic)),
        "isdigit" | "isdecimal" | "isnumeric" => Value::from(is_all(char::is_numeric)),
        "isspace" => Value::from(is_all(char::is_whitespace)),
        "isascii" => Value::from(text.is_ascii()),
        "isupper" => Value::from(has_case(text) && text.chars().all(|c| !c.is_lowercase())),
        "islower" => Value::from(has_case(text) && text.chars().all(|c| !c.is_uppercase())),
        "istitle" => Value::from(has_case(text) && title(text) == text),
        "isprintable" => Value::from(text.chars().all(|c| !c.is_control())),
        "isidentifier" => {
            let starts = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
            Value::from(starts && text.chars().all(|c| c.is_alphanumeric() || c == '_'))
        }
        "encode" => Value::from_bytes(text.as_bytes().to_vec()),
        _ => return Ok(None),
    }))
}

/// Widths beyond this are mistakes.
const WIDEST: usize = 100_000;

fn has_case(text: &str) -> bool {
    text.chars().any(|c| c.is_lowercase() || c.is_uppercase())
}

fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect(),
        None => String::new(),
    }
}

fn title(text: &str) -> String {
    let mut follows_letter = false;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if follows_letter {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        follows_letter = c.is_alphabetic();
    }
    out
}

fn swapcase(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_uppercase() {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
    }
    out
}

fn expand_tabs(text: &str, size: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' if size == 0 => {}
            '\t' => {
                let width = size - column % size;
                out.push_str(&" ".repeat(width));
                column += width;
            }
            c => {
                out.push(c);
                column = if matches!(c, '\n' | '\r') { 0 } else { column + 1 };
            }
        }
    }
    out
}

fn strip(text: &str, method: &str, args: &[Value]) -> Result<String, Error> {
    let (letters,): (Option<String>,) = arguments(method, args, "the letters to take away")?;
    let strips = |c: char| match &letters {
        Some(letters) => letters.contains(c),
        None => c.is_whitespace(),
    };
    let text = if method == "rstrip" { text } else { text.trim_start_matches(strips) };
    Ok(if method == "lstrip" { text } else { text.trim_end_matches(strips) }.to_owned())
}

fn split(text: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let takes = "a separator and a count";
    let (positional, kwargs): (Rest<Value>, Kwargs) = arguments(method, args, takes)?;
    let separator = positional.first().cloned().or(kwargs.get("sep")?);
    let separator = separator.filter(|separator| !separator.is_none());
    let count = positional.get(1).cloned().or(kwargs.get("maxsplit")?);
    kwargs.assert_all_used()?;
    let limit = count.and_then(|count| count.as_i64()).and_then(|count| usize::try_from(count).ok());
    let from_end = method == "rsplit";
    let parts: Vec<String> = match separator {
        Some(separator) => {
            let Some(separator) = separator.as_str().filter(|separator| !separator.is_empty()) else {
                return Err(fail(format!("`{method}` needs a text as separator, and not an empty one")));
            };
            let limit = limit.map_or(usize::MAX, |limit| limit.saturating_add(1));
            if from_end {
                let mut parts: Vec<_> = text.rsplitn(limit, separator).map(str::to_owned).collect();
                parts.reverse();
                parts
            } else {
                text.splitn(limit, separator).map(str::to_owned).collect()
            }
        }
        None => split_spaces(text, limit.unwrap_or(usize::MAX), from_end),
    };
    Ok(list_value(parts.into_iter().map(Value::from).collect()))
}

/// Words; after `limit` splits the rest stays together.
fn split_spaces(text: &str, limit: usize, from_end: bool) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let space = if from_end { rest.rfind(char::is_whitespace) } else { rest.find(char::is_whitespace) };
        let Some(at) = space.filter(|_| parts.len() < limit) else { break };
        let width = rest[at..].chars().next().map_or(1, char::len_utf8);
        let (word, others) = if from_end {
            (&rest[at + width..], rest[..at].trim_end())
        } else {
            (&rest[..at], rest[at..].trim_start())
        };
        parts.push(word.to_owned());
        rest = others;
    }
    if !rest.is_empty() {
        parts.push(rest.to_owned());
    }
    if from_end {
        parts.reverse();
    }
    parts
}

fn splitlines(text: &str, keeps_ends: bool) -> Vec<Value> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let mark = if rest[end..].starts_with("\r\n") { 2 } else { usize::from(end < rest.len()) };
        lines.push(Value::from(&rest[..if keeps_ends { end + mark } else { end }]));
        rest = &rest[end + mark..];
    }
    lines
}

fn partition(text: &str, separator: &str, from_end: bool) -> Value {
    let found = if from_end { text.rsplit_once(separator) } else { text.split_once(separator) };
    let parts = match found {
        Some((before, after)) => [before, separator, after],
        None if from_end => ["", "", text],
        None => [text, "", ""],
    };
    tuple_value(parts.into_iter().map(Value::from).collect())
}

fn joined(between: &str, items: &Value) -> Result<String, Error> {
    let mut texts = Vec::new();
    for (index, item) in items_of(items)?.iter().enumerate() {
        let Some(text) = item.as_str() else {
            let kind = python::type_name(item);
            return Err(fail(format!("`join` needs texts, but item {index} is `{kind}`")));
        };
        texts.push(text.to_owned());
    }
    Ok(texts.join(between))
}

fn starts_or_ends(text: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let (wanted,): (Value,) = arguments(method, args, "a text or a tuple of texts")?;
    let holds = |part: &Value| {
        let part = part.as_str().unwrap_or_default();
        if method == "startswith" { text.starts_with(part) } else { text.ends_with(part) }
    };
    Ok(Value::from(if wanted.as_str().is_some() {
        holds(&wanted)
    } else {
        items_of(&wanted)?.iter().any(holds)
    }))
}

/// Places are counted in letters.
fn find(text: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let (part, start, end): (&str, Option<i64>, Option<i64>) = arguments(method, args, "a text and a range")?;
    let letters: Vec<char> = text.chars().collect();
    let length = i64::try_from(letters.len()).unwrap_or(i64::MAX);
    let place =
        |at: i64| usize::try_from(if at < 0 { (at + length).max(0) } else { at.min(length) }).unwrap_or(0);
    let (start, end) = (place(start.unwrap_or(0)), place(end.unwrap_or(length)));
    let within: String = letters.get(start..end.max(start)).unwrap_or_default().iter().collect();
    let found = if method.starts_with('r') { within.rfind(part) } else { within.find(part) };
    match found {
        Some(at) => Ok(Value::from(start + within[..at].chars().count())),
        None if method.ends_with("index") => {
            Err(fail(format!("{} is not in the text", python::repr(&Value::from(part)))))
        }
        None => Ok(Value::from(-1)),
    }
}

/// The text in the middle of a field.
pub(super) fn center(text: &str, width: usize, fill: char) -> String {
    let width = width.min(WIDEST);
    let missing = width.saturating_sub(text.chars().count());
    // Python puts the odd one to the left only where the width is odd as well.
    let left = missing / 2 + (missing & width & 1);
    let filling = |count: usize| fill.to_string().repeat(count);
    format!("{}{text}{}", filling(left), filling(missing - left))
}
