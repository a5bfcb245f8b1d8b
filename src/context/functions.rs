//! Functions that are the same in every phase and know nothing of the project.
//! See <https://docs.getdbt.com/reference/dbt-jinja-functions>.

use md5::{Digest, Md5};

use super::arguments::{Arguments, describe, error, invalid, items, split};
use super::function::{function, pure};
use super::set::Set;
use super::values::list;
use super::yaml_text::python_yaml;
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Error, State, Tuple, Value, from_json, json_text, raise, to_json};

/// The functions, by name.
pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("fromjson", pure("fromjson", fromjson)),
        ("fromyaml", pure("fromyaml", fromyaml)),
        ("local_md5", pure("local_md5", local_md5)),
        ("set", pure("set", set)),
        ("set_strict", pure("set_strict", set_strict)),
        ("tojson", pure("tojson", tojson)),
        ("toyaml", pure("toyaml", toyaml)),
        ("try_or_compiler_error", function("try_or_compiler_error", try_or_compiler_error)),
        ("zip", pure("zip", zip)),
        ("zip_strict", pure("zip_strict", zip_strict)),
    ]
}

fn or_none(default: Option<&Value>) -> Value {
    default.cloned().unwrap_or(Value::from(()))
}

fn fromjson(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("fromjson", &["string", "default"], args)?;
    let read = args.required("string")?.as_str().and_then(|text| serde_json::from_str(text).ok());
    Ok(read.map_or_else(|| or_none(args.get("default")), |json| from_json(&json)))
}

fn tojson(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("tojson", &["value", "default", "sort_keys"], args)?;
    let value = args.required("value")?;
    if value.is_undefined() {
        return Ok(or_none(args.get("default")));
    }
    let mut json = to_json(value);
    if args.flag("sort_keys", false) {
        json.sort_all_objects();
    }
    Ok(Value::from(json_text(&json, None)))
}

fn fromyaml(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("fromyaml", &["value", "default"], args)?;
    let read = args.required("value")?.as_str().and_then(|text| crate::yaml::parse_value(text).ok());
    Ok(read.map_or_else(|| or_none(args.get("default")), |json| from_json(&json)))
}

fn toyaml(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("toyaml", &["value", "default", "sort_keys"], args)?;
    let value = args.required("value")?;
    if value.is_undefined() {
        return Ok(or_none(args.get("default")));
    }
    Ok(Value::from(python_yaml(&to_json(value), args.flag("sort_keys", false))))
}

fn local_md5(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("local_md5", &["value"], args)?;
    let digest = Md5::digest(args.text("value")?.as_bytes());
    Ok(Value::from(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

/// A set, or the default where the value has no items.
fn set(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("set", &["value", "default"], args)?;
    let Some(value) = args.get("value") else { return Ok(Set::new([]).into_value()) };
    let found = each(value).map(|items| Set::new(items).into_value());
    Ok(found.unwrap_or_else(|| or_none(args.get("default"))))
}

fn set_strict(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("set_strict", &["value"], args)?;
    let items = each(args.required("value")?).ok_or_else(|| args.wrong("value", "a list"))?;
    Ok(Set::new(items).into_value())
}

/// What Python would iterate: text gives its characters.
fn each(value: &Value) -> Option<Vec<Value>> {
    match value.as_str() {
        Some(text) => Some(text.chars().map(|c| Value::from(c.to_string())).collect()),
        None => items(value),
    }
}

/// Lists side by side as tuples, as long as the shortest; the default where an argument
/// has no items.
fn zip(args: &[Value]) -> Result<Value, Error> {
    let (lists, keywords) = split(args);
    let default = keywords.iter().find(|(name, _)| name == "default").map(|(_, value)| value);
    if let Some((name, _)) = keywords.iter().find(|(name, _)| name != "default") {
        return Err(invalid(format!("`zip` has no argument `{name}`")));
    }
    Ok(zipped(lists).unwrap_or_else(|_| or_none(default)))
}

fn zip_strict(args: &[Value]) -> Result<Value, Error> {
    zipped(args).map_err(|found| invalid(format!("`zip_strict` takes lists, not {found}")))
}

fn zipped(lists: &[Value]) -> Result<Value, &'static str> {
    let mut iterators = Vec::new();
    for value in lists {
        let iterator: Box<dyn Iterator<Item = Value>> = match value.as_str() {
            Some(text) => {
                Box::new(text.chars().map(|c| Value::from(c.to_string())).collect::<Vec<_>>().into_iter())
            }
            // Not collected: `itertools.count()` has no end.
            None if value.as_object().is_some() => Box::new(value.try_iter().map_err(|_| describe(value))?),
            None => return Err(describe(value)),
        };
        iterators.push(iterator);
    }
    let mut rows = Vec::new();
    while !iterators.is_empty() {
        let Some(row) = iterators.iter_mut().map(Iterator::next).collect::<Option<Vec<_>>>() else { break };
        rows.push(Value::from(Tuple::new(row)));
    }
    Ok(list(rows))
}

/// `try_or_compiler_error(message, function, …)` calls the function; when it fails, the
/// message is the error.
fn try_or_compiler_error(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let [message, called, rest @ ..] = args else {
        let problem = "`try_or_compiler_error` needs a message and a function";
        return Err(raise(
            error(problem).help("it is called as `try_or_compiler_error(message, function, …)`"),
        ));
    };
    called.call(state, rest).map_err(|_| {
        let message = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
        raise(Diagnostic::error(Code::RaisedByMacro, message))
    })
}
