use minijinja::filters as native;
use minijinja::value::{Rest, ValueOrKwargs};
use serde_json::Value as Json;

use super::failure::{Failure, fail, raise};
use super::json::to_json;
use super::mutable::{dict_value, items_of, list_value, pairs_of, sort_by_key, tuple_value};
use super::session::{is_undefined, session_of};
use super::{Error, Kwargs, State, Value, ValueKind, format, python};
use crate::diagnostic::{Code, Diagnostic};

/// All filters, to find the one that was meant.
pub(super) const NAMES: [&str; 56] = [
    "abs",
    "as_bool",
    "as_native",
    "as_number",
    "as_text",
    "attr",
    "batch",
    "capitalize",
    "center",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "filesizeformat",
    "first",
    "float",
    "forceescape",
    "format",
    "fromjson",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "pprint",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "string",
    "striptags",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
    "wordwrap",
];

/// Filters of Jinja2 where minijinja's give something else than Python's would, and
/// dbt's own (<https://jinja.palletsprojects.com/en/stable/templates/#builtin-filters>,
/// <https://docs.getdbt.com/reference/dbt-jinja-functions/as_bool>).
pub(super) fn install(env: &mut minijinja::Environment<'static>) {
    literals(env);
    sequences(env);
    texts(env);
    env.add_filter("as_bool", |state: &State, value: Value| converted(state, value, "bool", ValueKind::Bool));
    env.add_filter("as_number", |state: &State, value: Value| {
        converted(state, value, "number", ValueKind::Number)
    });
    env.add_filter("as_native", as_native);
    env.add_filter("as_text", |value: Value| value);
    env.add_filter("default", default);
    env.add_filter("d", default);
    env.add_filter("abs", |value: Value| native::abs(value));
    env.add_filter("round", native::round);
    env.add_filter("int", int);
    env.add_filter("float", float);
    env.add_filter("tojson", tojson);
    env.add_function("dict", |value: Option<Value>, keywords: Kwargs| dict(value.as_ref(), &keywords));
    env.add_function("cycler", |items: Rest<Value>| minijinja_contrib::globals::cycler(items.0));
    env.add_function("joiner", minijinja_contrib::globals::joiner);
    env.add_filter("filesizeformat", minijinja_contrib::filters::filesizeformat);
    env.add_filter("truncate", truncate);
    env.add_filter("striptags", minijinja_contrib::filters::striptags);
}

/// What list and dict literals become.
fn literals(env: &mut minijinja::Environment<'static>) {
    env.add_filter("xform_list", |value: &Value| items_of(value).map(list_value));
    env.add_filter("xform_dict", |value: &Value| pairs_of(value).map(dict_value));
}

fn sequences(env: &mut minijinja::Environment<'static>) {
    env.add_filter("list", |value: &Value| items_of(value).map(list_value));
    env.add_filter("map", |state: &mut State, value: Value, args: Rest<ValueOrKwargs>| {
        native::map(state, value, args).map(list_value)
    });
    env.add_filter("select", |state: &mut State, value: Value, args: Rest<ValueOrKwargs>| {
        let (test, args) = test_name(args)?;
        native::select(state, value, test, args).map(list_value)
    });
    env.add_filter("reject", |state: &mut State, value: Value, args: Rest<ValueOrKwargs>| {
        let (test, args) = test_name(args)?;
        native::reject(state, value, test, args).map(list_value)
    });
    env.add_filter(
        "selectattr",
        |state: &mut State, value: Value, name: Value, args: Rest<ValueOrKwargs>| {
            let (test, args) = test_name(args)?;
            native::selectattr(state, value, python::text(&name).into(), test, args).map(list_value)
        },
    );
    env.add_filter(
        "rejectattr",
        |state: &mut State, value: Value, name: Value, args: Rest<ValueOrKwargs>| {
            let (test, args) = test_name(args)?;
            native::rejectattr(state, value, python::text(&name).into(), test, args).map(list_value)
        },
    );
    env.add_filter("sort", sorted_by);
    env.add_filter("dictsort", |value: &Value, kwargs: Kwargs| {
        let pairs = items_of(&native::dictsort(value, kwargs)?)?;
        let pair = |pair: &Value| items_of(pair).map(tuple_value);
        pairs.iter().map(pair).collect::<Result<Vec<_>, Error>>().map(list_value)
    });
    env.add_filter("items", |value: &Value| {
        if is_undefined(value) {
            return Ok(list_value(Vec::new()));
        }
        let pairs = pairs_of(value)?.into_iter();
        Ok::<_, Error>(list_value(pairs.map(|(key, value)| tuple_value(vec![key, value])).collect()))
    });
    env.add_filter("unique", |state: &State, value: Value, kwargs: Kwargs| {
        native::unique(state, value, kwargs).and_then(|unique| items_of(&unique)).map(list_value)
    });
    env.add_filter("batch", |state: &State, value: Value, count: usize, fill: Option<Value>| {
        rows(&native::batch(state, value, count, fill)?)
    });
    env.add_filter("slice", |state: &State, value: Value, count: usize, fill: Option<Value>| {
        rows(&native::slice(state, value, count, fill)?)
    });
    env.add_filter("reverse", |value: &Value| match value.as_str() {
        Some(text) => Ok(Value::from(text.chars().rev().collect::<String>())),
        None => items_of(value).map(|mut items| {
            items.reverse();
            list_value(items)
        }),
    });
    env.add_filter("length", length);
    env.add_filter("count", length);
}

