// minijinja hands arguments to filters by value.
#![allow(clippy::needless_pass_by_value)]

use std::fmt::Write as _;

use minijinja::filters as native;
use minijinja::value::{Rest, ValueOrKwargs};

use super::filters::{given, rewrapped};
use super::mutable::{dict_value, items_of, list_value, tuple_value};
use super::session::is_undefined;
use super::{Error, Kwargs, State, Value, ValueKind, format, python};

/// Filters of texts.
pub(super) fn install(env: &mut minijinja::Environment<'static>) {
    env.add_filter("truncate", truncate);
    env.add_filter("striptags", minijinja_contrib::filters::striptags);
    env.add_filter("filesizeformat", minijinja_contrib::filters::filesizeformat);
    env.add_filter("string", |value: &Value| match value.as_str() {
        Some(_) => value.clone(),
        None if is_undefined(value) => Value::from(""),
        None => Value::from(python::text(value)),
    });
    env.add_filter("join", join);
    env.add_filter("replace", |value: &Value, from: &Value, to: &Value, count: Option<usize>| {
        let (text, from, to) = (python::text(value), python::text(from), python::text(to));
        match count {
            Some(count) => text.replacen(&from, &to, count),
            None => text.replace(&from, &to),
        }
    });
    env.add_filter("trim", |value: &Value, letters: Option<String>| {
        let text = if is_undefined(value) { String::new() } else { python::text(value) };
        match letters {
            Some(letters) => text.trim_matches(|c| letters.contains(c)).to_owned(),
            None => text.trim().to_owned(),
        }
    });
    env.add_filter("format", |value: &Value, args: Rest<ValueOrKwargs>| {
        let values: Vec<Value> = args.0.into_iter().map(ValueOrKwargs::into_value).collect();
        let (positional, named): (&[Value], Kwargs) = minijinja::value::from_args(&values)?;
        let mut pairs = Vec::new();
        for name in named.args() {
            pairs.push((Value::from(name), named.peek::<Value>(name)?));
        }
        let arguments = if pairs.is_empty() { tuple_value(positional.to_vec()) } else { dict_value(pairs) };
        format::percent(&python::text(value), &arguments)
    });
    env.add_filter("center", |value: &Value, width: Option<usize>| {
        super::methods::center(&python::text(value), width.unwrap_or(80), ' ')
    });
    env.add_filter("wordcount", |value: &Value| {
        let text = python::text(value);
        text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).count()
    });
    env.add_filter("wordwrap", wordwrap);
    env.add_filter("urlencode", urlencoded);
    env.add_filter("xmlattr", xmlattr);
    env.add_filter("forceescape", |value: &Value| escape(&python::text(value)));
    env.add_filter("escape", |value: &Value| escape(&python::text(value)));
    env.add_filter("e", |value: &Value| escape(&python::text(value)));
    env.add_filter("safe", |value: Value| value);
}

/// `join(d, attribute)`
fn join(state: &mut State, value: &Value, args: Rest<Value>, kwargs: Kwargs) -> Result<String, Error> {
    let between = given(&args, 0, &kwargs, "d")?.map(|text| python::text(&text)).unwrap_or_default();
    let attribute = given(&args, 1, &kwargs, "attribute")?;
    kwargs.assert_all_used()?;
    let items = if is_undefined(value) { Vec::new() } else { items_of(value)? };
    let items = match attribute {
        Some(attribute) => {
            let by = Kwargs::from_iter([("attribute", attribute)]);
            native::map(state, list_value(items), Rest(vec![rewrapped(Value::from(by))?]))?
        }
        None => items,
    };
    let texts: Vec<String> = items.iter().map(python::text).collect();
    Ok(texts.join(&between))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The pairs of a mapping or a list as a query (`a=1&b=2`), anything else as part of a path.
fn urlencoded(value: &Value) -> String {
    let pairs: Vec<(Value, Value)> = match value.as_object() {
        Some(object) if value.kind() == ValueKind::Map => {
            object.try_iter_pairs().map(Iterator::collect).unwrap_or_default()
        }
        Some(_) if value.kind() != ValueKind::String => {
            let pair = |item: Value| {
                Some((item.get_item(&Value::from(0)).ok()?, item.get_item(&Value::from(1)).ok()?))
            };
            value.try_iter().into_iter().flatten().filter_map(pair).collect()
        }
        _ => return urlencode(&python::text(value)),
    };
    let part = |value: &Value| urlencode(&python::text(value)).replace('/', "%2F").replace("%20", "+");
    let pairs = pairs.iter().map(|(key, value)| format!("{}={}", part(key), part(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// ` a="1" b="2"`, without what is null or undefined; `autospace` puts the space in front.
fn xmlattr(value: &Value, autospace: Option<bool>) -> String {
    let object = value.as_object().filter(|_| value.kind() == ValueKind::Map);
    let pairs = object.and_then(minijinja::value::DynObject::try_iter_pairs).into_iter().flatten();
    let pairs = pairs.filter(|(_, value)| !value.is_none() && !is_undefined(value));
    let written: Vec<String> = pairs
        .map(|(key, value)| format!("{}=\"{}\"", python::text(&key), escape(&python::text(&value))))
        .collect();
    let space = if autospace.unwrap_or(true) && !written.is_empty() { " " } else { "" };
    format!("{space}{}", written.join(" "))
}

fn urlencode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/_.-~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Lines broken between words; longer words are cut.
fn wordwrap(value: &Value, width: Option<usize>) -> String {
    let width = width.unwrap_or(79).max(1);
    let text = python::text(value);
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut current = String::new();
        for word in line.split_whitespace() {
            let letters: Vec<char> = word.chars().collect();
            let fits = current.is_empty() || current.chars().count() + 1 + letters.len() <= width;
            if !fits {
                lines.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            for (index, chunk) in letters.chunks(width).enumerate() {
                if index > 0 {
                    lines.push(std::mem::take(&mut current));
                }
                current.extend(chunk);
            }
        }
        lines.push(current);
    }
    lines.join("\n")
}

/// `truncate(length, killwords, end, leeway)`.
fn truncate(value: &Value, args: Rest<Value>, kwargs: Kwargs) -> Result<String, Error> {
    let length = given(&args, 0, &kwargs, "length")?.and_then(|length| length.as_usize()).unwrap_or(255);
    let cuts_words = given(&args, 1, &kwargs, "killwords")?.is_some_and(|cuts| cuts.is_true());
    let end = given(&args, 2, &kwargs, "end")?.map_or_else(|| "...".to_owned(), |end| python::text(&end));
    let leeway = given(&args, 3, &kwargs, "leeway")?.and_then(|leeway| leeway.as_usize()).unwrap_or(5);
    kwargs.assert_all_used()?;
    let text = python::text(value);
    if text.chars().count() <= length.saturating_add(leeway) {
        return Ok(text);
    }
    let kept: String = text.chars().take(length.saturating_sub(end.chars().count())).collect();
    if cuts_words {
        return Ok(kept + &end);
    }
    Ok(kept.rsplit_once(' ').map_or(kept.as_str(), |(words, _)| words).to_owned() + &end)
}
