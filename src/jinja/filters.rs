// minijinja hands arguments to filters by value.
#![allow(clippy::needless_pass_by_value)]

use minijinja::filters as native;
use minijinja::value::{Rest, ValueOrKwargs};

use super::failure::fail;
use super::mutable::{dict_value, items_of, list_value, pairs_of, sort_by_key, tuple_value};
use super::session::is_undefined;
use super::{Error, Kwargs, State, Value, ValueKind, python};

/// All filters, to find the one that was meant.
pub(super) const NAMES: [&str; 58] = [
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
    "random",
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
    "xmlattr",
];

/// Filters of Jinja2 where minijinja's give something else than Python's would, and
/// dbt's own (<https://jinja.palletsprojects.com/en/stable/templates/#builtin-filters>,
/// <https://docs.getdbt.com/reference/dbt-jinja-functions/as_bool>).
pub(super) fn install(env: &mut minijinja::Environment<'static>) {
    literals(env);
    sequences(env);
    super::text_filters::install(env);
    super::conversions::install(env);
    env.add_filter("default", default);
    env.add_filter("d", default);
    env.add_function("dict", |value: Option<Value>, keywords: Kwargs| dict(value.as_ref(), &keywords));
    env.add_function("cycler", |items: Rest<Value>| minijinja_contrib::globals::cycler(items.0));
    env.add_function("joiner", minijinja_contrib::globals::joiner);
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
    env.add_filter("dictsort", dictsort);
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

/// An argument by its place or its name.
pub(super) fn given(
    args: &Rest<Value>,
    at: usize,
    kwargs: &Kwargs,
    name: &str,
) -> Result<Option<Value>, Error> {
    let named: Option<Value> = kwargs.get(name)?;
    Ok(args.get(at).cloned().or(named))
}

/// A key for sorting, in which the case of letters may not count.
fn folded(key: Value, is_case_sensitive: bool) -> Value {
    match key.as_str() {
        Some(text) if !is_case_sensitive => Value::from(text.to_lowercase()),
        _ => key,
    }
}

/// `sort(reverse, case_sensitive, attribute)`: by one attribute or several with commas.
fn sorted_by(value: &Value, args: Rest<Value>, kwargs: Kwargs) -> Result<Value, Error> {
    let is_reversed = given(&args, 0, &kwargs, "reverse")?.is_some_and(|value| value.is_true());
    let is_case_sensitive = given(&args, 1, &kwargs, "case_sensitive")?.is_some_and(|value| value.is_true());
    let attribute = given(&args, 2, &kwargs, "attribute")?;
    kwargs.assert_all_used()?;
    let fold = |key: Value| folded(key, is_case_sensitive);
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

/// `dictsort(case_sensitive, by, reverse)`: pairs by their key, or by their value.
fn dictsort(value: &Value, args: Rest<Value>, kwargs: Kwargs) -> Result<Value, Error> {
    let is_case_sensitive = given(&args, 0, &kwargs, "case_sensitive")?.is_some_and(|value| value.is_true());
    let by = given(&args, 1, &kwargs, "by")?.map_or_else(|| "key".to_owned(), |by| python::text(&by));
    let is_reversed = given(&args, 2, &kwargs, "reverse")?.is_some_and(|value| value.is_true());
    kwargs.assert_all_used()?;
    if by != "key" && by != "value" {
        return Err(fail("`dictsort` sorts by `key` or by `value`"));
    }
    let pair = |(key, value): (Value, Value)| {
        let by = if by == "key" { key.clone() } else { value.clone() };
        (folded(by, is_case_sensitive), tuple_value(vec![key, value]))
    };
    sort_by_key(pairs_of(value)?.into_iter().map(pair).collect(), is_reversed).map(list_value)
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

pub(super) fn rewrapped(value: Value) -> Result<ValueOrKwargs, Error> {
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