/// `sort(reverse, case_sensitive, attribute)`: by one attribute or several with commas.
fn sorted_by(value: &Value, args: Rest<Value>, kwargs: Kwargs) -> Result<Value, Error> {
    let given = |at: usize, name: &str| -> Result<Option<Value>, Error> {
        let named: Option<Value> = kwargs.get(name)?;
        Ok(args.get(at).cloned().or(named))
    };
    let is_reversed = given(0, "reverse")?.is_some_and(|value| value.is_true());
    let is_case_sensitive = given(1, "case_sensitive")?.is_some_and(|value| value.is_true());
    let attribute = given(2, "attribute")?;
    kwargs.assert_all_used()?;
    let fold = |key: Value| match key.as_str() {
        Some(text) if !is_case_sensitive => Value::from(text.to_lowercase()),
        _ => key,
    };
    let key = |item: &Value| match &attribute {
        None => Ok(fold(item.clone())),
        Some(names) => {
            let names = python::text(names);
            let parts: Result<Vec<Value>, Error> =
                names.split(',').map(|name| attribute_of(item, name)).collect();
            parts.map(|parts| tuple_value(parts.into_iter().map(fold).collect()))
        }
    };
    let mut keyed = Vec::new();
    for item in items_of(value)? {
        keyed.push((key(&item)?, item));
    }
    sort_by_key(keyed, is_reversed).map(list_value)
}

/// `a.b.0` of a value; what is not there is undefined.
fn attribute_of(value: &Value, path: &str) -> Result<Value, Error> {
    let mut found = value.clone();
    for part in path.trim().split('.') {
        found = match part.parse::<i64>() {
            Ok(index) => found.get_item(&Value::from(index))?,
            Err(_) => found.get_attr(part)?,
        };
    }
    Ok(found)
}

/// The name of a test in front of its arguments.
type Test = (Option<std::borrow::Cow<'static, str>>, Rest<ValueOrKwargs>);

fn test_name(args: Rest<ValueOrKwargs>) -> Result<Test, Error> {
    let mut args = args.0.into_iter().map(ValueOrKwargs::into_value);
    let Some(name) = args.next() else { return Ok((None, Rest(Vec::new()))) };
    let name = name.as_str().map(str::to_owned).ok_or_else(|| fail("the name of a test must be text"))?;
    let rest = args.map(rewrapped).collect::<Result<Vec<_>, Error>>()?;
    Ok((Some(name.into()), Rest(rest)))
}

fn rewrapped(value: Value) -> Result<ValueOrKwargs, Error> {
    minijinja::value::from_args::<(ValueOrKwargs,)>(std::slice::from_ref(&value)).map(|(value,)| value)
}

/// A list of lists.
fn rows(value: &Value) -> Result<Value, Error> {
    let row = |row: &Value| items_of(row).map(list_value);
    items_of(value)?.iter().map(row).collect::<Result<Vec<_>, Error>>().map(list_value)
}

fn length(value: &Value) -> Result<usize, Error> {
    if is_undefined(value) {
        return Ok(0);
    }
    match value.len() {
        Some(length) => Ok(length),
        None if value.kind() == ValueKind::Iterable => items_of(value).map(|items| items.len()),
        None => Err(fail(format!("`{}` has no length", python::type_name(value)))),
    }
}

fn texts(env: &mut minijinja::Environment<'static>) {
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
    env.add_filter("urlencode", |value: &Value| urlencode(&python::text(value)));
    env.add_filter("forceescape", |value: &Value| escape(&python::text(value)));
    env.add_filter("escape", |value: &Value| escape(&python::text(value)));
    env.add_filter("e", |value: &Value| escape(&python::text(value)));
    env.add_filter("safe", |value: Value| value);
}

fn join(state: &mut State, value: &Value, between: Option<&Value>, kwargs: Kwargs) -> Result<String, Error> {
    let attribute: Option<Value> = kwargs.get("attribute")?;
    let named: Option<Value> = kwargs.get("d")?;
    kwargs.assert_all_used()?;
    let between = between.cloned().or(named).map(|text| python::text(&text)).unwrap_or_default();
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

fn urlencode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/_.-~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
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

fn default(value: &Value, args: Rest<Value>, kwargs: Kwargs) -> Result<Value, Error> {
    let named: Option<Value> = kwargs.get("default_value")?;
    let is_lax: Option<bool> = kwargs.get("boolean")?;
    kwargs.assert_all_used()?;
    let is_lax = is_lax.unwrap_or_else(|| args.get(1).is_some_and(Value::is_true));
    if is_undefined(value) || (is_lax && !value.is_true()) {
        return Ok(args.first().cloned().or(named).unwrap_or_else(|| Value::from("")));
    }
    Ok(value.clone())
}

/// The whole number, or what stands for it: a text that is no number is no error.
fn int(value: &Value, default: Option<Value>, base: Option<u32>, kwargs: Kwargs) -> Result<Value, Error> {
    let named: Option<Value> = kwargs.get("default")?;
    let base = base.or(kwargs.get("base")?).unwrap_or(10);
    kwargs.assert_all_used()?;
    let read = match value.as_str() {
        Some(text) => whole_number(text, base),
        None => python::integer(value).or_else(|| python::float(value).and_then(truncated)),
    };
    Ok(read.map(Value::from).or(default).or(named).unwrap_or_else(|| Value::from(0)))
}

/// Python's `int(text, base)`, or else `int(float(text))`.
fn whole_number(text: &str, base: u32) -> Option<i128> {
    let text = text.trim().replace('_', "");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(&text)),
    };
    let lower = digits.to_ascii_lowercase();
    let prefix = [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find(|(prefix, _)| lower.starts_with(prefix));
    let read = match prefix {
        Some((_, own)) if base == own || base == 0 => i128::from_str_radix(&lower[2..], own).ok(),
        _ if digits.starts_with(['+', '-']) || !(2..=36).contains(&base) => None,
        _ => i128::from_str_radix(digits, base).ok(),
    };
    read.map(|number| sign * number).or_else(|| real_number(&text).and_then(truncated))
}

#[allow(clippy::cast_possible_truncation)]
fn truncated(number: f64) -> Option<i128> {
    number.is_finite().then(|| number.trunc() as i128)
}

/// Python's `float(text)`.
fn real_number(text: &str) -> Option<f64> {
    let text = text.trim().replace('_', "");
    let is_number = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let is_named = ["inf", "infinity", "nan"]
        .contains(&text.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str());
    if is_number || is_named { text.parse().ok() } else { None }
}

fn float(value: &Value, default: Option<Value>, kwargs: Kwargs) -> Result<Value, Error> {
    let named: Option<Value> = kwargs.get("default")?;
    kwargs.assert_all_used()?;
    let read = match value.as_str() {
        Some(text) => real_number(text),
        None => python::number(value),
    };
    Ok(read.map(Value::from).or(default).or(named).unwrap_or_else(|| Value::from(0.0)))
}

/// `truncate(length, killwords, end, leeway)`.
fn truncate(value: &Value, args: Rest<Value>, kwargs: Kwargs) -> Result<String, Error> {
    let given = |at: usize, name: &str| -> Result<Option<Value>, Error> {
        let named: Option<Value> = kwargs.get(name)?;
        Ok(args.get(at).cloned().or(named))
    };
    let length = given(0, "length")?.and_then(|length| length.as_usize()).unwrap_or(255);
    let cuts_words = given(1, "killwords")?.is_some_and(|cuts| cuts.is_true());
    let end = given(2, "end")?.map_or_else(|| "...".to_owned(), |end| python::text(&end));
    let leeway = given(3, "leeway")?.and_then(|leeway| leeway.as_usize()).unwrap_or(5);
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

fn dict(value: Option<&Value>, keywords: &Kwargs) -> Result<Value, Error> {
    let mut pairs = match value {
        Some(value) => pairs_of(value)?,
        None => Vec::new(),
    };
    for name in keywords.args() {
        pairs.push((Value::from(name), keywords.peek::<Value>(name)?));
    }
    Ok(dict_value(pairs))
}

/// `as_bool` and `as_number`: in values of YAML, the text as what it says; an error if it
/// says something else. In models they change nothing, as in dbt.
fn converted(state: &State, value: Value, wanted: &str, kind: ValueKind) -> Result<Value, Error> {
    if !session_of(state).is_some_and(|session| session.is_native) || value.kind() == kind {
        return Ok(value);
    }
    let read = value.as_str().map(str::trim).and_then(literal).filter(|read| read.kind() == kind);
    read.ok_or_else(|| {
        let message = format!("{} cannot be taken as a {wanted}", python::repr(&value));
        raise(Diagnostic::error(Code::JinjaError, message))
    })
}

/// `as_native`: the text as the Python literal it is, if it is one.
fn as_native(state: &State, value: Value) -> Value {
    if !session_of(state).is_some_and(|session| session.is_native) {
        return value;
    }
    let read = value.as_str().map(str::trim).and_then(literal);
    read.unwrap_or(value)
}

/// What a literal stands for.
fn literal(text: &str) -> Option<Value> {
    super::literal::literal(text).map(|json| super::json::from_json(&json))
}

/// JSON as Python writes it inside of a template: sorted keys, ASCII, and safe in HTML.
fn tojson(value: &Value, indent: Option<usize>) -> Result<String, Error> {
    if is_undefined(value) {
        return Err(Failure::UndefinedOperand(0).into_error());
    }
    let text = super::json::json_text(&sorted(to_json(value)), indent);
    let safe =
        text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026").replace('\'', "\\u0027");
    Ok(safe)
}

fn sorted(json: Json) -> Json {
    match json {
        Json::Object(pairs) => {
            let mut pairs: Vec<_> = pairs.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(pairs.into_iter().collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
